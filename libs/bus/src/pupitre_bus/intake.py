"""From an event's bytes to its one effect: decode, refuse duplicates, run the handler, and keep what failed."""

import logging
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
import sqlalchemy as sa
from eventlet.semaphore import Semaphore
from pupitre_contracts import errors

from . import envelope, inbox, parked
from .actors import Actor
from .errors import Permanent
from .scope import EventMeta

if TYPE_CHECKING:
    from .core import Runtime

log = logging.getLogger(__name__)

DATABASE_DOWN = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, sa.exc.InternalError)
ERROR_CHARACTERS = 6000
HANDLER_SECONDS = 60
"""What a handler may take. The broker would give an event that is held for too long to another instance, for ever."""


def _believed(event: envelope.Envelope) -> None:
    """What came by catch-up or was kept here has no sender to doubt."""


class Intake:
    """Takes events in for one service. Events of one subject are handled one at a time within the process."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._consumer = runtime.name
        self._turns: dict[str, list] = {}
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
        with self._turn_of(f"{event.source}/{event.subject}"):
            if self._is_settled(event.id, parked_id):
                self.duplicates += 1
                return
            try:
                self._handle(service, event, parked_id)
            except inbox.Duplicate:
                self.duplicates += 1
            except (Permanent, _Unfit) as error:
                self._fail(body, event.id, _told(error), permanent=True)
            except (Exception, eventlet.Timeout) as error:
                self._fail(body, event.id, _told(error), permanent=False)

    def park(self, body: bytes, error: str, forged: Callable[[envelope.Envelope], str | None] = _believed) -> None:
        """Keep a message that the broker gave up delivering, for an operator."""
        try:
            event = envelope.decode(body)
            event_id = event.id if forged(event) is None else None
        except envelope.Malformed:
            event_id = None
        if event_id is None or not self._is_settled(event_id, None):
            self._fail(body, event_id, error, permanent=True)

    def missing(self, bodies: list[bytes]) -> list[bytes]:
        """Those events that have neither had their effect here nor failed."""
        ids = [envelope.decode(body).id for body in bodies]
        with self._runtime.database.reading() as db:
            known = inbox.seen(db, self._consumer, ids) | parked.open_ids(db, self._consumer)
        return [body for body, event_id in zip(bodies, ids, strict=True) if event_id not in known]

    def _handle(self, service: Any, event: envelope.Envelope, parked_id: uuid.UUID | None) -> None:
        event_class, attribute = self._runtime.events.get(event.type, (None, ""))
        if event_class is None:
            raise _Unfit(f"{self._consumer} has no handler of {event.type}")
        try:
            content = event_class.load(event.data)
        except errors.Invalid as error:
            raise _Unfit(str(error)) from error
        scope = self._runtime.scope(
            actor=Actor.service(self._consumer),
            correlation_id=event.correlation_id,
            key_seed=str(event.id),
            event_meta=_meta(event),
            on_begin=() if parked_id is None else (partial(self._done, parked_id=parked_id),),
        )
        with eventlet.Timeout(HANDLER_SECONDS):
            getattr(service, attribute)(content, scope)
        if not scope.recorded:
            with scope.begin():
                pass  # nothing to change here, but the event is taken in

    def _done(self, tx: Any, parked_id: uuid.UUID) -> None:
        parked.done(tx, self._consumer, parked_id)

    def _is_settled(self, event_id: uuid.UUID, parked_id: uuid.UUID | None) -> bool:
        with self._runtime.database.reading() as db:
            seen = bool(inbox.seen(db, self._consumer, [event_id]))
            if seen is False and parked_id is None:
                return parked.is_open(db, self._consumer, event_id)
        if seen and parked_id is not None:
            with self._runtime.database.transaction() as tx:
                self._done(tx, parked_id)
        return seen

    def _fail(self, body: bytes, event_id: uuid.UUID | None, error: str, permanent: bool) -> None:
        kept = parked.fail(self._runtime.database, self._consumer, body, event_id, error, permanent)
        log.warning(
            "%s: event %s is %s after %d attempts: %s",
            self._consumer,
            kept.id,
            kept.state,
            kept.attempts,
            error.strip().splitlines()[-1] if error.strip() else "",
        )

    @contextmanager
    def _turn_of(self, subject: str) -> Iterator[None]:
        turn = self._turns.setdefault(subject, [Semaphore(1), 0])
        turn[1] += 1
        try:
            with turn[0]:
                yield
        finally:
            turn[1] -= 1
            if not turn[1]:
                self._turns.pop(subject, None)


class _Unfit(Exception):
    """An event that this service cannot take, now or later."""


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
    )
