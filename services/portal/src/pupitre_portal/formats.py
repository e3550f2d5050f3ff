"""How amounts, dates, identifiers and sizes are written for people, in the language of the request."""

import datetime
import decimal
import zoneinfo
from typing import Any

from babel import dates, numbers
from flask import Flask, current_app

from .languages import current, locale

#: Digits beyond which a number from a file is shown as it was written.
_LONGEST = 20
PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def money(amount: Any, currency: str | None = "EUR") -> str:
    """Write an amount with its currency (1 234,56 €); what is no exact decimal is shown as it came."""
    exact = _decimal(amount)
    if exact is None:
        return "" if amount is None else str(amount)
    try:
        # Where the currency has fewer decimals than the amount, those of the amount are shown: 12,5 yen are not 13.
        usual = numbers.get_currency_precision(currency or "EUR")
        whole = exact == round(exact, usual)
        return numbers.format_currency(exact, currency or "EUR", locale=locale(), decimal_quantization=whole)
    except (numbers.UnknownCurrencyError, ValueError):
        return f"{number(exact)} {currency}"


def currency_name(code: str) -> str:
    """Write a currency as its code and its name (USD, dollar des États-Unis)."""
    name = numbers.get_currency_name(code, locale=locale())
    return f"{code}, {name}" if name != code else code


def number(value: Any) -> str:
    """Write a quantity or a rate with all of its digits."""
    exact = _decimal(value)
    if exact is None:
        return "" if value is None else str(value)
    return numbers.format_decimal(exact.normalize() if exact else exact, locale=locale(), decimal_quantization=False)


def percent(value: Any) -> str:
    """Write a rate given in per cent (20 -> 20 %)."""
    text = number(value)
    return f"{text} %" if text and current() == "fr" else f"{text}%" if text else ""


def day(value: Any) -> str:
    """Write a date as dd/mm/yyyy; text that is an ISO date is read first, other text is shown as it came."""
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value[:10])
        except ValueError:
            return value
    if isinstance(value, datetime.datetime):
        value = value.astimezone(PARIS).date()
    return dates.format_date(value, "dd/MM/yyyy", locale=locale()) if value else ""


def today() -> datetime.date:
    """Return the day in France."""
    return now().astimezone(PARIS).date()


def now() -> datetime.datetime:
    """Return the present instant, by the clock of the installation."""
    return current_app.extensions["pupitre"].clock.now()


def moment(value: datetime.datetime | None, seconds: bool = False) -> str:
    """Write an instant in Paris time, to the minute or to the second."""
    if value is None:
        return ""
    pattern = "dd/MM/yyyy HH:mm:ss" if seconds else "dd/MM/yyyy HH:mm"
    return dates.format_datetime(value.astimezone(PARIS), pattern, locale=locale())


def siret(value: str | None) -> str:
    """Write a SIRET in its groups (3-3-3-5); other identifiers are left alone."""
    if value and len(value) == 14 and value.isdigit():
        return f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}"
    return value or ""


def file_size(size: int | None) -> str:
    """Write a size in octets with the unit that suits it."""
    if size is None:
        return ""
    units = ("o", "ko", "Mo", "Go") if current() == "fr" else ("B", "kB", "MB", "GB")
    exact, unit = decimal.Decimal(size), 0
    while exact >= 1000 and unit < len(units) - 1:
        exact, unit = exact / 1000, unit + 1
    return f"{numbers.format_decimal(exact, '#,##0.#' if unit else '#,##0', locale=locale())} {units[unit]}"


def _decimal(value: Any) -> decimal.Decimal | None:
    if isinstance(value, bool | float) or value is None:
        return None
    try:
        exact = decimal.Decimal(value)
    except (decimal.InvalidOperation, TypeError, ValueError):
        return None
    return exact if exact.is_finite() and -_LONGEST < exact.adjusted() < _LONGEST else None


def init_app(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        money=money, number=number, percent=percent, day=day, moment=moment, siret=siret, file_size=file_size
    )
