"""An entry that begins with a PDF: what its text says is proposed, nothing is sent before the user confirms (B.4, P04)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import invoicing_entry as calls

from . import attachments, bus, done, files, formats
from .errors import faults_of, message
from .languages import current, gettext
from .pages_entry import chosen_issuer, issuers
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("entry_pdf", __name__, url_prefix="/factures-emises")


@blueprint.route("/depot-pdf", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def start() -> Any:
    """Take a PDF, read its text, and open the entry with what was found; the PDF is joined as what people read."""
    structures = issuers()
    if request.method == "GET":
        return _page(structures)
    structure_id, upload = chosen_issuer(structures), request.files.get("file")
    if structure_id is None or upload is None or not upload.filename:
        return _page(structures, gettext("Choisissez la structure qui émet la facture, et un fichier PDF.")), 422
    try:
        attachments.check(upload, attachments.rules.ACCOUNT_BYTES)
        stored = files.store_upload(upload)
        found = bus.call(calls.ReadPdf, structure_id=structure_id, sha256=stored.sha256, language=current())
    except errors.Invalid as error:
        return _page(structures, " ".join(fault for faults in faults_of(error).values() for fault in faults)), 422
    except errors.InvoiceRefused as error:
        return _page(structures, _told(error)), error.status
    if found.structured and not request.form.get("plain"):
        return _page(structures, factur_x=True), 422
    joined = {"name": stored.name, "mime": stored.mime, "size": stored.size, "sha256": stored.sha256}
    state = bus.call(
        calls.SaveEntry,
        key=form_key(),
        structure_id=structure_id,
        entry=_completed(found.entry),
        documents=[calls.NewEntryDocument(**joined, type="LISIBLE", designation=gettext("Facture d'origine (PDF)"))],
        deposit_mode="DEPOT_PDF_PORTAIL",
        language=current(),
    ).state
    done.say(_outcome(found))
    return redirect(url_for("entry.edit", invoice_id=state.invoice.invoice_id))


def _completed(entry: calls.Entry) -> calls.Entry:
    """Add what any entry begins with."""
    values = {name: value for name, value in entry.values.items() if value is not None}
    lines = entry.lines or [calls.EntryLine()]
    values["lines"] = [calls.EntryLine(**{**line.values, "unit": line.unit or "C62"}) for line in lines]
    if not entry.payment_mode and entry.kind == "FACTURE":
        values["payment_mode"] = "VIREMENT"
    return calls.Entry(**values)


def _outcome(found: Any) -> str:
    if not found.has_text:
        return gettext("Ce PDF est une image : il ne contient pas de texte à lire. Il est joint ; saisissez la facture vous-même.")
    read = len(found.entry.read_in_pdf or [])
    amounts = ", ".join(
        f"{name} {formats.money(found.amounts[key], found.currency or 'EUR')}"
        for key, name in _amount_names().items()
        if key in found.amounts
    )
    said = gettext("Le PDF est joint. Champs lus dans le PDF, à vérifier : %(count)s.", count=read)
    return f"{said} {gettext('Montants lus : %(amounts)s.', amounts=amounts)}" if amounts else said


def _amount_names() -> dict[str, str]:
    return {"net": gettext("total HT"), "vat": gettext("TVA"), "gross": gettext("total TTC"), "due": gettext("net à payer")}


def _told(error: errors.InvoiceRefused) -> str:
    findings = [each for each in error.details.get("findings") or [] if isinstance(each, dict)]
    return " ".join(f"{each['message']} {each.get('remedy') or ''}".strip() for each in findings) or message(error)


def _page(structures: list[tuple[str, str]], fault: str = "", *, factur_x: bool = False) -> str:
    chosen = request.values.get("structure", "")
    return render_template("entry_pdf.html", structures=structures, chosen=chosen, fault=fault, factur_x=factur_x)
