"""The report of a flux: its files with what became of each, searched and read a page at a time."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import flux_report as contract

from . import catalogue, flux, queries, rights, views
from .tables import flux_item, invoice

LARGEST_PAGE = 100
#: Files of flux in their order, each with the portal number of the invoice that it became.
FILES = (
    sa.select(flux_item, invoice.c.portal_number)
    .select_from(flux_item.outerjoin(invoice, invoice.c.invoice_id == flux_item.c.invoice_id))
    .order_by(flux_item.c.position)
)
_OUTCOMES = {"accepted": ("accepted",), "refused": ("refused", "incident"), "pending": ("pending",)}


def read(request: contract.ReadFluxReport.Request, scope: Any) -> contract.ReadFluxReport.Reply:
    """Read a flux with a page of its files, and how many are refused under each code."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = flux.readable_row(db, request.numero_flux, allowed, scope.actor.origin)
        outcomes = queries.flux_outcomes(db, [row["flux_id"]]).get(row["flux_id"], {})
        items, total = _page(db, row["flux_id"], request)
        counted = Counter(code for codes in _codes(db, row["flux_id"]) for code in codes.split())
    return contract.ReadFluxReport.Reply(
        flux=views.flux(row, outcomes, (), request.language),
        files=[views.flux_file(item, request.language) for item in items],
        total=total,
        codes=[
            contract.CodeCount(code=code, label=catalogue.label(code, request.language), count=counted[code])
            for code in catalogue.CODES
            if counted[code]
        ],
    )


def refused_files(db: Any, flux_id: uuid.UUID, most: int) -> Sequence[Mapping[str, Any]]:
    """Return the first files of a flux that were refused."""
    refused = FILES.where(flux_item.c.flux_id == flux_id, flux_item.c.outcome.in_(_OUTCOMES["refused"]))
    return db.execute(refused.limit(most)).mappings().all()


def _codes(db: Any, flux_id: uuid.UUID) -> Iterable[str]:
    return db.execute(sa.select(flux_item.c.codes).where(flux_item.c.flux_id == flux_id, flux_item.c.codes != "")).scalars()


def _page(db: Any, flux_id: uuid.UUID, request: contract.ReadFluxReport.Request) -> tuple[Sequence[Mapping[str, Any]], int]:
    where = [flux_item.c.flux_id == flux_id, *_criteria(request)]
    total = db.execute(sa.select(sa.func.count()).select_from(flux_item).where(*where)).scalar_one()
    size = max(1, min(request.page_size, LARGEST_PAGE))
    found = db.execute(FILES.where(*where).limit(size).offset((max(1, request.page) - 1) * size))
    return found.mappings().all(), total


def _criteria(request: contract.ReadFluxReport.Request) -> Iterable[Any]:
    if request.outcome:
        yield flux_item.c.outcome.in_(_OUTCOMES[request.outcome])
    if request.code:
        yield flux_item.c.codes.contains(f" {request.code} ", autoescape=True)
    wanted = (request.text or "").strip().lower()
    if wanted:
        texts = (flux_item.c.file_name, flux_item.c.number)
        yield sa.or_(*(sa.func.lower(column).contains(wanted, autoescape=True) for column in texts))
