"""What keeps an entry from being confirmed, and what is worth a second look; every finding names its field (R161, R168, H.5, H.9, H.10)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pupitre_contracts import invoicing_entry_values as values

from . import messages, totals, typed
from .currencies import EUR
from .messages import Finding
from .typed import Read

_NUMBER = re.compile(r"[A-Za-z0-9+/_-]{1,20}")
_LENGTHS = {
    "code_service": 100,
    "engagement": 50,
    "contract": 50,
    "origin_number": 20,
    "comment": 1024,
    "exemption_reason": 1024,
    "global_discount_reason": 1024,
}
_LINE_LENGTHS = {"reference": 100, "name": 1024}
_NAMES = {
    "number": ("le numéro de la facture", "the invoice's number"),
    "issue_date": ("la date de la facture", "the invoice's date"),
    "recipient_siret": ("le SIRET du destinataire", "the recipient's SIRET"),
    "origin_number": ("le numéro de la facture d'origine", "the number of the original invoice"),
    "origin_date": ("la date de la facture d'origine", "the date of the original invoice"),
    "payment_mode": ("le mode de paiement", "the payment mode"),
    "bank_details_id": ("le compte à payer, pour un virement", "the account to be paid, for a transfer"),
    "tax_eur": (
        "le total de la TVA en euros, ou le cours qui le donne",
        "the total of TVA in euros, or the rate that gives it",
    ),
    "exemption_reason": ("le motif d'exonération de la TVA", "the reason of the exemption from TVA"),
    "global_discount_reason": ("le motif de la remise globale", "the reason of the global discount"),
    "type_tva": ("le type de TVA", "the type of TVA"),
    "seller_vat": ("le numéro de TVA du fournisseur", "the supplier's TVA number"),
    "name": ("la dénomination", "the name"),
    "quantity": ("la quantité", "the quantity"),
    "price": ("le prix unitaire", "the unit price"),
    "rate": ("le taux de TVA", "the rate of TVA"),
}


def check(
    entry: Mapping[str, Any], read: Read, rates: Sequence[Decimal], cadres: Collection[str], currencies: Collection[str]
) -> list[Finding]:
    """Return what is wrong with an entry; ``rates`` are the usual ones of the supplier's territory on the invoice's day, ``cadres`` those
    that are deposited here, ``currencies`` those of that day."""
    found = [
        *read.faults,
        *_head(entry, read),
        *_choices(entry, cadres, currencies),
        *_lines(entry, read),
        *_amounts(read),
    ]
    return [*found, *_in_euros(entry, read), *_warnings(entry, read, rates)]


def _missing(field: str, name: str | None = None) -> Finding:
    french, english = _NAMES[name or field]
    return messages.finding("PUP-ENTRY-MISSING", location=field, what_fr=french, what_en=english)


def _text(entry: Mapping[str, Any], name: str) -> str:
    return str(entry.get(name) or "").strip()


def _head(entry: Mapping[str, Any], read: Read) -> Iterable[Finding]:
    number = _text(entry, "number")
    if not number and not entry.get("generate_number"):
        yield _missing("number")
    elif number and not _NUMBER.fullmatch(number):
        yield messages.finding("PUP-ENTRY-NUMBER-SIGNS", location="number", found=number[:30])
    if not _text(entry, "issue_date"):
        yield _missing("issue_date")
    if not _text(entry, "recipient_siret"):
        yield _missing("recipient_siret")
    avoir = entry.get("kind") == "AVOIR"
    if avoir and not _text(entry, "origin_number"):
        yield _missing("origin_number")
    if avoir and _text(entry, "origin_number") and not _text(entry, "origin_date"):
        yield _missing("origin_date")
    if avoir and _text(entry, "payment_mode"):
        yield messages.finding("PUP-ENTRY-PAYMENT-OF-AVOIR", location="payment_mode")
    if not avoir and not _text(entry, "payment_mode"):
        yield _missing("payment_mode")
    if not avoir and _text(entry, "payment_mode") == "VIREMENT" and not entry.get("bank_details_id"):
        yield _missing("bank_details_id")
    if (read.values["global_discount"] or 0) and not _text(entry, "global_discount_reason"):
        yield _missing("global_discount_reason")
    if _exempted(entry, read) and not _text(entry, "exemption_reason"):
        yield _missing("exemption_reason")
    for name, most in _LENGTHS.items():
        if len(_text(entry, name)) > most:
            yield messages.finding("PUP-ENTRY-LONG", location=name, most=most)


def _exempted(entry: Mapping[str, Any], read: Read) -> bool:
    """Whether anything is invoiced without TVA: the law wants its reason on the invoice (H.9)."""
    return typed.category_of(entry) is not None or any(line is not None and line.category == "E" for line in read.lines)


def _choices(entry: Mapping[str, Any], cadres: Collection[str], currencies: Collection[str]) -> Iterable[Finding]:
    currency = typed.currency_of(entry)
    if currency not in currencies:
        yield messages.finding("PUP-ENTRY-CURRENCY", location="currency", found=currency[:30])
    cadre = _text(entry, "cadre")
    if cadre not in cadres:
        yield messages.finding("PUP-ENTRY-CADRE", location="cadre", found=cadre[:30])
    for name, known in (("payment_mode", values.PAYMENT_MODES), ("type_tva", values.TVA_TYPES)):
        chosen = _text(entry, name)
        if chosen and chosen not in known:
            yield messages.finding("PUP-ENTRY-CHOICE", location=name, found=chosen[:30])
    if not _text(entry, "type_tva"):
        yield _missing("type_tva")


def _lines(entry: Mapping[str, Any], read: Read) -> Iterable[Finding]:
    told = {finding.location for finding in read.faults}
    numbered = [(position, line) for position, line in enumerate(entry.get("lines") or [], 1) if not typed.is_blank(line)]
    if not numbered:
        yield messages.finding("PUP-ENTRY-NO-LINES", location="lines")
    imposed = typed.category_of(entry) is not None
    for position, line in numbered:
        needed = ("name", "quantity", "price") if imposed else ("name", "quantity", "price", "rate")
        for name in needed:
            field = f"lines-{position}-{name}"
            if not _text(line, name) and field not in told:
                yield _missing(field, name)
        for name, most in _LINE_LENGTHS.items():
            if len(_text(line, name)) > most:
                yield messages.finding("PUP-ENTRY-LONG", location=f"lines-{position}-{name}", most=most)
        yield from _line(position, read.lines[position - 1])


def _line(position: int, line: Any) -> Iterable[Finding]:
    if line is None:
        return
    for name in ("quantity", "price", "discount", "rate"):
        if getattr(line, name) < 0:
            yield messages.finding("PUP-ENTRY-NEGATIVE", location=f"lines-{position}-{name}", found=getattr(line, name))
    if line.discount > 0 and line.net < 0:
        yield messages.finding("PUP-ENTRY-DISCOUNT", location=f"lines-{position}-discount", found=line.discount)


def _amounts(read: Read) -> Iterable[Finding]:
    for name in ("global_discount", "prepaid"):
        amount = read.values[name]
        if amount is not None and amount < 0:
            yield messages.finding("PUP-ENTRY-NEGATIVE", location=name, found=amount)
    if (read.values["global_discount"] or 0) > read.sums.gross > 0:
        yield messages.finding("PUP-ENTRY-DISCOUNT", location="global_discount", found=read.values["global_discount"])


def _in_euros(entry: Mapping[str, Any], read: Read) -> Iterable[Finding]:
    """The TVA of an invoice in another currency is told in euros too (CGI ann. II art. 242 nonies A; BR-53, BR-FR-CO-12)."""
    amount, rate = read.values["tax_eur"], read.values["exchange_rate"]
    told = {finding.location for finding in read.faults}
    if typed.currency_of(entry) == EUR:
        for name in ("tax_eur", "exchange_rate"):
            if read.values[name] is not None:
                yield messages.finding("PUP-ENTRY-IN-EUROS", location=name)
        return
    if read.tax_eur is None and not {"tax_eur", "exchange_rate"} & told:
        yield _missing("tax_eur")
    if rate is not None and rate <= 0:
        yield messages.finding("PUP-ENTRY-EXCHANGE-RATE", location="exchange_rate", found=rate)
    if amount is not None and amount < 0:
        yield messages.finding("PUP-ENTRY-NEGATIVE", location="tax_eur", found=amount)
    elif amount is not None and (rate is not None or not read.sums.tax):
        computed = totals.rounded(read.sums.tax * (rate or 0))
        if abs(computed - amount) > totals.CENT:
            yield messages.finding("PUP-ENTRY-TAX-EUR", location="tax_eur", found=amount, computed=computed)


def _warnings(entry: Mapping[str, Any], read: Read, rates: Sequence[Decimal]) -> Iterable[Finding]:
    known = ", ".join(f"{rate.normalize():f}" for rate in rates) or "0"
    for position, line in enumerate(read.lines, 1):
        if line is not None and line.category == "S" and line.rate not in rates:
            shown = f"{line.rate.normalize():f}"
            yield messages.finding("PUP-ENTRY-RATE", location=f"lines-{position}-rate", found=shown, known=known)
    for name in entry.get("read_in_pdf") or []:
        yield messages.finding("PUP-ENTRY-READ-IN-PDF", location=name)
