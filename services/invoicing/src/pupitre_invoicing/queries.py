"""Reads of invoicing. Every list is bounded. The search of invoices is in :mod:`pupitre_invoicing.searching`."""

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_bus import row_security

from . import party_queries, search_criteria, searching
from .lifecycle import UNTREATED
from .model import ACCEPTED_CADRES, number_key
from .tables import BROUILLON, document, flux, flux_item, history, invoice, invoice_content

LARGEST_PAGE = 1000
MOST_ERRORS = 1000
OPEN_FLUX = 50
#: What belongs to an invoice; other kinds of document are made from it and can be made again.
KEPT_KINDS = ("original", "document")


def invoice_row(
    db: Any, *, invoice_id: uuid.UUID | None = None, portal_number: int | None = None
) -> Mapping[str, Any] | None:
    """Return one invoice by id or portal number, with those who validate it where its cadre is not one of the portal's own."""
    query = _INVOICE_BY_ID if invoice_id is not None else _INVOICE_BY_NUMBER
    row = db.execute(query, {"this": invoice_id if invoice_id is not None else portal_number}).mappings().one_or_none()
    if row is None or row["cadre"] in ACCEPTED_CADRES:
        return row
    return {**row, "parties": party_queries.of_invoices(db, [row["invoice_id"]]).get(row["invoice_id"], [])}


def invoice_rows(db: Any, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, Any]]:
    """Return invoices by id; those that do not exist are left out."""
    found = {row["invoice_id"]: row for row in db.execute(sa.select(invoice).where(invoice.c.invoice_id.in_(invoice_ids))).mappings()}
    named = party_queries.of_invoices(db, [key for key, row in found.items() if row["cadre"] not in ACCEPTED_CADRES])
    return {key: {**row, "parties": named[key]} if key in named else row for key, row in found.items()}


