"""Writes of notifications."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from .tables import digest_line, mail, preference

#: Every table whose rows belong to one user: a test compares it with those that there are.
OF_USER = (mail, digest_line, preference)


def add(tx: Any, mails: Iterable[Mapping[str, Any]]) -> int:
    """Write mails to be sent and return how many; one that is already there stays as it is."""
    fresh = {"state": "pending", "attempts": 0, "next_at": tx.now, "created_at": tx.now}
    return tx.insert_new(mail, [{**each, **fresh} for each in mails])


def delete_of(tx: Any, user_id: uuid.UUID) -> None:
    """Delete what is kept of a user: mails to him, sent or not, how he wants to be told, and what a digest would say."""
    for table in OF_USER:
        tx.execute(sa.delete(table).where(table.c.user_id == user_id))


def mark_sent(tx: Any, mail_ids: Sequence[uuid.UUID]) -> None:
    if mail_ids:
        tx.execute(_SENT, {"ids": list(mail_ids), "at": tx.now})


_SENT = (
    sa.update(mail)
    .where(mail.c.mail_id.in_(sa.bindparam("ids", expanding=True)))
    .values(state="sent", sent_at=sa.bindparam("at"), next_at=None, last_error=None)
)


def mark_failed(tx: Any, mail_id: uuid.UUID, attempts: int, error: str, next_at: datetime.datetime | None) -> None:
    """Note a failure; without ``next_at`` the mail is given up."""
    state = "pending" if next_at else "failed"
    tx.execute(
        sa.update(mail)
        .where(mail.c.mail_id == mail_id)
        .values(state=state, attempts=attempts, last_error=error[:500], next_at=next_at)
    )
