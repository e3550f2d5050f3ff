"""The views of an invoice's page, one at a time, and the files that may be downloaded from it.

Each view is an address (``?vue=``): it works without scripts, can be printed, and asks only for what it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from pupitre_contracts import errors, invoice_files

from . import bus
from .errors import message
from .languages import N_, current

VIEWS = {
    "lisible": N_("Facture lisible"),
    "pdf": N_("PDF"),
    "xml": N_("XML"),
    "pieces": N_("Pièces jointes"),
    "controle": N_("Rapport de contrôle"),
    "historique": N_("Historique"),
}
DOWNLOADS = {
    "ubl": N_("UBL"),
    "cii": N_("CII"),
    "facturx": N_("Factur-X"),
    "everything": N_("Tout (zip)"),
}
_SHOWN = 300_000
"""Characters of XML that a page shows; the whole is a download away."""
_ACTIVE = "PUP-PDF-ACTIVE"
_LAID_OUT = "LISIBLE"


@dataclass(frozen=True)
class Attachment:
    """A file inside the invoice; ``index`` is its place there. One without content is a reference to something outside."""

    index: int
    name: str
    description: str | None
    size: int
    url: str | None
    flagged: bool


def chosen(wanted: str | None) -> str:
    """Return the view that was asked for; the readable invoice for an unknown one."""
    return wanted if wanted in VIEWS else "lisible"


def data_of(invoice: Any) -> dict[str, Any]:
    """Return what the XML view shows: the text, whether it was cut, or why there is none."""
    try:
        file = bus.call(
            invoice_files.ExportInvoice, invoice_id=invoice.invoice_id, form="xml", language=current()
        ).file
        text = current_app.extensions["pupitre"].blobs.get(file.sha256).decode("utf-8", "replace")
    except errors.PupitreError as error:
        return {"text": None, "cut": False, "why": message(error)}
    return {"text": text[:_SHOWN], "cut": len(text) > _SHOWN, "why": None}


def pdf_of(invoice: Any) -> dict[str, bool]:
    """Tell whether the file came as a PDF, and whether one is shown in the page: never one with scripts, nor one that was joined
    and that nothing has looked into; these are downloads only."""
    original = next((each for each in invoice.documents if each.kind == "original"), None)
    active = any(each.rule == _ACTIVE for each in invoice.report.findings)
    joined = any(each.kind == "document" and each.type == _LAID_OUT for each in invoice.documents)
    return {
        "original": original is not None and original.mime == "application/pdf",
        "joined": joined,
        "shown": not active and not joined,
    }


def attachments_of(content: Mapping[str, Any]) -> list[Attachment]:
    """Return the files that the invoice carries inside."""
    found = content.get("attachments")
    return [
        Attachment(
            index=index,
            name=str(each.get("name") or each.get("reference") or index + 1),
            description=each.get("description"),
            size=int(each.get("size") or 0),
            url=each.get("url"),
            flagged=bool(each.get("flagged")),
        )
        for index, each in enumerate(found if isinstance(found, list) else [])
    ]
