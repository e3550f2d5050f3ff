"""Files of requests: those that people add, and those that an espace makes of what was typed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from .checks import require, require_types
from .paper import PDF, Paper

#: Bytes of a file that an espace makes for a request.
LARGEST_FILE = 5_000_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a request; `line` counts from 1, None for the request as a whole."""

    name: str
    mime: str
    size: int
    line: int | None = None
    designation: str | None = None

    def says(self, *words: str) -> bool:
        """Tell whether its name or designation holds one of these words, case and accents aside."""
        text = _plain(f"{self.name} {self.designation or ''}")
        return any(_plain(word) in text for word in words)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that the espace makes of what was typed, kept with the request or with one `line` (from 1).

    It replaces the one of its name.
    """

    name: str
    mime: str
    #: A `Paper` is drawn by the platform when the file is kept (since 1.1).
    content: bytes | Paper
    line: int | None = None
    designation: str | None = None

    def __post_init__(self) -> None:
        require_types(self, name=str, mime=str, content=(bytes, Paper))
        if isinstance(self.content, Paper):
            require(self.mime == PDF, f"{self.name} is drawn as {PDF}, not {self.mime}")
        else:
            require(
                0 < len(self.content) <= LARGEST_FILE,
                f"{self.name} has {len(self.content)} bytes; at most {LARGEST_FILE} are kept",
            )
        require(
            "/" not in self.name and self.name.strip() == self.name != "", f"{self.name!r} is not the name of a file"
        )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))
