"""Guests: what takes events within a service and is not the service, each by itself.

A handler hands an event on to guests in its one transaction; each guest then has its effect in a transaction of its own, with an inbox
and a ladder of retries of its own, one event at a time and in the order in which they were handed on. A guest that fails, is slow or
rests keeps neither the others nor the service from anything.
"""

import datetime
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
from eventlet.greenthread import GreenThread

from . import inbox, leases, parked
from .errors import Resting
from .scope import EventMeta

if TYPE_CHECKING:
    from .core import Runtime
    from .database import Transaction

log = logging.getLogger(__name__)

GUESTS_ATTRIBUTE = "pupitre_guests"
POLL_SECONDS = 1.0
"""How often a process looks for guests for whom something is due. What it hands on itself, it looks at at once."""
BESIDE = 8
"""How many guests are served beside each other in one process."""
RUN = 50
"""How many events one guest takes before others may have its place."""
REST_SECONDS = 30
"""After how long a guest that rests is asked again."""
HELD_UP_SECONDS = 2
_OF_GUESTS = uuid.UUID("0c9bd0a0-5d1e-5f0a-8f43-0f5a4d6f7a11")


def for_guests(method: Callable) -> Callable:
    """Mark the method ``(self, guest, received, scope)`` that gives an event its effect for one guest."""
    setattr(method, GUESTS_ATTRIBUTE, True)
    return method


def method_of(service_class: type) -> str | None:
    """Return the name of the marked method of ``service_class``, None without one; two are a TypeError."""
    found = [name for name in dir(service_class) if getattr(getattr(service_class, name), GUESTS_ATTRIBUTE, False)]
    if len(found) > 1:
        raise TypeError(f"{service_class.__name__} has two methods for guests: {' and '.join(found)}")
    return found[0] if found else None


def hand_on(tx: "Transaction", service: str, events: Iterable[tuple[str, EventMeta]]) -> int:
    """Hand events on to guests, as (guest, event), in the transaction that handles them; return how many were new to their guest."""
    new = 0
    for place, (guest, meta) in enumerate(events):
        consumer = parked.of_guest(service, guest)
        if not inbox.seen(tx, consumer, [meta.id]):
            new += parked.hand_on(tx, consumer, meta.id, uuid.uuid5(_OF_GUESTS, f"{consumer} {meta.id}"), meta.body, place)
    if new:
        tx.after_commit(tx.database.wake_guests)
    return new


class Lanes:
    """Serves the guests of one service: each has a lane, and what comes for it goes one by one."""

    def __init__(self, runtime: "Runtime", spawn: Callable[..., Any], stopping: threading.Event) -> None:
        self._runtime, self._spawn, self._stopping = runtime, spawn, stopping
        self._open: dict[str, GreenThread] = {}
        self._rest_until: dict[str, float] = {}
        self._wake = threading.Event()
        runtime.database.on_handed_on(self._wake.set)

    def run(self) -> None:
        """Look whenever something was handed on here or a lane has done its part, and every second, until the service stops; then wait
        until every lane has ended its event."""
        while not self._stopping.is_set():
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            if self._stopping.is_set():
                break
            try:
                self.look()
            except Exception as error:
                log.warning("%s: its guests are held up: %s", self._runtime.name, error)
                self._stopping.wait(HELD_UP_SECONDS)
        for lane in [*self._open.values()]:
            lane.wait()

    def wake(self) -> None:
        """Have :meth:`run` look at once."""
        self._wake.set()

    def look(self) -> None:
        """Open a lane for each guest for whom something is due, as far as there is place."""
        now = time.monotonic()
        self._rest_until = {each: until for each, until in self._rest_until.items() if until > now}
        with self._runtime.database.reading() as db:
            due = parked.consumers_due(db, self._runtime.name, self._runtime.clock.now())
        for consumer in due:
            if len(self._open) < BESIDE and consumer not in self._open and consumer not in self._rest_until:
                self._open[consumer] = self._spawn(partial(self._serve, consumer), identifier=consumer)

    def _serve(self, consumer: str) -> None:
        database, more = self._runtime.database, False
        try:
            with leases.held(database, f"guest.{consumer}", self._runtime.instance) as is_ours:
                now: datetime.datetime = self._runtime.clock.now()
                for kept in parked.due(database, now, RUN, consumer) if is_ours else ():
                    if self._stopping.is_set():
                        return
                    self._runtime.intake.take_for_guest(self._runtime.service_class(), kept)
                    more = True  # what came meanwhile, or did not fit into this run
                    eventlet.sleep(0)
        except Resting as rests:
            more = False
            log.warning("%s: %s", consumer, rests)
            self._rest_until[consumer] = time.monotonic() + REST_SECONDS
        except Exception as error:  # a database that does not answer, for one: what waits goes on waiting
            more = False
            log.warning("%s is held up: %r", consumer, error)
            self._rest_until[consumer] = time.monotonic() + HELD_UP_SECONDS
        finally:
            self._open.pop(consumer, None)
            if more:
                self.wake()
