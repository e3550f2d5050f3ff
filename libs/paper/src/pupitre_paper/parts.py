"""What the drawn documents are made of: headings, texts, facts and tables, all of texts made harmless.

A part is a dictionary that `template/document.typ` draws. Widths are millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from .fonts import BREAK, fitted, printable

Part = dict[str, Any]

WIDTH = 178.0
CELL = 1_000  # characters
NO_DAY = date(2000, 1, 1)
_TEXT, _SMALL, _NAME, _TITLE = 8.5, 7.5, 10.0, 17.0  # points, as in document.typ
_FACT, _INSET, _MARKER = 42.0, 3.0, 5.0
_LEAST = 10  # characters left in a cell below which nothing more is begun
_PAGE = {"fr": "Page {page} sur {pages}", "en": "Page {page} of {pages}"}
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
    language = "en" if lang == "en" else "fr"
    return {
        "lang": language,
        "title": clean(title, 200),
        "author": clean(author, 200),
        "subject": footer,
        "foot": fitted(" – ".join(filter(None, (clean(title, 70), footer))), WIDTH - 30, 7).replace(BREAK, " "),
        "page": _PAGE[language],
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
    return {"is": "title", "text": fitted(clean(text, 200), WIDTH, _TITLE, bold=True)}


def heading(text: object) -> Part:
    """A heading of the second level."""
    return {"is": "heading", "text": fitted(clean(text, 200), WIDTH, _NAME, bold=True)}


def subheading(text: object) -> Part:
    """A heading of the third level, below one of the second."""
    return {"is": "subheading", "text": fitted(clean(text, 2 * CELL), WIDTH, _TEXT, bold=True)}


def listing(values: Iterable[object]) -> Part:
    """A list of short texts, one below the other."""
    return {"is": "list", "rows": [fitted(clean(value, CELL), WIDTH - _MARKER, _TEXT) for value in values]}


def paragraph(value: object, width: float = WIDTH, *, small: bool = False, length: int = CELL) -> Part:
    """A text of its own, bounded."""
    size = _SMALL if small else _TEXT
    return {"is": "text", "small": small, "text": fitted(clean(value, length), width, size)}


def name(value: object, width: float) -> Part:
    """The name of a party."""
    return {"is": "name", "text": fitted(clean(value, CELL), width, _NAME, bold=True)}


def band(rows: Sequence[tuple[str, object]]) -> Part:
    """A few short facts in one line, each below its name."""
    width = WIDTH / max(len(rows), 1) - 2 * _INSET
    return {
        "is": "band",
        "rows": [[title, fitted(clean(value, 80), width, _TEXT, bold=True)] for title, value in rows],
    }


def columns(*parts: tuple[float, Sequence[Part]]) -> Part:
    """Parts side by side, each with its width; they are read one after the other."""
    return {"is": "columns", "widths": [width for width, _ in parts], "parts": [list(part) for _, part in parts]}


def facts(rows: Iterable[tuple[str, object]]) -> list[Part]:
    """A list of the facts that are known, each with its name; nothing if none is."""
    known = [[clean(name, 100), fitted(clean(value, CELL), WIDTH - _FACT, _TEXT)] for name, value in rows if value]
    if not known:
        return []
    return [{"is": "facts", "rows": known, "long": sum(len(value) for _, value in known) > _KEPT_TOGETHER}]


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
        return fitted(clean(value, length), width, size, strong)
    texts: list[str] = []
    for place, each in enumerate(value):
        text = clean(each, length)
        texts.append(fitted(text, width, _SMALL if place else size, strong and not place))
        length -= len(text)
        if length < _LEAST:
            break
    return texts


def clean(value: object, length: int) -> str:
    """A text of anybody on one line, in signs that the fonts have, of at most so many characters."""
    text = printable("" if value is None else str(value)[: 2 * length])
    return text if len(text) <= length else text[: length - 1] + "…"


def missing(parts: object, sign: str) -> bool:
    """Whether a sign occurs in any text of the parts."""
    if isinstance(parts, str):
        return sign in parts
    values = parts.values() if isinstance(parts, Mapping) else parts if isinstance(parts, list) else ()
    return any(missing(each, sign) for each in values)

