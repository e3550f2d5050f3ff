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


def record(tx: "Transaction", consumer: str, event_id: uuid.UUID) -> None:
    """Write the event's id; when another copy is being handled, wait for its end. Raises :class:`Duplicate`."""
    if not tx.insert_once(table, consumer=consumer, event_id=event_id, received_at=tx.now):
        raise Duplicate(f"{consumer} has event {event_id} already")


def forget(tx: "Transaction", before: datetime.datetime, limit: int = 1000) -> int:
    """Delete up to ``limit`` rows received before ``before``, and return how many. Keep longer than anything can be
    replayed."""
    old = sa.select(table.c.consumer, table.c.event_id).where(table.c.received_at < before).limit(limit)
    keys = [tuple(row) for row in tx.execute(old)]
    if keys:
        tx.execute(table.delete().where(sa.tuple_(table.c.consumer, table.c.event_id).in_(keys)))
    return len(keys)


def forget_ids(tx: "Transaction", consumer: str, ids: Iterable[uuid.UUID]) -> None:
    """Forget that these events had their effect: delivered again, they have it again."""
    tx.execute(table.delete().where(table.c.consumer == consumer, table.c.event_id.in_(list(ids))))
