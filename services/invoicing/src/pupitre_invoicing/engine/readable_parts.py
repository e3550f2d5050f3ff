"""What the drawn documents are made of: headings, texts, facts and tables, all of texts made harmless; amounts and dates.

A part is a dictionary that `data/paper/document.typ` draws. Widths are millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from . import amounts
from .findings import excerpt
from .readable_fonts import BREAK, fitted, printable
from .readable_texts import label

Part = dict[str, Any]

WIDTH = 178.0
CELL = 1_000  # characters
NO_DAY = date(2000, 1, 1)
_TEXT, _SMALL, _NAME, _TITLE = 8.5, 7.5, 10.0, 17.0  # points, as in document.typ
_FACT, _INSET = 42.0, 3.0
_LEAST = 10  # characters left in a cell below which nothing more is begun
_KEPT_TOGETHER = 1_500  # characters of a row or of facts that are not parted by the end of a page


class Column(NamedTuple):
    """A column of a table; the one without a width takes what the others leave."""

    label: str
    width: float | None = None
    right: bool = False
    small: bool = False


def document(
    parts: Sequence[Part], *, title: str, author: str, footer: str, day: str | None, lang: str
) -> dict[str, Any]:
    """A document of these parts. `day` (ISO) becomes its date of creation, which PDF/A wants: `NO_DAY` where it is none."""
    return {
        "lang": "en" if lang == "en" else "fr",
        "title": printable(excerpt(title, 200)),
        "author": printable(excerpt(author, 200)),
        "subject": footer,
        "foot": fitted(f"{printable(title)[:70]} – {footer}", WIDTH - 30, 7).replace(BREAK, " "),
        "page": label("page", lang, page="{page}", pages="{pages}"),
        "day": _numbers(day),
        "parts": list(parts),
    }


def _numbers(day: str | None) -> list[int]:
    try:
        found = date.fromisoformat(day or "")
    except ValueError:
        found = NO_DAY
    found = found if found.year >= 1970 else NO_DAY
    return [found.year, found.month, found.day]


def title(text: object) -> Part:
    """The one heading of the first level."""
    return {"is": "title", "text": fitted(_clean(text, 200), WIDTH, _TITLE, bold=True)}


def heading(name: str, lang: str) -> Part:
    """A heading of the second level; `name` is that of a label."""
    return {"is": "heading", "text": label(name, lang)}


def paragraph(value: object, width: float = WIDTH, *, small: bool = False, length: int = CELL) -> Part:
    """A text of its own, bounded."""
    size = _SMALL if small else _TEXT
    return {"is": "text", "small": small, "text": fitted(_clean(value, length), width, size)}


def name(value: object, width: float) -> Part:
    """The name of a party."""
    return {"is": "name", "text": fitted(_clean(value, CELL), width, _NAME, bold=True)}


def band(rows: Sequence[tuple[str, object]]) -> Part:
    """A few short facts in one line, each below its name."""
    width = WIDTH / max(len(rows), 1) - 2 * _INSET
    return {
        "is": "band",
        "rows": [[title, fitted(_clean(value, 80), width, _TEXT, bold=True)] for title, value in rows],
    }


def columns(*parts: tuple[float, Sequence[Part]]) -> Part:
    """Parts side by side, each with its width; they are read one after the other."""
    return {"is": "columns", "widths": [width for width, _ in parts], "parts": [list(part) for _, part in parts]}


def facts(heading_name: str, rows: Iterable[tuple[str, object]], lang: str) -> list[Part]:
    """A titled list of the facts that are known, each with its name; nothing if none is."""
    known = [[label(title, lang), fitted(_clean(value, CELL), WIDTH - _FACT, _TEXT)] for title, value in rows if value]
    if not known:
        return []
    long = sum(len(value) for _, value in known) > _KEPT_TOGETHER
    return [heading(heading_name, lang), {"is": "facts", "rows": known, "long": long}]


def table(
    heads: Sequence[Column],
    rows: Iterable[Sequence[object]],
    width: float = WIDTH,
    strong: Iterable[int] = (),
    length: int = CELL,
) -> Part:
    """A table whose head is repeated on every page. A cell is a text, or several of which the first counts most, of `length`
    characters together; `strong` are the places of rows in bold, the last of which is set off."""
    left = width - sum(column.width or 0 for column in heads)
    bold = set(strong)
    made = [_row(heads, row, left, place in bold, length) for place, row in enumerate(rows)]
    return {"is": "table", "columns": [column._asdict() for column in heads], "rows": made, "strong": bool(bold)}


def _row(heads: Sequence[Column], row: Sequence[object], left: float, strong: bool, length: int) -> dict[str, Any]:
    cells = [
        _cell(value, (left if column.width is None else column.width) - _INSET, strong, column.small, length)
        for column, value in zip(heads, row, strict=True)
    ]
    size = sum(len(text) for cell in cells for text in ([cell] if isinstance(cell, str) else cell))
    return {"cells": cells, "strong": strong, "long": size > _KEPT_TOGETHER}


def _cell(value: object, width: float, strong: bool, small: bool, length: int) -> str | list[str]:
    size = _SMALL if small else _TEXT
    if not isinstance(value, list):
        return fitted(_clean(value, length), width, size, strong)
    texts: list[str] = []
    for place, each in enumerate(value):
        text = _clean(each, length)
        texts.append(fitted(text, width, _SMALL if place else size, strong and not place))
        length -= len(text)
        if length < _LEAST:
            break
    return texts


def _clean(value: object, length: int) -> str:
    return excerpt(printable("" if value is None else str(value)[: 2 * length]), length)


def missing(parts: object, sign: str) -> bool:
    """Whether a sign occurs in any text of the parts."""
    if isinstance(parts, str):
        return sign in parts
    values = parts.values() if isinstance(parts, Mapping) else parts if isinstance(parts, list) else ()
    return any(missing(each, sign) for each in values)


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
