"""How much of anything the engine accepts to read. Every reader takes these; a caller may lower or raise them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one piece of work. Sizes are bytes unless said otherwise."""

    file_bytes: int = 120 * MIB  # one deposited file, attachments included (the 120 MB of the Chorus Pro rules)
    xml_bytes: int = 64 * MIB  # the XML of one invoice
    xml_depth: int = 100  # nested elements; real invoices stay under 20
    xml_elements: int = 1_500_000  # start tags, counted before parsing: bounds the memory of the tree
    invoice_lines: int = 5_000  # lines of one invoice; the official rules take about 2 ms a line
    xml_attributes: int = 100  # on one element
    text_length: int = 20_000  # characters in one field that is not an attached file
    integer_digits: int = 15  # of an amount, a price or a quantity, before the decimal point
    number_length: int = 30  # all digits of a number
    pdf_stream_bytes: int = 32 * MIB  # one decompressed stream of a PDF
    findings: int = 200  # reported for one file; the rest is counted
    lot_entries: int = 500  # files in a lot
    lot_bytes: int = 1024 * MIB  # all files of a lot, decompressed
    lot_ratio: int = 100  # decompressed over compressed

    def with_changes(self, changes: dict[str, Any] | None) -> Limits:
        """These limits with `changes` applied; unknown names and non-positive values raise ValueError."""
        known = {field.name for field in fields(self)}
        for name, value in (changes or {}).items():
            if name not in known or not isinstance(value, int) or value <= 0:
                raise ValueError(f"unknown or impossible limit: {name}")
        return replace(self, **(changes or {}))


@dataclass(frozen=True)
class Policy:
    """What is asked of one check: the language of the texts ("fr", "en", or "both"), today's date, and the limits."""

    lang: str = "fr"
    today: date | None = None
    reform_first_day: date | None = None
    limits: Limits = Limits()

    @classmethod
    def from_header(cls, header: dict[str, Any]) -> Policy:
        """Reads `lang`, `today`, `reform_first_day` and `limits` of a request; raises ValueError on nonsense."""

        def day(name: str) -> date | None:
            return date.fromisoformat(header[name]) if header.get(name) else None

        lang = header.get("lang") or "fr"
        if lang not in ("fr", "en", "both"):
            raise ValueError(f"unknown language: {lang!r}")
        return cls(lang, day("today"), day("reform_first_day"), Limits().with_changes(header.get("limits")))
