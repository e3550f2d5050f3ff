"""All invoices, flux and requests of one structure with every file, for who answers for it: to be taken along."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import structure_export as calls
from pupitre_contracts.invoice_files import ExportInvoice

from . import flux_report, formats_out, party_queries, queries, request_tables, request_views, rights, views
from .request_tables import record, request_party
from .tables import BROUILLON, flux, flux_item, invoice

#: Of one reply: each invoice comes with all that was read from it, each flux with up to 500 files, each request with up to 2000 lines;
#: a document of an espace has 64 kB at most.
INVOICES, FLUX, REQUESTS, RECORDS = 20, 5, 5, 20


def export_invoices(request: calls.ExportInvoices.Request, scope: Any) -> calls.ExportInvoices.Reply:
    """Give the next invoices of a structure. What a reader without the portal could not take out of a file by himself is made first."""
    rights.require_export(scope, request.structure_id)
    with scope.reading() as db:
        rows = db.execute(_invoices(request)).mappings().all()
        validated_by = party_queries.of_invoices(db, [row["invoice_id"] for row in rows])
        shown = {}
        for row in rows:
            with_parties = {**row, "parties": validated_by.get(row["invoice_id"], [])}
            shown[row["invoice_id"]] = views.invoice(db, with_parties, {}, request.language, scope)
        there = _kinds(queries.all_files(db, list(shown)))
    absent = {
        row["invoice_id"]: _made(scope, row, shown[row["invoice_id"]], there.get(row["invoice_id"], set())) for row in rows
    }
    files: dict[uuid.UUID, list[calls.StoredFile]] = {invoice_id: [] for invoice_id in shown}
    with scope.reading() as db:
        for each in queries.all_files(db, list(shown)):
            values = {name: each[name] for name in calls.StoredFile.declared}
            files[each["invoice_id"]].append(calls.StoredFile(**values))
    exported = [calls.ExportedInvoice(invoice=shown[each], files=files[each], absent=absent[each]) for each in shown]
    more = {"next": rows[-1]["portal_number"]} if len(rows) == INVOICES else {}
    return calls.ExportInvoices.Reply(invoices=exported, **more)


def _invoices(request: calls.ExportInvoices.Request) -> Any:
    mine = [invoice.c.portal_number > request.after]
    if request.side == "issued":
        mine.append(invoice.c.supplier_structure_id == request.structure_id)
    else:
        mine += [invoice.c.recipient_structure_id == request.structure_id, invoice.c.status != BROUILLON]
    return sa.select(invoice).where(*mine).order_by(invoice.c.portal_number).limit(INVOICES)


def _kinds(files: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, set[str]]:
    found: dict[uuid.UUID, set[str]] = {}
    for each in files:
        found.setdefault(each["invoice_id"], set()).add(each["kind"] if each["kind"] != "original" else each["mime"])
    return found


def _made(scope: Any, row: Mapping[str, Any], shown: Any, there: set[str]) -> list[str]:
    """Have the XML inside a deposited PDF, and the files embedded in an invoice, made where they are not kept yet; return what could not
    be made, and why."""
    wanted: list[tuple[str, dict[str, Any]]] = []
    if "application/pdf" in there and "cii" not in there:
        wanted.append(("cii", {"form": "cii"}))
    for index, each in enumerate(shown.content.get("attachments") or ()):
        if each.get("size") and f"attachment-{index}" not in there:
            wanted.append((f"attachment-{index}", {"form": "attachment", "index": index}))
    absent = []
    for name, asked in wanted:
        try:
            formats_out.file_of(ExportInvoice.Request(invoice_id=row["invoice_id"], **asked), scope, row)
        except (errors.ExportRefused, errors.NotFound, errors.EngineFailed, errors.Unavailable) as error:
            absent.append(f"{name}: {error.message('fr')} / {error.message('en')}")
    return absent


def export_flux(request: calls.ExportFlux.Request, scope: Any) -> calls.ExportFlux.Reply:
    """Give the next flux of a structure with the report of each."""
    rights.require_export(scope, request.structure_id)
    mine = (flux.c.structure_id == request.structure_id, flux.c.sequence > request.after)
    with scope.reading() as db:
        rows = db.execute(sa.select(flux).where(*mine).order_by(flux.c.sequence).limit(FLUX)).mappings().all()
        outcomes = queries.flux_outcomes(db, [row["flux_id"] for row in rows])
        exported = [_exported(db, row, outcomes.get(row["flux_id"], {}), request.language) for row in rows]
    more = {"next": rows[-1]["sequence"]} if len(rows) == FLUX else {}
    return calls.ExportFlux.Reply(flux=exported, **more)


def _exported(db: Any, row: Mapping[str, Any], outcomes: Mapping[str, int], language: str) -> calls.ExportedFlux:
    items = db.execute(flux_report.FILES.where(flux_item.c.flux_id == row["flux_id"])).mappings()
    file = calls.StoredFile(kind="flux", name=row["file_name"], mime="application/octet-stream", size=row["size"], sha256=row["sha256"])
    files = [views.flux_file(item, language) for item in items]
    return calls.ExportedFlux(flux=views.flux(row, outcomes, (), language), file=file, files=files)


def export_requests(request: calls.ExportRequests.Request, scope: Any) -> calls.ExportRequests.Reply:
    """Give the next requests that have come to a structure in one of its roles."""
    rights.require_export(scope, request.structure_id)
    come = sa.select(request_party.c.request_id).where(request_party.c.structure_id == request.structure_id)
    one = request_tables.request
    query = sa.select(one).where(one.c.request_id.in_(come), one.c.portal_number > request.after)
    with scope.reading() as db:
        rows = db.execute(query.order_by(one.c.portal_number).limit(REQUESTS)).mappings().all()
        shown = [request_views.request(db, row, _roles(row, request.structure_id), request.language, scope) for row in rows]
    more = {"next": rows[-1]["portal_number"]} if len(rows) == REQUESTS else {}
    return calls.ExportRequests.Reply(requests=shown, **more)


def _roles(row: Mapping[str, Any], structure_id: uuid.UUID) -> dict[str, str]:
    """Return the roles in which a structure sees a request: to be read, since whoever takes it along moves nothing by that."""
    return {each["role"]: rights.READ for each in row["parties"] if each["sees"] and each["structure_id"] == str(structure_id)}


def export_records(request: calls.ExportRecords.Request, scope: Any) -> calls.ExportRecords.Reply:
    """Give the next documents that espaces keep for a structure."""
    rights.require_export(scope, request.structure_id)
    place = (record.c.espace, record.c.collection, record.c.key)
    query = sa.select(record).where(record.c.structure_id == request.structure_id)
    if request.after is not None:
        query = query.where(sa.tuple_(*place) > sa.tuple_(request.after.espace, request.after.collection, request.after.key))
    with scope.reading() as db:
        rows = db.execute(query.order_by(*place).limit(RECORDS)).mappings().all()
    records = [calls.ExportedRecord(**{name: row[name] for name in calls.ExportedRecord.declared}) for row in rows]
    last = {name: rows[-1][name] for name in calls.RecordPlace.declared} if len(rows) == RECORDS else None
    return calls.ExportRecords.Reply(records=records, next=calls.RecordPlace(**last) if last is not None else None)
