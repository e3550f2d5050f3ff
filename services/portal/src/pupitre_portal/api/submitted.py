"""What ``soumettre`` sends, read as an entry; what it says of totals is compared with what the server computed (H.10)."""

import datetime
import functools
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoicing_entry as calls
from pupitre_contracts.invoicing import NamedParty

from .. import invoice_cadres
from ..entry_form import UNITS
from ..languages import translations
from .criteria import Unreadable, number, part, read_day, text

TYPED, AS_PDF = "SAISIE_API", "DEPOT_PDF_API"
_MODES = {TYPED: TYPED, AS_PDF: AS_PDF, "DEPOT_PDF_SIGNE_API": AS_PDF}
_AS_ATTACHED = "Selon la facture jointe (PDF)"
_CENT = Decimal("0.01")
_TOTALS = (("montantHtTotal", "net"), ("montantTVA", "tax"), ("montantTtcTotal", "gross"), ("montantAPayer", "due"))


@functools.cache
def _units() -> dict[str, str]:
    """The codes of units by code and by name, French and English."""
    english = translations("en")
    return {name.casefold(): code for code, french in UNITS.items() for name in (code, french, english.gettext(french))}


def mode_of(asked: Mapping[str, Any]) -> str:
    """Return how the invoice is given. Raises Unreadable for another word."""
    mode = text(asked.get("modeDepot")) or TYPED
    if mode not in _MODES:
        raise Unreadable(f"modeDepot : un de {', '.join(_MODES)}", f"modeDepot: one of {', '.join(_MODES)}")
    return _MODES[mode]


def entry_of(asked: Mapping[str, Any], mode: str, today: datetime.date, account: uuid.UUID | None) -> calls.Entry:
    """Return the entry that a program sends. Raises Unreadable for what cannot be understood; what is wrong with it, invoicing says."""
    references, total, recipient = part(asked, "references"), part(asked, "montantTotal"), part(asked, "destinataire")
    issued = read_day(asked.get("dateFacture")) or today
    kind = "AVOIR" if text(references.get("typeFacture")) == "AVOIR" else "FACTURE"
    typed_number = text(asked.get("numeroFactureSaisi"))
    payment = text(references.get("modePaiement"))
    cadre = (text(part(asked, "cadreDeFacturation").get("codeCadreFacturation")) or "A1").partition("_")[0]
    values = {
        "number": typed_number,
        "generate_number": typed_number is None,
        "kind": kind,
        "cadre": cadre,
        "currency": text(references.get("deviseFacture")),
        "parties": _valideur(asked, cadre),
        "issue_date": issued.isoformat(),
        "recipient_siret": text(recipient.get("codeDestinataire")),
        "code_service": text(recipient.get("codeServiceExecutant")),
        "engagement": text(references.get("numeroBonCommande")),
        "contract": text(references.get("numeroMarche")),
        "origin_number": text(references.get("numeroFactureOrigine")),
        "payment_mode": None if kind == "AVOIR" else payment,
        "type_tva": text(references.get("typeTva")),
        "exemption_reason": text(references.get("motifExonerationTva")),
        "bank_details_id": account,
        "global_discount": _amount(total.get("montantRemiseGlobaleTTC")),
        "global_discount_reason": text(total.get("motifRemiseGlobaleTTC")),
        "prepaid": _prepaid(total),
        # Two members of ours: the real API has none for BT-111, which an invoice in another currency needs.
        "tax_eur": _amount(total.get("montantTVAEnEuros")),
        "exchange_rate": _amount(references.get("coursEnEuros")),
        "comment": text(asked.get("commentaire")),
        "lines": list(_lines(asked, mode)),
    }
    return calls.Entry(**{name: value for name, value in values.items() if value is not None})


def _valideur(asked: Mapping[str, Any], cadre: str) -> list[NamedParty] | None:
    """Return who validates the invoice, in the first role of its cadre: the real API knows one valideur at the deposit."""
    named = text(part(asked, "cadreDeFacturation").get("codeStructureValideur"))
    roles = invoice_cadres.roles_of(cadre) if named else ()
    return [NamedParty(role=roles[0][0].key, identifier=named)] if named and roles else None


def _lines(asked: Mapping[str, Any], mode: str) -> Iterable[calls.EntryLine]:
    listed = [each for each in asked.get("lignePoste") or [] if isinstance(each, dict)]
    if len(listed) > calls.MOST_LINES:
        raise Unreadable(f"lignePoste : au plus {calls.MOST_LINES} lignes", f"lignePoste: at most {calls.MOST_LINES} lines")
    for each in listed:
        unit, name = text(each.get("lignePosteUnite")) or "", text(each.get("lignePosteDenomination"))
        code = _units().get(unit.casefold())
        if name and unit and code is None:
            name = f"{name} ({unit})"  # no code says it: whoever reads the invoice still does
        values = {
            "reference": text(each.get("lignePosteReference")),
            "name": name,
            "quantity": _amount(each.get("lignePosteQuantite")),
            "unit": code or "C62",
            "price": _amount(each.get("lignePosteMontantUnitaireHT")),
            "discount": _amount(each.get("lignePosteMontantRemiseHT")),
            "rate": _rate(each, "lignePosteTauxTvaManuel", "lignePosteTauxTva"),
        }
        yield calls.EntryLine(**{name: value for name, value in values.items() if value is not None})
    if mode == AS_PDF and not listed:
        yield from _lines_of_rates(asked)


