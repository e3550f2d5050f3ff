"""Reference data of the espace: categories and trainings, from files that an operator can put others in place of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pupitre_espaces import Label, dated

CATEGORIES, TRAININGS = "PUPITRE_ESPACE_SOLLICITATIONS_CATEGORIES", "PUPITRE_ESPACE_SOLLICITATIONS_TRAININGS"
SUPPORT, SERVICE = "support", "service"


@dataclass(frozen=True, slots=True)
class Category:
    """A category: `to` is who answers it, `until` the last day on which it is offered."""

    code: str
    label: Label
    to: str
    until: date


@dataclass(frozen=True, slots=True)
class Training:
    """A training: a day, a title, and where one registers beside the portal, if anywhere."""

    code: str
    day: date
    title: Label
    link: str


def categories() -> dict[str, Category]:
    """Return the categories by code. Raises `dated.WrongData`."""
    rows = dated.read(__package__, "categories.toml", CATEGORIES).get("categories", [])
    try:
        found = [
            Category(row["code"], Label(row["fr"], row["en"]), row["to"], row.get("until", date.max)) for row in rows
        ]
    except (KeyError, ValueError) as error:
        raise dated.WrongData(f"{CATEGORIES}: {error}") from error
    if (
        not found
        or any(each.to not in (SUPPORT, SERVICE) for each in found)
        or len({each.code for each in found}) < len(found)
    ):
        raise dated.WrongData(
            f'{CATEGORIES}: each category has a code of its own and goes to "{SUPPORT}" or "{SERVICE}"'
        )
    return {each.code: each for each in found}


def trainings(today: date) -> list[Training]:
    """Return the trainings to come, soonest first. Raises `dated.WrongData`."""
    rows = dated.read(__package__, "trainings.toml", TRAININGS).get("trainings", [])
    try:
        found = [Training(row["code"], row["day"], Label(row["fr"], row["en"]), row.get("link", "")) for row in rows]
    except (KeyError, ValueError) as error:
        raise dated.WrongData(f"{TRAININGS}: {error}") from error
    return sorted((each for each in found if each.day >= today), key=lambda each: each.day)
