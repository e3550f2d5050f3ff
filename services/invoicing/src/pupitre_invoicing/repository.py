"""Writes of invoicing. Every change of an invoice is one conditional update that names the version it was made from
(RS-21)."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors

from .party_tables import invoice_party
from .tables import document, entry, flux, flux_item, invoice, invoice_content, reminder


def insert_invoice(tx: Any, values: Mapping[str, Any]) -> int:
    """Write an invoice and return its portal number. Raises DuplicateInvoice when its number is taken (H.7)."""
    try:
        return tx.execute(_INSERT_INVOICE, dict(values)).scalar_one()
    except sa.exc.IntegrityError as error:
        raise _number_taken(error, values["number"]) from error


def insert_invoices(tx: Any, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, int]:
    """Write invoices and return the portal number of each. Raises DuplicateInvoice when any of their numbers is taken (H.7)."""
    try:
        return dict(tx.execute(_INSERT_INVOICES, list(rows)).all())
    except sa.exc.IntegrityError as error:
        raise _number_taken(error, ", ".join(row["number"] for row in rows)) from error


def insert_contents(tx: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(_INSERT_CONTENT, list(rows))


def insert_originals(tx: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the deposited files of invoices: each names invoice_id, name, mime, size and sha256."""
    same = {"kind": "original", "language": "", "added_at": tx.now}
    tx.execute(_INSERT_DOCUMENT, [{**row, **same, "document_id": uuid.uuid4()} for row in rows])


_INSERT_INVOICE = invoice.insert().returning(invoice.c.portal_number)
_INSERT_INVOICES = invoice.insert().returning(invoice.c.invoice_id, invoice.c.portal_number)
_INSERT_CONTENT = invoice_content.insert()
_INSERT_DOCUMENT = document.insert()


def insert_content(tx: Any, invoice_id: uuid.UUID, **values: Any) -> None:
    tx.execute(invoice_content.insert().values(invoice_id=invoice_id, **values))


def replace_report(tx: Any, invoice_id: uuid.UUID, report: Mapping[str, Any]) -> None:
    tx.execute(invoice_content.update().where(invoice_content.c.invoice_id == invoice_id).values(report=report))


def insert_document(
    tx: Any, invoice_id: uuid.UUID, *, kind: str, name: str, mime: str, size: int, sha256: str, language: str = ""
) -> None:
    tx.execute(
        document.insert().values(
            document_id=uuid.uuid4(),
            invoice_id=invoice_id,
            kind=kind,
            language=language,
            name=name,
            mime=mime,
            size=size,
            sha256=sha256,
            added_at=tx.now,
        )
    )


def insert_made(tx: Any, invoice_id: uuid.UUID, kind: str, **values: Any) -> bool:
    """Keep a file made from an invoice; return False when another call has just kept one of that kind and language."""
    return tx.insert_once(
        document, document_id=uuid.uuid4(), invoice_id=invoice_id, kind=kind, added_at=tx.now, **values
    )


def change_invoice(tx: Any, invoice_id: uuid.UUID, version: int, number: str, **values: Any) -> None:
    """Change an invoice of that version and count one version up. Raises Conflict when it is at another one by now, and
    DuplicateInvoice when its number is taken."""
    change = (
        invoice.update()
        .where(invoice.c.invoice_id == invoice_id, invoice.c.version == version)
        .values(version=version + 1, **values)
    )
    try:
        changed = tx.execute(change).rowcount
    except sa.exc.IntegrityError as error:
        raise _number_taken(error, number) from error
    if changed != 1:
        raise errors.Conflict(what=f"invoice {number}")


def acknowledge(tx: Any, invoice_id: uuid.UUID, statuses: Sequence[str]) -> bool:
    """Note that the supplier knows that an invoice came back; tell whether he did not yet. No change of the invoice (B.3)."""
    mine = (invoice.c.invoice_id == invoice_id, invoice.c.status.in_(statuses), invoice.c.acknowledged_at.is_(None))
    return tx.execute(invoice.update().where(*mine).values(acknowledged_at=tx.now)).rowcount == 1


def treat(tx: Any, invoice_id: uuid.UUID) -> bool:
    """Note that the supplier is done with a rejected invoice; tell whether he was not yet. No change of the invoice (B.3)."""
    mine = (invoice.c.invoice_id == invoice_id, invoice.c.status == "REJETEE", invoice.c.treated_at.is_(None))
    return tx.execute(invoice.update().where(*mine).values(treated_at=tx.now)).rowcount == 1


def lock_unchanged(tx: Any, rows: Iterable[Mapping[str, Any]]) -> set[uuid.UUID]:
    """Return those of these invoices that are still there as their rows say, and keep others from changing them until the commit."""
    wanted = {row["invoice_id"]: row["version"] for row in rows}
    query = sa.select(invoice.c.invoice_id, invoice.c.version).where(invoice.c.invoice_id.in_(wanted))
    found = tx.execute(query.order_by(invoice.c.portal_number).with_for_update()).all()
    return {invoice_id for invoice_id, version in found if version == wanted[invoice_id]}


