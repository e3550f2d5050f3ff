"""What operators did by hand to the messages of a service: written in the transaction that did it, never changed."""

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .tables import operator_act as table

if TYPE_CHECKING:
    from .database import Transaction

LONGEST = 200


@dataclass(frozen=True)
class Act:
    """``act`` is a word (retry, replay), ``subject`` what it was done to, ``detail`` how, in words."""

    number: int
    at: datetime.datetime
    who: str
    act: str
    subject: str
    detail: str


def record(tx: "Transaction", who: str, act: str, subject: str, detail: str = "") -> None:
    """Write down that ``who`` did ``act`` to ``subject``."""
    who = "".join(sign for sign in who if sign.isprintable())[:LONGEST] or "unknown"
    tx.execute(table.insert().values(at=tx.now, who=who, act=act, subject=subject, detail=detail))


def on(db: Any, subject: str) -> list[Act]:
    """Return what was done to ``subject``, oldest first."""
    query = sa.select(table).where(table.c.subject == subject).order_by(table.c.number)
    return [Act(**row) for row in db.execute(query).mappings()]


def latest(db: Any, limit: int = 100) -> list[Act]:
    """Return what was done last, oldest first."""
    query = sa.select(table).order_by(table.c.number.desc()).limit(limit)
    return [Act(**row) for row in db.execute(query).mappings()][::-1]
