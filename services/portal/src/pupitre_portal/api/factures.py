"""/cpro/factures/v1: deposit of a flux, and the search of issued invoices."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from pupitre_contracts import errors, invoicing, organisation
from werkzeug.exceptions import RequestEntityTooLarge

from .. import bus, files
from .answers import DONE, amount, compatible, day, moment, paging, present, success
from .callers import technical_account
from .criteria import (
    MAX_PAGE_SIZE,
    Unreadable,
    body,
    choice,
    number,
    page_of,
    part,
    read_amount,
    read_day,
    read_moment,
    text,
)
from .encoded_files import decoded

blueprint = Blueprint("cpro_factures", __name__, url_prefix="/cpro/factures/v1")

SORTS = {
    "DateDepot": "deposited_at",
    "DateFacture": "issue_date",
    "NumeroFacture": "number",
    "MontantTTC": "gross",
}


LONGEST_KEY = 255
_AROUND_FILE = 1_000_000


@blueprint.post("/deposer/flux")
@files.accepts_upload
@compatible
@technical_account
def deposit_flux() -> Response:
    """Store a flux and answer with its number; it is processed afterwards. An ``Idempotency-Key`` header is honoured.

    The receipt is in the header ``Pupitre-Receipt``: members of its own in the body could trouble clients of the real API.
    """
    limit = current_app.extensions["pupitre"].settings.max_upload
    # The limit is the file's: base64 makes four octets of three, and the JSON around it is small.
    request.max_content_length = limit * 4 // 3 + _AROUND_FILE
    asked = body()
    content = _content(asked.get("fichierFlux"))
    if len(content) > limit:
        raise RequestEntityTooLarge()
    stored = files.store(text(asked.get("nomFichier")), content)
    flux = bus.call(
        invoicing.DepositFlux,
        key=idempotency_key(),
        structure_id=g.account.structure_id,
        sha256=stored.sha256,
        size=stored.size,
        file_name=stored.name,
        syntaxe_flux=text(asked.get("syntaxeFlux")) or "",
    ).flux
    answer = success(
        DONE, numeroFluxDepot=flux.numero_flux, dateDepot=day(flux.deposited_at), syntaxeFlux=flux.syntaxe_flux
    )
    answer.headers["Pupitre-Receipt"] = f"sha256={stored.sha256}; at={flux.deposited_at.isoformat(timespec='seconds')}"
    return answer


def _content(encoded: Any) -> bytes:
    try:
        content = decoded(encoded) if isinstance(encoded, str) else b""
    except ValueError:
        content = b""
    if not content:
        raise errors.FluxRefused(
            why_fr="fichierFlux doit contenir le fichier encodé en base64, non vide",
            why_en="fichierFlux must hold the file encoded in base64, not empty",
        )
    return content


def idempotency_key() -> str | None:
    """Return the key of a write, if the client gives one. Raises Unreadable for one that is too long or has odd signs."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Unreadable(
            f"Idempotency-Key : au plus {LONGEST_KEY} caractères ASCII", f"Idempotency-Key: at most {LONGEST_KEY} ASCII characters"
        )
    return key or None


@blueprint.post("/rechercher/fournisseur")
@compatible
@technical_account
def search_issued() -> Response:
    """Search the invoices that the account's structure issued; unknown criteria are ignored, as the real API does."""
    asked = body()
    paged = part(asked, "rechercheFactureParFournisseur")
    page, size = page_of(paged)
    criteria = _criteria(asked)
    if criteria.get("counterpart_ids") == []:
        return success(parametresRetour=paging(page, size, 0), listeFactures=[])
    found = bus.call(
        invoicing.SearchInvoices,
        side="issued",
        structure_id=g.account.structure_id,
        page=page,
        page_size=size,
        sort=choice(paged.get("triColonne"), SORTS, "deposited_at"),
        descending=text(paged.get("triSens")) != "Ascendant",
        **criteria,
    )
    recipients = _recipients_of(found.invoices)
    return success(
        parametresRetour=paging(page, size, found.total),
        listeFactures=[_issued(invoice, recipients.get(invoice.recipient_structure_id)) for invoice in found.invoices],
    )


