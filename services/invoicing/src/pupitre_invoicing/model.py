"""What an invoice is to this service, and the rules that need nothing but its values."""

import datetime
import decimal
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from pupitre_contracts import invoicing as contract

from . import messages
from .messages import Finding

#: Days are those of Paris: an invoice issued there at midnight is not issued tomorrow.
CIVIL_ZONE = ZoneInfo("Europe/Paris")

#: Cadres that can be deposited in Factures émises without anybody's validation (C); others are accepted where a plugin has them validated.
ACCEPTED_CADRES = frozenset({"A1", "A2"})
_REFUSED_CADRES = {
    "PUP-CADRE-VALIDATION": frozenset({"A9", "A12"}),
    "PUP-CADRE-JUSTICE": frozenset({"A3"}),
    "PUP-CADRE-TIC": frozenset({"A21"}),
    "PUP-CADRE-TRAVAUX": frozenset(
        f"A{n}" for n in (4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25)
    ),
}

LARGEST_AMOUNT = decimal.Decimal("9999999999999999.99")
_CENT = decimal.Decimal("0.01")

#: Types of file that an invoice's documents may have (H.8).
_EXTENSIONS = (
    "bmp gif fax odt ppt tiff tif xls xlsx xlc xlm bz2 gz gzip tgz zip jpeg jpg png svg p7s rtf txt xml csv pdf "
    "xhtml html htm doc docx odp ods pps pptx"
)
EXTENSIONS = frozenset(_EXTENSIONS.split())
DOCUMENT_BYTES = 10 * 1000 * 1000
INVOICE_BYTES = 120 * 1000 * 1000
NAME_LENGTH = 50
COMMENT_LENGTH = 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ReadInvoice:
    """What the engine read in a valid file. ``cadre`` is A1 … A25; ``cadre_code`` is BT-23 as written. Amounts are in
    ``currency``; ``vat_eur`` is the VAT in euros (BT-111) of an invoice in another one. ``content`` is the whole structured invoice,
    JSON-able."""

    number: str
    kind: str
    cadre: str
    cadre_code: str
    issue_date: datetime.date
    currency: str
    net: decimal.Decimal | None
    vat: decimal.Decimal | None
    gross: decimal.Decimal | None
    due: decimal.Decimal | None
    seller_name: str
    seller_siret: str | None
    seller_siren: str | None
    recipient_name: str | None
    recipient_siret: str | None
    code_service: str | None
    engagement: str | None
    contract: str | None
    vat_eur: decimal.Decimal | None = None
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seller_identifier(self) -> str | None:
        return self.seller_siret or self.seller_siren


def number_key(number: str) -> str:
    """Return what makes two invoice numbers the same: letter case and blanks do not count (H.7)."""
    return " ".join(unicodedata.normalize("NFKC", number).split()).casefold()


def civil_date(at: datetime.datetime) -> datetime.date:
    """Return the day in France at that moment."""
    return at.astimezone(CIVIL_ZONE).date()


def year_begins(year: int) -> datetime.datetime:
    """Return the first instant of a civil year in France."""
    return datetime.datetime(year, 1, 1, tzinfo=CIVIL_ZONE).astimezone(datetime.UTC)


def check_invoice(read: ReadInvoice, deposited_on: datetime.date, validated: bool = False) -> list[Finding]:
    """Return what forbids this invoice whoever receives it: its cadre (R161), its date, its amounts. ``validated``: a plugin has the
    invoices of its cadre validated."""
    findings = [*_check_cadre(read, validated)]
    if read.issue_date > deposited_on:
        findings.append(
            messages.finding("PUP-ISSUE-DATE", issued=read.issue_date.isoformat(), deposited=deposited_on.isoformat())
        )
    amounts = {"BT-109": read.net, "BT-110": read.vat, "BT-112": read.gross, "BT-115": read.due}
    findings += [
        messages.finding("PUP-AMOUNT", term=term, amount=format(amount, "f"))
        for term, amount in amounts.items()
        if amount is not None and (abs(amount) > LARGEST_AMOUNT or amount != amount.quantize(_CENT))
    ]
    return findings


def _check_cadre(read: ReadInvoice, validated: bool) -> Iterable[Finding]:
    if read.cadre not in ACCEPTED_CADRES and not validated:
        rule = next((rule for rule, cadres in _REFUSED_CADRES.items() if read.cadre in cadres), "PUP-CADRE-UNKNOWN")
        yield messages.finding(rule, cadre=read.cadre_code or read.cadre)
    elif read.cadre == "A2" and read.due:
        yield messages.finding("PUP-CADRE-PAID", cadre=read.cadre_code or read.cadre, due=format(read.due, "f"))


def check_depositor(name: str, active: bool) -> list[Finding]:
    """Refuse what is deposited for an inactive structure (R069)."""
    return [] if active else [messages.finding("PUP-SELLER-INACTIVE", structure=name)]


def check_seller(
    read: ReadInvoice,
    structure_id: uuid.UUID,
    identifier: str,
    known: Mapping[str, uuid.UUID],
    allowed: Iterable[uuid.UUID],
) -> list[Finding]:
    """Return what is wrong with depositing this seller's invoice for the structure ``structure_id`` (of that
    identifier).

    ``known`` maps the SIRETs and SIRENs of sellers that are structures of the portal to them; ``allowed`` are the
    structures for which the actor may deposit.
    """
    seller = read.seller_identifier
    if not seller:
        return [messages.finding("PUP-SELLER-UNKNOWN", seller=read.seller_name, structure=identifier)]
    same = seller == identifier if len(seller) == len(identifier) else identifier.startswith(seller)
    if same:
        return []
    other = known.get(seller)
    if other is None:
        return [messages.finding("PUP-SELLER-UNKNOWN", seller=seller, structure=identifier)]
    if other == structure_id:
        return []
    rule = "PUP-SELLER-CHOOSE" if other in set(allowed) else "PUP-SELLER-OTHER"
    return [messages.finding(rule, seller=seller, structure=identifier)]


def check_documents(new: Iterable[contract.NewDocument], stored_bytes: int) -> dict[str, list[str]]:
    """Return the faults of files to be added to an invoice that has ``stored_bytes`` already, by file name (H.8)."""
    faults: dict[str, list[str]] = {}
    total = stored_bytes
    for each in new:
        total += max(each.size, 0)
        found = [text for wrong, text in _document_rules(each) if wrong]
        if found:
            faults[each.name or "?"] = found
    if total > INVOICE_BYTES:
        faults["documents"] = [messages.TEXTS["document-total"]]
    return faults


def _document_rules(each: contract.NewDocument) -> Iterable[tuple[bool, str]]:
    stem, dot, extension = each.name.rpartition(".")
    yield len(each.name) > NAME_LENGTH, messages.TEXTS["document-name-long"]
    yield not (stem and dot) or extension.lower() not in EXTENSIONS, messages.TEXTS["document-extension"]
    yield any(ord(sign) < 32 or sign in "/\\" for sign in each.name), messages.TEXTS["document-name-signs"]
    yield not 0 < each.size <= DOCUMENT_BYTES, messages.TEXTS["document-size"]
    yield not is_sha256(each.sha256), messages.TEXTS["document-sha256"]


def is_sha256(text: str) -> bool:
    """Tell whether ``text`` is a SHA-256 as the blob store writes it."""
    return bool(_SHA256.fullmatch(text))
