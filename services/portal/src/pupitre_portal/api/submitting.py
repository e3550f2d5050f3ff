"""/cpro/factures/v1/soumettre and deposer/pdf, /cpro/transverses/v1/ajouter/fichier: an invoice typed by a program.

They make the same calls as the page of entry: an entry is kept, confirmed and sent; one that is refused leaves nothing behind.
"""

import base64
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from pupitre_contracts import bank_details, document_values, errors, organisation
from pupitre_contracts import invoicing_entry as calls
from werkzeug.exceptions import RequestEntityTooLarge

from .. import attachments, bus, files, formats
from . import sending, submitted, words
from .answers import DONE, REFUSED, amount, compatible, day, json_response, success
from .callers import technical_account
from .criteria import Unreadable, body, choice, number, part, text
from .encoded_files import decoded
from .factures import idempotency_key

blueprint = Blueprint("cpro_submitting", __name__, url_prefix="/cpro")

FORMATS = {"PDF_NON_SIGNE": False, "PDF_SIGNE_PADES": True, "PDF_SIGNE_XADES": True}
_AROUND_FILE = 1_000_000


@blueprint.post("/transverses/v1/ajouter/fichier")
@files.accepts_upload
@compatible
@technical_account
def add_file() -> Response:
    """Keep a file of at most 10 Mo for an invoice to come, and answer with its number."""
    asked = _with_file()
    name = text(asked.get("pieceJointeNom")) or "fichier"
    extension = (text(asked.get("pieceJointeExtension")) or "").lower().lstrip(".")
    if extension and not name.lower().endswith(f".{extension}"):
        name = f"{name}.{extension}"
    kept = _kept(name, _content(asked.get("pieceJointeFichier"), "pieceJointeFichier"))
    return success(DONE, pieceJointeId=kept.portal_number)


@blueprint.post("/factures/v1/deposer/pdf")
@files.accepts_upload
@compatible
@technical_account
def deposit_pdf() -> Response:
    """Keep a PDF for an invoice to come, and answer with what its text says; a scan says nothing but its number."""
    asked = _with_file()
    if choice(asked.get("formatDepot"), FORMATS) is None:
        raise Unreadable(f"formatDepot : un de {', '.join(FORMATS)}", f"formatDepot: one of {', '.join(FORMATS)}")
    kept = _kept(text(asked.get("nomFichier")) or "facture.pdf", _content(asked.get("fichierFacture"), "fichierFacture"))
    found = bus.call(calls.ReadPdf, structure_id=g.account.structure_id, sha256=kept.sha256, language=words.language())
    read, amounts = set(found.entry.read_in_pdf or []), {name: Decimal(value) for name, value in found.amounts.items()}
    entry = found.entry
    structure = bus.call(organisation.GetStructure, structure_id=g.account.structure_id).structure
    return success(
        DONE,
        pieceJointeId=kept.portal_number,
        numeroFacture=entry.number or None,
        dateFacture=entry.issue_date or None,
        codeDestinataire=entry.recipient_siret or None,
        codeServiceExecutant=entry.code_service or None,
        codeFournisseur=structure.identifier if found.has_text else None,
        codeDeviseFacture=found.currency,
        typeFacture=entry.kind if found.has_text else None,
        numeroBonCommande=entry.engagement if "engagement" in read else None,
        montantTtcAvantRemiseGlobalTTC=amount(amounts.get("gross")),
        montantAPayer=amount(amounts.get("due", amounts.get("gross"))),
        montantHtTotal=amount(amounts.get("net")),
        montantTVA=amount(amounts.get("vat")),
    )


