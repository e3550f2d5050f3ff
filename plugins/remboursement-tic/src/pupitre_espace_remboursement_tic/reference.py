"""The data of the espace, and the questions that are asked of them: which rate holds, until when, which document is needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pupitre_espaces import Label, dated

DATA, NAME = "PUPITRE_ESPACE_REMBOURSEMENT_TIC_DATA", "PUPITRE_ESPACE_REMBOURSEMENT_TIC_NAME"
#: The two names of the espace in use (R211); a setting may give another, in French and English, with a bar between.
NAMES = {
    "old": Label("Demande de remboursement TIC", "TIC refund requests"),
    "new": Label("Remboursements de taxes", "Tax refunds"),
}
CENT = Decimal("0.01")
#: How much of the smallest unit of its kind each unit is.
SIZES = {
    "L": Decimal(1),
    "HL": Decimal(100),
    "KG": Decimal(1),
    "QUINTAL": Decimal(100),
    "TONNE": Decimal(1000),
    "MWH": Decimal(1),
}
UNITS = {
    "HL": Label("hl", "hl"),
    "L": Label("litres", "litres"),
    "QUINTAL": Label("100 kg net", "100 kg net"),
    "KG": Label("kg net", "kg net"),
    "TONNE": Label("t", "t"),
    "MWH": Label("MWh", "MWh"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in euros per unit; `checked`: it was seen in a published text."""

    value: Decimal
    per: str
    checked: bool

    def amount(self, volume: Decimal, unit: str) -> Decimal:
        """Return what a volume is refunded, to the cent, half a cent rounded up."""
        exact = volume * SIZES[unit] * self.value / SIZES[self.per]
        return exact.quantize(CENT, ROUND_HALF_UP)


class Reference:
    """The data of one file, checked when it is made. Raises `dated.WrongData`."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        try:
            self._check()
        except (KeyError, TypeError, AttributeError) as error:
            raise dated.WrongData(f"rates: {type(error).__name__} {error}") from error

    @property
    def fuels(self) -> dict[str, Label]:
        """The fuels by code."""
        return {code: Label(each["fr"], each["en"]) for code, each in self._data["fuels"].items()}

    def units(self, fuel: str) -> tuple[str, ...]:
        """Return the units that a fuel may be stated in, the usual one first."""
        return tuple(self._data["fuels"][fuel]["units"])

    def rate(self, fuel: str, day: date) -> Rate | None:
        """Return the rate of a delivery, None when nobody has filled it in."""
        row = dated.holding(self._of(fuel, "rates"), day)
        return Rate(Decimal(row["rate"]), row["per"], row.get("checked", True)) if row else None

    def closed(self, fuel: str, day: date) -> Label | None:
        """Return why a delivery gives no right to a refund, None when it may."""
        row = dated.holding(self._of(fuel, "closed"), day)
        return Label(row["fr"], row["en"]) if row else None

    def last_day(self, year: int, fuel: str | None = None, delivered: date | None = None) -> date:
        """Return the last day on which deliveries of a year can be asked back, or one delivery of a fuel."""
        rows = [row for row in self._data["deadlines"] if row.get("fuel") in (None, fuel)]
        row = dated.holding(rows, delivered or date(year, 12, 31))
        if row is None:
            raise dated.WrongData(f"deadlines: none for {year}")
        return date(year + row["years"], 12, 31)

    def advance(self, year: int) -> tuple[int, bool] | None:
        """Return the share in per cent of the advance that a request of that year may ask for, and whether it does unless told."""
        row = next((each for each in self._data.get("advances", ()) if each["year"] == year), None)
        return (row["percent"], row["asked"]) if row else None

    def settled_by(self, year: int) -> date | None:
        """Return the day by which who had an advance for that year deposits a request, None for no such day."""
        row = next((each for each in self._data.get("settlements", ()) if each["year"] == year), None)
        return row["until"] if row else None

    def documents(self, day: date, fuel: str) -> list[tuple[Label, tuple[str, ...]]]:
        """Return the documents that a delivery demands: what they are, and the words by which they are known."""
        rows = [each for each in self._data.get("documents", ()) if fuel in each["fuels"]]
        return [(Label(each["fr"], each["en"]), tuple(each["words"])) for each in rows if dated.holding([each], day)]

    def unchecked(self) -> list[str]:
        """Return the rates that nobody has confirmed, for whoever runs the portal."""
        return [f"{each['fuel']} {each['from'].year}" for each in self._data["rates"] if not each.get("checked", True)]

    def rates_of(self, year: int) -> list[tuple[str, date, date, Rate]]:
        """Return the rates that hold on some day of a year: fuel, first and last day of these, rate."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        found = []
        for row in self._data["rates"]:
            begin, end = max(row.get("from", first), first), min(row.get("until", last), last)
            if begin <= end:
                found.append(
                    (row["fuel"], begin, end, Rate(Decimal(row["rate"]), row["per"], row.get("checked", True)))
                )
        return found

    def _of(self, fuel: str, table: str) -> list[dict[str, Any]]:
        return [row for row in self._data.get(table, ()) if row["fuel"] == fuel]

    def _check(self) -> None:
        for code in self.fuels:
            for table in ("rates", "closed"):
                dated.check(self._of(code, table), f"{table} of {code}")
            if unknown := set(self.units(code)) - set(SIZES):
                raise dated.WrongData(f"{code}: unknown units {', '.join(sorted(unknown))}")
        for table in ("rates", "closed"):
            if unknown := {row["fuel"] for row in self._data.get(table, ())} - set(self.fuels):
                raise dated.WrongData(f"{table}: unknown fuels {', '.join(sorted(unknown))}")
        for row in self._data["rates"]:
            if not isinstance(row["rate"], (Decimal, int)) or row["rate"] < 0 or row["per"] not in SIZES:
                raise dated.WrongData(f"rates: {row['fuel']} from {row.get('from')} is no rate per unit")
        self.last_day(2000)


def load() -> Reference:
    """Return the data in force: the operator's file, else the one that comes with the espace. Raises `dated.WrongData`."""
    return Reference(dated.read(__package__, "rates.toml", DATA))


def name() -> Label:
    """Return the name of the espace (R211): the newer one unless the setting says `old`, or gives another."""
    given = os.environ.get(NAME, "").strip() or "new"
    french, _, english = given.partition("|")
    return NAMES.get(given) or Label(french.strip(), english.strip() or french.strip())
