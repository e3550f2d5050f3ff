"""An entry begun from a PDF: its text is read in the engine's workers, what was found is proposed, nothing is kept (B.4)."""

from typing import Any

from pupitre_contracts import bank_details, errors, organisation
from pupitre_contracts import invoicing_entry as calls

from . import checking, currencies, model, pdf_fields, rights, scanning, use_cases

_WHAT = {"fr": "Selon la facture jointe (PDF)", "en": "According to the invoice attached (PDF)"}


def read_pdf(request: calls.ReadPdf.Request, scope: Any) -> calls.ReadPdf.Reply:
    """Read a PDF and propose what an entry begins with."""
    allowed = rights.ask(scope)
    allowed.require_deposit(request.structure_id)
    content = checking.stored_file(scope.resources.blobs, request.sha256)
    named = scanning.finding_in(scope.resources.antivirus, content, "PDF")
    if named is not None:
        scope.resources.blobs.quarantine(request.sha256)
        raise use_cases.refused([named], request.language)
    answer, text = checking.run(scope.resources.engine, {"op": "text", "lang": "both"}, content)
    if "refused" in answer:
        raise use_cases.refused([checking.finding_of(answer["refused"])], request.language)
    if "error" in answer:
        raise errors.EngineFailed(incident=scope.correlation_id)
    structure = scope.bus.call(organisation.GetStructure, structure_id=request.structure_id).structure
    found = pdf_fields.find(text.decode(), structure.identifier)
    entry: dict[str, Any] = dict(found.entry)
    known = currencies.accepted(model.civil_date(scope.clock.now()))
    currency = answer.get("currency") or next((each for each in found.currencies if each in known), None)
    if currency in known and currency != currencies.EUR:
        entry["currency"] = currency
    line = pdf_fields.one_line(found.amounts, _WHAT[request.language])
    if line:
        entry["lines"] = [line]
    if found.iban:
        entry["payment_mode"] = "VIREMENT"
        entry |= _account(scope, request, found.iban)
    read = [name for name in entry if name not in ("lines", "payment_mode")]
    read += [f"lines-1-{name}" for name in ("price", "rate") if name in line]
    reply = {"has_text": bool(text), "structured": answer["structured"], "amounts": found.amounts}
    reply |= {"currency": currency} if currency else {}
    return calls.ReadPdf.Reply(entry=calls.Entry.load({**entry, "read_in_pdf": read}), **reply)


def _account(scope: Any, request: calls.ReadPdf.Request, iban: str) -> dict[str, str]:
    """Return the structure's bank details that the PDF names: lists mask account numbers, their beginning and end tell them apart."""
    try:
        kept = scope.bus.call(bank_details.ListBankDetails, structure_id=request.structure_id).bank_details
    except errors.PupitreError:
        # Who deposits by mandat does not see the structure's accounts.
        return {}
    same = [each for each in kept if each.kind == "IBAN" and each.masked[:4] == iban[:4] and each.masked[-4:] == iban[-4:]]
    return {"bank_details_id": str(same[0].bank_details_id)} if same else {}
