"""Run code of a plugin with an end in time.

A *guard* makes a context manager from a number of seconds; it raises TimeoutError out of its block when they have
passed. A host on an event loop injects its own (under eventlet: a `Timeout` turned into TimeoutError), which also stops
the code. Without one, the code runs in a daemon thread that is abandoned at the deadline: the host goes on, the thread
ends when it can. Neither can stop code that holds the interpreter inside a C function, nor, under eventlet, a loop that
never yields.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Guard = Callable[[float], AbstractContextManager[Any]]


def run_within(seconds: float, work: Callable[[], Any], guard: Guard | None = None) -> tuple[Any, float]:
    """Return what `work` returns and the seconds it took; raise TimeoutError at the deadline, else what it raises."""
    started = time.monotonic()
    if guard is None:
        result = _in_thread(seconds, work)
    else:
        with guard(seconds):
            result = work()
    return result, time.monotonic() - started


def _in_thread(seconds: float, work: Callable[[], Any]) -> Any:
    context = contextvars.copy_context()
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = context.run(work)
        except BaseException as error:  # SystemExit included: it must reach the host, not end the thread in silence
            outcome["error"] = error

    thread = threading.Thread(target=run, name="espace", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer after {seconds:g} s")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
