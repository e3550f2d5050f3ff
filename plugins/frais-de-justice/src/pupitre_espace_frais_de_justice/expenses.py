"""The calculator of expenses (frais divers): kilometres, meals, nights, tickets, tolls and postage, and their one total (R203)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pupitre_espaces import Label, forms

from .tariff import BANDS, PLACES, VEHICLES, Rates

CENT = Decimal("0.01")
_KM, _COUNT = Decimal(100_000), Decimal(1000)
NIGHTS = ("nights_elsewhere", "nights_large_towns", "nights_paris")
BAND_NAMES = (
    Label("jusqu'à 2 000 km dans l'année", "up to 2 000 km in the year"),
    Label("de 2 001 à 10 000 km", "from 2 001 to 10 000 km"),
    Label("au-delà de 10 000 km", "above 10 000 km"),
)
REAL_COSTS = {
    "tickets": Label("Titres de transport", "Tickets"),
    "tolls": Label("Péage, stationnement", "Tolls, parking"),
    "postage": Label("Affranchissement", "Postage"),
}


def fields() -> dict[str, Any]:
    """Return the entries of the calculator as fields of a form."""
    made = {
        "kilometres": forms.number(Label("Kilomètres", "Kilometres"), most=_KM, unit="km"),
        "vehicle": forms.choice(Label("Puissance fiscale du véhicule", "Fiscal power of the vehicle"), VEHICLES),
        "kilometres_before": forms.number(
            Label("Kilomètres déjà indemnisés depuis le 1er janvier", "Kilometres refunded since 1 January"),
            most=_KM,
            unit="km",
        ),
        "meals": forms.number(Label("Repas", "Meals"), places=0, most=_COUNT),
    }
    for name, place in zip(NIGHTS, PLACES, strict=True):
        label = Label(f"Nuitées, {place.fr}", f"Nights, {place.en}")
        made[name] = forms.number(label, places=0, most=_COUNT)
    return made | {name: forms.money(label) for name, label in REAL_COSTS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the bordereau: a quantity at a rate, or a real cost (no rate: the quantity is the cost itself)."""

    label: Label
    quantity: Decimal
    unit: Label
    rate: Decimal | None

    @property
    def amount(self) -> Decimal:
        """The amount to the cent, half a cent rounded up."""
        return (self.quantity * (self.rate if self.rate is not None else 1)).quantize(CENT, ROUND_HALF_UP)


def is_used(values: Mapping[str, Any]) -> bool:
    """Tell whether anything was entered in the calculator that costs something."""
    return any(values.get(name) for name in ("kilometres", "meals", *NIGHTS, *REAL_COSTS))


def entries(values: Mapping[str, Any], rates: Rates) -> tuple[Entry, ...]:
    """Return all rows of the bordereau, in its order, those of nothing too. Without a vehicle, kilometres count at the lowest power."""
    by_kilometre = rates.kilometres[values.get("vehicle") or "CV5"]
    driven = _by_band(_of(values, "kilometres"), _of(values, "kilometres_before"))
    rows = [
        Entry(Label(f"Kilomètres, {band.fr}", f"Kilometres, {band.en}"), part, Label("km", "km"), rate)
        for band, part, rate in zip(BAND_NAMES, driven, by_kilometre, strict=True)
    ]
    rows.append(Entry(Label("Repas", "Meals"), _of(values, "meals"), Label("repas", "meals"), rates.meal))
    rows += [
        Entry(Label(f"Nuitées, {place.fr}", f"Nights, {place.en}"), _of(values, name), Label("nuits", "nights"), rate)
        for name, place, rate in zip(NIGHTS, PLACES, rates.nights, strict=True)
    ]
    real = Label("coût réel", "real cost")
    return (*rows, *(Entry(label, _of(values, name), real, None) for name, label in REAL_COSTS.items()))


def total(rows: tuple[Entry, ...]) -> Decimal:
    """Return the sum of the amounts, each to the cent: what cell F30 shows."""
    return sum((row.amount for row in rows), Decimal("0.00"))


def _by_band(driven: Decimal, before: Decimal) -> tuple[Decimal, ...]:
    """Return how many of the kilometres fall into each band, after those refunded before in the year."""
    end, parts, low = before + driven, [], Decimal(0)
    for high in (*BANDS, Decimal("Infinity")):
        parts.append(max(Decimal(0), min(end, high) - max(before, low)))
        low = high
    return tuple(parts)


def _of(values: Mapping[str, Any], name: str) -> Decimal:
    return values.get(name) or Decimal(0)
