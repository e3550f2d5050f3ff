"""What an operator may set for organisation."""

from collections.abc import Callable
from pathlib import Path

from pupitre_bus.settings import Setting


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(f"expected a number from {least} to {most}")
        return number

    return parse


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PUPITRE_SIRENE_FILE",
        "",
        "CSV or JSON file of establishments with the columns of INSEE's SIRENE: structures are updated from it, and it says whether"
        " a SIRET is closed; empty: no such source.",
        parse=lambda text: Path(text) if text else None,
    ),
    Setting(
        "PUPITRE_ANNUAIRE_FULL_DAY",
        "1",
        "Day of the week on which subscribers of the annuaire's file (FAR37) get it whole, 1 Monday to 7 Sunday; on the other days they get"
        " what changed; 0: whole every day.",
        parse=_whole(0, 7),
    ),
    Setting("PUPITRE_ANNUAIRE_HOUR", "4", "Hour, in France, from which the annuaire's file of the day is made.", parse=_whole(0, 23)),
    Setting("PUPITRE_ANNUAIRE_KEPT_DAYS", "35", "Days for which the annuaire's files are kept, 8 to 366.", parse=_whole(8, 366)),
)
