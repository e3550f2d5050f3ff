"""/cpro/factures/v1/rechercher: the searches of issued and of received invoices, and of those that wait for the account's structure."""

from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any

from flask import Blueprint, Response, g
from pupitre_contracts import invoicing, organisation

from .. import bus, invoice_criteria
from ..invoice_criteria import Criterion
from .answers import amount, compatible, day, moment, paging, present, success
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

blueprint = Blueprint("cpro_searches", __name__, url_prefix="/cpro/factures/v1/rechercher")

SORTS = {
    "DateDepot": "deposited_at",
    "DateFacture": "issue_date",
    "NumeroFacture": "number",
    "MontantHT": "net",
    "MontantTTC": "gross",
    "MontantAPayer": "due",
}
#: Clients page by the total: it is counted further than any of them reads.
COUNTED = 1_000_000


@blueprint.post("/fournisseur")
@compatible
@technical_account
def search_issued() -> Response:
    """Search the invoices that the account's structure issued; unknown criteria are ignored, as the real API does."""
    asked = body()
    found, page, size = _found("issued", asked, part(asked, "rechercheFactureParFournisseur"), _recipients_asked(asked))
    return success(parametresRetour=paging(page, size, found.total), listeFactures=_rows(found.invoices, _issued))


@blueprint.post("/atraiter/fournisseur")
@compatible
@technical_account
def issued_to_treat() -> Response:
    """List what waits for the account's structure as a supplier (R167)."""
    asked = body()
    found, page, size = _found("issued", {}, part(asked, "rechercheFactureATraiterParFournisseur"), {"work": True})
    return success(parametresRetour=paging(page, size, found.total), listeFactures=_rows(found.invoices, _issued))


@blueprint.post("/recipiendaire")
@compatible
@technical_account
def search_received() -> Response:
    """Search the invoices that the account's structure received. Its paging stands at the top of the answer, as in the real API."""
    asked = body()
    found, page, size = _found("received", asked, part(asked, "paramRecherche"), _suppliers_asked(asked))
    return success(**paging(page, size, found.total), listeFactures=_rows(found.invoices, _received))


@blueprint.post("/atraiter/recipiendaire")
@compatible
@technical_account
def received_to_treat() -> Response:
    """List what waits for the account's structure as a recipient (R167)."""
    asked = body()
    found, page, size = _found("received", {}, part(asked, "parametreRechercheFactureATraiterParRecipiendaire"), {"work": True})
    return success(parametresRetour=paging(page, size, found.total), listeFactures=_rows(found.invoices, _received))


def _found(side: str, asked: dict[str, Any], paged: dict[str, Any], more: dict[str, Any] | None) -> tuple[Any, int, int]:
    """Search one side; ``more`` narrows it further, and None finds nothing."""
    page, size = page_of(paged)
    values, _ = invoice_criteria.read(lambda each: _member(asked, each), _READERS)
    if more is None:
        return invoicing.SearchInvoices.Reply(invoices=[], total=0), page, size
    found = bus.call(
        invoicing.SearchInvoices,
        side=side,
        structure_id=g.account.structure_id,
        page=page,
        page_size=size,
        count_up_to=COUNTED,
        order_by=choice(paged.get("triColonne"), SORTS, "deposited_at"),
        descending=text(paged.get("triSens")) != "Ascendant",
        **values,
        **more,
    )
    return found, page, size


def _member(asked: dict[str, Any], criterion: Criterion) -> Any:
    # An amount or a date that is 0, false or [] is a fault, not an absence.
    return next((asked[name] for name in criterion.cpro if asked.get(name) is not None), None)


def _codes(value: Any) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    return [each for each in map(text, values) if each] or None


def _cadre(value: Any) -> str | None:
    """``A9_FACTURE_SOUSTRAITANT`` is the cadre A9."""
    name = text(value)
    return name.partition("_")[0] if name else None


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "cadre": _cadre,
    "codes": _codes,
    "start": read_moment,
    "end": lambda value: read_moment(value, end_of_day=True),
    "day": read_day,
    "least": lambda value: read_amount(value, ROUND_CEILING),
    "most": lambda value: read_amount(value, ROUND_FLOOR),
}


# Structures and services, which clients know by portal numbers


def _recipients_asked(asked: dict[str, Any]) -> dict[str, Any] | None:
    wanted = _numbers(asked.get("listeDestinataire"), "idDestinataire")
    recipients = _counterparts(wanted, bool(asked.get("rechercheSirenDestinataire")))
    return _narrowed(recipients, _valideurs(asked), _creators(asked.get("idUtilisateurCreateur")))


def _suppliers_asked(asked: dict[str, Any]) -> dict[str, Any] | None:
    wanted = _numbers(asked.get("listeFournisseurs"), "idFournisseur")
    suppliers = _narrowed(_counterparts(wanted, bool(asked.get("rechercheSirenFournisseur"))), _valideurs(asked))
    service = number(asked.get("idServiceExecutant"))
    if suppliers is None or service is None:
        return suppliers
    own = bus.call(organisation.GetStructure, structure_id=g.account.structure_id).structure
    services = [each.structure_service_id for each in own.services if each.portal_number == service]
    return {**suppliers, "structure_service_ids": services} if services else None


