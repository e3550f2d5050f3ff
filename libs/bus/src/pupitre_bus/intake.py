"""From an event's bytes to its one effect: decode, refuse duplicates, run the handler, and keep what failed."""

import logging
import time
import traceback
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
import sqlalchemy as sa
from eventlet.event import Event as Signal
from pupitre_contracts import errors

from . import envelope, inbox, parked
from .actors import Actor
from .errors import Permanent, Resting
from .scope import EventMeta, Received

if TYPE_CHECKING:
    from pupitre_contracts.message import Event

    from .core import Runtime

log = logging.getLogger(__name__)

DATABASE_DOWN = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, sa.exc.InternalError)
ERROR_CHARACTERS = 6000
HANDLER_SECONDS = 60
"""What a handler may take. The broker would give an event that is held for too long to another instance, for ever."""
TOGETHER_SECONDS = 10
"""What a handler may take for several events, before each is given to it alone."""


def _believed(event: envelope.Envelope) -> None:
    """What came by catch-up or was kept here has no sender to doubt."""


@dataclass(frozen=True, eq=False)
class Arrival:
    """An event's bytes, since when they are here, and the method of the service that takes them with others of their kind, if
    one does. ``forged(event)`` says why the sender is not believed, or None; ``message`` is what brought them."""

    body: bytes
    method: str | None = None
    forged: Callable[[envelope.Envelope], str | None] = _believed
    message: Any = None
    at: float = field(default_factory=time.monotonic)


