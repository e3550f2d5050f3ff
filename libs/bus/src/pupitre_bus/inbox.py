"""The inbox: an event's id is written in the transaction of its effect, so a second delivery has no effect (RS-04)."""

import datetime
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .tables import inbox as table

if TYPE_CHECKING:
    from .database import Transaction


class Duplicate(Exception):
    """The event's effect is already committed: roll back, and acknowledge the message."""


def seen(db: Any, consumer: str, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of ``ids`` whose effect is committed."""
    ids = list(ids)
    if not ids:
        return set()
    return set(db.execute(_SEEN, {"of": consumer, "ids": ids}).scalars())


_SEEN = sa.select(table.c.event_id).where(
    table.c.consumer == sa.bindparam("of"), table.c.event_id.in_(sa.bindparam("ids", expanding=True))
)


def record(tx: "Transaction", consumer: str, event_ids: Iterable[uuid.UUID]) -> None:
    """Write the ids of the events that this transaction handles; when another copy of one is being handled, wait for its end.
    Raises :class:`Duplicate` when one of them has its effect already."""
    # In one order everywhere, so that two transactions with the same events never wait for each other.
    rows = [{"consumer": consumer, "event_id": each, "received_at": tx.now} for each in sorted(event_ids)]
    written = tx.insert_new(table, rows)
    if written < len(rows):
        raise Duplicate(f"{consumer} has {len(rows) - written} of {len(rows)} event(s) already")


def forget(tx: "Transaction", before: datetime.datetime, limit: int = 1000) -> int:
    """Delete up to ``limit`` rows received before ``before``, and return how many. Keep longer than anything can be
    replayed."""
    old = sa.select(table.c.consumer, table.c.event_id).where(table.c.received_at < before).limit(limit)
    keys = [tuple(row) for row in tx.execute(old)]
    if keys:
        tx.execute(table.delete().where(sa.tuple_(table.c.consumer, table.c.event_id).in_(keys)))
    return len(keys)


def forget_ids(tx: "Transaction", consumer: str, ids: Iterable[uuid.UUID]) -> None:
    """Forget that these events had their effect, for the consumer and its guests: delivered again, they have it again."""
    of = sa.or_(table.c.consumer == consumer, table.c.consumer.startswith(f"{consumer}:", autoescape=True))
    tx.execute(table.delete().where(of, table.c.event_id.in_(list(ids))))
