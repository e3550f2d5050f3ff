"""/cpro/factures/v1: the calls of a valideur's software, and the supplier's correction of the valideur.

The real API knows two answers and one valideur; which passages these are, and how the roles are called, is the table of the plugin that
brings the cadre: VALIDATION is the first passage of the role that needs no motive, REFUS the one that needs it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, g
from pupitre_contracts import errors, invoice_parties, invoicing, organisation
from pupitre_contracts import invoicing_entry as calls

from .. import bus, invoice_cadres
from . import words
from .answers import DONE, compatible, moment, paging, present, success
from .callers import technical_account
from .criteria import Unreadable, body, number, page_of, part, text
from .factures import idempotency_key
from .searches import common, recipients_of

blueprint = Blueprint("cpro_valideur", __name__, url_prefix="/cpro/factures/v1")

VALIDATION, REFUSAL = "VALIDATION", "REFUS"


@blueprint.post("/traiter/factureAValider")
@compatible
@technical_account
def answer() -> Response:
    """Validate or refuse an invoice that names the account's structure; what validating states is stated by calling it."""
    asked = body()
    invoice = _invoice(asked)
    action = text(asked.get("action"))
    if action not in (VALIDATION, REFUSAL):
        raise Unreadable(f"action : {VALIDATION} ou {REFUSAL}", f"action: {VALIDATION} or {REFUSAL}")
    motive = text(asked.get("motifRefus"))
    mine = {each.role for each in invoice.parties or () if each.structure_id == g.account.structure_id}
    move, code = _chosen([each for each in invoice.role_moves or () if each.role in mine], action, motive)
    if move is None:
        raise errors.TransitionForbidden(status_from=invoice.status, status_to=action, allowed="aucun / none")
    return _moved(
        invoice,
        move.to,
        motive=None if code or action == VALIDATION else motive,
        motive_code=code,
        comment=text(asked.get("complementInfo")),
        stated=action == VALIDATION,
        **_attached(asked),
    )


@blueprint.post("/corriger/valideur/facture")
@compatible
@technical_account
def correct() -> Response:
    """Name another structure in place of a valideur who said that it is not for him, and send the invoice to it."""
    asked = body()
    invoice = _invoice(asked)
    move = next((each for each in invoice.role_moves or () if each.role == "supplier" and each.corrects), None)
    if move is None:
        raise errors.TransitionForbidden(status_from=invoice.status, status_to="valideur", allowed="aucun / none")
    named = invoicing.NamedParty(role=move.corrects[0], identifier=_identifier(asked))
    return _moved(invoice, move.to, parties=[named])


@blueprint.post("/rechercher/valideur")
@compatible
@technical_account
def search() -> Response:
    """Search the invoices that name the account's structure."""
    asked = body()
    given = {
        "number": text(asked.get("numeroFacture")),
        "cadre": (text(asked.get("cadreFacturation")) or "").partition("_")[0] or None,
        "statuses": _codes(asked.get("statutCourant")),
        "supplier_ids": _structures(asked.get("idFournisseur")),
        "recipient_ids": _structures(asked.get("idDestinataire")),
    }
    if [] in (given["supplier_ids"], given["recipient_ids"]):
        page, size = page_of(part(asked, "pagination"))
        return success(parametresRetour=paging(page, size, 0), listeFactures=[])
    return _listed(part(asked, "pagination"), **{name: value for name, value in given.items() if value is not None})


@blueprint.post("/rechercher/atraiter/valideur")
@blueprint.post("/rechercher/aTraiter/valideur")
@compatible
@technical_account
def to_treat() -> Response:
    """List the invoices that wait for the account's structure."""
    return _listed(part(body(), "pagination"), to_do=True)


@blueprint.post("/recuperer/statutsFactureVisibles/valideur")
@compatible
@technical_account
def visible_statuses() -> Response:
    """List the statuses that an invoice in validation can have."""
    tables = [table for _, cadre in invoice_cadres.all_cadres().values() for table in (cadre.prelude, *cadre.earlier)]
    known = sorted({status for table in tables for status in table.statuses})
    return success(listeStatutFacture=[{"codeStatutFacture": each} for each in known])


