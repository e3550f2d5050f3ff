"""Requests at the end of keeping (RS-74), with what goes with them: the pieces of one dossier, or a request alone, and the invoices that
came of them. Such a bundle goes together, once all of it is finished and has reached its term, and nothing of it is under a hold.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import request_queries
from .request_tables import record, request, request_document, request_party
from .retention_queries import HELD, LISTED, Expired, held, listed
from .tables import elimination_item, invoice, reminder

#: Bundles that are read at once; a dossier has at most `request_queries.MOST_PIECES` pieces.
PAGE = 50

#: What makes requests one bundle.
_BUNDLE = sa.func.coalesce(request.c.dossier_id, request.c.request_id)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes together, with the year from whose end it is kept: the latest of all of it."""

    bundle_id: uuid.UUID
    year: int
    held: bool
    listed: bool
    invoices: Sequence[Mapping[str, Any]]
    requests: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.invoices) + len(self.requests)


def pages(db: Any, expired: Expired, structure_id: uuid.UUID | None, *, free: bool) -> Iterator[Bundle]:
    """Give the bundles that have reached their term, of one structure where it is named; ``free``: under no hold and in no list."""
    if expired.none:
        return
    found = _bundles(expired).subquery()
    query = sa.select(found).where(found.c.year.in_(expired.wanted)).order_by(found.c.first)
    if free:
        query = query.where(found.c.held == 0, found.c.listed == 0)
    if structure_id is not None:
        of_structure = sa.select(_BUNDLE).join(request_party, request_party.c.request_id == request.c.request_id)
        query = query.where(found.c.bundle_id.in_(of_structure.where(request_party.c.structure_id == structure_id)))
    rows = db.execute(query).mappings().all()
    for start in range(0, len(rows), PAGE):
        yield from _read(db, rows[start : start + PAGE])


def _bundles(expired: Expired) -> Any:
    """Select the bundles of which every request and invoice has reached its term."""
    columns = (_BUNDLE.label("bundle_id"), request.c.portal_number)
    marks = (sa.case((held(request.c.request_id), 1), else_=0), sa.case((listed(request.c.request_id), 1), else_=0))
    requests = sa.select(*columns, expired.year_of_request.label("year"), *_named(*marks))
    marks = (sa.case((HELD, 1), else_=0), sa.case((LISTED, 1), else_=0))
    invoices = sa.select(*columns, expired.year_of_invoice.label("year"), *_named(*marks))
    invoices = invoices.select_from(invoice.join(request, request.c.request_id == invoice.c.request_id))
    both = sa.union_all(requests, invoices).subquery()
    return (
        sa.select(
            both.c.bundle_id,
            sa.func.min(both.c.portal_number).label("first"),
            sa.func.max(both.c.year).label("year"),
            sa.func.max(both.c.held).label("held"),
            sa.func.max(both.c.listed).label("listed"),
        )
        .group_by(both.c.bundle_id)
        .having(sa.func.count() == sa.func.count(both.c.year))
    )


def _named(is_held: Any, is_listed: Any) -> tuple[Any, Any]:
    return is_held.label("held"), is_listed.label("listed")


def _read(db: Any, rows: Sequence[Mapping[str, Any]]) -> Iterator[Bundle]:
    ids = [row["bundle_id"] for row in rows]
    requests: dict[uuid.UUID, list[Mapping[str, Any]]] = {bundle_id: [] for bundle_id in ids}
    invoices: dict[uuid.UUID, list[Mapping[str, Any]]] = {bundle_id: [] for bundle_id in ids}
    query = sa.select(request).where(_BUNDLE.in_(ids)).order_by(request.c.portal_number)
    for row in db.execute(query).mappings():
        requests[row["dossier_id"] or row["request_id"]].append(row)
    query = sa.select(invoice, _BUNDLE.label("bundle_id")).join(request, request.c.request_id == invoice.c.request_id)
    for row in db.execute(query.where(_BUNDLE.in_(ids)).order_by(invoice.c.portal_number)).mappings():
        invoices[row["bundle_id"]].append(row)
    for row in rows:
        bundle_id = row["bundle_id"]
        marks = {"held": bool(row["held"]), "listed": bool(row["listed"])}
        yield Bundle(bundle_id, row["year"], invoices=invoices[bundle_id], requests=requests[bundle_id], **marks)


def left_out(db: Any, number: int) -> str | None:
    """Return the number of a request or invoice that came to a bundle of a list since it was proposed, and is not on the list."""
    item = elimination_item.c
    mine = (item.list_number == number, item.eliminated_at.is_(None))
    bundles = sa.select(item.bundle_id).where(*mine, item.bundle_id.is_not(None))
    ids = sa.select(item.invoice_id).where(*mine)
    requests = sa.select(request.c.number).where(_BUNDLE.in_(bundles), request.c.request_id.not_in(ids))
    invoices = sa.select(invoice.c.number).join(request, request.c.request_id == invoice.c.request_id)
    invoices = invoices.where(_BUNDLE.in_(bundles), invoice.c.invoice_id.not_in(ids))
    return db.execute(sa.union_all(requests, invoices).limit(1)).scalar_one_or_none()


def locked(tx: Any, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, Any]]:
    """Return requests by id, which no other transaction changes until the commit."""
    query = (
        sa.select(request)
        .where(request.c.request_id.in_(request_ids))
        .order_by(request.c.portal_number)
        .with_for_update()
    )
    return {row["request_id"]: row for row in tx.execute(query).mappings()}


def delete(tx: Any, rows: Mapping[uuid.UUID, Mapping[str, Any]]) -> dict[uuid.UUID, set[str]]:
    """Delete requests with their form, lines, files, parties, and the records that their espaces keep under their ids; return which files
    each had. Their history and the dates of their delays stay."""
    files = {request_id: set(names) for request_id, names in request_queries.kept_files_of(tx, list(rows)).items()}
    espaces: dict[str, list[str]] = {}
    for request_id, row in rows.items():
        espaces.setdefault(row["espace"], []).append(str(request_id))
    for espace, keys in espaces.items():
        tx.execute(record.delete().where(record.c.espace == espace, record.c.key.in_(keys)))
    tx.execute(request_document.delete().where(request_document.c.request_id.in_(rows)))
    tx.execute(reminder.delete().where(reminder.c.invoice_id.in_(rows)))
    # What is seen through its parties goes before them.
    tx.execute(request.delete().where(request.c.request_id.in_(rows)))
    tx.execute(request_party.delete().where(request_party.c.request_id.in_(rows)))
    return files
