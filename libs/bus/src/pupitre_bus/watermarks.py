"""Watermarks: up to which number of each source's log a consumer has taken in every event (RS-07)."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .tables import watermark as table

if TYPE_CHECKING:
    from .database import Transaction


def get(db: Any, consumer: str, source: str) -> int:
    """Return the watermark, 0 when nothing was taken in yet."""
    query = sa.select(table.c.feed_seq).where(table.c.consumer == consumer, table.c.source == source)
    return db.execute(query).scalar_one_or_none() or 0


def set(tx: "Transaction", consumer: str, source: str, feed_seq: int) -> None:
    """Move the watermark forward to ``feed_seq``; it never moves backwards, whatever the order of callers."""
    if tx.insert_once(table, consumer=consumer, source=source, feed_seq=feed_seq, moved_at=tx.now):
        return
    tx.execute(
        table.update()
        .where(table.c.consumer == consumer, table.c.source == source, table.c.feed_seq < feed_seq)
        .values(feed_seq=feed_seq, moved_at=tx.now)
    )
