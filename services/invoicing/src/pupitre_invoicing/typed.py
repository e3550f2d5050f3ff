"""Reading what people type: numbers with a comma or a point, days; each either read or named as a fault, never guessed."""

import datetime
import decimal
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from . import currencies, messages, totals
from .messages import Finding

QUANTITY_DECIMALS, PRICE_DECIMALS, RATE_DECIMALS, EXCHANGE_DECIMALS = 4, 6, 2, 8
PAID_ALREADY = "A2"
#: Positions of a number before its decimals (H.10: 19 in all, 6 of them decimals).
_WHOLE_DIGITS = 13
_NUMBER = re.compile(r"([+-]?)(\d*)(?:[.,](\d*))?")
_BLANKS = re.compile(r"[\s\u00a0\u202f€%]")
_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class Unreadable(ValueError):
    """A text that is not the number or the day it should be; its argument is the rule that says so."""


def number(text: str, decimals: int) -> Decimal | None:
    """Return the number that was typed, None for a blank. Raises Unreadable."""
    bare = _BLANKS.sub("", text)
    if not bare:
        return None
    match = _NUMBER.fullmatch(bare) if bare.isascii() else None
    if match is None or not (match[2] or match[3]):
        raise Unreadable("PUP-ENTRY-NUMBER")
    if len((match[3] or "").rstrip("0")) > decimals:
        raise Unreadable("PUP-ENTRY-DECIMALS")
    if len(match[2].lstrip("0")) > _WHOLE_DIGITS:
        raise Unreadable("PUP-ENTRY-LARGE")
    return Decimal(f"{match[1]}{match[2] or '0'}.{(match[3] or '0')[:decimals] or '0'}")


def day(text: str) -> datetime.date | None:
    """Return the day that was typed, as browsers send it (2026-01-31) or as people write it (31/01/2026). Raises Unreadable."""
    bare = text.strip()
    if not bare:
        return None
    match = _DAY.fullmatch(bare)
    try:
        found = datetime.date(int(match[3]), int(match[2]), int(match[1])) if match else datetime.date.fromisoformat(bare)
    except ValueError:
        raise Unreadable("PUP-ENTRY-DAY") from None
    return found


@dataclass
class Read:
    """An entry as far as it can be read: values by field, lines that can be computed (None: not yet), totals, faults by field."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: list[totals.Line | None] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    sums: totals.Totals = field(default_factory=lambda: totals.total(()))
    places: int = currencies.MOST_PLACES

    @property
    def tax_eur(self) -> Decimal | None:
        """The total of TVA in euros (BT-111) of an invoice in another currency: as typed, else the TVA at the rate that was typed; no
        TVA is no euro either. None where neither is known."""
        typed, rate = self.values["tax_eur"], self.values["exchange_rate"]
        if typed is not None:
            return typed
        if rate is not None or not self.sums.tax:
            return totals.rounded(self.sums.tax * (rate or 0))
        return None


_AMOUNTS = ("global_discount", "prepaid")
_DAYS = ("issue_date", "due_date", "delivery_date", "origin_date")
_LINE_NUMBERS = (
    ("quantity", QUANTITY_DECIMALS),
    ("price", PRICE_DECIMALS),
    ("rate", RATE_DECIMALS),
)


def read(entry: Mapping[str, Any], today: datetime.date) -> Read:
    """Read an entry (the dumped contract) and add it up as far as its numbers go; ``today`` is its day where none was typed."""
    found = Read()
    for name in _DAYS:
        found.values[name] = _read(found, name, day, entry.get(name) or "")
    found.places = currencies.places(currency_of(entry), found.values["issue_date"] or today)
    for name in _AMOUNTS:
        found.values[name] = _read(found, name, number, entry.get(name) or "", found.places)
    found.values["tax_eur"] = _read(found, "tax_eur", number, entry.get("tax_eur") or "", currencies.MOST_PLACES)
    found.values["exchange_rate"] = _read(
        found, "exchange_rate", number, entry.get("exchange_rate") or "", EXCHANGE_DECIMALS
    )
    for position, line in enumerate(entry.get("lines") or [], 1):
        found.lines.append(_line(found, position, line, category_of(entry)))
    zero = Decimal(0)
    discount, prepaid = (found.values[name] or zero for name in _AMOUNTS)
    found.sums = totals.total([line for line in found.lines if line is not None], discount, prepaid, found.places)
    if entry.get("cadre") == PAID_ALREADY and not (entry.get("prepaid") or "").strip():
        # Nothing typed: all of it, as the cadre says (section C).
        found.values["prepaid"] = found.sums.due
        found.sums = replace(found.sums, due=totals.rounded(Decimal(0), found.places))
    return found


def category_of(entry: Mapping[str, Any]) -> str | None:
    """Return the one category of TVA that the type of TVA imposes on every line, or None where the rate decides."""
    return {"EXONERATION": "E", "SANS_TVA": "O"}.get(entry.get("type_tva") or "")


def currency_of(entry: Mapping[str, Any]) -> str:
    """Return the currency of an entry (BT-5), the euro where none was chosen."""
    return (entry.get("currency") or "").strip().upper() or currencies.EUR


def is_blank(line: Mapping[str, Any]) -> bool:
    """Tell whether nothing was typed in a line: it counts for nothing."""
    return not any((line.get(name) or "").strip() for name in ("reference", "name", "quantity", "price", "discount"))


def _read(found: Read, name: str, reader: Any, text: str, *more: Any) -> Any:
    try:
        return reader(text, *more)
    except Unreadable as error:
        decimals = more[0] if more else 0
        found.faults.append(messages.finding(error.args[0], location=name, found=text.strip()[:30], decimals=decimals))
        return None


def _line(found: Read, position: int, line: Mapping[str, Any], category: str | None) -> totals.Line | None:
    numbers = {
        name: _read(found, f"lines-{position}-{name}", number, line.get(name) or "", decimals)
        for name, decimals in (*_LINE_NUMBERS, ("discount", found.places))
    }
    rate = Decimal(0) if category else numbers["rate"]
    if is_blank(line) or numbers["quantity"] is None or numbers["price"] is None or rate is None:
        return None
    discount = numbers["discount"] or Decimal(0)
    made = totals.Line(
        numbers["quantity"], numbers["price"], rate, category or ("S" if rate else "E"), discount, found.places
    )
    try:
        made.net  # noqa: B018 - what cannot be computed is no line
    except decimal.InvalidOperation:
        found.faults.append(messages.finding("PUP-ENTRY-LARGE", location=f"lines-{position}-price", found=line.get("price") or ""))
        return None
    return made
