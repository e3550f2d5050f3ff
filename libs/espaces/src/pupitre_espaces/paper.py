"""Documents that an espace writes and the platform draws (since 1.1), as accessible PDFs (PDF/UA-1, PDF/A-3a).
The same document gives the same bytes.

A document is given where a file's content is: `MadeFile(…, content=Paper(…))`, `Download(…, content=Paper(…))`. Texts may be anybody's:
they are shown, never interpreted; signs that the fonts lack are shown as U+FFFD, and long texts are cut at 1 000 characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .checks import require, require_types
from .values import LANGUAGES, Language

PDF = "application/pdf"
#: Of one document.
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 200, 2_500, 12
#: Millimetres between the margins of a page.
WIDTH = 178.0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title."""

    text: str

    def order(self) -> dict[str, Any]:
        """Return it as the platform reads it."""
        return {"is": "heading", "text": self.text}


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    small: bool = False

    def order(self) -> dict[str, Any]:
        """Return it as the platform reads it."""
        return {"is": "text", "text": self.text, "small": self.small}


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for; those without a value are left out."""

    rows: Sequence[tuple[str, str]]

    def order(self) -> dict[str, Any]:
        """Return it as the platform reads it."""
        return {"is": "facts", "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, of so many millimetres; one of them may have no width, and takes what is left."""

    label: str
    width: float | None = None
    #: Amounts stand at the right.
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page; `strong` are the places of rows in bold, from 0."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    strong: Sequence[int] = ()

    def __post_init__(self) -> None:
        require(0 < len(self.columns) <= MOST_COLUMNS, f"a table has 1 to {MOST_COLUMNS} columns, not {len(self.columns)}")
        wide = [each.width for each in self.columns if each.width is not None]
        require(len(self.columns) - len(wide) <= 1, "one column of a table takes what is left, the others have a width")
        require(all(each > 0 for each in wide) and sum(wide) <= WIDTH, f"the columns of a table are {WIDTH:g} mm wide together")
        odd = next((row for row in self.rows if len(row) != len(self.columns)), None)
        require(odd is None, f"a row has {len(self.columns)} cells, not {len(odd or ())}")

    def order(self) -> dict[str, Any]:
        """Return it as the platform reads it."""
        columns = [{"label": each.label, "width": each.width, "right": each.right} for each in self.columns]
        return {"is": "table", "columns": columns, "rows": [list(row) for row in self.rows], "strong": list(self.strong)}


Part = Heading | Text | Facts | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of A4 pages. `day` becomes its date of creation; `foot` stands on every page, after the title."""

    title: str
    parts: Sequence[Part]
    language: Language
    foot: str = ""
    day: date | None = None

    def __post_init__(self) -> None:
        require_types(self, title=str, foot=str, day=(date, type(None)))
        require(bool(self.title.strip()), "a document has a title")
        require(self.language in LANGUAGES, f"no document is in the language {self.language!r}")
        require(len(self.parts) <= MOST_PARTS, f"a document has at most {MOST_PARTS} parts, not {len(self.parts)}")
        rows = sum(len(each.rows) for each in self.parts if isinstance(each, Facts | Table))
        require(rows <= MOST_ROWS, f"a document has at most {MOST_ROWS} rows, not {rows}")

    def order(self) -> dict[str, Any]:
        """Return it as JSON-able data, as the platform reads it."""
        return {
            "title": self.title,
            "language": self.language,
            "foot": self.foot,
            "day": self.day.isoformat() if self.day is not None else None,
            "parts": [each.order() for each in self.parts],
        }