def _lines_of_rates(asked: Mapping[str, Any]) -> Iterable[calls.EntryLine]:
    """A PDF without lines is entered by rate of TVA: its lines are on the PDF."""
    for each in asked.get("ligneTva") or []:
        if isinstance(each, dict):
            base, rate = _amount(each.get("ligneTvaMontantBaseHtParTaux")), _rate(each, "ligneTvaTauxManuel", "ligneTvaTaux")
            yield calls.EntryLine(name=_AS_ATTACHED, quantity="1", unit="C62", price=base or "", rate=rate or "")


def _rate(each: Mapping[str, Any], manual: str, code: str) -> str | None:
    """The rate that was typed, else the number at the end of a code such as TVA5.5."""
    typed = _amount(each.get(manual))
    if typed is not None:
        return typed
    named = text(each.get(code))
    return named.upper().removeprefix("TVA").strip(" %") if named else None


def _amount(value: Any) -> str | None:
    """A number as JSON gives it, written plainly; a text is left to be read as one that somebody typed."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        exact = Decimal(value)
        return f"{exact:f}" if exact.is_finite() and -20 < exact.adjusted() < 20 else str(value)
    return text(value)


def _exact(value: Any) -> Decimal | None:
    written = _amount(value)
    try:
        return Decimal(written.replace(",", ".")) if written else None
    except ArithmeticError:
        return None


def _prepaid(total: Mapping[str, Any]) -> str | None:
    """What is paid already: what the total with tax, less the discount, exceeds the amount to pay by."""
    gross, due = _exact(total.get("montantTtcTotal")), _exact(total.get("montantAPayer"))
    if gross is None or due is None:
        return None
    paid = gross - (_exact(total.get("montantRemiseGlobaleTTC")) or Decimal(0)) - due
    return f"{paid:f}" if paid > 0 else None


def differences(asked: Mapping[str, Any], totals: calls.EntryTotals) -> list[tuple[str, str]]:
    """Return the totals that differ from the computed ones by more than a cent a line, in both languages, with the computed value."""
    total = part(asked, "montantTotal")
    tolerance = _CENT * max(1, len(totals.lines))
    wrong = []
    for member, name in _TOTALS:
        said, computed = _exact(total.get(member)), getattr(totals, name)
        if said is not None and abs(said - computed) > tolerance:
            french = f"{member} vaut {said:f}, le portail calcule {computed:f} : corrigez le total ou les lignes"
            wrong.append((french, f"{member} is {said:f}, the portal computes {computed:f}: correct the total or the lines"))
    return wrong


def attachments_of(asked: Mapping[str, Any], mode: str) -> list[dict[str, Any]]:
    """Return the files that are named, the main one first, each with its number (``portal_number``) and what is said of it.

    The main one may come as an object or as a list of one. Raises Unreadable where a PDF is announced and none is named."""
    main = asked.get("pieceJointePrincipale")
    main = main[0] if isinstance(main, list) and main else main
    found = []
    if isinstance(main, dict) and number(main.get("pieceJointePrincipaleId")):
        type_of = {"type": "LISIBLE"} if mode == AS_PDF else {}
        designation = text(main.get("pieceJointePrincipaleDesignation"))
        found.append({"portal_number": number(main["pieceJointePrincipaleId"]), **_about(designation, None, None), **type_of})
    elif mode == AS_PDF:
        raise Unreadable("pieceJointePrincipale : indiquez le PDF de la facture", "pieceJointePrincipale: name the invoice's PDF")
    for each in asked.get("pieceJointeComplementaire") or []:
        identifier = number(each.get("pieceJointeComplementaireId")) if isinstance(each, dict) else None
        if identifier:
            line = number(each.get("pieceJointeComplementaireNumeroLigneFacture"))
            designation, type_of = (text(each.get(f"pieceJointeComplementaire{name}")) for name in ("Designation", "Type"))
            found.append({"portal_number": identifier, **_about(designation, type_of, line)})
    return found


def _about(designation: str | None, type_of: str | None, line: int | None) -> dict[str, Any]:
    said = {"designation": designation, "type": type_of, "line": line if line and 0 < line <= calls.MOST_LINES else None}
    return {name: value for name, value in said.items() if value is not None}


def sentences(refusal: errors.InvoiceRefused) -> list[str]:
    """Return what is wrong and where, one sentence for each problem."""
    found = [each for each in refusal.details["findings"] if each["severity"] == "error"]
    return [_sentence(each) for each in found]


def _sentence(finding: Mapping[str, Any]) -> str:
    where = f"{finding['location']} : " if finding.get("location") else ""
    return f"{where}{finding['message']} {finding.get('remedy') or ''}".strip()
