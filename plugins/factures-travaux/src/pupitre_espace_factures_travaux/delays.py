"""The delays of a works contract, as data with dates: `delays.toml`, or the file that PUPITRE_ESPACE_FACTURES_TRAVAUX_DELAYS names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pupitre_espaces import dated

SETTING = "PUPITRE_ESPACE_FACTURES_TRAVAUX_DELAYS"


@dataclass(frozen=True, slots=True)
class Delay:
    """Whole days that an actor has, 0 where his silence has no effect, and the days before their end on which he is reminded."""

    days: int
    remind: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays that hold from a day on; `delays.toml` says what each is of."""

    valid_from: date
    subcontracting: Delay
    joint: Delay
    monthly: Delay
    general: Delay
    answer: Delay
    tacit: Delay


_NAMES = ("subcontracting", "joint", "monthly", "general", "answer", "tacit")


def read() -> tuple[Delays, ...]:
    """Return the delays, oldest first. Raises `dated.WrongData`."""
    rows = dated.read(__package__, "delays.toml", SETTING).get("delays", [])
    dated.check(rows, "delays")
    if not rows:
        raise dated.WrongData(f"{SETTING}: no delays")
    found = [Delays(row.get("from", date.min), **{name: _delay(row, name) for name in _NAMES}) for row in rows]
    return tuple(sorted(found, key=lambda each: each.valid_from))


def holding(known: tuple[Delays, ...], day: date) -> Delays:
    """Return the delays that hold for what begins on a day; before the first day of all, the oldest."""
    return next((each for each in reversed(known) if each.valid_from <= day), known[0])


def _delay(row: dict[str, Any], name: str) -> Delay:
    try:
        return Delay(row[name]["days"], tuple(row[name]["remind"]))
    except (KeyError, TypeError) as error:
        raise dated.WrongData(f"delays: {name} lacks {error}") from error
