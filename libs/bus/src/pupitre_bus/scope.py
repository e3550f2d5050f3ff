"""The scope of one piece of work: who acts, with which means, and the unit of work. Use cases see nothing else of the
bus."""

import contextlib
import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import idempotency, inbox, row_security
from .actors import Actor
from .chain import Sealer
from .clock import Clock
from .database import Database, Transaction
from .errors import ActorMissing

if TYPE_CHECKING:
    import sqlalchemy as sa
    from pupitre_contracts.message import Call, Event, Message

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class EventMeta:
    """What the envelope says of the event being handled; ``source`` is the service that published it, and ``body``
    the bytes in which it came."""

    id: uuid.UUID
    source: str
    type: str
    subject: str
    subject_version: int
    feed_seq: int
    time: datetime.datetime
    body: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True)
class Received:
    """One of the events that a handler is given together: the event, and what its envelope says of it."""

    event: "Event"
    meta: EventMeta


class Scope:
    """Made by the bus for each call, event, group of events or timer, and given to the use case.

    ``bus``, ``resources`` and ``settings`` are those of the process; ``event_meta`` is set while one event is handled.
    """

    def __init__(
        self,
        *,
        database: Database | None,
        clock: Clock,
        settings: Any = None,
        resources: Any = None,
        bus: Any = None,
        actor: Actor | None = None,
        correlation_id: str | None = None,
        call: "type[Call] | None" = None,
        request: "Message | None" = None,
        idempotency_key: str | None = None,
        events: Sequence[EventMeta] = (),
        consumer: str | None = None,
        sealer: Sealer | None = None,
        on_begin: Sequence[Callable[[Transaction], Any]] = (),
    ) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings
        self.resources = resources
        self.bus = bus
        self.correlation_id = correlation_id
        self.idempotency_key = idempotency_key
        self.event_meta = events[0] if len(events) == 1 else None
        self.consumer = consumer or (database.name if database is not None else None)
        self._event_ids = [event.id for event in events]
        #: Whether the events' inbox rows are committed, with or without an effect.
        self.recorded = False
        self._actor = actor
        self._sealer = sealer
        self._call = call
        self._fingerprint = idempotency.fingerprint(request) if self._keyed(request) else None
        #: Whether the open transaction has given its answer, and whether one that did is committed.
        self._answering = self._answered = False
        self._on_begin = tuple(on_begin)
        #: Of which structures a transaction sees the rows, where the database has such rules: of none until it is said.
        self.seen: str | None = None

    @property
    def actor(self) -> Actor:
        """Who asks. Raises :class:`errors.ActorMissing` when nobody was named: a missing actor is a refusal."""
        if self._actor is None:
            raise ActorMissing()
        return self._actor

    @property
    def actor_reference(self) -> str | None:
        """Return ``kind:id`` of who asks, for logs and events, or None."""
        return self._actor.reference if self._actor is not None else None

    @property
    def sealer(self) -> Sealer:
        """What seals the service's history, with the service's own key. Raises RuntimeError where there is no key."""
        if self._sealer is None:
            raise RuntimeError("this scope has no key to seal the history with")
        return self._sealer

    def see(self, structure_ids: Iterable[uuid.UUID]) -> None:
        """Have the transactions that follow see the rows of these structures, which the actor's rights name (RS-42)."""
        self.seen = row_security.setting(structure_ids)

    def see_all(self) -> None:
        """Have the transactions that follow see every row: the service's own work, and what only services and operators ask."""
        self.seen = row_security.ALL

    @contextlib.contextmanager
    def begin(self) -> "Iterator[Transaction]":
        """Open the write transaction.

        In an event handler it first writes the inbox row of each event (raises :class:`inbox.Duplicate`), and can be
        committed once only: a second transaction would not be protected. In a write call it first takes the idempotency
        key, and gives it back when the block ends without an answer.
        """
        if self.recorded:
            raise RuntimeError("an event handler has one transaction: the event is already recorded as handled")
        reserves = self._fingerprint is not None and not self._answered
        with self.database.transaction(self) as tx:
            if self._event_ids:
                inbox.record(tx, self.consumer, self._event_ids)
            if reserves:
                idempotency.reserve(tx, fingerprint=self._fingerprint, **self._key())
            for prepare in self._on_begin:
                prepare(tx)
            self._answering = False
            yield tx
            if reserves and not self._answering:
                idempotency.release(tx, **self._key())
        self._answered = self._answered or self._answering
        self.recorded = bool(self._event_ids)

    @contextlib.contextmanager
    def reading(self) -> "Iterator[sa.Connection]":
        """Give a connection that sees one consistent state and cannot write."""
        with self.database.reading(self.seen) as db:
            yield db

    def stored_answer(self) -> "Message | None":
        """Return the answer already given to this call's key, or None. Raises what :func:`idempotency.lookup`
        raises."""
        if self._fingerprint is None:
            return None
        with self.database.reading() as db:
            stored = idempotency.lookup(db, fingerprint=self._fingerprint, **self._key())
        return None if stored is None else self._call.Reply.load(stored)

    def record_answer(self, tx: Transaction, reply: "Message | dict[str, Any]") -> "Message":
        """Store ``reply`` (or its fields) for this call's key, in ``tx``; see :meth:`Transaction.answer`."""
        if self._call is None:
            raise RuntimeError("only a call has an answer")
        if self._answered:
            raise RuntimeError("this call has given its answer in an earlier transaction")
        if isinstance(reply, dict):
            reply = self._call.Reply(**reply)
        if self._fingerprint is not None:
            idempotency.record(tx, reply=reply.dump(), **self._key())
        self._answering = True
        return reply

    def _keyed(self, request: "Message | None") -> bool:
        call = self._call
        return call is not None and call.writes and not call.secret and self.idempotency_key is not None and request is not None

    def _key(self) -> dict[str, str]:
        return {"key": self.idempotency_key, "call": self._call.method, "actor": self.actor_reference or ANONYMOUS}
