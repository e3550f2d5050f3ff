"""Messages whose handling failed: tried again after 5 s, 30 s, 2 min, 10 min and 1 h, then kept for an operator
(RS-06). Where another service could not be reached the message has no fault: it is tried every 30 s until that service has been
away for long (RS-07).

The ladder lives in the consumer's own database: it is the same on both buses and survives the loss of the broker.
"""

import datetime
import hashlib
import itertools
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from . import acts, envelope
from .errors import NotFound
from .tables import inbox
from .tables import parked as table

if TYPE_CHECKING:
    from .database import Database, Transaction

LADDER = (5, 30, 120, 600, 3600)
#: The step on which a message waits for a service that cannot be reached, and how often before it climbs like any other: 20 minutes.
OUTAGE_STEP = 1
OUTAGE_ATTEMPTS = 40

RETRYING, PARKED, DONE = "retrying", "parked", "done"
#: Handed on to a guest (``guests``), and not taken yet: nothing has failed.
WAITING = "waiting"
_UNSETTLED = (RETRYING, PARKED, WAITING)

SLICE = 500

_ERROR_CHARACTERS = 8000
_UNREADABLE = uuid.UUID("6a0f8a2e-6f3c-5b0e-9f53-0c5f2c1b7d11")


@dataclass(frozen=True)
class Parked:
    """A message that failed, or that waits for a guest. ``id`` is the event's; it is derived from the bytes when no event could be read
    in them, and from event and guest where a guest takes it."""

    consumer: str
    id: uuid.UUID
    event_id: uuid.UUID | None
    body: bytes
    error: str
    state: str
    attempts: int
    step: int
    first_at: datetime.datetime
    last_at: datetime.datetime
    next_at: datetime.datetime | None

    @property
    def type(self) -> str | None:
        """The event's type, when the body can be read."""
        try:
            return envelope.decode(self.body).type
        except envelope.Malformed:
            return None


def fail(
    database: "Database",
    consumer: str,
    body: bytes,
    event_id: uuid.UUID | None,
    error: str,
    permanent: bool,
    outage: bool = False,
    id: uuid.UUID | None = None,
) -> Parked:
    """Record a failure and decide what comes next: ``retrying`` at ``next_at``, or ``parked``. ``outage`` tells that it failed for
    want of another service; ``id`` names a message that is here already."""
    id_ = id or event_id or uuid.uuid5(_UNREADABLE, hashlib.sha256(body).hexdigest())
    error = error[:_ERROR_CHARACTERS].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    with database.transaction() as tx:
        tx.insert_once(
            table,
            consumer=consumer,
            id=id_,
            event_id=event_id,
            body=body,
            error=error,
            state=RETRYING,
            attempts=0,
            step=0,
            first_at=tx.now,
            last_at=tx.now,
        )
        before = _one(tx, consumer, id_, lock=True)
        step = min(before.step, OUTAGE_STEP) if outage and before.attempts < OUTAGE_ATTEMPTS else before.step
        exhausted = permanent or step >= len(LADDER)
        values = {
            "error": error,
            "attempts": before.attempts + 1,
            "last_at": tx.now,
            "state": PARKED if exhausted else RETRYING,
            "step": step if exhausted else step + 1,
            "next_at": None if exhausted else tx.now + datetime.timedelta(seconds=LADDER[step]),
        }
        tx.execute(table.update().where(*_is(consumer, id_)).values(**values))
        return _one(tx, consumer, id_)


def due(database: "Database", now: datetime.datetime, limit: int, consumer: str | None = None) -> list[Parked]:
    """Return the messages, those of one consumer where it is named, whose next try is due, the longest waiting first."""
    query = _DUE if consumer is None else _DUE.where(table.c.consumer == consumer)
    with database.reading() as db:
        return [Parked(**row) for row in db.execute(query, {"now": now, "most": limit}).mappings()]


