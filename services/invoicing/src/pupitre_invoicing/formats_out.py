"""An invoice as a file that leaves: another syntax, its data as text, an embedded file, its certificate, or everything in one zip.

The work is done in the engine's processes. What depends on the invoice's own bytes alone is kept once made, beside the readable
PDF; a certificate and a zip follow the documents that are there now, and are only put into the blob store for their reader.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts.invoice_files import FORMATS, ExportedFile, ExportInvoice

from . import checking, queries, repository, rights, use_cases
from .model import CIVIL_ZONE

_UNSAFE = re.compile(r"[^\w.+-]+")
_ENDINGS = {"application/pdf": "pdf", "application/zip": "zip"}
_WITHOUT_LANGUAGE = ""


def export_invoice(request: ExportInvoice.Request, scope: Any) -> ExportInvoice.Reply:
    """Give a file made from an invoice to whoever may read the invoice."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = use_cases.as_mandataire(db, scope, allowed, queries.invoice_row(db, invoice_id=request.invoice_id))
        allowed.check_visible(row, f"invoice {request.invoice_id}")
    return ExportInvoice.Reply(file=file_of(request, scope, row))


def file_of(request: ExportInvoice.Request, scope: Any, row: Mapping[str, Any]) -> ExportedFile:
    """Give a file made from the invoice of a row, which the actor may read; see :func:`export_invoice`."""
    with scope.reading() as db:
        documents = queries.documents(db, request.invoice_id)
        kept = queries.made_file(db, request.invoice_id, *_kept_as(request)) if _is_kept(request) else None
    if kept is None:
        kept = _make(request, scope, row, documents)
    return ExportedFile(**{name: kept[name] for name in ExportedFile.declared})


def _is_kept(request: ExportInvoice.Request) -> bool:
    return request.form not in ("certificate", "everything")


def _kept_as(request: ExportInvoice.Request) -> tuple[str, str]:
    """Return kind and language of the row that keeps such a file."""
    if request.form == "attachment":
        return f"attachment-{request.index or 0}", _WITHOUT_LANGUAGE
    return request.form, request.language if request.form == "facturx" else _WITHOUT_LANGUAGE


def _make(
    request: ExportInvoice.Request, scope: Any, row: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    original = next((each for each in documents if each["kind"] == "original"), None)
    if original is None:
        raise errors.NotFound(what="original file")  # a draft that is still being typed
    if request.form in ("certificate", "everything"):
        return _made_now(request, scope, row, documents)
    content = checking.stored_file(scope.resources.blobs, original["sha256"])
    header = {"op": "export", "syntax": request.form}
    if request.form not in FORMATS:
        header = {"op": request.form, "index": request.index or 0}
    answer, made = _run(scope, header | {"lang": "both" if request.form != "facturx" else request.language}, content)
    name = answer.get("name") or _name(row, request.form, answer["content_type"])
    values = _file(scope, name, answer.get("mime") or answer["content_type"], made)
    kind, language = _kept_as(request)
    with scope.begin() as tx:
        repository.insert_made(tx, row["invoice_id"], kind, language=language, **values)
    return values


def _made_now(
    request: ExportInvoice.Request, scope: Any, row: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Make the certificate of deposit, or the zip that holds it where there is one."""
    certified = row["receipt_at"] is not None
    if request.form == "certificate" and not certified:
        raise errors.NotFound(what="certificate of deposit")
    files = [each for each in documents if each["kind"] in queries.KEPT_KINDS]
    contents = [checking.stored_file(scope.resources.blobs, each["sha256"]) for each in files]
    header = {
        "op": request.form,
        "lang": request.language,
        "files": [{name: each[name] for name in ("name", "size", "sha256")} for each in files],
        "sizes": [len(content) for content in contents],
        "deposit": _deposit(row) if certified else None,
    }
    answer, made = _run(scope, header, b"".join(contents))
    name = f"certificat-depot-{row['portal_number']}.pdf" if request.form == "certificate" else _name(row, "", "application/zip")
    return _file(scope, name, answer["content_type"], made)


def _deposit(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the certificate says of the deposit; its instant in the civil time of France."""
    received: datetime.datetime = row["receipt_at"].astimezone(CIVIL_ZONE)
    names = ("number", "portal_number", "supplier_name", "supplier_identifier", "recipient_name", "recipient_siret")
    facts = {name: row[name] for name in (*names, "code_service", "engagement", "contract", "currency", "numero_flux")}
    return {**facts, "gross": str(row["gross"]) if row["gross"] is not None else None, "received": received.isoformat(timespec="seconds")}


def _run(scope: Any, header: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    answer, made = checking.run(scope.resources.engine, header, content)
    if refusal := answer.get("refused"):
        found = checking.finding_of(refusal)
        raise errors.ExportRefused(
            rule=found.rule,
            term=found.term,
            why_fr=f"{found.message_fr} {found.remedy_fr}",
            why_en=f"{found.message_en} {found.remedy_en}",
        )
    if "error" in answer:
        raise errors.NotFound(what=str(answer["error"]))
    return answer, made


def _file(scope: Any, name: str, mime: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mime": mime, "size": len(content), "sha256": scope.resources.blobs.put(content)}


def _name(row: Mapping[str, Any], form: str, mime: str) -> str:
    stem = PurePosixPath(_UNSAFE.sub("-", row["number"])).name or str(row["portal_number"])
    return "-".join(part for part in (stem, form if form != "xml" else "") if part) + "." + _ENDINGS.get(mime, "xml")
