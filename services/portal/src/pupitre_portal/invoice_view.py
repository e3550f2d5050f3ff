"""An invoice as people read it, from the business terms of EN 16931 that invoicing read in the file.

Terms are named BT-n, repeatable groups BG-n. What was not read is simply not shown: this module judges nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import codes
from .languages import N_

_SELLER = {
    "name": "BT-27",
    "trade_name": "BT-28",
    "identifier": "BT-29",
    "legal": "BT-30",
    "vat": "BT-31",
    "email": "BT-34",
    "lines": ("BT-35", "BT-36", "BT-162"),
    "city": "BT-37",
    "postal_code": "BT-38",
    "country": "BT-40",
    "contact": ("BT-41", "BT-42", "BT-43"),
}
_BUYER = {
    "name": "BT-44",
    "trade_name": "BT-45",
    "identifier": "BT-46",
    "legal": "BT-47",
    "vat": "BT-48",
    "email": "BT-49",
    "lines": ("BT-50", "BT-51", "BT-163"),
    "city": "BT-52",
    "postal_code": "BT-53",
    "country": "BT-55",
    "contact": ("BT-56", "BT-57", "BT-58"),
}
_REFERENCES = (
    (N_("Code service"), "BT-10"),
    (N_("Numéro d'engagement"), "BT-13"),
    (N_("Numéro de marché"), "BT-12"),
    (N_("Projet"), "BT-11"),
    (N_("Objet facturé"), "BT-18"),
    (N_("Référence comptable de l'acheteur"), "BT-19"),
    (N_("Avis d'expédition"), "BT-16"),
    (N_("Avis de réception"), "BT-15"),
)
_TOTALS = (
    (N_("Somme des lignes, hors taxe"), "BT-106"),
    (N_("Remises"), "BT-107"),
    (N_("Charges"), "BT-108"),
    (N_("Total hors taxe"), "BT-109"),
    (N_("Total de la TVA"), "BT-110"),
    (N_("Total TTC"), "BT-112"),
    (N_("Déjà payé"), "BT-113"),
    (N_("Arrondi"), "BT-114"),
    (N_("Net à payer"), "BT-115"),
)
_PAYMENT = (
    (N_("IBAN"), "BT-84"),
    (N_("Titulaire du compte"), "BT-85"),
    (N_("BIC"), "BT-86"),
    (N_("Référence à rappeler"), "BT-83"),
    (N_("Conditions"), "BT-20"),
)
VAT_CATEGORIES = {
    "S": N_("Taux normal ou réduit"),
    "Z": N_("Taux zéro"),
    "E": N_("Exonéré"),
    "AE": N_("Autoliquidation"),
    "K": N_("Livraison intracommunautaire"),
    "G": N_("Exportation"),
    "O": N_("Hors champ de la TVA"),
}
_UNITS = {
    "C62": "",
    "EA": "",
    "H87": "",
    "HUR": N_("h"),
    "DAY": N_("j"),
    "MON": N_("mois"),
    "ANN": N_("an"),
    "KGM": "kg",
    "TNE": "t",
    "MTR": "m",
    "MTK": "m²",
    "MTQ": "m³",
    "LTR": "l",
    "KWH": "kWh",
    "KMT": "km",
    "SET": N_("lot"),
    "P1": "%",
}
"""The units that invoices use most (UN/ECE rec. 20) as people write them; others are shown by their code."""


@dataclass(frozen=True)
class Party:
    """A side of the invoice as written in the file."""

    name: str | None
    trade_name: str | None
    identifier: str | None
    legal: str | None
    vat: str | None
    email: str | None
    address: tuple[str, ...]
    country: str | None
    contact: tuple[str, ...]


@dataclass(frozen=True)
class Readable:
    """What the readable page shows. Pairs are (label to translate, text); lines, VAT and the like are dictionaries of terms."""

    seller: Party
    buyer: Party
    payee: str | None
    references: list[tuple[str, str]]
    delivered_on: str | None
    period: tuple[str | None, str | None]
    due_on: str | None
    lines: list[dict[str, Any]]
    vat: list[dict[str, Any]]
    allowances: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    totals: list[tuple[str, str]]
    accounted: tuple[str, str] | None
    payment: list[tuple[str, str]]
    notes: list[str]
    preceding: list[dict[str, Any]]


def read(content: Mapping[str, Any], report_terms: Mapping[str, Any]) -> Readable:
    """Arrange the terms of an invoice; ``report_terms`` serve where ``content`` is not written in business terms."""
    terms = content if "BT-1" in content else report_terms
    return Readable(
        seller=_party(terms, _SELLER),
        buyer=_party(terms, _BUYER),
        payee=_text(terms, "BT-59"),
        references=_pairs(terms, _REFERENCES),
        delivered_on=_text(terms, "BT-72"),
        period=(_text(terms, "BT-73"), _text(terms, "BT-74")),
        due_on=_text(terms, "BT-9"),
        lines=[_line(line) for line in _group(terms, "BG-25")],
        vat=[_vat(each) for each in _group(terms, "BG-23")],
        allowances=[_adjustment(each, "BT-92", "BT-97", "BT-96") for each in _group(terms, "BG-20")],
        charges=[_adjustment(each, "BT-99", "BT-104", "BT-103") for each in _group(terms, "BG-21")],
        totals=_pairs(terms, _TOTALS),
        accounted=_accounted(terms),
        payment=_payment(terms),
        notes=[note for note in (_text(each, "BT-22") for each in _group(terms, "BG-1")) if note],
        preceding=[{"number": _text(each, "BT-25"), "date": _text(each, "BT-26")} for each in _group(terms, "BG-3")],
    )


def _party(terms: Mapping[str, Any], ids: Mapping[str, Any]) -> Party:
    city = " ".join(filter(None, (_text(terms, ids["postal_code"]), _text(terms, ids["city"]))))
    address = (*(_text(terms, term) for term in ids["lines"]), city)
    return Party(
        **{name: _text(terms, ids[name]) for name in ("name", "trade_name", "identifier", "legal", "vat", "email")},
        address=tuple(filter(None, address)),
        country=_text(terms, ids["country"]),
        contact=tuple(filter(None, (_text(terms, term) for term in ids["contact"]))),
    )


def _payment(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how to pay, beginning with the means in the file's own words, else in those of its code."""
    code = _text(terms, "BT-81")
    means = _text(terms, "BT-82") or (codes.payment_means(code) if code else None)
    return [*([(N_("Moyen de paiement"), means)] if means else []), *_pairs(terms, _PAYMENT)]


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _text(line, "BT-126"),
        "name": _text(line, "BT-153"),
        "description": _text(line, "BT-154"),
        "note": _text(line, "BT-127"),
        "quantity": _text(line, "BT-129"),
        "unit": _unit(_text(line, "BT-130")),
        "price": _text(line, "BT-146"),
        "base": _text(line, "BT-149"),
        "rate": _text(line, "BT-152"),
        "category": VAT_CATEGORIES.get(_text(line, "BT-151") or ""),
        "net": _text(line, "BT-131"),
    }