def of_guest(service: str, guest: str) -> str:
    """Return the name by which the inbox and the failed messages know a guest of a service."""
    return f"{service}:{guest}"


def guest_of(consumer: str) -> str:
    """Return the guest that a consumer's name names; empty for a service itself."""
    return consumer.partition(":")[2]


def consumers_due(db: Any, service: str, now: datetime.datetime) -> "list[str]":
    """Return the consumers other than the service itself for whom something is due."""
    query = sa.select(table.c.consumer).distinct().where(*_due_by(now), table.c.consumer != service)
    return [*db.execute(query.order_by(table.c.consumer)).scalars()]


def hand_on(tx: "Transaction", consumer: str, event_id: uuid.UUID, id: uuid.UUID, body: bytes, place: int = 0) -> bool:
    """Give a guest an event to be taken when its turn comes, behind those of the same transaction with a lower ``place``; False when it
    has it already, waiting or failed."""
    at = tx.now + datetime.timedelta(microseconds=place)
    fresh = {"error": "", "state": WAITING, "attempts": 0, "step": 0, "first_at": at, "last_at": at, "next_at": at}
    if tx.insert_once(table, consumer=consumer, id=id, event_id=event_id, body=body, **fresh):
        return True
    return tx.execute(table.update().where(*_is(consumer, id), table.c.state == DONE).values(**fresh)).rowcount == 1


def taken(tx: "Transaction", consumer: str, id: uuid.UUID) -> None:
    """Record that a guest has taken what was handed on to it, in the transaction of the effect: only what once failed leaves a trace
    beside the inbox."""
    tx.execute(table.delete().where(*_is(consumer, id), table.c.attempts == 0))
    done(tx, consumer, id)


def done(tx: "Transaction", consumer: str, id: uuid.UUID) -> None:
    """Record that the message was handled at last, in the transaction of its effect."""
    tx.execute(table.update().where(*_is(consumer, id)).values(state=DONE, next_at=None, last_at=tx.now))


