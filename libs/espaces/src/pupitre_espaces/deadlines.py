"""Run code of a plugin with an end in time.

A *guard* makes a context manager from a number of seconds; it raises TimeoutError out of its block when they have
passed. A host on an event loop injects its own (under eventlet: a `Timeout` turned into TimeoutError), which also stops
the code. Without one, the code runs in a daemon thread that is abandoned at the deadline: the host goes on, the thread
ends when it can. Neither can stop code that holds the interpreter inside a C function, nor, under eventlet, a loop that
never yields.

While the plugin waits for the platform's own work (:func:`excused`), its time stands still.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

Guard = Callable[[float], AbstractContextManager[Any]]
#: The least time that is given or waited for: a timer of nothing would spin.
_LEAST = 0.01


class _Running:
    """The time of one call: what it has used, without what the platform took in it."""

    def __init__(self, seconds: float, guard: Guard | None) -> None:
        self.guard, self._seconds, self._began = guard, seconds, time.monotonic()
        self._excused, self._since = 0.0, 0.0
        self._timer: AbstractContextManager[Any] | None = None

    @property
    def used(self) -> float:
        """Seconds that the plugin has used so far."""
        since = self._since
        return (since or time.monotonic()) - self._began - self._excused

    @property
    def left(self) -> float:
        """Seconds that it still has; none left is not more than nothing."""
        return self._seconds - self.used

    def late(self) -> TimeoutError:
        """Return what to raise at the deadline: it names the whole time that the plugin was given."""
        return TimeoutError(f"no answer after {self._seconds:g} s")

    def run(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, under the guard's timer; raise TimeoutError at the deadline."""
        self._start()
        try:
            result = work()
        except BaseException as error:
            # The guard knows its own interruption; anything else goes on as it is.
            try:
                interrupted = self._stop(error)
            except TimeoutError:
                interrupted = True
            if interrupted:
                raise self.late() from error
            raise
        self._stop(None)
        return result

    @contextmanager
    def waiting(self, most: float) -> Iterator[None]:
        """Let no time of the plugin pass in the block, which raises TimeoutError after `most` seconds where a guard can stop it."""
        if self._since:
            yield
            return
        self._since = time.monotonic()
        if self.guard is not None:
            self._stop(None)
        try:
            if self.guard is None:
                yield
            else:
                with self.guard(most):
                    yield
        finally:
            # Longer than the bound is the plugin's time again.
            self._excused += min(time.monotonic() - self._since, most)
            self._since = 0.0
            if self.guard is not None:
                self._start()

    def _start(self) -> None:
        self._timer = self.guard(max(self.left, _LEAST))
        self._timer.__enter__()

    def _stop(self, error: BaseException | None) -> bool:
        timer, self._timer = self._timer, None
        if timer is None:
            return False
        return bool(timer.__exit__(type(error) if error else None, error, error.__traceback__ if error else None))


_RUNNING: contextvars.ContextVar[_Running | None] = contextvars.ContextVar("pupitre_espaces_running", default=None)


def run_within(seconds: float, work: Callable[[], Any], guard: Guard | None = None) -> tuple[Any, float]:
    """Return what `work` returns and the seconds it used; raise TimeoutError at the deadline, else what it raises."""
    running = _Running(seconds, guard)
    mark = _RUNNING.set(running)
    try:
        result = running.run(work) if guard is not None else _in_thread(running, work)
        return result, running.used
    finally:
        _RUNNING.reset(mark)


@contextmanager
def excused(most: float) -> Iterator[None]:
    """Do the platform's own work in a plugin's call, whose deadline stands still meanwhile, for `most` seconds at the longest.

    Under a guard, work that takes longer is stopped, and TimeoutError raised; elsewhere what is over is charged to the plugin.
    """
    running = _RUNNING.get()
    if running is None:
        yield
        return
    with running.waiting(most):
        yield


def _in_thread(running: _Running, work: Callable[[], Any]) -> Any:
    context = contextvars.copy_context()
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = context.run(work)
        except BaseException as error:  # SystemExit included: it must reach the host, not end the thread in silence
            outcome["error"] = error

    thread = threading.Thread(target=run, name="espace", daemon=True)
    thread.start()
    while thread.is_alive() and running.left > 0:
        thread.join(max(running.left, _LEAST))
    if thread.is_alive():
        raise running.late()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
