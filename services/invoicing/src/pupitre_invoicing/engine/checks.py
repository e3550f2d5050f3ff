"""Checks that no official rule makes. They warn, except where the portal could not keep or pay the invoice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache, wraps

from lxml import etree
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from stdnum import luhn
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number
from stdnum.fr import tva as vat_number

from . import amounts
from .attachments import check as check_attachments
from .findings import ERROR, WARNING, Finding, own, refused
from .french import FRENCH_TERRITORY, real_date
from .invoice import SERVICE, SIREN, SIRET
from .limits import Limits
from .safe_xml import local_name, path
from .terms import Reading, Value, long_texts

STAGE = "schematron"
_REMEMBERED, _REMEMBERED_LENGTH = 1024, 64  # identifiers, and characters of each
_LINES = ("{*}InvoiceLine", "{*}CreditNoteLine", "{*}IncludedSupplyChainTradeLineItem")
_NUMERIC = ("Amount", "Quantity", "Percent", "Numeric", "Rate")
_SHORT = 16  # characters: no limit is below that
_ABSURD_NUMBER = 1000  # digits: beyond, no rule engine is asked to compute with it
_DATES = ("BT-2", "BT-7", "BT-9", "BT-72", "BT-73", "BT-74")
# Longest texts of the public portal, by term (characters).
_LENGTHS = {
    "BT-1": 20,
    "BT-10": 100,
    "BT-12": 50,
    "BT-13": 50,
    "BT-20": 1024,
    "BT-27": 99,
    "BT-28": 99,
    "BT-44": 99,
    "BT-45": 99,
}


def hard_limits(root: etree._Element, limits: Limits) -> list[Finding]:
    """Errors (stage "xml") for texts and numbers too long to keep; raises Refused for what no rule engine
    should be given: thousands of lines, or a number of a thousand digits."""
    lines = sum(1 for _ in root.iter(*_LINES))
    if lines > limits.invoice_lines:
        raise refused("PUP-XML-SIZE", "xml", what_fr="lignes", what_en="lines", size=lines, limit=limits.invoice_lines)
    findings = []
    for element, text in long_texts(root, _SHORT):
        if local_name(element).endswith(_NUMERIC):
            finding = _number_limit(element, text.strip(), limits)
            if finding:
                findings.append(finding)
        elif len(text) > limits.text_length:
            findings.append(
                own("PUP-XML-TEXT-LENGTH", "xml", location=path(element), size=len(text), limit=limits.text_length)
            )
    return findings


def _number_limit(element: etree._Element, text: str, limits: Limits) -> Finding | None:
    digits = sum(character.isdigit() for character in text)
    whole = text.lstrip("+-0").split(".", 1)[0]
    values = {"location": path(element), "found": text[:30], "limit": limits.integer_digits}
    if digits > _ABSURD_NUMBER or len(text) > 2 * _ABSURD_NUMBER:
        raise refused("PUP-XML-NUMBER", "xml", **values)
    if len(whole) > limits.integer_digits or digits > limits.number_length:
        return own("PUP-XML-NUMBER", "xml", **values)
    return None


def business(reading: Reading, today: date | None) -> list[Finding]:
    """Our own remarks on the content of a readable invoice, in the order of the document."""
    findings = [*_dates(reading, today), *_identifiers(reading), *_bank(reading), *_recipient(reading)]
    findings += [finding for line in reading.group("BG-25") if (finding := _line_amount(line))]
    gross = amounts.parse(reading.one("BT-112"))
    if gross is not None and gross < 0 and reading.one("BT-3") == "380":
        findings.append(_about(reading, "BT-112", "PUP-NEGATIVE-TOTAL", found=reading.one("BT-3")))
    return findings + check_attachments(reading)


def _about(
    reading: Reading, term: str, rule: str, severity: str = WARNING, value: Value | None = None, **texts: object
) -> Finding:
    where = value or reading.all(term)[0]
    return own(rule, STAGE, severity, term=term, location=path(where.element), **texts)


def _dates(reading: Reading, today: date | None) -> list[Finding]:
    findings = []
    for term in _DATES:
        for value in reading.all(term):
            if real_date(value.text) is None:
                # An invoice without a real date cannot be kept; other dates only inform.
                findings.append(
                    _about(reading, term, "PUP-DATE", ERROR if term == "BT-2" else WARNING, value, found=value.text)
                )
            elif not value.well_written:
                findings.append(_about(reading, term, "PUP-DATE-FORM", value=value, found=value.text))
    issued = real_date(reading.one("BT-2"))
    if today is not None and issued is not None and issued > today:
        findings.append(_about(reading, "BT-2", "PUP-DATE-FUTURE", found=issued.isoformat()))
    return findings


def _identifiers(reading: Reading) -> list[Finding]:
    findings = []
    for term in ("BT-29", "BT-46", "BT-60"):
        findings += [
            _about(reading, term, "PUP-SIRET", value=value, found=value.text)
            for value in reading.all(term)
            if value.scheme == SIRET and not valid_siret(value.text)
        ]
    for term in ("BT-30", "BT-47", "BT-61"):
        findings += [
            _about(reading, term, "PUP-SIREN", value=value, found=value.text)
            for value in reading.all(term)
            if value.scheme == SIREN and len(value.text) == 9 and not siren_number.is_valid(value.text)
        ]
    for term in ("BT-31", "BT-48", "BT-63"):
        findings += [
            _about(reading, term, "PUP-VAT-KEY", value=value, found=value.text)
            for value in reading.all(term)
            if value.text.upper().startswith("FR") and not valid_french_vat(value.text)
        ]
    return findings


def _remembered(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """A check that keeps its last answers: a supplier's identifiers are on every invoice of his lot."""
    kept = lru_cache(_REMEMBERED)(check)

    @wraps(check)
    def checked(text: str) -> bool:
        return kept(text) if len(text) <= _REMEMBERED_LENGTH else check(text)

    return checked


