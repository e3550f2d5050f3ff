"""Work of a plugin in a process of its own (since 1.1): what a stranger's file does there costs that process and nothing else.

The process has bounds on time and memory, no settings of the portal, and opens no connection. It is killed when its time is over.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Literal

from .checks import require
from .deadlines import excused

Kind = Literal["busy", "time-out", "memory", "crashed"]
#: Processes at once, of all plugins in one process of Pupitre.
MOST_AT_ONCE = 2
#: Seconds that a piece of work may ask for, waiting for its turn included, and bytes that it may answer.
LONGEST, LARGEST_ANSWER = 30.0, 20_000_000
_CHILD = Path(__file__).with_name("apart_child.py")
_TAIL = 2_000
#: How the child ends when its memory did not suffice; `apart_child` says the same.
_NO_MEMORY = 77

_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class ApartFailed(Exception):
    """The work gave no answer; the text is for whoever runs the portal.

    `kind`: "busy" (no process was free in time: the same may succeed later), "time-out", "memory", or "crashed" (it raised, or died).
    """

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def run(work: str, content: bytes, *, seconds: float = 20.0, megabytes: int = 512) -> bytes:
    """Return what `work` makes of `content` in a new process: `work` names a function, "package.module:function", from bytes to bytes.

    `seconds` bound the wait for a free process and the work together, at most `LONGEST`; they are not counted as the plugin's own time.
    `megabytes` bound the address space. Raises ApartFailed, and ValueError for a bound or a name that makes no sense.
    """
    require(work.count(":") == 1 and all(work.split(":")), f"{work!r} is not package.module:function")
    require(0 < seconds <= LONGEST, f"work apart has at most {LONGEST:g} seconds, not {seconds}")
    require(megabytes > 0, f"{megabytes} megabytes are no bound")
    end = time.monotonic() + seconds
    # The bound on waiting below comes first: the other one is for a process that does not even die.
    with excused(seconds + LONGEST):
        if not _places.acquire(timeout=seconds):
            raise ApartFailed("busy", f"{MOST_AT_ONCE} processes were at work for {seconds:g} s")
        try:
            return _worked(work, content, max(end - time.monotonic(), 0.1), megabytes)
        finally:
            _places.release()


def _worked(work: str, content: bytes, seconds: float, megabytes: int) -> bytes:
    # Files without a name, gone when they are closed: pipes would have to be read and written at once.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        given.write(content)
        given.seek(0)
        bounds = [str(megabytes), str(int(seconds) + 1), str(LARGEST_ANSWER)]
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", str(_CHILD), work, *bounds],
            stdin=given,
            stdout=answer,
            stderr=said,
            env={name: value for name, value in os.environ.items() if not name.startswith("PUPITRE_")},
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise ApartFailed("time-out", f"{work} did not end within {seconds:g} s") from late
        finally:
            _end(process)
        if code == 0:
            return _whole(answer)
        raise _failed(work, code, said)


def _end(process: subprocess.Popen) -> None:
    """Kill the process and what it may have started, where it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _failed(work: str, code: int, said: IO[bytes]) -> ApartFailed:
    if code == _NO_MEMORY:
        return ApartFailed("memory", f"{work} wanted more memory than it has")
    if code == -signal.SIGXCPU:
        return ApartFailed("time-out", f"{work} used up its processor time")
    return ApartFailed(
        "crashed", f"{work} ended with {code}: {_whole(said)[-_TAIL:].decode('utf-8', 'replace').strip()}"
    )


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