def with_all_parties(db: Any, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an invoice that the actor may see with everybody who validates it: one of them sees by himself only his own part."""
    if "parties" not in row:
        return row
    row_security.show(db, row["supplier_structure_id"])
    return {**row, "parties": party_queries.of_invoices(db, [row["invoice_id"]]).get(row["invoice_id"], [])}


def content(db: Any, invoice_id: uuid.UUID) -> Mapping[str, Any]:
    return db.execute(_CONTENT, {"this": invoice_id}).mappings().one()


def documents(db: Any, invoice_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """Return the files of an invoice, in the order in which they came."""
    return db.execute(_DOCUMENTS, {"this": invoice_id}).mappings().all()


def all_files(db: Any, invoice_ids: Collection[uuid.UUID]) -> Sequence[Mapping[str, Any]]:
    """Return every file of some invoices, those made from them included, in the order in which they came."""
    query = sa.select(document).where(document.c.invoice_id.in_(invoice_ids))
    return db.execute(query.order_by(document.c.added_at, document.c.kind, document.c.name, document.c.document_id)).mappings().all()


def made_file(db: Any, invoice_id: uuid.UUID, kind: str, language: str) -> Mapping[str, Any] | None:
    """Return a file that was made from an invoice and kept."""
    made = sa.and_(document.c.kind == kind, document.c.language == language)
    return db.execute(sa.select(document).where(document.c.invoice_id == invoice_id, made)).mappings().one_or_none()


def kept_files(db: Any, invoice_id: uuid.UUID) -> list[str]:
    """Return the SHA-256 of what belongs to the invoice: its original and its documents, not what was rendered from
    them."""
    return list(db.execute(_KEPT_FILES, {"this": invoice_id}).scalars())


def kept_files_of(db: Any, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return :func:`kept_files` of several invoices, by invoice."""
    files: dict[uuid.UUID, list[str]] = {invoice_id: [] for invoice_id in invoice_ids}
    wanted = sa.select(document.c.invoice_id, document.c.sha256).where(document.c.kind.in_(KEPT_KINDS))
    for invoice_id, sha256 in db.execute(wanted.where(document.c.invoice_id.in_(invoice_ids))):
        files[invoice_id].append(sha256)
    return files


def history_lines(db: Any, invoice_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    return db.execute(_HISTORY_LINES, {"this": invoice_id}).mappings().all()


def partners(db: Any, structure_id: uuid.UUID, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return the structures that have sent an invoice to this one, each once, by identifier."""
    supplier = invoice.c.supplier_structure_id
    query = sa.select(supplier).where(invoice.c.recipient_structure_id == structure_id, invoice.c.deposited_at.is_not(None))
    if after is not None:
        query = query.where(supplier > after)
    limit = max(1, min(limit, LARGEST_PAGE))
    return list(db.execute(query.group_by(supplier).order_by(supplier).limit(limit)).scalars())


def for_mandataire(db: Any, row: Mapping[str, Any] | None, actor: str, holds_mandat: bool) -> Mapping[str, Any] | None:
    """Return an invoice's row, with whether the actor sent it himself when he holds its supplier's mandat (R280)."""
    if row is None or not holds_mandat:
        return row
    his = sa.select(history.c.number).where(history.c.invoice_id == row["invoice_id"], history.c.actor == actor).limit(1)
    return {**row, "sent_by_actor": db.execute(his).first() is not None}


# Made once: building a statement costs more than running it.
_INVOICE_BY_ID = sa.select(invoice).where(invoice.c.invoice_id == sa.bindparam("this"))
_INVOICE_BY_NUMBER = sa.select(invoice).where(invoice.c.portal_number == sa.bindparam("this"))
_CONTENT = sa.select(invoice_content).where(invoice_content.c.invoice_id == sa.bindparam("this"))
_DOCUMENTS = (
    sa.select(document)
    .where(document.c.invoice_id == sa.bindparam("this"), document.c.kind.in_((*KEPT_KINDS, "readable")))
    .order_by(document.c.added_at, document.c.kind.desc(), document.c.name)
)
_KEPT_FILES = sa.select(document.c.sha256).where(
    document.c.invoice_id == sa.bindparam("this"), document.c.kind.in_(KEPT_KINDS)
)
_HISTORY_LINES = (
    sa.select(history).where(history.c.invoice_id == sa.bindparam("this")).order_by(history.c.number)
)


def latest_sent(db: Any, structure_id: uuid.UUID, recipient_siret: str | None) -> Mapping[str, Any] | None:
    """Return the invoice that a structure sent last, to one recipient if he is named."""
    query = sa.select(invoice).where(invoice.c.supplier_structure_id == structure_id, invoice.c.deposited_at.is_not(None))
    if recipient_siret:
        query = query.where(invoice.c.recipient_siret == recipient_siret)
    query = query.order_by(invoice.c.deposited_at.desc(), invoice.c.portal_number.desc()).limit(1)
    return db.execute(query).mappings().one_or_none()


def issue_date_of(db: Any, structure_id: uuid.UUID, number: str) -> datetime.date | None:
    """Return the date of the invoice that a supplier sent under this number."""
    mine = (invoice.c.supplier_structure_id == structure_id, invoice.c.number_key == number_key(number))
    return db.execute(sa.select(invoice.c.issue_date).where(*mine, invoice.c.status != BROUILLON)).scalar_one_or_none()


def number_taken(db: Any, structure_id: uuid.UUID, number: str, other_than: uuid.UUID | None = None) -> bool:
    """Tell whether the supplier already sent an invoice of that number (H.7)."""
    query = sa.select(invoice.c.invoice_id).where(
        invoice.c.supplier_structure_id == structure_id,
        invoice.c.number_key == number_key(number),
        invoice.c.status != BROUILLON,
    )
    return any(found != other_than for found in db.execute(query).scalars())


def first_of_numbers(db: Any, structure_id: uuid.UUID, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return, by number key, the invoices that the supplier already sent under some of these (H.7)."""
    found = db.execute(_FIRST_OF_NUMBERS, {"of_structure": structure_id, "number_keys": list(keys)}).mappings()
    return {row["number_key"]: row for row in found}


_FIRST_OF_NUMBERS = sa.select(
    invoice.c.number_key, invoice.c.invoice_id, invoice.c.portal_number, invoice.c.numero_flux, invoice.c.deposited_at
).where(
    invoice.c.supplier_structure_id == sa.bindparam("of_structure"),
    invoice.c.number_key.in_(sa.bindparam("number_keys", expanding=True)),
    invoice.c.status != BROUILLON,
)


def counts(db: Any, side: str, scope_of: Mapping[uuid.UUID, list[uuid.UUID] | None]) -> dict[uuid.UUID, dict[str, int]]:
    """Return, per structure, how many invoices are in each status."""
    if not scope_of:
        return {}
    column = invoice.c.supplier_structure_id if side == "issued" else invoice.c.recipient_structure_id
    status = sa.case((search_criteria.UNTREATED_REJECTION, UNTREATED), else_=invoice.c.status).label("work_status")
    query = sa.select(column, status, sa.func.count()).where(searching.within(side, scope_of)).group_by(column, "work_status")
    found: dict[uuid.UUID, dict[str, int]] = {structure_id: {} for structure_id in scope_of}
    for structure_id, status, count in db.execute(query):
        found[structure_id][status] = count
    return found


def flux_row(db: Any, *, numero_flux: str | None = None, flux_id: uuid.UUID | None = None) -> Mapping[str, Any] | None:
    query = _FLUX_BY_NUMBER if numero_flux is not None else _FLUX_BY_ID
    return db.execute(query, {"numero": numero_flux, "id": flux_id}).mappings().one_or_none()


# Asked again and again by whoever waits for his flux, and made once: building a statement costs more than running it.
_FLUX_BY_NUMBER = sa.select(flux).where(flux.c.numero_flux == sa.bindparam("numero"))
_FLUX_BY_ID = sa.select(flux).where(flux.c.flux_id == sa.bindparam("id"))


def flux_page(
    db: Any, structure_ids: Iterable[uuid.UUID], page: int, page_size: int
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return a page of flux, newest first, and how many there are."""
    where = flux.c.structure_id.in_(list(structure_ids))
    total = db.execute(sa.select(sa.func.count()).select_from(flux).where(where)).scalar_one()
    size = max(1, min(page_size, LARGEST_PAGE))
    query = sa.select(flux).where(where).order_by(flux.c.deposited_at.desc(), flux.c.sequence.desc())
    return db.execute(query.limit(size).offset((max(1, page) - 1) * size)).mappings().all(), total


def flux_after(
    db: Any, structure_id: uuid.UUID, before: Mapping[str, Any] | None, most: int
) -> Sequence[Mapping[str, Any]]:
    """Return the newest flux of a structure, or those that follow one of them."""
    order = (flux.c.deposited_at, flux.c.sequence)
    query = sa.select(flux).where(flux.c.structure_id == structure_id)
    if before is not None:
        last = (sa.literal(before[column.name], column.type) for column in order)
        query = query.where(sa.tuple_(*order) < sa.tuple_(*last))
    return db.execute(query.order_by(*(column.desc() for column in order)).limit(most)).mappings().all()


def flux_outcomes(db: Any, flux_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Return how many items of each flux have each outcome."""
    found: dict[uuid.UUID, dict[str, int]] = {}
    for flux_id, outcome, count in db.execute(_FLUX_OUTCOMES, {"ids": list(flux_ids)}):
        found.setdefault(flux_id, {})[outcome] = count
    return found


_FLUX_OUTCOMES = (
    sa.select(flux_item.c.flux_id, flux_item.c.outcome, sa.func.count())
    .where(flux_item.c.flux_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(flux_item.c.flux_id, flux_item.c.outcome)
)


def refused_items(db: Any, flux_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    query = sa.select(flux_item).where(flux_item.c.flux_id == flux_id, flux_item.c.outcome.in_(("refused", "incident")))
    return db.execute(query.order_by(flux_item.c.position).limit(MOST_ERRORS)).mappings().all()


def flux_before(db: Any, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first flux of the same structure with the same bytes, if all its invoices were sent before ``row`` came."""
    same = (flux.c.structure_id == row["structure_id"], flux.c.sha256 == row["sha256"], flux.c.sequence < row["sequence"])
    query = sa.select(flux).where(*same, flux.c.state == "IN_INTEGRE").order_by(flux.c.sequence).limit(1)
    return db.execute(query).mappings().first()


def pending_items(db: Any, flux_id: uuid.UUID, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the next items to process; one that failed before comes after the untried ones."""
    query = sa.select(flux_item).where(flux_item.c.flux_id == flux_id, flux_item.c.outcome == "pending")
    return db.execute(query.order_by(flux_item.c.attempts, flux_item.c.position).limit(limit)).mappings().all()


def open_flux(db: Any) -> Sequence[Mapping[str, Any]]:
    """Return the oldest flux to be worked on; those on which the engine failed come after the others."""
    query = sa.select(flux).where(flux.c.open.is_(True)).order_by(flux.c.attempts, flux.c.sequence).limit(OPEN_FLUX)
    return db.execute(query).mappings().all()


def flux_is_open(db: Any, now: datetime.datetime) -> bool:
    """Tell whether any flux waits for its outcome."""
    return db.execute(_ANY_OPEN_FLUX).first() is not None


_ANY_OPEN_FLUX = sa.select(flux.c.sequence).where(flux.c.open.is_(True)).limit(1)