@_remembered
def valid_siret(text: str) -> bool:
    """14 digits, Luhn on the whole and on the SIREN; La Poste's establishments may sum to a multiple of 5 instead."""
    return siret_number.is_valid(text)


@_remembered
def valid_french_vat(text: str) -> bool:
    """FR, two characters, SIREN. The key is only computed when numeric; foreign establishments have letters."""
    compact = text.replace(" ", "").upper()
    if len(compact) == 13 and compact[2:4].isdigit():
        return vat_number.is_valid(compact)
    return len(compact) == 13 and compact[2:4].isalnum() and compact[4:].isdigit() and luhn.is_valid(compact[4:])


def _bank(reading: Reading) -> list[Finding]:
    findings = []
    for value in reading.all("BT-84"):
        looks_like_iban = value.text[:2].isalpha() and value.text[2:4].isdigit()
        if (looks_like_iban or local_name(value.element) == "IBANID") and not valid_iban(value.text):
            findings.append(_about(reading, "BT-84", "PUP-IBAN", value=value, found=value.text))
    for value in reading.all("BT-86"):
        if not valid_bic(value.text):
            findings.append(_about(reading, "BT-86", "PUP-BIC", value=value, found=value.text))
    return findings


@_remembered
def valid_iban(text: str) -> bool:
    """Both keys of an IBAN: mod 97, and the national one (the RIB key in France)."""
    if len(text) > 50:
        return False
    try:
        IBAN(text, validate_bban=True)
    except SchwiftyException:
        return False
    return True


@_remembered
def valid_bic(text: str) -> bool:
    """8 or 11 characters with a known country; unknown banks are accepted."""
    if len(text) > 20:
        return False
    try:
        BIC(text)
    except SchwiftyException:
        return False
    return True


def _recipient(reading: Reading) -> list[Finding]:
    """What the public portal will say of the invoice, when the buyer is French."""
    findings = []
    named = [value for value in reading.all("BT-46") if value.scheme == SERVICE]
    if named and reading.one("BT-10") and named[0].text != reading.one("BT-10"):
        findings.append(
            _about(
                reading,
                "BT-46",
                "PUP-SERVICE-MISMATCH",
                value=named[0],
                found=reading.one("BT-10"),
                expected=named[0].text,
            )
        )
    if reading.one("BT-55") not in FRENCH_TERRITORY:
        return findings
    if reading.one("BT-23") == "S5":
        findings.append(_about(reading, "BT-23", "PUP-CADRE-S5"))
    for term, limit in _LENGTHS.items():
        findings += [
            _about(reading, term, "PUP-LENGTH", value=value, size=len(value.text), limit=limit)
            for value in reading.all(term)
            if len(value.text) > limit
        ]
    return findings


def _line_amount(line: Reading) -> Finding | None:
    """BT-131 against quantity × price; the norm does not check it, and payers do."""
    quantity, price, net = (amounts.parse(line.one(term)) for term in ("BT-129", "BT-146", "BT-131"))
    base = amounts.parse(line.one("BT-149")) or Decimal(1)
    if quantity is None or price is None or net is None:
        return None
    expected = amounts.product(quantity, price, base)
    for group, term, sign in (("BG-27", "BT-136", -1), ("BG-28", "BT-141", 1)):
        for part in line.group(group):
            expected += sign * (amounts.parse(part.one(term)) or Decimal(0))
    if not amounts.differ(expected, net):
        return None
    return _about(line, "BT-131", "PUP-LINE-AMOUNT", found=line.one("BT-131"), expected=expected)
