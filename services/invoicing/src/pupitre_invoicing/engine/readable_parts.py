"""Parts of the drawn documents that are known by the names of labels; amounts and dates for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pupitre_paper import parts
from pupitre_paper.parts import Part

from . import amounts
from .findings import excerpt
from .readable_texts import label


def heading(name: str, lang: str) -> Part:
    """A heading of the second level."""
    return parts.heading(label(name, lang))


def facts(heading_name: str, rows: Iterable[tuple[str, object]], lang: str) -> list[Part]:
    """A titled list of the facts that are known, each with its name; nothing if none is."""
    known = parts.facts((label(name, lang), value) for name, value in rows)
    return [heading(heading_name, lang), *known] if known else []


def amount(value: str | None, lang: str) -> str:
    """An amount for people: thousands grouped, decimals of the file kept; what is no number is shown as it is."""
    number = amounts.parse(value)
    if number is None:
        return excerpt(value or "", 40)
    grouped = f"{number:,f}"
    return grouped if lang == "en" else grouped.replace(",", "\u00a0").replace(".", ",")


def day(value: str | None, lang: str) -> str:
    """A date for people; what is no date is shown as it is."""
    try:
        parsed = date.fromisoformat(value or "")
    except ValueError:
        return excerpt(value or "", 40)
    return parsed.isoformat() if lang == "en" else parsed.strftime("%d/%m/%Y")
