"""Lists of invoices as files: exactly what the page's filters find, in its order, all of its pages; and the original files as a zip."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, request
from pupitre_contracts import errors, invoice_search, invoicing

from . import bus, exports, files, invoice_criteria, invoice_lists, statuses, zips
from .languages import current, gettext
from .sessions import signed_in

blueprint = Blueprint("invoice_exports", __name__)

PIECE = 500
MOST_FILES = 500
"""Of one zip; what is more is narrowed first, or is an export of all of a structure's data."""
SIDES = {"emises": "issued", "recues": "received"}
KIND = f"<any({', '.join(exports.FORMATS)}):kind>"
_UNSAFE = re.compile(r"[^\w.+-]+")


@blueprint.get(f"/factures-<any(emises, recues):side>/export.{KIND}")
@signed_in
def listed(side: str, kind: str) -> Response:
    """The list as CSV or XLSX: amounts are numbers, dates are dates, nothing is a formula (RS-65)."""
    search = invoice_lists.asked(SIDES[side]).search
    pieces = ([_row(each) for each in found] for found in _found(SIDES[side], search))
    return exports.answer(kind, f"factures-{side}", _columns(), pieces)


@blueprint.get("/factures-<any(emises, recues):side>/originaux.zip")
@signed_in
def filtered_originals(side: str) -> Response:
    """The original files of what the page's filters find."""
    search = invoice_lists.asked(SIDES[side]).search
    wanted: list[uuid.UUID] = []
    for found in _found(SIDES[side], search):
        wanted += [each.invoice_id for each in found]
        if len(wanted) > MOST_FILES:
            fault = f"plus de {MOST_FILES} factures : resserrez le filtre / more than {MOST_FILES} invoices: narrow the filter"
            raise errors.Invalid(what="zip", fields={"filtre": [fault]})
    return _zip(side, wanted)


@blueprint.post("/factures-<any(emises, recues):side>/originaux.zip")
@signed_in
def ticked_originals(side: str) -> Response:
    """The original files of the invoices that were ticked (R274)."""
    try:
        return _zip(side, [uuid.UUID(text) for text in request.form.getlist("facture")[:MOST_FILES]])
    except ValueError:
        raise errors.NotFound(what="invoice") from None


def _found(side: str, search: dict[str, Any]) -> Iterator[list[Any]]:
    """Give what a search finds, a piece at a time; what comes in meanwhile moves nothing."""
    place: dict[str, Any] = {}
    while True:
        found = bus.call(invoicing.SearchInvoices, side=side, page_size=PIECE, count_up_to=0, **search, **place)
        yield found.invoices
        if not found.next:
            return
        place = {"after": found.next}


def _zip(side: str, invoice_ids: list[uuid.UUID]) -> Response:
    if not invoice_ids:
        fault = "aucune facture : cochez-en, ou changez le filtre / no invoice: tick some, or change the filter"
        raise errors.Invalid(what="zip", fields={"facture": [fault]})
    found = bus.call(invoice_search.OriginalFiles, invoice_ids=invoice_ids).files
    blobs = current_app.extensions["pupitre"].blobs

    def contents() -> Iterator[tuple[str, bytes]]:
        for each in found:
            number = _UNSAFE.sub("-", each.number).strip(".-") or "facture"
            yield f"{number}-{each.portal_number}/{files.clean_name(each.name)}", blobs.get(each.sha256)

    response = Response(exports.streamed(zips.pieces(contents())), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="factures-{side}.zip"'
    return response


def _columns() -> list[str]:
    return [
        gettext("Numéro"), gettext("Type de facture"), gettext("Cadre de facturation"), gettext("Statut"), gettext("Date du statut"),
        gettext("Archivée"), gettext("Date de facture"), gettext("Date de dépôt"), gettext("Fournisseur"),
        gettext("Identifiant du fournisseur"),
        gettext("Destinataire"), gettext("Identifiant du destinataire"), gettext("Code service"), gettext("Numéro d'engagement"),
        gettext("Numéro de marché"), gettext("Devise"), gettext("Montant HT"), gettext("Montant de TVA"), gettext("Montant TTC"),
        gettext("Montant à payer"), gettext("Mode de dépôt"), gettext("Numéro de flux"), gettext("Dernier motif"),
    ]  # fmt: skip


def _row(invoice: Any) -> exports.Row:
    label = invoice.status_label_en if current() == "en" else invoice.status_label_fr
    mode = invoice_criteria.DEPOSIT_MODES.get(invoice.deposit_mode)
    return [
        invoice.number, statuses.kind(invoice.kind), invoice.cadre, label, invoice.status_at,
        invoice.archived, invoice.issue_date, invoice.deposited_at, invoice.supplier_name, invoice.supplier_identifier,
        invoice.recipient_name, invoice.recipient_siret, invoice.code_service, invoice.engagement,
        invoice.contract, invoice.currency, invoice.net, invoice.vat, invoice.gross,
        invoice.due, gettext(mode) if mode else invoice.deposit_mode, invoice.numero_flux, invoice.last_motive,
    ]  # fmt: skip
