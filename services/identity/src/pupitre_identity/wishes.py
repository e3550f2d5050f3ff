"""What anybody asks about an address: kept as it was asked, and carried out a moment later by ``granting`` (RS-57).

Whoever asks waits for the same few statements whatever the address is; what an account changes happens after the answer.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from . import tables, tries

SIGN_UP = "sign-up"
#: What is asked for beside an account; each is the purpose of the link.
LINKS = ("activation", "reset", "reactivation")
#: More than any address has: what is longer is nobody's, and is not kept whole.
_LONGEST = 400


def add(tx: Any, kind: str, email: str, network: str, values: Mapping[str, Any] | None = None) -> None:
    """Keep a wish. Raises TooManyTries for a network that asks too often."""
    tries.count_request(tx, "sign-up" if kind == SIGN_UP else "link", network)
    wish = {"wish_id": uuid.uuid4(), "kind": kind, "email": email[:_LONGEST], "asked_at": tx.now, **(values or {})}
    tx.execute(tables.account_wish.insert().values(**wish))


def any_waits(db: Any, now: Any) -> bool:
    return db.execute(sa.select(sa.literal(1)).select_from(tables.account_wish).limit(1)).first() is not None


def take(tx: Any, but: set[uuid.UUID]) -> Any | None:
    """Take the oldest wish out, for this transaction to carry out; None when there is none beside those in ``but``."""
    table = tables.account_wish
    oldest = sa.select(table).where(table.c.wish_id.not_in(but)).order_by(table.c.asked_at, table.c.wish_id).limit(1)
    row = tx.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
    if row is not None:
        tx.execute(table.delete().where(table.c.wish_id == row.wish_id))
    return row