def _chosen(moves: Iterable[Any], action: str, motive: str | None) -> tuple[Any, str | None]:
    """Return the passage that an answer means, with the code of its motive where it has coded ones."""
    if action == VALIDATION:
        return next((each for each in moves if not each.motive_required), None), None
    refusals = [each for each in moves if each.motive_required]
    for each in refusals:
        if motive in {one.code for one in each.motives or ()}:
            return each, motive
    free = next((each for each in refusals if not each.motives), None)
    return (free, None) if free is not None else (next(iter(refusals), None), motive)


def _moved(invoice: Any, to: str, **values: Any) -> Response:
    now = bus.call(
        invoicing.MoveInvoice,
        key=idempotency_key(),
        invoice_id=invoice.invoice_id,
        version=invoice.version,
        to=to,
        language=words.language(),
        **{name: value for name, value in values.items() if value is not None},
    ).invoice
    return success(
        DONE, idFacture=now.portal_number, numeroFacture=now.number, dateTraitement=moment(now.status_at), statutFacture=now.status
    )


def _invoice(asked: Mapping[str, Any]) -> Any:
    portal_number = number(asked.get("idFacture"))
    if portal_number is None:
        raise Unreadable("idFacture : un nombre entier", "idFacture: an integer")
    return bus.call(invoicing.GetInvoice, portal_number=portal_number).invoice


def _attached(asked: Mapping[str, Any]) -> dict[str, Any]:
    kept = number(asked.get("idPieceJointe"))
    if kept is None:
        return {}
    [file] = bus.call(calls.KeptFiles, structure_id=g.account.structure_id, portal_numbers=[kept]).files
    return {"documents": [invoicing.NewDocument(name=file.name, mime=file.mime, size=file.size, sha256=file.sha256)]}


def _identifier(asked: Mapping[str, Any]) -> str:
    named = text(asked.get("identifiantStructure"))
    if named is not None:
        return named
    wanted = number(asked.get("idStructure"))
    found = _found([wanted]) if wanted is not None else []
    if not found:
        raise Unreadable("identifiantStructure : le SIRET du valideur", "identifiantStructure: the valideur's SIRET")
    return found[0].identifier


def _found(portal_numbers: list[int]) -> list[Any]:
    return bus.call(
        organisation.FindStructures, portal_numbers=portal_numbers, include_private=True, page_size=len(portal_numbers)
    ).structures


def _structures(value: Any) -> list[Any] | None:
    """Return the structures behind a portal number; None where none is asked for."""
    wanted = number(value)
    return None if wanted is None else [each.structure_id for each in _found([wanted])]


def _codes(value: Any) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    return [each for each in map(text, values) if each] or None


def _listed(paged: Mapping[str, Any], **criteria: Any) -> Response:
    page, size = page_of(paged)
    found = _of_all_espaces(page=page, page_size=size, **criteria)
    recipients = recipients_of(found.invoices)
    rows = [_row(each, recipients.get(each.recipient_structure_id)) for each in found.invoices]
    return success(parametresRetour=paging(page, size, found.total), listeFactures=rows)


def _of_all_espaces(**criteria: Any) -> Any:
    """Search in all espaces of validation that the account's structure has. Errors: forbidden where it has none."""
    places = sorted(invoice_cadres.places())
    if not places:
        return invoice_parties.SearchInvoicesOfRole.Reply(invoices=[], total=0)
    where = {"espace": places[0], "also": places[1:], "structure_id": g.account.structure_id}
    return bus.call(invoice_parties.SearchInvoicesOfRole, **where, **criteria)


def _row(invoice: Any, recipient: Any) -> dict[str, Any]:
    mine = next((each for each in invoice.parties if each.structure_id == g.account.structure_id), None)
    return present(
        idFacture=invoice.portal_number,
        **common(invoice, recipient),
        numeroEngagement=invoice.engagement,
        typeIdentifiantValideur="SIRET" if mine else None,
        identifiantValideur=mine.identifier if mine else None,
        designationValideur=mine.name if mine else None,
    )
