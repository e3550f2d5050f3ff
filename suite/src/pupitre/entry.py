"""The way into the command. It imports next to nothing, so that Ctrl-C ends quietly even while the rest is being imported."""

import gc
import os
import signal
import sys
from typing import Any

SERVING = ("run", "serve", "up")


def main() -> None:
    """Run the command.

    Until services run there is nothing to finish: migrations and demo data are transactions. So being asked to stop ends the
    process at once, with exit code 0 for those verbs that serve until they are asked to stop, and 130 for the others. Services
    set their own handlers when they start.
    """
    signal.signal(signal.SIGINT, _leave)
    if _serves():
        signal.signal(signal.SIGTERM, _leave)
    gc.disable()  # as in `services.load`
    from .cli import main as run_command

    gc.enable()
    run_command()


def _serves() -> bool:
    return sys.argv[1:2] != [] and sys.argv[1] in SERVING


def _leave(*_: Any) -> None:
    os._exit(0 if _serves() else 130)
