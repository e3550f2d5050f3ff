"""Documents as a reaction writes them: read from what is kept, and written all together once it has ended well, or not at all."""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from .ports import PortRefused, Record


class Kept(Protocol):
    """What the documents are read from."""

    def get(self, collection: str, key: str) -> Record | None:
        """Return one document, or None."""
        ...

    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        """Return documents by key."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one document: `document` None forgets it. `base` is the version that it had when it was first touched, 0 for none."""

    collection: str
    key: str
    document: Mapping[str, Any] | None
    base: int


class PendingRecords:
    """The port `records` of a reaction. `check` raises PortRefused for a document that cannot be kept."""

    def __init__(
        self, kept: Kept, now: Callable[[], datetime], by: str, check: Callable[[str, str, Mapping[str, Any]], None] | None = None
    ) -> None:
        self._kept, self._now, self._by, self._check = kept, now, by, check
        self._bases: dict[tuple[str, str], int] = {}
        self._written: dict[tuple[str, str], Record | None] = {}

    def get(self, collection: str, key: str) -> Record | None:
        """Return one document as it is after what was written here, or None."""
        if (collection, key) in self._written:
            return self._written[collection, key]
        found = self._kept.get(collection, key)
        # What is read decides what is written: at the end it must still be so.
        self._bases[collection, key] = found.version if found else 0
        return found

    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        """Keep a document; with `version`, only in place of that version."""
        before = self.get(collection, key)
        at = before.version if before else 0
        if version is not None and version != at:
            raise PortRefused("conflict", f"{collection}/{key} is at version {at}")
        if self._check is not None:
            self._check(collection, key, document)
        made = Record(collection, key, document, at + 1, self._now(), self._by)
        self._written[collection, key] = made
        return made

    def delete(self, collection: str, key: str) -> None:
        """Forget a document."""
        if self.get(collection, key) is not None:
            self._written[collection, key] = None

    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        """Return documents by key, as they are after what was written here."""
        ours = {key: record for (of, key), record in self._written.items() if of == collection}
        found = {each.key: each for each in self._kept.search(collection, text, limit=limit + len(ours), after=after)}
        kept = [each for key, each in found.items() if key not in ours]
        kept += [each for key, each in ours.items() if each is not None and key > after and holds(each, text)]
        return tuple(sorted(kept, key=lambda each: each.key)[:limit])

    def changes(self) -> tuple[Change, ...]:
        """Return what is to be written, in one order everywhere."""
        return tuple(
            Change(collection, key, record.document if record else None, self._bases[collection, key])
            for (collection, key), record in sorted(self._written.items(), key=lambda each: each[0])
        )


def holds(record: Record, text: str) -> bool:
    """Tell whether a document holds a text, case and accents aside, `*` for anything."""
    return fnmatch.fnmatchcase(_plain(f"{record.key} {dict(record.document)}"), f"*{_plain(text)}*")


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))
