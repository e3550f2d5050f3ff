"""The data of the espace: services with their prices, rates of expenses, documents, all with their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pupitre_espaces import Label, dated

DATA, FORCLUSION = "PUPITRE_ESPACE_FRAIS_DE_JUSTICE_DATA", "PUPITRE_ESPACE_FRAIS_DE_JUSTICE_FORCLUSION"
VEHICLES = {
    "CV5": Label("jusqu'à 5 CV", "up to 5 CV"),
    "CV7": Label("6 ou 7 CV", "6 or 7 CV"),
    "CV8": Label("8 CV et plus", "8 CV and more"),
}
PLACES = (
    Label("hors grandes villes", "outside large towns"),
    Label("grandes villes et métropole du Grand Paris", "large towns and the metropolis of Paris"),
    Label("Paris", "Paris"),
)
#: Kilometres of a year up to which the first and the second rate hold.
BANDS = (Decimal(2000), Decimal(10000))


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the tariff. `ceiling` is the most that a quote may ask for a unit, net of VAT."""

    code: str
    label: Label
    unit: Label
    categories: frozenset[str]
    #: Whether expenses are refunded with it (R205).
    expenses: bool
    vat: tuple[Decimal, ...]
    ceiling: Decimal | None
    prices: tuple[dict[str, Any], ...]

    @property
    def by_quote(self) -> bool:
        """Whether its price is that of a quote, not of the tariff."""
        return not self.prices

    def price(self, day: date) -> Decimal | None:
        """Return the price of the tariff on a day, None where it has none."""
        row = dated.holding(self.prices, day)
        return Decimal(row["price"]) if row else None


@dataclass(frozen=True, slots=True)
class Rates:
    """What expenses are refunded at on one day, in euros: kilometres by vehicle and band, a meal, a night by place."""

    kilometres: dict[str, tuple[Decimal, ...]]
    meal: Decimal
    nights: tuple[Decimal, ...]


class Tariff:
    """The data of one file, checked when it is made. Raises `dated.WrongData`."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        try:
            self.services = {each["code"]: _service(each) for each in data["services"]}
            self.categories = {code: Label(each["fr"], each["en"]) for code, each in data["categories"].items()}
            self._check()
        except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise dated.WrongData(f"tariff: {type(error).__name__} {error}") from error

    def rates(self, day: date) -> Rates | None:
        """Return the rates of expenses on a day, None when they are not known."""
        driven, stayed = dated.holding(self._data["kilometres"], day), dated.holding(self._data["stays"], day)
        if driven is None or stayed is None:
            return None
        by_vehicle = {name: tuple(Decimal(rate) for rate in driven[name]) for name in VEHICLES}
        return Rates(by_vehicle, Decimal(stayed["meal"]), tuple(Decimal(rate) for rate in stayed["nights"]))

    def documents(self, *occasions: str) -> list[tuple[Label, tuple[str, ...], str]]:
        """Return the documents of these occasions: what they are, the words by which they are known, how much they are needed."""
        rows = [each for each in self._data.get("documents", ()) if each["when"] in ("always", *occasions)]
        return [(Label(each["fr"], each["en"]), tuple(each["words"]), each["severity"]) for each in rows]

    def _check(self) -> None:
        for table in ("kilometres", "stays"):
            dated.check(self._data[table], table)
        for row in self._data["kilometres"]:
            if any(len(row[name]) != len(BANDS) + 1 for name in VEHICLES):
                raise dated.WrongData(f"kilometres from {row.get('from')}: three rates for each vehicle")
        for row in self._data["stays"]:
            if len(row["nights"]) != len(PLACES) or row["meal"] < 0:
                raise dated.WrongData(f"stays from {row.get('from')}: a meal and three rates of nights")
        for each in self.services.values():
            dated.check(each.prices, f"prices of {each.code}")
            if unknown := each.categories - set(self.categories):
                raise dated.WrongData(f"{each.code}: unknown categories {', '.join(sorted(unknown))}")
            if not each.vat:
                raise dated.WrongData(f"{each.code}: no rate of VAT")
        for row in self._data.get("documents", ()):
            if row["severity"] not in ("error", "warning") or not row["words"]:
                raise dated.WrongData(f"documents: {row['fr']}")


def load() -> Tariff:
    """Return the data in force: the operator's file, else the one that comes with the espace. Raises `dated.WrongData`."""
    return Tariff(dated.read(__package__, "tariff.toml", DATA))


def _service(row: dict[str, Any]) -> Service:
    return Service(
        code=row["code"],
        label=Label(row["fr"], row["en"]),
        unit=Label(row["unit"]["fr"], row["unit"]["en"]),
        categories=frozenset(row["categories"]),
        expenses=row["expenses"],
        vat=tuple(Decimal(rate) for rate in row["vat"]),
        ceiling=Decimal(row["ceiling"]) if "ceiling" in row else None,
        prices=tuple(row.get("prices", ())),
    )
