"""Reads of notifications."""

import datetime
import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import notifications as contract

from .tables import mail


def due(db: Any, now: datetime.datetime, limit: int) -> list[Any]:
    """The mails to be sent now, oldest first."""
    return list(db.execute(_DUE, {"now": now, "most": limit}))


def any_due(db: Any, now: datetime.datetime) -> bool:
    """Tell whether any mail is to be sent now."""
    return bool(due(db, now, 1))


_DUE = (
    sa.select(mail)
    .where(mail.c.state == "pending", mail.c.next_at <= sa.bindparam("now"))
    .order_by(mail.c.next_at, mail.c.mail_id)
    .limit(sa.bindparam("most"))
)


def page(db: Any, *, user_id: uuid.UUID | None = None, to: str | None = None, number: int, size: int) -> tuple[list[contract.Mail], int]:
    """One page of mails without their bodies, newest first, and how many there are."""
    wanted = [mail.c.user_id == user_id] if user_id else []
    if to:
        wanted.append(sa.func.lower(mail.c.to_address) == to.lower())
    size = max(1, min(size, 200))
    total = db.execute(sa.select(sa.func.count()).select_from(mail).where(*wanted)).scalar_one()
    rows = db.execute(
        sa.select(mail)
        .where(*wanted)
        .order_by(mail.c.created_at.desc(), mail.c.mail_id)
        .limit(size)
        .offset((max(1, number) - 1) * size)
    )
    return [as_message(row) for row in rows], total


def one(db: Any, mail_id: uuid.UUID, user_id: uuid.UUID) -> contract.Mail | None:
    """One mail with its body, if it is this user's."""
    found = row(db, mail_id)
    return as_message(found, found.body) if found is not None and found.user_id == user_id else None


def row(db: Any, mail_id: uuid.UUID) -> Any | None:
    """The row of one mail, whoever it is for."""
    return db.execute(sa.select(mail).where(mail.c.mail_id == mail_id)).first()


def as_message(row: Any, body: str | None = None) -> contract.Mail:
    return contract.Mail(
        mail_id=row.mail_id,
        to=row.to_address,
        subject=row.subject,
        body=body,
        template=row.template,
        about=row.about,
        state=row.state,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