def announced(tx: Any, invoice_id: uuid.UUID, what: str, stage: datetime.date) -> bool:
    """Note that something was announced of an invoice; tell whether it was not yet."""
    return tx.insert_once(reminder, invoice_id=invoice_id, what=what, stage=stage, at=tx.now)


def change_draft(tx: Any, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Change a draft, its number included, and count one version up. Raises Conflict when it is no draft of that version any more."""
    mine = (invoice.c.invoice_id == row["invoice_id"], invoice.c.version == row["version"], invoice.c.status == "BROUILLON")
    change = invoice.update().where(*mine).values({**values, "version": row["version"] + 1})
    if tx.execute(change).rowcount != 1:
        raise errors.Conflict(what=f"invoice {row['number'] or row['invoice_id']}")


def delete_draft(tx: Any, invoice_id: uuid.UUID, version: int, number: str) -> None:
    """Delete a draft with its content; its history stays. Raises Conflict when it is no draft of that version any
    more."""
    mine = invoice.c.invoice_id == invoice_id
    for table in (document, invoice_content, entry, invoice_party):
        tx.execute(table.delete().where(table.c.invoice_id == invoice_id))
    deleted = tx.execute(invoice.delete().where(mine, invoice.c.version == version, invoice.c.status == "BROUILLON"))
    if deleted.rowcount != 1:
        raise errors.Conflict(what=f"invoice {number}")


def insert_flux(tx: Any, values: Mapping[str, Any]) -> int:
    """Write a flux and return its sequence number."""
    return tx.execute(flux.insert().values(**values).returning(flux.c.sequence)).scalar_one()


def change_flux(tx: Any, flux_id: uuid.UUID, *conditions: Any, **values: Any) -> bool:
    """Change a flux where ``conditions`` still hold; tell whether they did."""
    return tx.execute(flux.update().where(flux.c.flux_id == flux_id, *conditions).values(**values)).rowcount == 1


def insert_items(tx: Any, flux_id: uuid.UUID, files: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(
        flux_item.insert(),
        [
            {"outcome": "pending", "attempts": 0, "errors": [], **values, "flux_id": flux_id, "position": position}
            for position, values in enumerate(files)
        ],
    )


def settle_item(tx: Any, flux_id: uuid.UUID, position: int, outcome: str, **values: Any) -> bool:
    """Give a pending item its one outcome; False when it has one already, and nothing of it may be written again."""
    mine = (flux_item.c.flux_id == flux_id, flux_item.c.position == position, flux_item.c.outcome == "pending")
    change = flux_item.update().where(*mine).values(outcome=outcome, settled_at=tx.now, **values)
    return tx.execute(change).rowcount == 1


def lock_pending(tx: Any, flux_id: uuid.UUID, positions: Sequence[int]) -> set[int]:
    """Return those of these items that have no outcome yet, and keep others from giving them one until the commit."""
    found = tx.execute(_LOCK_PENDING, {"of_flux": flux_id, "positions": list(positions)})
    return set(found.scalars())


def settle_items(tx: Any, flux_id: uuid.UUID, items: Sequence[Mapping[str, Any]]) -> None:
    """Give locked items their outcomes; each names its position and all that :data:`_SETTLE` sets."""
    if items:
        at = {"of_flux": flux_id, "settled": tx.now}
        tx.execute(_SETTLE, [at | {f"to_{name}": value for name, value in each.items()} for each in items])


_OUTCOME = ("outcome", "number", "supplier_identifier", "recipient_siret", "invoice_id", "errors", "codes")
_LOCK_PENDING = (
    sa.select(flux_item.c.position)
    .where(
        flux_item.c.flux_id == sa.bindparam("of_flux"),
        flux_item.c.position.in_(sa.bindparam("positions", expanding=True)),
        flux_item.c.outcome == "pending",
    )
    .order_by(flux_item.c.position)
    .with_for_update()
)
_SETTLE = (
    flux_item.update()
    .where(flux_item.c.flux_id == sa.bindparam("of_flux"), flux_item.c.position == sa.bindparam("to_position"))
    .values(settled_at=sa.bindparam("settled"), **{name: sa.bindparam(f"to_{name}") for name in _OUTCOME})
)


def count_attempt(tx: Any, flux_id: uuid.UUID, position: int) -> None:
    mine = (flux_item.c.flux_id == flux_id, flux_item.c.position == position)
    tx.execute(flux_item.update().where(*mine).values(attempts=flux_item.c.attempts + 1))


def _number_taken(error: sa.exc.IntegrityError, number: str) -> Exception:
    text = str(error.orig)
    if "uq_invoice_number" in text or "invoice.number_key" in text:
        return errors.DuplicateInvoice(number=number)
    return error
