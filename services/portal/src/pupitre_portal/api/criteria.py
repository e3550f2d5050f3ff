"""What the compatible routes read of a request: leniently where real clients differ, never guessing at what makes no sense."""

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import simplejson
from flask import request

PARIS = ZoneInfo("Europe/Paris")
"""The zone of the dates on the wire: an invoice deposited at 23:30 UTC in winter is of the next day for everybody concerned."""

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 1000
MAX_PAGE = 1_000_000
LARGEST_AMOUNT = Decimal("9999999999999999.99")
_CENT = Decimal("0.01")
_INT64 = 2**63 - 1
_WHOLE = re.compile(r"\s*-?[0-9]{1,19}\s*", re.ASCII)
_SHOWN = 40


class Unreadable(Exception):
    """A request that cannot be understood, with what to correct in both languages."""

    def __init__(self, french: str, english: str) -> None:
        super().__init__(english)
        self.french, self.english = french, english


def body() -> dict[str, Any]:
    """Read the request's JSON object; no body, ``null`` and PHP's empty array mean no parameter. Raises Unreadable."""
    raw = request.get_data()
    if not raw.strip():
        return {}
    try:
        read = simplejson.loads(raw.decode("utf-8-sig"), use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise Unreadable("Le corps de la requête n'est pas du JSON en UTF-8", "The body is not JSON in UTF-8") from error
    if read is None or read == []:
        return {}
    if not isinstance(read, dict):
        raise Unreadable("Le corps de la requête n'est pas un objet JSON", "The body is not a JSON object")
    return read


def part(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A nested object of the request; absent, null or of another type is empty."""
    value = asked.get(name)
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """A criterion as text: numbers are accepted for identifiers, blank means none. Raises Unreadable for what is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    written = str(value).strip()
    if "\0" in written or any("\ud800" <= sign <= "\udfff" for sign in written):
        raise Unreadable("Un texte contient un caractère interdit", "A text contains a forbidden character")
    return written or None


def choice(value: Any, choices: Mapping[str, Any], default: Any = None) -> Any:
    """What a word of a closed list stands for; any other value gives ``default``."""
    return choices.get(value.strip(), default) if isinstance(value, str) else default


def number(value: Any, default: int | None = None) -> int | None:
    """A whole number of at most 63 bits, given as such or as text; anything else gives ``default``."""
    if isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value) else None
    elif isinstance(value, Decimal):  # 12.0 is a whole number; 1e999999999 must not even be computed
        value = int(value) if value.adjusted() < 19 and value == value.to_integral_value() else None
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INT64
    return value if whole else default


def page_of(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Page number (from 1) and size; a size above 1000 is cut to it, and the answer's ``pages`` then says that there is more."""
    size = number(parameters.get("nbResultatsParPage"), DEFAULT_PAGE_SIZE)
    if size < 1:
        size = DEFAULT_PAGE_SIZE
    page = number(parameters.get("pageResultatDemandee"), 1)
    return min(max(1, page), MAX_PAGE), min(size, MAX_PAGE_SIZE)


def read_day(value: Any) -> datetime.date | None:
    """A criterion ``YYYY-MM-DD``, with or without a time. Raises Unreadable."""
    if not value:
        return None
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise _not_a_date(value) from error


def read_moment(value: Any, *, end_of_day: bool = False) -> datetime.datetime | None:
    """A criterion as a moment; a bare date is its first instant in France, or its last with ``end_of_day``. Raises Unreadable."""
    if not value:
        return None
    written = str(value).strip()
    try:
        read = datetime.datetime.fromisoformat(written)
    except ValueError as error:
        raise _not_a_date(value) from error
    if len(written) <= len("2026-01-01") and end_of_day:
        read = datetime.datetime.combine(read.date(), datetime.time.max)
    try:
        return (read if read.tzinfo else read.replace(tzinfo=PARIS)).astimezone(datetime.UTC)
    except OverflowError as error:
        raise _not_a_date(value) from error


def read_amount(value: Any, rounding: str) -> Decimal | None:
    """A bound of an amount, brought to the nearest cent inside it: invoices have cents. Raises Unreadable."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise ValueError(value)
        bound = Decimal(value)
        return max(-LARGEST_AMOUNT, min(bound, LARGEST_AMOUNT)).quantize(_CENT, rounding=rounding)
    except (ValueError, ArithmeticError) as error:
        shown = ascii(value)[:_SHOWN]
        raise Unreadable(f"Montant attendu, reçu : {shown}", f"An amount is expected, got: {shown}") from error


def _not_a_date(value: Any) -> Unreadable:
    shown = ascii(value)[:_SHOWN]
    return Unreadable(f"Date attendue sous la forme AAAA-MM-JJ, reçu : {shown}", f"A date is expected as YYYY-MM-DD, got: {shown}")