@blueprint.post("/factures/v1/soumettre")
@compatible
@technical_account
def submit() -> Response:
    """Enter an invoice and send it, if nothing is wrong with it; an ``Idempotency-Key`` header is honoured."""
    asked = body()
    key = sending.key_of(idempotency_key())
    structure_id = _supplier(asked)
    mode = submitted.mode_of(asked)
    entry = submitted.entry_of(asked, mode, formats.today(), _account(asked, structure_id))
    state = bus.call(
        calls.SaveEntry,
        key=str(key),
        structure_id=structure_id,
        entry=entry,
        documents=_documents(asked, mode, structure_id),
        deposit_mode="SAISIE_API" if mode == submitted.TYPED else "DEPOT_PDF_API",
        language=words.language(),
    ).state
    wrong = submitted.differences(asked, state.totals)
    if wrong:
        sending.drop(key, state.invoice.invoice_id)
        return _refused([words.either(*each) for each in wrong])
    try:
        sent = sending.confirm_and_send(key, state.invoice, words.language())
    except errors.InvoiceRefused as error:
        return _refused(submitted.sentences(error))
    except errors.DuplicateInvoice as error:
        return _refused([words.of(error)])
    return success(
        DONE,
        identifiantFactureCPP=sent.portal_number,
        numeroFacture=sent.number,
        statutFacture="DEPOSEE",
        dateDepot=day(sent.deposited_at),
        identifiantStructure=sent.supplier_identifier,
        empreinteCertificatDepot=base64.b64encode(bytes.fromhex(sent.receipt_sha256)).decode(),
    )


def _refused(sentences: list[str]) -> Response:
    """Answer with everything that is wrong."""
    return json_response({"codeRetour": REFUSED, "libelle": " ; ".join(dict.fromkeys(sentences)), "listeErreurs": sentences})


def _with_file() -> dict[str, Any]:
    limit = document_values.ACCOUNT_BYTES
    # The limit is the file's: base64 makes four octets of three, and the JSON around it is small.
    request.max_content_length = min(limit, current_app.extensions["pupitre"].settings.max_upload) * 4 // 3 + _AROUND_FILE
    return body()


def _content(encoded: Any, member: str) -> bytes:
    try:
        content = decoded(encoded) if isinstance(encoded, str) else b""
    except ValueError:
        content = b""
    if not content:
        french = f"{member} doit contenir le fichier encodé en base64, non vide"
        raise Unreadable(french, f"{member} must hold the file encoded in base64, not empty")
    if len(content) > document_values.ACCOUNT_BYTES:
        raise RequestEntityTooLarge()
    return content


def _kept(name: str, content: bytes) -> calls.KeptFile:
    fault = attachments.content_fault(files.clean_name(name), content)
    if fault is not None:
        raise Unreadable(fault, fault)
    stored = files.store(name, content)
    about = {"name": stored.name, "mime": stored.mime, "size": stored.size, "sha256": stored.sha256}
    return bus.call(calls.KeepFile, key=idempotency_key(), structure_id=g.account.structure_id, **about).file


def _supplier(asked: Mapping[str, Any]) -> uuid.UUID:
    """Return the structure that issues: the account's own, or the one whose number is given; invoicing says whether that may be."""
    wanted = number(part(asked, "fournisseur").get("idFournisseur"))
    if not wanted:
        return g.account.structure_id
    return bus.call(organisation.GetStructure, portal_number=wanted).structure.structure_id


def _account(asked: Mapping[str, Any], structure_id: uuid.UUID) -> uuid.UUID | None:
    """Return the bank details that a program names by their number. Errors: not-found."""
    wanted = number(part(asked, "fournisseur").get("codeCoordonneesBancairesFournisseur"))
    if not wanted:
        return None
    kept = bus.call(bank_details.ListBankDetails, structure_id=structure_id).bank_details
    found = next((each for each in kept if each.portal_number == wanted), None)
    if found is None:
        raise errors.NotFound(what="bank_details")
    return found.bank_details_id


def _documents(asked: Mapping[str, Any], mode: str, structure_id: uuid.UUID) -> list[calls.NewEntryDocument]:
    """Return the files that an invoice names by the numbers they were kept under."""
    named = submitted.attachments_of(asked, mode)
    if not named:
        return []
    numbers = [each.pop("portal_number") for each in named]
    kept = bus.call(calls.KeptFiles, structure_id=structure_id, portal_numbers=numbers).files
    joined = [{name: value for name, value in each.values.items() if name != "portal_number"} for each in kept]
    return [calls.NewEntryDocument(**file, **about) for file, about in zip(joined, named, strict=True)]
