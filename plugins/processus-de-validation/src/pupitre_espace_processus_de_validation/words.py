"""Amounts, days and names as people write them, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_CENT = Decimal("0.01")
_LARGEST = Decimal("1000000000000")


def money(amount: Decimal, currency: str, language: str) -> str:
    """Return an amount with its currency: "1 234,50 EUR", "1,234.50 EUR"."""
    written = f"{amount.quantize(_CENT):,f}"
    if language == "fr":
        written = written.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})
    return f"{written}\N{NO-BREAK SPACE}{currency}"


def amount(text: str) -> Decimal:
    """Read an amount in euros as people type it. Raises ValueError unless it is one, of at most two decimals, from zero on."""
    plain = "".join(text.split()).replace("\N{NARROW NO-BREAK SPACE}", "").replace(",", ".")
    try:
        read = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not read.is_finite() or not 0 <= read < _LARGEST or read != read.quantize(_CENT):
        raise ValueError(text)
    return read


def moment(text: str) -> str:
    """Return a kept instant as the clock in France had it: "15/03/2026 10:30"."""
    return datetime.fromisoformat(text).astimezone(PARIS).strftime("%d/%m/%Y %H:%M")


def days_left(due_on: str | None, now: datetime) -> int | None:
    """Return the days until the délai global de paiement ends, negative when it is over; None while it does not run."""
    return (date.fromisoformat(due_on) - now.astimezone(PARIS).date()).days if due_on else None


def names(people: Iterable[Mapping[str, Any]], language: str) -> str:
    """Return the names of people of whom one is to act."""
    joined = [each["name"] for each in people]
    return f" {'ou' if language == 'fr' else 'or'} ".join(joined)
