"""All invoices and flux of one structure with every file, for who answers for it: to be taken along."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import structure_export as calls
from pupitre_contracts.invoice_files import ExportInvoice

from . import flux_report, formats_out, queries, rights, views
from .tables import BROUILLON, flux, flux_item, invoice

#: Of one reply: each invoice comes with all that was read from it, each flux with up to 500 files.
INVOICES, FLUX = 20, 5


def export_invoices(request: calls.ExportInvoices.Request, scope: Any) -> calls.ExportInvoices.Reply:
    """Give the next invoices of a structure. What a reader without the portal could not take out of a file by himself is made first."""
    rights.require_export(scope, request.structure_id)
    with scope.reading() as db:
        rows = db.execute(_invoices(request)).mappings().all()
        shown = {row["invoice_id"]: views.invoice(db, row, {}, request.language, scope) for row in rows}
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
