"""Lists of invoices as files: exactly what the page's filters find, in its order, all of its pages; and the files of invoices as a zip."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request, url_for
from pupitre_contracts import errors, invoice_search, invoicing

from . import bus, done, exports, files, invoice_criteria, invoice_lists, statuses, zips
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
            raise _refused(
                "filtre",
                f"plus de {MOST_FILES} factures : resserrez le filtre",
                f"more than {MOST_FILES} invoices: narrow the filter",
            )
    if not wanted:
        raise _refused("filtre", "aucune facture : changez le filtre", "no invoice: change the filter")
    originals = bus.call(invoice_search.OriginalFiles, invoice_ids=wanted).files
    return _zip(side, [(_path(each, each.name), each.sha256) for each in originals])


@blueprint.get("/factures-<any(emises, recues):side>/selection.zip")
@signed_in
def back_to_list(side: str) -> Response:
    """Lead whoever reloads a refusal, or changes its language, back to the list."""
    return redirect(_list_of(side))


@blueprint.post("/factures-<any(emises, recues):side>/selection.zip")
@signed_in
def ticked(side: str) -> Response:
    """The invoices that were ticked, each as it came and as people read it (R274). All of them or none: what could not be given is said
    before anything is sent."""
    wanted = _ticked()
    if not wanted:
        done.say(gettext("Cochez au moins une facture : rien n'a été fait."))
        return redirect(_list_of(side))
    if len(wanted) > zips.MOST_INVOICES:
        raise _refused("facture", f"plus de {zips.MOST_INVOICES} factures cochées", f"more than {zips.MOST_INVOICES} invoices ticked")
    originals = bus.call(invoice_search.OriginalFiles, invoice_ids=wanted).files
    if len(originals) < len(wanted):
        raise _refused(
            "facture",
            "un brouillon en cours de saisie n'a pas encore de fichier : décochez-le",
            "a draft that is still being typed has no file yet: untick it",
        )
    return _zip(side, list(_with_readable(originals)))


def _ticked() -> list[uuid.UUID]:
    try:
        return list(dict.fromkeys(uuid.UUID(text) for text in request.form.getlist("facture")))
    except ValueError:
        raise errors.NotFound(what="invoice") from None


def _with_readable(originals: list[Any]) -> Iterator[tuple[str, str]]:
    """Give path and SHA-256 of each invoice's original and of what people read, once where they are the same. Raises Invalid."""
    prolong, taken, size = exports.prolonging(), set[str](), sum(each.size for each in originals)
    for original in originals:
        _check_size(size)
        prolong()  # a readable form may be made now
        call = invoicing.DocumentFile
        readable = bus.call(call, invoice_id=original.invoice_id, kind="readable", language=current()).document
        yield zips.free(_path(original, original.name), taken), original.sha256
        if readable.sha256 != original.sha256:
            size += readable.size
            yield zips.free(_path(original, readable.name), taken), readable.sha256
    _check_size(size)


def _check_size(size: int) -> None:
    if size > zips.LIMIT:
        most = zips.LIMIT // 1024**2
        raise _refused("facture", f"plus de {most} Mo : cochez moins de factures", f"more than {most} MB: tick fewer invoices")


def _list_of(side: str) -> str:
    """Return the address of the list that was shown, with its filters."""
    query = urlencode(request.args.to_dict(flat=False), doseq=True)
    return url_for(f"{SIDES[side]}.listing") + (f"?{query}" if query else "")


def _refused(field: str, french: str, english: str) -> errors.Invalid:
    return errors.Invalid(what="zip", fields={field: [f"{french} / {english}"]})


def _found(side: str, search: dict[str, Any]) -> Iterator[list[Any]]:
    """Give what a search finds, a piece at a time; what comes in meanwhile moves nothing."""
    place: dict[str, Any] = {}
    while True:
        found = bus.call(invoicing.SearchInvoices, side=side, page_size=PIECE, count_up_to=0, **search, **place)
        yield found.invoices
        if not found.next:
            return
        place = {"after": found.next}


def _path(original: Any, name: str) -> str:
    """Return the path of an invoice's file in a zip, in a folder of the invoice's own."""
    number = _UNSAFE.sub("-", original.number).strip(".-") or "facture"
    return f"{number}-{original.portal_number}/{files.clean_name(name)}"


def _zip(side: str, found: list[tuple[str, str]]) -> Response:
    blobs = current_app.extensions["pupitre"].blobs
    pieces = zips.pieces((path, blobs.get(sha256)) for path, sha256 in found)
    response = Response(exports.streamed(pieces), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="factures-{side}.zip"'
    return response


def _columns() -> list[str]:
    return [
        gettext("Numéro"), gettext("Type de facture"), gettext("Cadre de facturation"), gettext("Statut"), gettext("Date du statut"),
        gettext("Archivée"), gettext("Date de facture"), gettext("Date de dépôt"), gettext("Fournisseur"),
        gettext("Identifiant du fournisseur"),
        gettext("Destinataire"), gettext("Identifiant du destinataire"), gettext("Code service"), gettext("Numéro d'engagement"),
        gettext("Numéro de marché"), gettext("Devise"), gettext("Montant HT"), gettext("Montant de TVA"),
        gettext("Total de la TVA en euros"), gettext("Montant TTC"), gettext("Montant à payer"),
        gettext("Mode de dépôt"), gettext("Numéro de flux"), gettext("Dernier motif"),
    ]  # fmt: skip


def _row(invoice: Any) -> exports.Row:
    label = invoice.status_label_en if current() == "en" else invoice.status_label_fr
    mode = invoice_criteria.DEPOSIT_MODES.get(invoice.deposit_mode)
    return [
        invoice.number, statuses.kind(invoice.kind), invoice.cadre, label, invoice.status_at,
        invoice.archived, invoice.issue_date, invoice.deposited_at, invoice.supplier_name, invoice.supplier_identifier,
        invoice.recipient_name, invoice.recipient_siret, invoice.code_service, invoice.engagement,
        invoice.contract, invoice.currency, invoice.net, invoice.vat,
        invoice.vat if invoice.currency == "EUR" else invoice.vat_eur, invoice.gross, invoice.due,
        gettext(mode) if mode else invoice.deposit_mode, invoice.numero_flux, invoice.last_motive,
    ]  # fmt: skip
