"""The delays of valideurs, as data with dates: `delays.toml`, or the file that PUPITRE_ESPACE_FACTURES_A_VALIDER_DELAYS names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pupitre_espaces import dated

SETTING = "PUPITRE_ESPACE_FACTURES_A_VALIDER_DELAYS"


@dataclass(frozen=True, slots=True)
class Delays:
    """What holds from a day on: whole days until silence is acceptance, 0 for never, and the days before their end on which to remind."""

    valid_from: date
    tacit_days: int
    reminders: tuple[int, ...]


def read(what: str) -> tuple[Delays, ...]:
    """Return the delays of "subcontracting" or "joint", oldest first. Raises `dated.WrongData`."""
    rows = dated.read(__package__, "delays.toml", SETTING).get(what, [])
    dated.check(rows, what)
    try:
        found = [Delays(row.get("from", date.min), row["tacit_days"], tuple(row["reminders"])) for row in rows]
    except (KeyError, TypeError) as error:
        raise dated.WrongData(f"{what}: a row lacks {error}") from error
    if not found:
        raise dated.WrongData(f"{SETTING}: no delay of {what}")
    return tuple(sorted(found, key=lambda each: each.valid_from))
