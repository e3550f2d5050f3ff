"""What the process of `pupitre_espaces.apart` runs: bounds first, then the plugin's function. It imports nothing of this package."""

import importlib
import os
import resource
import sys
from typing import Any

NO_MEMORY = 77
#: What Python is about to do (see `sys.audit`), and may not here: speak with somebody, or start another process.
REFUSED = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.system",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
    }
)


def main(work: str, megabytes: str, seconds: str, largest: str) -> None:
    """Answer on the standard output with what the function makes of the standard input."""
    for what, bound in (
        (resource.RLIMIT_AS, int(megabytes) * 1024 * 1024),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, int(largest)),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        # At the soft bound on the processor the process ends by a signal that says so, at the hard one by one that says nothing.
        resource.setrlimit(what, (least, hard if what == resource.RLIMIT_CPU else least))
    sys.addaudithook(_refuse)
    # What a library prints must not get into the answer.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, _, function = work.partition(":")
    try:
        made = getattr(importlib.import_module(module), function)(sys.stdin.buffer.read())
    except MemoryError:
        os._exit(NO_MEMORY)
    with answer:
        answer.write(made)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in REFUSED:
        raise PermissionError(f"{event} is refused to work apart")


if __name__ == "__main__":
    main(*sys.argv[1:])
