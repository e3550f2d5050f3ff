"""Reads of what waits for somebody: returns to acknowledge, delays and drafts to announce."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from .tables import BROUILLON, invoice, reminder

DUE_NOW, DUE_SOON, DRAFT_UNSENT = "due-now", "due-soon", "draft-unsent"


def unacknowledged(
    db: Any, structure_ids: Iterable[uuid.UUID], statuses: Sequence[str], limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return the invoices of these suppliers that came back and that nobody has acknowledged, oldest first."""
    where = _unacknowledged(structure_ids, statuses)
    query = sa.select(invoice).where(*where).order_by(invoice.c.status_at, invoice.c.portal_number).limit(limit)
    return db.execute(query).mappings().all()


def count_unacknowledged(
    db: Any, structure_ids: Iterable[uuid.UUID], statuses: Sequence[str], before: datetime.datetime
) -> tuple[int, int]:
    """Return how many there are, and how many of them came back before ``before``."""
    old = sa.func.count(sa.case((invoice.c.status_at < before, 1)))
    query = sa.select(sa.func.count(), old).select_from(invoice).where(*_unacknowledged(structure_ids, statuses))
    total, overdue = db.execute(query).one()
    return total, overdue


def count_by_structure(
    db: Any, structure_ids: Iterable[uuid.UUID], statuses: Sequence[str], before: datetime.datetime
) -> dict[uuid.UUID, tuple[int, int]]:
    """Return the same two numbers for each of these suppliers that has any."""
    old, mine = sa.func.count(sa.case((invoice.c.status_at < before, 1))), invoice.c.supplier_structure_id
    query = sa.select(mine, sa.func.count(), old).where(*_unacknowledged(structure_ids, statuses)).group_by(mine)
    return {structure_id: (total, overdue) for structure_id, total, overdue in db.execute(query)}


def _unacknowledged(structure_ids: Iterable[uuid.UUID], statuses: Sequence[str]) -> tuple[Any, ...]:
    return (
        invoice.c.supplier_structure_id.in_(list(structure_ids)),
        invoice.c.status.in_(statuses),
        invoice.c.acknowledged_at.is_(None),
    )


def delays_to_announce(
    db: Any, today: datetime.date, until: datetime.date, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return the invoices whose running delay ends by ``until``, or has ended, where that was not announced yet."""
    due, soon = invoice.c.due_on <= today, invoice.c.due_on > today
    query = sa.select(invoice).where(
        invoice.c.delay_state == "RUNNING",
        invoice.c.due_on <= until,
        sa.or_(sa.and_(due, _not_yet(DUE_NOW)), sa.and_(soon, _not_yet(DUE_SOON))),
    )
    return db.execute(query.order_by(invoice.c.due_on).limit(limit)).mappings().all()


def _not_yet(what: str) -> Any:
    said = sa.select(reminder.c.at).where(
        reminder.c.invoice_id == invoice.c.invoice_id, reminder.c.what == what, reminder.c.stage == invoice.c.due_on
    )
    return ~said.exists()


def drafts_to_announce(
    db: Any, unmoved_since: datetime.datetime, said_since: datetime.date, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return the drafts that nobody touched since ``unmoved_since`` and of which nothing was said after ``said_since``."""
    said = sa.select(reminder.c.at).where(
        reminder.c.invoice_id == invoice.c.invoice_id, reminder.c.what == DRAFT_UNSENT, reminder.c.stage > said_since
    )
    query = sa.select(invoice).where(invoice.c.status == BROUILLON, invoice.c.status_at <= unmoved_since, ~said.exists())
    return db.execute(query.order_by(invoice.c.status_at).limit(limit)).mappings().all()
