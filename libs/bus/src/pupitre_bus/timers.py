"""Scheduled work: runs on one instance only, and what was missed while everything was down is made up once."""

import datetime
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
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
    """One loop per timer; the work itself runs in a worker, under a lease that is renewed while it lasts."""

    core = Core()

    def start(self) -> None:
        self._stopping = threading.Event()
        #: When each work last started, as far as it is known here: it may have started since, elsewhere, but never before.
        self._last_runs: dict[str, datetime.datetime] = {}
        self._loops = [
            self.container.spawn_managed_thread(
                lambda timer=timer: self._loop(timer), identifier=f"timer {timer.lease}"
            )
            for timer in self.core.runtime.timers
        ]

    def stop(self) -> None:
        if hasattr(self, "_loops"):
            self._stopping.set()
            for loop in self._loops:
                loop.wait()

    def kill(self) -> None:
        if hasattr(self, "_loops"):
            self._stopping.set()

    def _loop(self, timer: Timer) -> None:
        pause = min(LOOK_SECONDS, timer.seconds / 2)
        while not self._stopping.wait(pause):
            try:
                self.run_if_due(timer)
            except Exception as error:
                log.warning("%s: timer %s is held up: %s", self.container.service_name, timer.lease, error)

    def run_if_due(self, timer: Timer) -> bool:
        """Run the work when its time has come and no other instance runs it; tell whether it ran."""
        runtime = self.core.runtime
        if self._rests(timer):
            return False
        if timer.when is not None:
            with runtime.database.reading(row_security.ALL) as db:
                if not timer.when(db, runtime.clock.now()):
                    return False
        last = leases.last_run(runtime.database, timer.lease)
        if last is not None:
            self._last_runs[timer.lease] = last
            if self._rests(timer):
                return False
        with leases.held(runtime.database, timer.lease, runtime.instance, every=timer.seconds) as is_ours:
            if is_ours:
                self._run(timer)
        return is_ours

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
