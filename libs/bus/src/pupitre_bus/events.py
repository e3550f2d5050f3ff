"""The consuming side of events: one queue and one consumer per service, retries when due, and catching up with each
source.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import eventlet
import kombu
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint
from pupitre_contracts import errors, platform
from pupitre_contracts.message import Event

from . import connection, envelope, guests, leases, parked, topology, watermarks
from .actors import Actor
from .consumer import DrainConsumer, body_of
from .core import Core, Credentials
from .depths import Depths
from .gathering import Line, cut
from .intake import DATABASE_DOWN, Arrival, Intake

log = logging.getLogger(__name__)

EVENT_ATTRIBUTE = "pupitre_events"
WORKERS = 4
"""How many handlers of events run beside each other in one process."""
PREFETCH = 4
TOGETHER, PREFETCH_TOGETHER = 32, 64
"""How many events a handler that takes several gets at most, and how many wait here meanwhile: at most 4 MiB of them."""
GATHER_SECONDS = 0.1
RETRY_POLL_SECONDS = 1.0
PAGE = 200
HOLD_SECONDS = 900
"""How long after it came a message still waits here for the database, before it goes back; each return counts towards the
delivery limit."""
LONGEST_BACKOFF = 5
SOURCE_DOWN_SECONDS = 2.0
ANSWER_LOOK_SECONDS = 0.25
"""How often who waits for a source looks whether its service is to stop."""
WATCH_SECONDS = 6.0
"""How often a consumer asks whether the broker still knows it; longer than :class:`Depths` believes an answer."""


class Handler(NamedTuple):
    """Which Python method handles an event, and whether it takes several of them together."""

    event: type[Event]
    method: str
    together: bool = False


def on_event(*events: type[Event], together: bool = False) -> Callable:
    """Mark a method ``(self, event, scope)`` as the handler of ``events``.

    With ``together`` it is a method ``(self, received, scope)`` that gets one or more of them, as
    :class:`~pupitre_bus.scope.Received`, in the order in which they came, and has one transaction for all. When that
    fails, it gets each alone. It must not make calls that write: they would have no key that a repetition finds again.
    """

    def mark(method: Callable) -> Callable:
        setattr(method, EVENT_ATTRIBUTE, (*getattr(method, EVENT_ATTRIBUTE, ()), *((each, together) for each in events)))
        return method

    return mark


def events_of(service_class: type) -> dict[str, Handler]:
    """Every event that ``service_class`` handles, by type."""
    found: dict[str, Handler] = {}
    for name in dir(service_class):
        for event, together in getattr(getattr(service_class, name), EVENT_ATTRIBUTE, ()):
            if event.type in found and found[event.type].method != name:
                raise TypeError(f"{service_class.__name__} handles {event.type} twice: {found[event.type].method} and {name}")
            found[event.type] = Handler(event, name, together)
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
        self._line: Line[Arrival] = Line(TOGETHER, GATHER_SECONDS)
        self._working, self._called = 0, False
        together = any(handler.together for handler in runtime.events.values())
        self.consumer = DrainConsumer(
            runtime.amqp_uri,
            self._queues,
            self._on_message,
            prefetch_count=PREFETCH_TOGETHER if together else PREFETCH,
            on_lost=self._look_again,
            on_drain=self._give_back,
        )
        runtime.consumers.append(self.consumer)
        queues = topology.event_queue(runtime.name), topology.dead_letter_queue(runtime.name)
        runtime.depths = Depths(runtime.amqp_uri, [queue.name for queue in queues])
        self._due = dict.fromkeys(sorted({handler.event.owner for handler in runtime.events.values()}), 0.0)
        self._losses = 0
        self.container.spawn_managed_thread(self._begin, identifier="events")
        loops = [self._retry_loop, self._catch_up_loop]
        if not connection.is_in_process(runtime.amqp_uri):
            loops.append(self._watch_loop)
        if runtime.guests_method is not None:
            self._lanes = guests.Lanes(runtime, self.container.spawn_managed_thread, self._stopping)
            loops.append(self._lanes.run)
        for loop in loops:
            self._loops.append(self.container.spawn_managed_thread(loop, identifier=loop.__name__))

    def stop(self) -> None:
        if hasattr(self, "consumer"):
            self._stopping.set()
            self._first_look.set()
            self._wake.set()
            if self.runtime.guests_method is not None:
                self._lanes.wake()
            for loop in self._loops:
                loop.wait()
            self.consumer.stop()

    def kill(self) -> None:
        if hasattr(self, "consumer"):
            self._stopping.set()
            self.consumer.kill()

    def _queues(self, channel: Any) -> list[kombu.Queue]:
        name = self.container.service_name
        self._line.empty()  # a new channel: the broker took them back
        return [topology.event_queue(name)(channel), topology.dead_letter_queue(name)(channel)]

    def _on_message(self, message: kombu.Message) -> None:
        forged = partial(self._forged, message.properties.get("user_id"))
        # What the message says of itself is not believed: this decides only what is tried together.
        type_ = None if message.headers.get("x-death") else message.delivery_info.get("routing_key")
        self._line.add(Arrival(body_of(message), self.intake.method_for(type_), forged, message))
        self._dispatch()

    def _dispatch(self) -> None:
        """Give workers what waits, while there are workers free. What waits when the service leaves is given back, not looked at."""
        if self.consumer.draining:
            return
        while self._working < WORKERS and (run := self._line.next()):
            self._working += 1
            self.container.spawn_worker(
                self, (self._take_of(run), run[0].at), {}, handle_result=partial(self._settle, run)
            )
        if self._line and self._working < WORKERS and not self._called:
            self._called = True
            eventlet.spawn_after(self._line.pause(), self._gathered)

    def _gathered(self) -> None:
        self._called = False
        self._dispatch()

    def _give_back(self) -> None:
        """Leave to the next process what no worker has begun."""
        for arrival in self._line.empty():
            self.consumer.requeue(arrival.message)

    def _take_of(self, run: Sequence[Arrival]) -> Callable[[Any], Any]:
        if run[0].method is not None:
            return partial(self.intake.take_together, arrivals=run)
        (one,) = run
        take = self._take_dead if one.message.headers.get("x-death") else self.intake.take
        return partial(take, body=one.body, forged=one.forged)

    def _forged(self, sender: str | None, event: envelope.Envelope) -> str | None:
        """Why an event cannot come from its source, by the sender that the broker vouches for; None when it can."""
        account = self.runtime.deployment.account_of(event.source)
        if account is None or sender == account:
            return None
        by = f"the account {sender}" if sender else "an account that did not say its name"
        return f"forged: it says that it comes from {event.source}, whose account is {account}, but {by} sent it"

    def _take_dead(self, service: Any, body: bytes, forged: Callable) -> None:
        self.intake.park(body, f"the broker gave up after {topology.DELIVERY_LIMIT} deliveries", forged)

    def _wait_out(
        self, service: Any, take: Callable[[Any], list[Arrival] | None], since: float | None = None
    ) -> list[Arrival] | None:
        """Run ``take`` until its outcome is durable, waiting while the database is down. Return which events are left to be
        taken alone; None when it is still down.
        """
        started, delay = since or time.monotonic(), 0.5
        while True:
            try:
                return take(service) or []
            except DATABASE_DOWN as error:
                log.warning("%s: the database does not answer, the event waits: %s", self.container.service_name, error)
            if time.monotonic() - started > HOLD_SECONDS or self._stopping.wait(delay):
                return None
            delay = min(delay * 2, LONGEST_BACKOFF)

    def _settle(
        self, run: Sequence[Arrival], worker_ctx: Any, apart: list[Arrival] | None, exc_info: Any
    ) -> tuple:
        if exc_info is not None:
            log.error("%s: an event could not be taken in", self.container.service_name, exc_info=exc_info)
            self._stopping.wait(1)  # never a hot loop, whatever the cause
        try:
            if apart is None or self.consumer.draining:
                left = run if apart is None else apart
                for arrival in left:
                    self.consumer.requeue(arrival.message)
            else:
                left = apart
                self._line.put_first([replace(arrival, method=None) for arrival in left])
            self.consumer.ack_all(arrival.message for arrival in run if arrival not in left)
        finally:
            self._working -= 1
            eventlet.spawn_n(self._dispatch)  # not here, where it might wait for the worker that this is
        return apart, None

    def _run(self, take: Callable[[Any], list[Arrival] | None]) -> list[Arrival] | None:
        """Take events in through a worker and wait for the outcome: which are left to be taken alone; None when the database
        is down."""
        done = Signal()

        def finish(worker_ctx: Any, apart: list[Arrival] | None, exc_info: Any) -> tuple:
            done.send(None if exc_info is not None else apart)
            return apart, None

        self.container.spawn_worker(self, (take,), {}, handle_result=finish)
        return done.wait()

    def _run_alone(self, body: bytes, parked_id: Any = None) -> bool:
        return self._run(partial(self.intake.take, body=body, parked_id=parked_id)) is not None

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
        if not parked.due(database, self.runtime.clock.now(), 1, self.runtime.name):
            return
        with leases.held(database, lease, self.runtime.instance) as is_ours:
            for failed in parked.due(database, self.runtime.clock.now(), 50, self.runtime.name) if is_ours else ():
                if self._stopping.is_set() or not self._run_alone(failed.body, failed.id):
                    return

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

    def _watch_loop(self) -> None:
        """Subscribe anew when nobody consumes a queue: one that hung and was replaced does not tell those who consumed it."""
        deserted = 0
        while not self._stopping.wait(WATCH_SECONDS):
            deserted = deserted + 1 if self.consumer.connected and self.runtime.depths.deserted() else 0
            if deserted >= 2:
                log.warning("%s: nobody consumes its queues: subscribing anew", self.runtime.name)
                self.consumer.renew()
                deserted = 0

    def _look_again(self) -> None:
        """A broker that went away may come back without what it held: compare with every source then, not in a
        minute."""
        self._losses += 1
        self._due = dict.fromkeys(self._due, 0.0)
        self._wake.set()

    def _catch_up_or_wait(self, source: str) -> float:
        """Catch up with ``source`` and return after how many seconds to look again."""
        pause, first_look = self.runtime.deployment.catch_up_seconds, self.runtime.deployment.first_look_seconds
        try:
            if self.catch_up(source) is None:
                pause = min(pause, leases.SECONDS)  # whoever is at it may have been killed
        except (errors.Unavailable, errors.TimedOut):
            if time.monotonic() - self._started_at > first_look:
                self._caught_up.add(source)  # down for longer than services take to start together: the queue goes on
            return min(pause, SOURCE_DOWN_SECONDS if source in self._caught_up else first_look / 5)
        except Exception as error:
            log.warning("%s: catching up with %s failed: %s", self.runtime.name, source, error)
        self._caught_up.add(source)
        return pause

    def catch_up(self, source: str) -> int | None:
        """Fetch from ``source`` what neither had its effect nor failed here, and return how many events were taken in, or None
        when another instance is at it.

        One instance at a time does it; a process that is alone (SQLite) needs no lease, and finds none left by its
        former life.
        """
        if self.runtime.database.on_sqlite:
            return self._catch_up(source)
        with leases.held(self.runtime.database, f"catch-up.{source}", self.runtime.instance) as is_ours:
            return self._catch_up(source) if is_ours else None

    def _catch_up(self, source: str) -> int:
        runtime, taken = self.runtime, 0
        with runtime.database.reading() as db:
            after = watermarks.get(db, runtime.name, source)
        types = sorted(kind for kind, handler in runtime.events.items() if handler.event.owner == source)
        bus = runtime.bus.acting(Credentials(runtime.keyring, Actor.service(runtime.name)))
        while not self._stopping.is_set():
            page = self._answer(source, partial(bus.call_on, source, platform.EventsAfter, after=after, limit=PAGE, types=types))
            missing = self.intake.missing([text.encode() for text in page.events])
            for chunk in self._chunks(missing):
                if self._stopping.is_set() or not self._take_in(chunk):
                    return taken
                taken += len(chunk)
            if page.last > after:
                with runtime.database.transaction() as tx:
                    watermarks.set(tx, runtime.name, source, page.last)
            after = page.last
            if page.last >= page.head:
                break
        if taken:
            log.info("%s caught up with %s: %d events", runtime.name, source, taken)
        return taken

    def _answer(self, source: str, ask: Callable[[], Any]) -> Any:
        """Return what a source answers. Raises its error, and TimedOut when this service is to stop: it does not wait for a question that
        the next instance asks anew."""
        asking = eventlet.spawn(_outcome, ask)
        while not self._stopping.is_set():
            with eventlet.Timeout(ANSWER_LOOK_SECONDS, False):
                page, error = asking.wait()
                if error is not None:
                    raise error
                return page
        raise errors.TimedOut(service=source)

    def _chunks(self, missing: list[Arrival]) -> Iterator[list[Arrival]]:
        """Cut what was missed into what is taken in at once: what goes together, or as many lone events as there are workers."""
        lone: list[Arrival] = []
        for run in cut(missing, TOGETHER):
            if lone and (run[0].method is not None or len(lone) == WORKERS):
                yield lone
                lone = []
            if run[0].method is None:
                lone += run
            else:
                yield run
        if lone:
            yield lone

    def _take_in(self, chunk: list[Arrival]) -> bool:
        """Take in what was missed; False when the database is down."""
        left: list[Arrival] | None = chunk
        if chunk[0].method is not None:
            left = self._run(partial(self.intake.take_together, arrivals=chunk))
        if left is None:
            return False
        return all(eventlet.GreenPool(WORKERS).imap(self._run_alone, [arrival.body for arrival in left]))


def _outcome(ask: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Return what ``ask`` returns, or its error: what a greenthread raises is printed, whoever waits for it."""
    try:
        return ask(), None
    except Exception as error:
        return None, error