def _criteria(asked: dict[str, Any]) -> dict[str, Any]:
    criteria = {
        "number": text(asked.get("numeroFacture")),
        "kind": text(asked.get("typeFacture")),
        "cadre": _cadre(asked.get("cadreFacturation")),
        "numero_flux": text(asked.get("numeroFluxDepot")),
        "engagement": text(asked.get("numeroBonCommande")),
        "contract": text(asked.get("numeroMarche")),
        "deposit_mode": text(asked.get("modeDepot")),
        "statuses": _list(asked.get("statutCourant")),
        "counterpart_ids": _asked_recipients(asked.get("listeDestinataire")),
        "deposited_from": read_moment(asked.get("periodeDateDepotDu")),
        "deposited_to": read_moment(asked.get("periodeDateDepotAu"), end_of_day=True),
        "issued_from": read_day(asked.get("periodeDateFactureDu")),
        "issued_to": read_day(asked.get("periodeDateFactureAu")),
        "status_from": read_moment(asked.get("periodeDateHeureEtatCourantDu")),
        "status_to": read_moment(asked.get("periodeDateHeureEtatCourantAu"), end_of_day=True),
        "net_min": read_amount(asked.get("montantHTMin"), ROUND_CEILING),
        "net_max": read_amount(asked.get("montantHTMax"), ROUND_FLOOR),
        "gross_min": read_amount(asked.get("montantTTCMin"), ROUND_CEILING),
        "gross_max": read_amount(asked.get("montantTTCMax"), ROUND_FLOOR),
    }
    return present(**criteria)


def _cadre(value: Any) -> str | None:
    """``A9_FACTURE_SOUSTRAITANT`` is the cadre A9."""
    name = text(value)
    return name.partition("_")[0] if name else None


def _list(value: Any) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    return [each for each in map(text, values) if each] or None


def _asked_recipients(criteria: Any) -> list[Any] | None:
    """The structures behind portal numbers; none that any structure has is an empty list, which finds nothing."""
    listed = criteria if isinstance(criteria, list) else [criteria]
    numbers = {number(each.get("idDestinataire")) for each in listed if isinstance(each, dict)} - {None}
    if not numbers:
        return None
    if len(numbers) > MAX_PAGE_SIZE:
        raise Unreadable(f"Au plus {MAX_PAGE_SIZE} destinataires par recherche", f"At most {MAX_PAGE_SIZE} recipients in a search")
    found = bus.call(
        organisation.FindStructures, portal_numbers=sorted(numbers), include_private=True, page_size=len(numbers)
    )
    return [each.structure_id for each in found.structures]


def _recipients_of(invoices: Iterable[invoicing.InvoiceSummary]) -> dict[Any, organisation.StructureSummary]:
    """The recipients of a page of invoices, asked for at once whatever its length."""
    wanted = sorted({invoice.recipient_structure_id for invoice in invoices} - {None})
    if not wanted:
        return {}
    found = bus.call(organisation.FindStructures, structure_ids=wanted, include_private=True, page_size=len(wanted))
    return {each.structure_id: each for each in found.structures}


def _issued(invoice: invoicing.InvoiceSummary, recipient: organisation.StructureSummary | None) -> dict[str, Any]:
    return present(
        identifiantFactureCPP=invoice.portal_number,
        typeDemandePaiement="FACTURE",
        codeFournisseur=invoice.supplier_identifier,
        typeIdentifiantFournisseur="SIRET" if invoice.supplier_identifier else None,
        designationFournisseur=invoice.supplier_name,
        idDestinataire=recipient.portal_number if recipient else None,
        codeDestinataire=invoice.recipient_siret or (recipient.identifier if recipient else None),
        designationDestinataire=invoice.recipient_name or (recipient.name if recipient else None),
        codeServiceExecutant=invoice.code_service,
        typeFacture=invoice.kind,
        numeroFacture=invoice.number,
        dateFacture=day(invoice.issue_date),
        dateDepot=day(invoice.deposited_at),
        montantHT=amount(invoice.net),
        montantTTC=amount(invoice.gross),
        montantAPayer=amount(invoice.due),
        devise=invoice.currency,
        statut=invoice.status,
        numeroMarche=invoice.contract,
        numeroBonCommande=invoice.engagement,
        numeroFluxDepot=invoice.numero_flux,
        modeDepot=invoice.deposit_mode,
        dateHeureEtatCourant=moment(invoice.status_at),
        commentaireEtatCourant=invoice.last_motive or invoice.last_comment,
    )
