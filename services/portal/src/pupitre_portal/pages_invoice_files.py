"""The files of an invoice as it leaves: other formats, embedded files, certificate, everything; and its PDF shown in the page."""

import uuid

from flask import Blueprint, Response
from pupitre_contracts import errors, invoice_files, invoicing

from . import bus, files, invoice_tabs
from .languages import current
from .sessions import signed_in

blueprint = Blueprint("invoice_files", __name__)

_BASE = '/factures-<any("emises", "recues"):side>/<uuid:invoice_id>'
_INLINE = "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'"


@blueprint.get(f'{_BASE}/fichiers/<any("ubl", "cii", "facturx", "everything", "certificate"):form>')
@blueprint.get(f'{_BASE}/fichiers/<any("attachment"):form>/<int:index>')
@signed_in
def export(side: str, invoice_id: uuid.UUID, form: str, index: int | None = None) -> Response:
    """Send the invoice in a form. Errors: invoicing.export-refused where it would lose something of the invoice."""
    return send(invoice_id, form, index)


def send(invoice_id: uuid.UUID, form: str, index: int | None = None) -> Response:
    """Have invoicing make the file, once, and send it as an attachment."""
    given = {"index": index} if index is not None else {}
    call = invoice_files.ExportInvoice
    file = bus.call(call, invoice_id=invoice_id, form=form, language=current(), **given).file
    return files.download(file.name, file.mime, file.sha256)


@blueprint.get(f"{_BASE}/apercu")
@signed_in
def preview(side: str, invoice_id: uuid.UUID) -> Response:
    """Give the PDF of the invoice to be shown inside its page, and nowhere else; one that is not shown there is a download.

    Errors: not-found when it is no PDF.
    """
    invoice = bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=current()).invoice
    found = bus.call(invoicing.DocumentFile, invoice_id=invoice_id, kind="readable", language=current()).document
    response = files.download(found.name, "application/pdf", found.sha256)
    if not response.get_data().startswith(b"%PDF-"):
        raise errors.NotFound(what=found.name)
    if invoice_tabs.pdf_of(invoice)["shown"]:
        response.headers.set("Content-Disposition", "inline", filename=files.clean_name(found.name))
        response.headers["Content-Security-Policy"] = _INLINE
    return response