def settled_among(db: Any, consumer: str, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of ``ids`` whose effect is committed, or which failed and are neither handled nor forgotten."""
    return set(db.execute(_SETTLED_AMONG, {"of": consumer, "ids": [*ids]}).scalars()) if ids else set()


def open_ids(db: Any, consumer: str) -> set[uuid.UUID]:
    """Return the ids of messages that are neither handled nor forgotten: the feed must not deliver them again."""
    query = sa.select(table.c.id).where(table.c.consumer == consumer, table.c.state.in_(_UNSETTLED))
    return set(db.execute(query).scalars())


def list(
    database: "Database", state: str | None = None, limit: int = 100, types: Collection[str] = ()
) -> "list[Parked]":
    """Return failed messages, the latest failure first; ``types`` keeps those of events of these types. What merely waits for a guest is
    not among them, unless that is the ``state`` asked for."""
    wanted = table.c.state == state if state is not None else table.c.state != WAITING
    query = sa.select(table).where(wanted).order_by(table.c.last_at.desc(), table.c.id)
    with database.reading() as db:
        return [*itertools.islice((each for each in _all(db, query) if not types or each.type in types), limit)]


def show(database: "Database", id: uuid.UUID) -> Parked:
    """Return one failed message. Raises :class:`errors.NotFound`."""
    with database.reading() as db:
        row = db.execute(sa.select(table).where(table.c.id == id)).mappings().first()
    if row is None:
        raise NotFound(what=f"message {id}")
    return Parked(**row)


def retry(database: "Database", id: uuid.UUID, who: str = "unknown") -> Parked:
    """Put a message back at the foot of the ladder, due at once, and write down who did. A message already done stays
    so. Raises errors.NotFound."""
    with database.transaction() as tx:
        _again(tx, [id], who)
    return show(database, id)


def retry_all(database: "Database", who: str, types: Collection[str] = ()) -> "list[uuid.UUID]":
    """Put every parked message back at the foot of the ladder, or those of these types, and return their ids. In
    slices: what is done stays done when the command is interrupted."""
    query = sa.select(table).where(table.c.state == PARKED).order_by(table.c.first_at, table.c.id)
    with database.reading() as db:
        ids = [each.id for each in _all(db, query) if not types or each.type in types]
    for start in range(0, len(ids), SLICE):
        with database.transaction() as tx:
            _again(tx, ids[start : start + SLICE], who)
    return ids


def hand_over(tx: "Transaction", consumer: str, event_id: uuid.UUID, body: bytes, why: str) -> bool:
    """Give the consumer an event to be taken in at once, by way of its retries; False when it is there already, as a
    failure that is still open."""
    values = {"body": body, "error": why, "state": RETRYING, "step": 0, "next_at": tx.now}
    fresh = {"event_id": event_id, "attempts": 0, "first_at": tx.now, "last_at": tx.now}
    if tx.insert_once(table, consumer=consumer, id=event_id, **values, **fresh):
        return True
    again = table.update().where(*_is(consumer, event_id), table.c.state == DONE)
    return tx.execute(again.values(**values)).rowcount == 1


def forget_done(tx: "Transaction", before: datetime.datetime, limit: int = SLICE) -> int:
    """Delete up to ``limit`` messages that were handled at last before ``before``, and return how many."""
    old = sa.select(table.c.consumer, table.c.id).where(table.c.state == DONE, table.c.last_at < before).limit(limit)
    keys = [tuple(row) for row in tx.execute(old)]
    if keys:
        tx.execute(table.delete().where(sa.tuple_(table.c.consumer, table.c.id).in_(keys)))
    return len(keys)


def counts(db: Any) -> dict[str, int]:
    """Return how many messages are in each state."""
    number = sa.func.count().label("number")
    rows = db.execute(sa.select(table.c.state, number).group_by(table.c.state))
    return {row.state: row.number for row in rows}


def _one(tx: "Transaction", consumer: str, id_: uuid.UUID, lock: bool = False) -> Parked:
    query = sa.select(table).where(*_is(consumer, id_))
    return Parked(**tx.execute(query.with_for_update() if lock else query).mappings().one())


def _is(consumer: str, id_: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.consumer == consumer, table.c.id == id_


def _again(tx: "Transaction", ids: Collection[uuid.UUID], who: str) -> None:
    open_ones = tx.execute(sa.select(table.c.id).where(table.c.id.in_(ids), table.c.state != DONE)).scalars().all()
    tx.execute(table.update().where(table.c.id.in_(open_ones)).values(state=RETRYING, step=0, next_at=tx.now))
    for id_ in open_ones:
        acts.record(tx, who, "retry", str(id_))


def _all(db: Any, query: Any) -> Iterator[Parked]:
    """Give the rows of an ordered query in pages: bodies are large, and there may be very many."""
    for page in itertools.count():
        rows = db.execute(query.limit(SLICE).offset(page * SLICE)).mappings().all()
        yield from (Parked(**row) for row in rows)
        if len(rows) < SLICE:
            return


#: In one statement: every event is asked about before it is handled.
_SETTLED_AMONG = sa.union_all(
    sa.select(inbox.c.event_id).where(
        inbox.c.consumer == sa.bindparam("of"), inbox.c.event_id.in_(sa.bindparam("ids", expanding=True))
    ),
    sa.select(table.c.id).where(
        table.c.consumer == sa.bindparam("of"),
        table.c.id.in_(sa.bindparam("ids", expanding=True)),
        table.c.state.in_(_UNSETTLED),
    ),
)


def _due_by(now: Any) -> "tuple[sa.ColumnElement[bool], ...]":
    return table.c.state.in_((RETRYING, WAITING)), table.c.next_at <= now


_DUE = sa.select(table).where(*_due_by(sa.bindparam("now"))).order_by(table.c.next_at, table.c.first_at).limit(sa.bindparam("most"))