class Intake:
    """Takes events in for one service. Events of one subject are handled one at a time within the process."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._consumer = runtime.name
        self._turns = _Turns()
        self.duplicates = 0

    def take(
        self,
        service: Any,
        body: bytes,
        parked_id: uuid.UUID | None = None,
        forged: Callable[[envelope.Envelope], str | None] = _believed,
    ) -> None:
        """Give the event its effect, or record why it has none. ``parked_id`` names the failed message that is tried
        again; ``forged(event)`` says why its sender is not believed, or None.

        Returns when the outcome is durable: the message may be acknowledged. Raises a database error when nothing
        could be recorded: the message must be kept.
        """
        try:
            event = envelope.decode(body)
        except envelope.Malformed as error:
            self._fail(body, None, f"undecodable: {error}", permanent=True)
            return
        if (lie := forged(event)) is not None:
            # Not under the event's id, which the liar chose: the true event of that id must still have its effect.
            self._fail(body, None, lie, permanent=True)
            return
        with self._turns.of([_subject(event)]):
            if self._is_settled(event.id, parked_id):
                self.duplicates += 1
                return
            self._attempt(
                lambda: self._handle(service, event, parked_id), lambda error, **how: self._fail(body, event.id, error, **how)
            )

    def take_for_guest(self, service: Any, kept: parked.Parked) -> None:
        """Give an event that was handed on to a guest its effect, or record why it has none; see :mod:`pupitre_bus.guests`.

        Raises :class:`errors.Resting` when the guest takes nothing now, and a database error when nothing could be recorded: the event
        goes on waiting.
        """
        event = envelope.decode(kept.body)
        with self._runtime.database.reading() as db:
            seen = bool(inbox.seen(db, kept.consumer, [event.id]))
        if seen:
            self.duplicates += 1
            with self._runtime.database.transaction() as tx:
                parked.taken(tx, kept.consumer, kept.id)
            return
        self._attempt(lambda: self._handle_for_guest(service, event, kept), lambda error, **how: self._fail_for_guest(kept, error, **how))

    def _attempt(self, work: Callable[[], None], fail: Callable[..., None]) -> None:
        """Run ``work``; have ``fail`` record what it raised, but for what says that nothing was attempted."""
        try:
            work()
        except inbox.Duplicate:
            self.duplicates += 1
        except Resting:
            raise
        except (Permanent, _Unfit) as error:
            fail(_told(error), permanent=True)
        except (errors.Unavailable, errors.TimedOut) as error:
            fail(_told(error), permanent=False, outage=True)
        except (Exception, eventlet.Timeout) as error:
            fail(_told(error), permanent=False)

    def take_together(self, service: Any, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Give several events, which one method takes together, their effect in one transaction, and return those that must be
        taken alone: whatever is odd about one, and all of them when their transaction failed, since a bad event must
        not keep its neighbours.

        Raises a database error when nothing could be found out.
        """
        fit, apart = self._sorted_out(arrivals)
        with self._turns.of({_subject(event) for event, _ in fit.values()}):
            settled = self._settled_among(fit)
            fresh = [pair for event_id, pair in fit.items() if event_id not in settled]
            if fresh:
                try:
                    self._handle_together(service, arrivals[0].method, fresh)
                except (Exception, eventlet.Timeout) as error:
                    log.info("%s: %d events are taken one by one: %r", self._consumer, len(fresh), error)
                    return list(arrivals)
        self.duplicates += len(arrivals) - len(apart) - len(fresh)
        return apart

    def _sorted_out(
        self, arrivals: Sequence[Arrival]
    ) -> "tuple[dict[uuid.UUID, tuple[envelope.Envelope, Event]], list[Arrival]]":
        """Return what can be handled together, in order and each event once, and what is odd."""
        fit, apart = {}, []
        for arrival in arrivals:
            try:
                event = envelope.decode(arrival.body)
                handler = self._runtime.events.get(event.type)
                if handler is None or handler.method != arrival.method or arrival.forged(event) is not None:
                    apart.append(arrival)
                else:
                    fit.setdefault(event.id, (event, handler.event.load(event.data)))
            except (envelope.Malformed, errors.Invalid):
                apart.append(arrival)
        return fit, apart

    def _handle_together(
        self, service: Any, method: str, events: "Sequence[tuple[envelope.Envelope, Event]]"
    ) -> None:
        received = [Received(content, _meta(event)) for event, content in events]
        correlations = {event.correlation_id for event, _ in events}
        scope = self._runtime.scope(
            actor=Actor.service(self._consumer),
            correlation_id=correlations.pop() if len(correlations) == 1 else None,
            events=[each.meta for each in received],
        )
        scope.see_all()
        with eventlet.Timeout(TOGETHER_SECONDS):
            getattr(service, method)(received, scope)
        if not scope.recorded:
            with scope.begin():
                pass

    def _settled_among(self, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        with self._runtime.database.reading() as db:
            return parked.settled_among(db, self._consumer, ids)

    def park(self, body: bytes, error: str, forged: Callable[[envelope.Envelope], str | None] = _believed) -> None:
        """Keep a message that the broker gave up delivering, for an operator."""
        try:
            event = envelope.decode(body)
            event_id = event.id if forged(event) is None else None
        except envelope.Malformed:
            event_id = None
        if event_id is None or not self._is_settled(event_id, None):
            self._fail(body, event_id, error, permanent=True)

    def missing(self, bodies: list[bytes]) -> list[Arrival]:
        """Those events that have neither had their effect here nor failed."""
        events = {(event := envelope.decode(body)).id: (event.type, body) for body in bodies}
        known = self._settled_among(events)
        return [
            Arrival(body, self.method_for(type_)) for event_id, (type_, body) in events.items() if event_id not in known
        ]

    def method_for(self, type_: str | None) -> str | None:
        """The method that takes events of this type together; None when they are taken alone."""
        handler = self._runtime.events.get(type_)
        return handler.method if handler is not None and handler.together else None

    def _handle(self, service: Any, event: envelope.Envelope, parked_id: uuid.UUID | None) -> None:
        handler = self._runtime.events.get(event.type)
        if handler is None:
            raise _Unfit(f"{self._consumer} has no handler of {event.type}")
        try:
            content = handler.event.load(event.data)
        except errors.Invalid as error:
            raise _Unfit(str(error)) from error
        scope = self._runtime.scope(
            actor=Actor.service(self._consumer),
            correlation_id=event.correlation_id,
            key_seed=str(event.id),
            events=[meta := _meta(event)],
            on_begin=() if parked_id is None else (partial(self._done, parked_id=parked_id),),
        )
        scope.see_all()
        with eventlet.Timeout(HANDLER_SECONDS):
            getattr(service, handler.method)([Received(content, meta)] if handler.together else content, scope)
        if not scope.recorded:
            with scope.begin():
                pass  # nothing to change here, but the event is taken in

    def _handle_for_guest(self, service: Any, event: envelope.Envelope, kept: parked.Parked) -> None:
        handler, method = self._runtime.events.get(event.type), self._runtime.guests_method
        if handler is None or method is None:
            raise _Unfit(f"{self._consumer} hands on no {event.type}")
        try:
            content = handler.event.load(event.data)
        except errors.Invalid as error:
            raise _Unfit(str(error)) from error
        guest = parked.guest_of(kept.consumer)
        scope = self._runtime.scope(
            actor=Actor.service(self._consumer),
            correlation_id=event.correlation_id,
            key_seed=f"{event.id} {guest}",
            events=[meta := _meta(event)],
            consumer=kept.consumer,
            on_begin=(lambda tx: parked.taken(tx, kept.consumer, kept.id),),
        )
        with eventlet.Timeout(HANDLER_SECONDS):
            getattr(service, method)(guest, Received(content, meta), scope)
        if not scope.recorded:
            with scope.begin():
                pass

    def _fail_for_guest(self, kept: parked.Parked, error: str, permanent: bool, outage: bool = False) -> None:
        failed = parked.fail(
            self._runtime.database, kept.consumer, kept.body, kept.event_id, error, permanent, outage, id=kept.id
        )
        log.warning(
            "%s: event %s is %s after %d attempts: %s",
            kept.consumer,
            kept.event_id,
            failed.state,
            failed.attempts,
            error.strip().splitlines()[-1],
        )

    def _done(self, tx: Any, parked_id: uuid.UUID) -> None:
        parked.done(tx, self._consumer, parked_id)

    def _is_settled(self, event_id: uuid.UUID, parked_id: uuid.UUID | None) -> bool:
        if parked_id is None:
            return bool(self._settled_among([event_id]))
        with self._runtime.database.reading() as db:
            seen = bool(inbox.seen(db, self._consumer, [event_id]))
        if seen:
            with self._runtime.database.transaction() as tx:
                self._done(tx, parked_id)
        return seen

    def _fail(
        self, body: bytes, event_id: uuid.UUID | None, error: str, permanent: bool, outage: bool = False
    ) -> None:
        kept = parked.fail(self._runtime.database, self._consumer, body, event_id, error, permanent, outage)
        log.warning(
            "%s: event %s is %s after %d attempts: %s",
            self._consumer,
            kept.id,
            kept.state,
            kept.attempts,
            error.strip().splitlines()[-1] if error.strip() else "",
        )


class _Turns:
    """Whose turn it is at each subject, in the order in which they asked; several subjects are asked for at once, so that
    nobody waits in a circle."""

    def __init__(self) -> None:
        self._last: dict[str, Signal] = {}

    @contextmanager
    def of(self, subjects: Iterable[str]) -> Iterator[None]:
        mine, over = set(subjects), Signal()
        before = {id(last): last for subject in mine if (last := self._last.get(subject)) is not None}
        self._last |= dict.fromkeys(mine, over)
        try:
            for last in before.values():
                last.wait()
            yield
        finally:
            over.send(None)
            for subject in mine:
                if self._last.get(subject) is over:
                    del self._last[subject]


class _Unfit(Exception):
    """An event that this service cannot take, now or later."""


def _subject(event: envelope.Envelope) -> str:
    return f"{event.source}/{event.subject}"


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-ERROR_CHARACTERS:]


def _meta(event: envelope.Envelope) -> EventMeta:
    return EventMeta(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        subject_version=event.subject_version,
        feed_seq=event.feed_seq,
        time=event.time,
        body=event.body,
    )
