"""What an operator may set for organisation."""

from pathlib import Path

from pupitre_bus.settings import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PUPITRE_SIRENE_FILE",
        "",
        "CSV or JSON file of establishments with the columns of INSEE's SIRENE: structures are updated from it, and it says whether"
        " a SIRET is closed; empty: no such source.",
        parse=lambda text: Path(text) if text else None,
    ),
)
