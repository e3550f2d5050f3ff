"""/cpro/factures/v1/telecharger: invoices as files, one or many at once."""

import base64
import io
import time
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, current_app
from pupitre_contracts import errors, invoice_files, invoicing
from werkzeug.exceptions import RequestEntityTooLarge

from .. import bus, files, zips
from .answers import DONE, compatible, success
from .callers import technical_account
from .criteria import Unreadable, body, choice, number

blueprint = Blueprint("cpro_telecharger", __name__, url_prefix="/cpro/factures/v1/telecharger")

_SLICE = 3_000_000
_PDF, _PIVOT = "PDF", "PIVOT"
_YES = {"OUI": True, "Oui": True, "oui": True}


@blueprint.post("/groupe")
@compatible
@technical_account
def download_group() -> Response:
    """Answer with the PDF of an invoice, or a zip where there are several files, one folder for each invoice.

    ``PIVOT`` gives data: here UBL, with its embedded files; the real API has a format of its own, whose schema is not public.
    """
    asked = body()
    numbers = [number(each.get("idFacture")) for each in _listed(asked.get("listeFacture"))]
    if not numbers or None in numbers:
        raise Unreadable("listeFacture : au moins un idFacture, entier", "listeFacture: at least one idFacture, an integer")
    if len(numbers) > zips.MOST_INVOICES:
        raise Unreadable(f"listeFacture : au plus {zips.MOST_INVOICES} factures", f"listeFacture: at most {zips.MOST_INVOICES} invoices")
    form = choice(asked.get("format"), {"PDF": _PDF, "PIVOT": _PIVOT}, _PDF)
    with_documents = choice(asked.get("avecPiecesJointesComplementaires"), _YES, False)
    found = []
    for portal_number in dict.fromkeys(numbers):
        invoice = bus.call(invoicing.GetInvoice, portal_number=portal_number).invoice
        found.append((invoice, list(_files(invoice, form, with_documents))))
    if sum(each.size for _, chosen in found for each in chosen) > zips.LIMIT:
        # As the real API answers.
        raise RequestEntityTooLarge()
    return success(DONE, fichierResultat=encoded(_together(found)))


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _files(invoice: Any, form: str, with_documents: bool) -> Iterator[Any]:
    """Give the files of an invoice, where they lie in the store."""
    if form == _PIVOT:
        yield _exported(invoice, "ubl")
    else:
        yield bus.call(invoicing.DocumentFile, invoice_id=invoice.invoice_id, kind="readable").document
    if with_documents:
        yield from (each for each in invoice.documents if each.kind == "document")
    if with_documents and form == _PDF:
        inside = invoice.content.get("attachments") or []
        yield from (_exported(invoice, "attachment", index=at) for at, each in enumerate(inside) if each.get("size"))


def _exported(invoice: Any, form: str, **values: Any) -> Any:
    """Have a file made; data that UBL cannot say are given as they came."""
    try:
        return bus.call(invoice_files.ExportInvoice, invoice_id=invoice.invoice_id, form=form, **values).file
    except errors.ExportRefused:
        return bus.call(invoicing.DocumentFile, invoice_id=invoice.invoice_id, kind="original").document


def _together(found: Iterable[tuple[Any, list[Any]]]) -> bytes:
    found = list(found)
    blobs = current_app.extensions["pupitre"].blobs
    if len(found) == 1 and len(found[0][1]) == 1:
        return bytes(blobs.get(found[0][1][0].sha256))
    packed, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for invoice, chosen in found:
            for each in chosen:
                archive.writestr(zips.free(f"{invoice.portal_number}/{files.clean_name(each.name)}", taken), blobs.get(each.sha256))
                time.sleep(0)  # lets the other requests of this green process go on
    return packed.getvalue()


def encoded(content: bytes) -> str:
    """Write base64 in slices, between which the other requests of this green process go on."""
    slices = []
    for start in range(0, len(content), _SLICE):
        slices.append(base64.b64encode(content[start : start + _SLICE]).decode())
        time.sleep(0)
    return "".join(slices)
