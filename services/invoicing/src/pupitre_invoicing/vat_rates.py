"""Rates of TVA by territory, as dated data (H.9). A rate that is not here warns and is never refused: the list may be behind the law."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

MAINLAND, CORSICA, ANTILLES, UNTAXED = "METROPOLE", "CORSE", "ANTILLES_REUNION", "GUYANE_MAYOTTE"

#: The first digits of a postal code tell the territory; what is not named is the mainland.
_TERRITORIES = {"20": CORSICA, "971": ANTILLES, "972": ANTILLES, "974": ANTILLES, "973": UNTAXED, "976": UNTAXED}


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate in a territory, in percent; days included, without ``until`` it is in force."""

    territory: str
    rate: Decimal
    since: datetime.date
    until: datetime.date | None = None


def _dated(territory: str, *rates: tuple[str, str]) -> list[DatedRate]:
    return [DatedRate(territory, Decimal(rate), datetime.date.fromisoformat(since)) for rate, since in rates]


#: CGI art. 278 to 281 nonies (mainland), 297 (Corsica), 296 (Guadeloupe, Martinique, Réunion), 294 (Guyane and Mayotte: no TVA).
#: The days are those since which the rate stands; only those of 2014 were looked up, invoices are not dated before.
RATES = (
    *_dated(MAINLAND, ("20", "2014-01-01"), ("10", "2014-01-01"), ("5.5", "2014-01-01"), ("2.1", "2014-01-01")),
    *_dated(
        CORSICA,
        ("20", "2014-01-01"),
        ("13", "2014-01-01"),
        ("10", "2014-01-01"),
        ("2.1", "2014-01-01"),
        ("0.9", "2014-01-01"),
    ),
    *_dated(ANTILLES, ("8.5", "2014-01-01"), ("2.1", "2014-01-01"), ("1.75", "2014-01-01"), ("1.05", "2014-01-01")),
)


def territory_of(postal_code: str | None, country: str | None = "FR") -> str:
    """Return the territory of an address; one outside France counts as the mainland, where its French TVA is due."""
    code = (postal_code or "").strip()
    if (country or "FR").upper() not in ("FR", "GP", "MQ", "RE", "GF", "YT"):
        return MAINLAND
    return _TERRITORIES.get(code[:3]) or _TERRITORIES.get(code[:2]) or MAINLAND


def rates(territory: str, day: datetime.date) -> list[Decimal]:
    """Return the rates in force in a territory on a day, highest first."""
    return sorted(
        (each.rate for each in RATES if each.territory == territory and each.since <= day and (each.until is None or day <= each.until)),
        reverse=True,
    )
