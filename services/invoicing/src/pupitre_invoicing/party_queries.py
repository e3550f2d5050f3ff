"""Reads and writes of those who validate invoices, and the search of the invoices that wait for them or did."""

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern

from .party_tables import invoice_party
from .tables import history, invoice

LARGEST_PAGE = 1000
#: Invoices that a timer looks at in one go.
BATCH = 200


def of_invoices(db: Any, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Mapping[str, Any]]]:
    """Return those who validate each of these invoices, in the order of their roles; an invoice without any is left out."""
    found: dict[uuid.UUID, list[Mapping[str, Any]]] = {}
    if invoice_ids:
        query = sa.select(invoice_party).where(invoice_party.c.invoice_id.in_(invoice_ids)).order_by(invoice_party.c.position)
        for row in db.execute(query).mappings():
            found.setdefault(row["invoice_id"], []).append(row)
    return found


def replace(tx: Any, invoice_ids: Collection[uuid.UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write those who validate invoices, in place of all who were named."""
    tx.execute(invoice_party.delete().where(invoice_party.c.invoice_id.in_(invoice_ids)))
    if rows:
        tx.execute(invoice_party.insert(), [dict(row) for row in rows])


def goes_to(tx: Any, invoice_id: uuid.UUID, recipient_structure_id: uuid.UUID | None) -> None:
    """Have the recipient of an invoice see who validated it."""
    mine = invoice_party.c.invoice_id == invoice_id
    tx.execute(invoice_party.update().where(mine).values(recipient_structure_id=recipient_structure_id))


def status_before(db: Any, row: Mapping[str, Any]) -> str | None:
    """Return the status from which an invoice came to the one that it has."""
    mine = (history.c.invoice_id == row["invoice_id"], history.c.status_to == row["status"])
    query = sa.select(history.c.status_from).where(*mine).order_by(history.c.number.desc()).limit(1)
    return db.execute(query).scalar_one_or_none()


def anything_wakes(db: Any, now: datetime.datetime) -> bool:
    """Tell whether the platform has to remind anybody, or to go on without him."""
    return db.execute(sa.select(invoice.c.invoice_id).where(invoice.c.wakes_at <= now).limit(1)).first() is not None


def waking(db: Any, now: datetime.datetime, after: int) -> Sequence[Mapping[str, Any]]:
    """Return the next invoices for which the platform has something to do, by portal number."""
    due = (invoice.c.wakes_at <= now, invoice.c.portal_number > after)
    rows = db.execute(sa.select(invoice).where(*due).order_by(invoice.c.portal_number).limit(BATCH)).mappings().all()
    named = of_invoices(db, [row["invoice_id"] for row in rows])
    return [{**row, "parties": named.get(row["invoice_id"], [])} for row in rows]


def sleep_until(tx: Any, row: Mapping[str, Any], wakes_at: datetime.datetime | None) -> bool:
    """Say when the platform looks at an invoice next; tell whether nobody has said so, or moved it, since it was read."""
    mine = (invoice.c.invoice_id == row["invoice_id"], invoice.c.version == row["version"], invoice.c.wakes_at == row["wakes_at"])
    return tx.execute(invoice.update().where(*mine).values(wakes_at=wakes_at)).rowcount == 1


def search(
    db: Any, within: Mapping[str, Collection[uuid.UUID]], request: Any
) -> tuple[list[Mapping[str, Any]], int]:
    """Return a page of the invoices that have come to structures in a role that works in an espace, each once, and how many there are;
    ``within`` are the structures by espace."""
    each = (
        sa.and_(invoice_party.c.espace == espace, invoice_party.c.seen_by_id.in_(structure_ids))
        for espace, structure_ids in within.items()
    )
    mine = [invoice_party.c.invoice_id == invoice.c.invoice_id, sa.or_(sa.false(), *each)]
    if request.to_do:
        mine.append(invoice_party.c.acts.is_(True))
    where = [sa.exists().where(*mine), *_criteria(request)]
    total = db.execute(sa.select(sa.func.count()).select_from(invoice).where(*where)).scalar_one()
    size = max(0, min(request.page_size, LARGEST_PAGE))
    newest = sa.select(invoice).where(*where).order_by(invoice.c.status_at.desc(), invoice.c.portal_number.desc())
    rows = db.execute(newest.limit(size).offset((max(1, request.page) - 1) * size)).mappings().all() if size else []
    named = of_invoices(db, [row["invoice_id"] for row in rows])
    return [{**row, "parties": named.get(row["invoice_id"], [])} for row in rows], total


def _criteria(request: Any) -> Iterable[Any]:
    if request.statuses:
        yield invoice.c.status.in_(request.statuses)
    for name in ("cadre", "number", "engagement"):
        if wanted := (request.values[name] or "").strip():
            yield invoice.c[name] == wanted
    if text := (request.text or "").strip():
        yield invoice.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE)
    if request.supplier_ids:
        yield invoice.c.supplier_structure_id.in_(request.supplier_ids)
    if request.recipient_ids:
        ids = request.recipient_ids
        yield sa.or_(invoice.c.recipient_structure_id.in_(ids), invoice.c.destined_structure_id.in_(ids))
