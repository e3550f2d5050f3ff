"""Scheduled work: runs on one instance only, and what was missed while everything was down is made up once."""

import datetime
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint

from . import leases, row_security
from .actors import Actor
from .core import Core

log = logging.getLogger(__name__)

TIMER_ATTRIBUTE = "pupitre_timer"
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Timer:
    """A method that is due ``seconds`` after its last start, on whichever instance holds the lease."""

    seconds: float
    lease: str
    method: str = ""
    when: Callable[[Any, datetime.datetime], bool] | None = None


def every(
    seconds: float, lease: str, when: Callable[[Any, datetime.datetime], bool] | None = None
) -> Callable:
    """Mark a method ``(self, scope)`` as work to be started every ``seconds`` under the lease of that name.

    ``when(db, now)`` tells by one reading whether there is anything to do: an idle service then writes nothing.
    """

    def mark(method: Callable) -> Callable:
        setattr(method, TIMER_ATTRIBUTE, Timer(seconds, lease, method.__name__, when))
        return method

    return mark


def timers_of(service_class: type) -> list[Timer]:
    """The scheduled work of ``service_class``; two methods under one lease are a TypeError."""
    found = [getattr(getattr(service_class, name), TIMER_ATTRIBUTE, None) for name in dir(service_class)]
    timers = [timer for timer in found if timer is not None]
    if len({timer.lease for timer in timers}) != len(timers):
        raise TypeError(f"{service_class.__name__} gives one lease to two timers")
    return timers


class TimersEntrypoint(Entrypoint):
    """One loop asks which timers have something to do, in one reading for all of them; the work itself runs in a worker, under a
    lease that is renewed while it lasts."""

    core = Core()

    def start(self) -> None:
        self._stopping = threading.Event()
        #: When each work last started, as far as it is known here: it may have started since, elsewhere, but never before.
        self._last_runs: dict[str, datetime.datetime] = {}
        #: The work that is going on here, by lease.
        self._running: dict[str, Any] = {}
        self._loop_thread = self.container.spawn_managed_thread(self._loop, identifier="timers")

    def stop(self) -> None:
        if hasattr(self, "_running"):
            self._stopping.set()
            self._loop_thread.wait()
            for running in list(self._running.values()):
                running.wait()

    def kill(self) -> None:
        if hasattr(self, "_running"):
            self._stopping.set()

    def _loop(self) -> None:
        pauses = {timer: min(LOOK_SECONDS, timer.seconds / 2) for timer in self.core.runtime.timers}
        look_at = {timer: time.monotonic() + pause for timer, pause in pauses.items()}
        while pauses and not self._stopping.wait(max(0.0, min(look_at.values()) - time.monotonic())):
            now = time.monotonic()
            timers = [timer for timer, at in look_at.items() if at <= now]
            for timer in self._due([timer for timer in timers if timer.lease not in self._running and not self._rests(timer)]):
                self._running[timer.lease] = self.container.spawn_managed_thread(
                    partial(self._run_if_due, timer), identifier=f"timer {timer.lease}"
                )
            look_at |= {timer: time.monotonic() + pauses[timer] for timer in timers}

    def _due(self, timers: Sequence[Timer]) -> list[Timer]:
        """Return those that have something to do, as far as one reading tells. When it fails, each is asked by itself: what is wrong with
        one timer holds up no other."""
        asked = [timer for timer in timers if timer.when is not None]
        try:
            has_work = self._with_work(asked)
        except Exception as error:
            if len(timers) == 1:
                self._held_up(timers[0], error)
                return []
            return [timer for each in timers for timer in self._due([each])]
        return [timer for timer in timers if timer.when is None or timer in has_work]

    def _with_work(self, timers: Sequence[Timer]) -> list[Timer]:
        if not timers:
            return []
        runtime = self.core.runtime
        with runtime.database.reading(row_security.ALL) as db:
            return [timer for timer in timers if timer.when(db, runtime.clock.now())]

    def _run_if_due(self, timer: Timer) -> None:
        """Run the work when its time has come and no other instance runs it."""
        runtime = self.core.runtime
        try:
            last = leases.last_run(runtime.database, timer.lease)
            if last is not None:
                self._last_runs[timer.lease] = last
                if self._rests(timer):
                    return
            with leases.held(runtime.database, timer.lease, runtime.instance, every=timer.seconds) as is_ours:
                if is_ours:
                    self._run(timer)
        except Exception as error:
            self._held_up(timer, error)
        finally:
            self._running.pop(timer.lease, None)

    def _held_up(self, timer: Timer, error: Exception) -> None:
        log.warning("%s: timer %s is held up: %s", self.container.service_name, timer.lease, error)

    def _rests(self, timer: Timer) -> bool:
        last = self._last_runs.get(timer.lease)
        return last is not None and (self.core.runtime.clock.now() - last).total_seconds() < timer.seconds

    def _run(self, timer: Timer) -> None:
        done = Signal()

        def finish(worker_ctx: Any, result: Any, exc_info: Any) -> tuple:
            if exc_info is not None:
                log.error("%s: timer %s failed", self.container.service_name, timer.lease, exc_info=exc_info)
            done.send(None)
            return None, None

        self.container.spawn_worker(self, (timer,), {}, handle_result=finish)
        done.wait()


def work(runtime: Any, service: Any, timer: Timer) -> None:
    """Call the timer's method as the service itself, which sees every row."""
    scope = runtime.scope(actor=Actor.service(runtime.name))
    scope.see_all()
    getattr(service, timer.method)(scope)
