"""The consuming side of events: one queue and one consumer per service, retries when due, and catching up with each
source.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
import kombu
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint
from pupitre_contracts import errors, platform
from pupitre_contracts.message import Event

from . import envelope, leases, parked, topology, watermarks
from .actors import Actor
from .consumer import DrainConsumer, body_of
from .core import Core, Credentials
from .intake import DATABASE_DOWN, Intake

log = logging.getLogger(__name__)

EVENT_ATTRIBUTE = "pupitre_events"
PREFETCH = 4
RETRY_POLL_SECONDS = 1.0
PAGE = 200
HOLD_SECONDS = 900
"""How long a message waits here for the database before it goes back; each return counts towards the delivery limit."""
LONGEST_BACKOFF = 5
SOURCE_DOWN_SECONDS = 2.0
FIRST_LOOK_SECONDS = 1.0
LEASE_SECONDS = 30


def on_event(*events: type[Event]) -> Callable:
    """Mark a method ``(self, event, scope)`` as the handler of ``events``."""

    def mark(method: Callable) -> Callable:
        setattr(method, EVENT_ATTRIBUTE, (*getattr(method, EVENT_ATTRIBUTE, ()), *events))
        return method

    return mark


def events_of(service_class: type) -> dict[str, tuple[type[Event], str]]:
    """Every event that ``service_class`` handles: type -> (event, name of the Python method)."""
    found: dict[str, tuple[type[Event], str]] = {}
    for name in dir(service_class):
        for event in getattr(getattr(service_class, name), EVENT_ATTRIBUTE, ()):
            if event.type in found and found[event.type][1] != name:
                raise TypeError(
                    f"{service_class.__name__} handles {event.type} twice: {found[event.type][1]} and {name}"
                )
            found[event.type] = (event, name)
    return found


class EventsEntrypoint(Entrypoint):
    """Runs every event of the service's queue through its :class:`Intake`, whichever way it came: queue, retry or
    catch-up.
    """

    core = Core()

    def start(self) -> None:
        runtime = self.core.runtime
        if not runtime.events:
            return
        self.runtime = runtime
        runtime.intake = self.intake = Intake(runtime)
        runtime.wait_out = self._wait_out
        self._stopping, self._first_look, self._wake = threading.Event(), threading.Event(), threading.Event()
        self._caught_up: set[str] = set()
        self._started_at = time.monotonic()
        self._loops: list[Any] = []
        self.consumer = DrainConsumer(
            runtime.amqp_uri, self._queues, self._on_message, prefetch_count=PREFETCH, on_lost=self._look_again
        )
        runtime.consumers.append(self.consumer)
        self._due = dict.fromkeys(sorted({event.owner for event, _ in runtime.events.values()}), 0.0)
        self._losses = 0
        self.container.spawn_managed_thread(self._begin, identifier="events")
        for loop in (self._retry_loop, self._catch_up_loop):
            self._loops.append(self.container.spawn_managed_thread(loop, identifier=loop.__name__))

    def stop(self) -> None:
        if hasattr(self, "consumer"):
            self._stopping.set()
            self._first_look.set()
            self._wake.set()
            for loop in self._loops:
                loop.wait()
            self.consumer.stop()

    def kill(self) -> None:
        if hasattr(self, "consumer"):
            self._stopping.set()
            self.consumer.kill()

    def _queues(self, channel: Any) -> list[kombu.Queue]:
        name = self.container.service_name
        return [topology.event_queue(name)(channel), topology.dead_letter_queue(name)(channel)]

    def _on_message(self, message: kombu.Message) -> None:
        forged = partial(self._forged, message.properties.get("user_id"))
        take = self._take_dead if message.headers.get("x-death") else self.intake.take
        take = partial(take, body=body_of(message), forged=forged)
        self.container.spawn_worker(self, (take,), {}, handle_result=partial(self._settle, message))

    def _forged(self, sender: str | None, event: envelope.Envelope) -> str | None:
        """Why an event cannot come from its source, by the sender that the broker vouches for; None when it can."""
        account = self.runtime.deployment.account_of(event.source)
        if account is None or sender == account:
            return None
        by = f"the account {sender}" if sender else "an account that did not say its name"
        return f"forged: it says that it comes from {event.source}, whose account is {account}, but {by} sent it"

    def _take_dead(self, service: Any, body: bytes, forged: Callable) -> None:
        self.intake.park(body, f"the broker gave up after {topology.DELIVERY_LIMIT} deliveries", forged)

    def _wait_out(self, service: Any, take: Callable[[Any], None]) -> bool:
        """Run ``take`` until its outcome is durable, waiting while the database is down; False when it is still
        down.
        """
        started, delay = time.monotonic(), 0.5
        while True:
            try:
                take(service)
                return True
            except DATABASE_DOWN as error:
                log.warning("%s: the database does not answer, the event waits: %s", self.container.service_name, error)
            if time.monotonic() - started > HOLD_SECONDS or self._stopping.wait(delay):
                return False
            delay = min(delay * 2, LONGEST_BACKOFF)

    def _settle(self, message: kombu.Message, worker_ctx: Any, taken: bool | None, exc_info: Any) -> tuple:
        if exc_info is not None:
            log.error("%s: an event could not be taken in", self.container.service_name, exc_info=exc_info)
            self._stopping.wait(1)  # never a hot loop, whatever the cause
        if taken:
            self.consumer.ack(message)
        else:
            self.consumer.requeue(message)
        return taken, None

    def _run(self, body: bytes, parked_id: Any = None) -> bool:
        """Take one event in through a worker and wait for the outcome; False when the database is down."""
        done = Signal()

        def finish(worker_ctx: Any, taken: bool | None, exc_info: Any) -> tuple:
            done.send(bool(taken) and exc_info is None)
            return taken, None

        take = partial(self.intake.take, body=body, parked_id=parked_id)
        self.container.spawn_worker(self, (take,), {}, handle_result=finish)
        return done.wait()

    def _retry_loop(self) -> None:
        while not self._stopping.wait(RETRY_POLL_SECONDS):
            try:
                self.retry_due()
            except Exception as error:
                log.warning("%s: retries are held up: %s", self.container.service_name, error)
                self._stopping.wait(SOURCE_DOWN_SECONDS)

    def retry_due(self) -> None:
        """Try again every failed message whose time has come; one instance at a time."""
        database, lease = self.runtime.database, f"retries.{self.runtime.name}"
        if not parked.due(database, self.runtime.clock.now(), 1):
            return
        if not leases.acquire(database, lease, self.runtime.instance, LEASE_SECONDS):
            return
        try:
            for failed in parked.due(database, self.runtime.clock.now(), 50):
                if self._stopping.is_set() or not self._run(failed.body, failed.id):
                    return
                leases.extend(database, lease, self.runtime.instance, LEASE_SECONDS)
        finally:
            leases.release(database, lease, self.runtime.instance)

    def _begin(self) -> None:
        """Consume the queue once every source was caught up with, so that older events come first; but do not wait
        for a source that is down.
        """
        self._first_look.wait()
        self.consumer.run()

    def _catch_up_loop(self) -> None:
        while not self._stopping.is_set():
            for source, at in list(self._due.items()):
                if time.monotonic() >= at:
                    losses, pause = self._losses, self._catch_up_or_wait(source)
                    self._due[source] = time.monotonic() + pause if losses == self._losses else 0.0
            if self._caught_up.issuperset(self._due):
                self._first_look.set()
            self._wake.wait(max(0.05, min(self._due.values()) - time.monotonic()))
            self._wake.clear()

    def _look_again(self) -> None:
        """A broker that went away may come back without what it held: compare with every source then, not in a
        minute."""
        self._losses += 1
        self._due = dict.fromkeys(self._due, 0.0)
        self._wake.set()

    def _catch_up_or_wait(self, source: str) -> float:
        """Catch up with ``source`` and return after how many seconds to look again."""
        try:
            self.catch_up(source)
        except (errors.Unavailable, errors.TimedOut):
            if time.monotonic() - self._started_at > FIRST_LOOK_SECONDS:
                self._caught_up.add(source)  # down for longer than services take to start together: the queue goes on
            pause = SOURCE_DOWN_SECONDS if source in self._caught_up else FIRST_LOOK_SECONDS / 5
            return min(pause, self.runtime.deployment.catch_up_seconds)
        except Exception as error:
            log.warning("%s: catching up with %s failed: %s", self.runtime.name, source, error)
        self._caught_up.add(source)
        return self.runtime.deployment.catch_up_seconds

    def catch_up(self, source: str) -> int:
        """Fetch from ``source`` what neither had its effect nor failed here, and return how many events were taken in.

        One instance at a time does it; a process that is alone (SQLite) needs no lease, and finds none left by its
        former life.
        """
        runtime, lease = self.runtime, f"catch-up.{source}"
        if runtime.database.on_sqlite:
            return self._catch_up(source, lambda: None)
        if not leases.acquire(runtime.database, lease, runtime.instance, LEASE_SECONDS):
            return 0
        try:
            return self._catch_up(
                source, lambda: leases.extend(runtime.database, lease, runtime.instance, LEASE_SECONDS)
            )
        finally:
            leases.release(runtime.database, lease, runtime.instance)

    def _catch_up(self, source: str, going_on: Callable[[], Any]) -> int:
        runtime, taken = self.runtime, 0
        with runtime.database.reading() as db:
            after = watermarks.get(db, runtime.name, source)
        types = sorted(kind for kind, (event, _) in runtime.events.items() if event.owner == source)
        bus = runtime.bus.acting(Credentials(runtime.keyring, Actor.service(runtime.name)))
        while not self._stopping.is_set():
            page = bus.call_on(source, platform.EventsAfter, after=after, limit=PAGE, types=types)
            missing = self.intake.missing([text.encode() for text in page.events])
            for start in range(0, len(missing), PREFETCH):
                chunk = missing[start : start + PREFETCH]
                if self._stopping.is_set() or not all(eventlet.GreenPool(PREFETCH).imap(self._run, chunk)):
                    return taken
                taken += len(chunk)
                going_on()
            if page.last > after:
                with runtime.database.transaction() as tx:
                    watermarks.set(tx, runtime.name, source, page.last)
            after = page.last
            if page.last >= page.head:
                break
        if taken:
            log.info("%s caught up with %s: %d events", runtime.name, source, taken)
        return taken