def _narrowed(*narrower: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return all that narrows a search; None where one of them finds nothing."""
    found: dict[str, Any] = {}
    for each in narrower:
        if each is None:
            return None
        found |= each
    return found


def _valideurs(asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return the structure that is to validate, behind its portal number; None: there is none."""
    wanted = number(asked.get("idStructureValideur"))
    if wanted is None:
        return {}
    found = bus.call(organisation.FindStructures, portal_numbers=[wanted], include_private=True, page_size=1).structures
    return {"valideur_ids": [each.structure_id for each in found]} if found else None


def _creators(value: Any) -> dict[str, Any] | None:
    """Return who made the invoices. Technical accounts have numbers here, people have none; the account knows its own; None for others'."""
    listed = value if isinstance(value, list) else [value]
    wanted = {number(each) for each in listed} - {None}
    if not wanted:
        return {}
    mine = g.account.portal_number in wanted
    return {"creators": [f"technical:{g.account.technical_account_id}"]} if mine else None


def _numbers(criteria: Any, name: str) -> set[int]:
    listed = criteria if isinstance(criteria, list) else [criteria]
    return {number(each.get(name)) for each in listed if isinstance(each, dict)} - {None}


def _counterparts(numbers: set[int], of_their_siren: bool) -> dict[str, Any] | None:
    """Return what narrows a search to the structures behind portal numbers, or to all of their SIREN; None: there are none."""
    if not numbers:
        return {}
    if len(numbers) > MAX_PAGE_SIZE:
        raise Unreadable(f"Au plus {MAX_PAGE_SIZE} destinataires par recherche", f"At most {MAX_PAGE_SIZE} recipients in a search")
    found = bus.call(
        organisation.FindStructures, portal_numbers=sorted(numbers), include_private=True, page_size=len(numbers)
    ).structures
    sirens = sorted({each.identifier[:9] for each in found if each.identifier_type == "SIRET"})
    if of_their_siren and sirens:
        patterns = [f"{siren}*" for siren in sirens[:_MOST_SIRENS]]
        found = bus.call(
            organisation.FindStructures, identifiers=patterns, include_private=True, page_size=MAX_PAGE_SIZE
        ).structures
    return {"counterpart_ids": [each.structure_id for each in found]} if found else None


_MOST_SIRENS = 20


# What a row of an answer holds


def _rows(invoices: Iterable[Any], row: Callable[[Any, Any], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a page of invoices; their recipients are asked for at once, whatever its length."""
    invoices = list(invoices)
    recipients = recipients_of(invoices)
    return [row(invoice, recipients.get(invoice.recipient_structure_id)) for invoice in invoices]


def recipients_of(invoices: Iterable[Any]) -> dict[Any, Any]:
    """Return the recipients of a page of invoices, by structure."""
    wanted = sorted({invoice.recipient_structure_id for invoice in invoices} - {None})
    if not wanted:
        return {}
    found = bus.call(organisation.FindStructures, structure_ids=wanted, include_private=True, page_size=len(wanted))
    return {each.structure_id: each for each in found.structures}


def _issued(invoice: invoicing.InvoiceSummary, recipient: organisation.StructureSummary | None) -> dict[str, Any]:
    return present(
        identifiantFactureCPP=invoice.portal_number,
        **common(invoice, recipient),
        numeroFluxDepot=invoice.numero_flux,
        modeDepot=invoice.deposit_mode,
    )


def _received(invoice: invoicing.InvoiceSummary, recipient: organisation.StructureSummary | None) -> dict[str, Any]:
    return present(idFacture=invoice.portal_number, **common(invoice, recipient))


def common(invoice: invoicing.InvoiceSummary, recipient: organisation.StructureSummary | None) -> dict[str, Any]:
    """Return the members that the rows of all searches have."""
    return {
        "typeDemandePaiement": "FACTURE",
        "codeFournisseur": invoice.supplier_identifier,
        "typeIdentifiantFournisseur": "SIRET" if invoice.supplier_identifier else None,
        "designationFournisseur": invoice.supplier_name,
        "idDestinataire": recipient.portal_number if recipient else None,
        "codeDestinataire": invoice.recipient_siret or (recipient.identifier if recipient else None),
        "designationDestinataire": invoice.recipient_name or (recipient.name if recipient else None),
        "codeServiceExecutant": invoice.code_service,
        "typeFacture": invoice.kind,
        "numeroFacture": invoice.number,
        "dateFacture": day(invoice.issue_date),
        "dateDepot": day(invoice.deposited_at),
        "montantHT": amount(invoice.net),
        "montantTTC": amount(invoice.gross),
        "montantAPayer": amount(invoice.due),
        "devise": invoice.currency,
        "statut": invoice.status,
        "numeroMarche": invoice.contract,
        "numeroBonCommande": invoice.engagement,
        "dateHeureEtatCourant": moment(invoice.status_at),
        "commentaireEtatCourant": invoice.last_motive or invoice.last_comment,
    }