def _unit(code: str | None) -> str:
    return _UNITS.get(code or "", code or "")


def _accounted(terms: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the total of TVA in the accounting currency and that currency, where it is not the invoice's."""
    amount, currency = _text(terms, "BT-111"), _text(terms, "BT-6")
    return (amount, currency) if amount and currency else None


def _vat(each: Mapping[str, Any]) -> dict[str, Any]:
    category = _text(each, "BT-118") or ""
    return {
        "base": _text(each, "BT-116"),
        "amount": _text(each, "BT-117"),
        "rate": _text(each, "BT-119"),
        "category": VAT_CATEGORIES.get(category, category),
        "reason": _text(each, "BT-120"),
    }


def _adjustment(each: Mapping[str, Any], amount: str, reason: str, rate: str) -> dict[str, Any]:
    return {"amount": _text(each, amount), "reason": _text(each, reason), "rate": _text(each, rate)}


def _pairs(terms: Mapping[str, Any], wanted: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(label, text) for label, term in wanted if (text := _text(terms, term))]


def _group(terms: Mapping[str, Any], group: str) -> list[Mapping[str, Any]]:
    found = terms.get(group)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _text(terms: Mapping[str, Any], term: str) -> str | None:
    """Return the text of a term, several ones joined; None when it is absent or empty."""
    found = terms.get(term)
    if isinstance(found, list):
        found = ", ".join(str(each) for each in found if isinstance(each, str | int))
    return str(found) if found not in (None, "") and not isinstance(found, Mapping) else None
