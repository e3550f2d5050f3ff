"""The certificate of deposit as a PDF: which invoice, when the portal received it, and the SHA-256 of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Spacer

from .attachments import attachments
from .readable_page import BAND, RULE, WIDTH
from .readable_parts import (
    COLUMN,
    COLUMN_RIGHT,
    FONT,
    NUMBER,
    SMALL,
    TEXT,
    TITLE,
    Heading,
    amount,
    cell,
    drawn,
    fact_table,
    heading_of,
)
from .readable_texts import label
from .terms import Reading

_STYLE = [
    FONT,
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("BACKGROUND", (0, 0), (-1, 0), BAND),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
]


def embedded(reading: Reading | None) -> Iterator[dict[str, Any]]:
    """Name, size and SHA-256 of the files inside an invoice."""
    for part in attachments(reading) if reading else ():
        if part.content is not None:
            yield {"name": part.name, "size": len(part.content), "sha256": hashlib.sha256(part.content).hexdigest()}


def pdf(deposit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], inside: Sequence[Mapping[str, Any]], lang: str) -> bytes:
    """The certificate. `deposit` is what the portal recorded, `files` what it keeps, `inside` what the first of them embeds."""
    title = f"{label('certificate', lang)} {deposit['number']}"
    return drawn(
        lambda: _story(deposit, files, inside, lang),
        title,
        "Pupitre",
        label("footer_certificate", lang),
        lang,
    )


def _story(
    deposit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], inside: Sequence[Mapping[str, Any]], lang: str
) -> list[Flowable]:
    gross = f"{amount(deposit['gross'], lang)} {deposit['currency']}" if deposit["gross"] else None
    rows = [
        ("invoice_number", deposit["number"]),
        ("portal_number", str(deposit["portal_number"])),
        ("seller", _with(deposit["supplier_name"], deposit["supplier_identifier"])),
        ("buyer", _with(deposit["recipient_name"], deposit["recipient_siret"])),
        ("code_service", deposit["code_service"]),
        ("engagement", deposit["engagement"]),
        ("contract", deposit["contract"]),
        ("total_gross", gross),
        ("flux", deposit["numero_flux"]),
        ("received", _moment(deposit["received"], lang)),
    ]
    story: list[Flowable] = [
        Heading(label("certificate", lang), TITLE, 0),
        Spacer(1, 2 * mm),
        cell(label("certificate_says", lang), TEXT),
        *fact_table("deposit", rows, lang),
        heading_of("files", lang),
        _files(files, lang),
    ]
    if inside:
        story += [heading_of("files_inside", lang), _files(inside, lang)]
    return [*story, Spacer(1, 4 * mm), cell(label("hash_says", lang), SMALL, 1000)]


def _files(files: Sequence[Mapping[str, Any]], lang: str) -> LongTable:
    head = [cell(label("file", lang), COLUMN), cell(label("size", lang), COLUMN_RIGHT), cell("SHA-256", COLUMN)]
    rows = [
        [cell(each["name"]), cell(f"{amount(str(each['size']), lang)} {label('bytes', lang)}", NUMBER), cell(each["sha256"], SMALL)]
        for each in files
    ]
    return LongTable([head, *rows], colWidths=[WIDTH - 135 * mm, 24 * mm, 111 * mm], repeatRows=1, style=_STYLE)


def _with(name: str | None, identifier: str | None) -> str | None:
    return f"{name or ''} ({identifier})" if identifier else name


def _moment(text: str, lang: str) -> str:
    at = datetime.fromisoformat(text)
    shown = at.strftime("%Y-%m-%d %H:%M:%S" if lang == "en" else "%d/%m/%Y à %H:%M:%S")
    return f"{shown} (Europe/Paris, UTC{at.strftime('%z')[:3]}:{at.strftime('%z')[3:]})"
