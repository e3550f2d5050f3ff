"""Currencies of invoices and the decimals of their amounts, as dated data (ISO 4217; BT-5)."""

import datetime
import functools
import tomllib

from . import dated_rules

EUR = "EUR"
#: EN 16931 admits no amount with more decimals (BR-DEC-09 and those beside it), not even in currencies of three.
MOST_PLACES = 2
_FILE = "currencies.toml"
_COLUMNS = {"currencies": {"from": datetime.date, "minor_units": int, "codes": str}}


@functools.cache
def _rows() -> dated_rules.Rows:
    with dated_rules.faults_of(_FILE):
        return dated_rules.tables(tomllib.loads(dated_rules.packaged_text(_FILE)), _COLUMNS)["currencies"]


def minor_units(day: datetime.date) -> dict[str, int]:
    """Return the currencies of a day by their codes, each with the decimals of its smallest unit."""
    rows = sorted((row for row in _rows() if row["from"] <= day), key=lambda row: row["from"])
    return {code: row["minor_units"] for row in rows for code in row["codes"].split()}


def places(code: str | None, day: datetime.date) -> int:
    """Return the decimals of an amount in a currency: those of its smallest unit, at most two; two for what is no currency."""
    return min(minor_units(day).get(code or EUR, MOST_PLACES), MOST_PLACES)


def accepted(day: datetime.date) -> list[str]:
    """Return the codes of the currencies of a day, the euro first, the others in order."""
    return sorted(minor_units(day), key=lambda code: (code != EUR, code))
