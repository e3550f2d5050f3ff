"""What an invoice's text says, as far as words and forms tell it: every field found is a proposal that somebody verifies."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from . import typed

_SPACE = r"[ \t\u00a0\u202f]*"
_REFERENCE = r"([A-Za-z0-9][A-Za-z0-9+/_-]{0,49})"
#: What comes between a label and its value: blanks, a colon, "n°".
_BETWEEN = rf"{_SPACE}(?:n[°ºo]\.?|num[ée]ro)?{_SPACE}[:#]?{_SPACE}"
_NUMBER = (
    re.compile(rf"(?:facture|avoir|invoice)\s{_BETWEEN}{_REFERENCE}", re.IGNORECASE),
    re.compile(rf"(?:num[ée]ro|n[°º])\s?(?:de)?{_SPACE}(?:la)?{_SPACE}(?:facture|avoir){_SPACE}:?{_SPACE}{_REFERENCE}", re.IGNORECASE),
)
_ENGAGEMENT = re.compile(
    rf"(?:engagement(?:{_SPACE}juridique)?|bon{_SPACE}de{_SPACE}commande|commande|EJ){_BETWEEN}{_REFERENCE}", re.IGNORECASE
)
_CONTRACT = re.compile(rf"(?:march[ée]|contrat){_BETWEEN}{_REFERENCE}", re.IGNORECASE)
_SERVICE = re.compile(rf"(?:code{_SPACE}service|service{_SPACE}ex[ée]cutant){_BETWEEN}{_REFERENCE}", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier", "février fevrier", "mars", "avril", "mai", "juin",
            "juillet", "août aout", "septembre", "octobre", "novembre", "décembre decembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_DAY = rf"(\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:er)? (?:{'|'.join(_MONTHS)}) \d{{4}})"
_ISSUED = re.compile(
    rf"(?:date{_SPACE}(?:de{_SPACE}(?:la{_SPACE})?facture|d['’]émission|de{_SPACE}facturation)?|émise?{_SPACE}le|le){_SPACE}:?{_SPACE}{_DAY}",
    re.IGNORECASE,
)
_DUE = re.compile(rf"(?:échéance|payer{_SPACE}avant{_SPACE}le){_SPACE}(?:le)?{_SPACE}:?{_SPACE}{_DAY}", re.IGNORECASE)
_ANY_DAY = re.compile(_DAY, re.IGNORECASE)
_SIRET = re.compile(r"(?<!\d)\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{5}(?!\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{2,4}){3,8}(?![A-Za-z0-9])")
_AMOUNT = r"(-?\d{1,3}(?:[ \u00a0\u202f.]\d{3})*(?:[.,]\d{2})|-?\d+[.,]\d{2})"
_AMOUNTS = {
    "net": re.compile(rf"(?:total|montant){_SPACE}(?:net{_SPACE})?H\.?T\.?{_SPACE}:?{_SPACE}{_AMOUNT}", re.IGNORECASE),
    "vat": re.compile(
        rf"(?:total|montant){_SPACE}(?:de{_SPACE}la{_SPACE})?T\.?V\.?A\.?[^\d\n-]{{0,20}}{_AMOUNT}", re.IGNORECASE
    ),
    "gross": re.compile(rf"(?:total{_SPACE}T\.?T\.?C\.?|montant{_SPACE}T\.?T\.?C\.?){_SPACE}:?{_SPACE}{_AMOUNT}", re.IGNORECASE),
    "due": re.compile(rf"(?:net{_SPACE}à{_SPACE}payer|reste{_SPACE}à{_SPACE}payer){_SPACE}:?{_SPACE}{_AMOUNT}", re.IGNORECASE),
}
#: What names the currency: its code after a word for it, or a code or sign behind an amount. A dollar sign is that of many.
_NAMED = re.compile(rf"(?:devise|monnaie|currency){_BETWEEN}([A-Z]{{3}})(?![A-Za-z])", re.IGNORECASE)
_BEHIND = re.compile(rf"{_SPACE}([€£]|[A-Z]{{3}}(?![A-Za-z]))")
_SIGNS = {"€": "EUR", "£": "GBP"}
_AVOIR = re.compile(r"^\s*(?:facture\s+d['’])?avoir\b", re.IGNORECASE | re.MULTILINE)


@dataclass
class Found:
    """Fields of an entry that were read, amounts by name (net, vat, gross, due), the account that is named, whole, and the codes that may
    be that of the currency, the likeliest first."""

    entry: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, str] = field(default_factory=dict)
    iban: str | None = None
    currencies: tuple[str, ...] = ()


def find(text: str, supplier: str) -> Found:
    """Return what ``text`` says; ``supplier`` is the identifier of the structure in whose name it is deposited: another SIRET is the
    recipient's."""
    found = Found()
    if _AVOIR.search(text[:2000]):
        found.entry["kind"] = "AVOIR"
    readers = {"engagement": (_ENGAGEMENT,), "contract": (_CONTRACT,), "code_service": (_SERVICE,), "number": _NUMBER}
    for name, patterns in readers.items():
        reference = _reference(text, patterns, 20 if name == "number" else 50)
        if reference:
            found.entry[name] = reference
    for name, pattern in (("issue_date", _ISSUED), ("due_date", _DUE)):
        day = next((day for match in pattern.finditer(text) if (day := _day(match[1]))), None)
        if day:
            found.entry[name] = day
    if "issue_date" not in found.entry:
        first = next((day for match in _ANY_DAY.finditer(text) if (day := _day(match[1])) and day != found.entry.get("due_date")), None)
        found.entry |= {"issue_date": first} if first else {}
    others = [number for number in _sirets(text) if number[:9] != supplier[:9]]
    if others:
        found.entry["recipient_siret"] = others[0]
    found.iban = next(iter(_ibans(text)), None)
    found.amounts = {name: amount for name, pattern in _AMOUNTS.items() if (amount := _amount(pattern.search(text)))}
    found.currencies = tuple(_currencies(text))
    return found


def _currencies(text: str) -> Iterator[str]:
    """Give what stands where a currency would: three letters may be a word."""
    for match in _NAMED.finditer(text):
        yield match[1].upper()
    for pattern in _AMOUNTS.values():
        amount = pattern.search(text)
        behind = _BEHIND.match(text, amount.end()) if amount else None
        if behind:
            yield _SIGNS.get(behind[1], behind[1])


def one_line(amounts: Mapping[str, str], what: str) -> dict[str, str]:
    """Return the line that stands for a PDF's amounts when they agree with one rate: its lines are on the PDF."""
    net, vat = (Decimal(amounts[name]) if name in amounts else None for name in ("net", "vat"))
    if net is None and vat is not None and "gross" in amounts:
        net = Decimal(amounts["gross"]) - vat
    if vat is None and net is not None and "gross" in amounts:
        vat = Decimal(amounts["gross"]) - net
    if not net:
        return {}
    line = {"name": what, "quantity": "1", "price": f"{net:f}"}
    rate = _rate(net, vat) if vat is not None else None
    return {**line, "rate": rate} if rate is not None else line


_RATES = ("20", "10", "5.5", "2.1", "13", "8.5", "1.75", "1.05", "0.9", "0")


def _rate(net: Decimal, vat: Decimal) -> str | None:
    return next((rate for rate in _RATES if abs(net * Decimal(rate) / 100 - vat) <= Decimal("0.02")), None)


def _reference(text: str, patterns: tuple[re.Pattern, ...], most: int) -> str | None:
    for pattern in patterns:
        for match in pattern.finditer(text):
            found = match[1].rstrip("-/_+")
            # A word is no reference: one has a digit.
            if any(sign.isdigit() for sign in found) and len(found) <= most and not _ANY_DAY.fullmatch(found):
                return found
    return None


def _day(text: str) -> str | None:
    words = text.lower().split(" ")
    if len(words) == 3:
        text = f"{words[0].removesuffix('er')}/{_MONTHS[words[1]]}/{words[2]}"
    try:
        found = typed.day(text)
    except typed.Unreadable:
        return None
    return found.isoformat() if found and 2000 <= found.year <= 2099 else None


def _sirets(text: str) -> list[str]:
    numbers = [re.sub(r"\D", "", match[0]) for match in _SIRET.finditer(text)]
    return list(dict.fromkeys(number for number in numbers if siret_numbers.is_valid(number)))


def _ibans(text: str) -> list[str]:
    found = []
    for match in _IBAN.finditer(text):
        try:
            found.append(iban_numbers.validate(match[0]))
        except ValidationError:
            continue
    return found


def _amount(match: re.Match | None) -> str | None:
    if match is None:
        return None
    whole, cents = match[1][:-3], match[1][-2:]
    digits = "".join(sign for sign in whole if sign.isdigit() or sign == "-")
    return f"{digits}.{cents}"
