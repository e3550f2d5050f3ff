"""The certificate of deposit as a PDF: which invoice, when the portal received it, and the SHA-256 of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pupitre_paper import page
from pupitre_paper.fonts import MISSING
from pupitre_paper.parts import Column, Part, document, missing, paragraph, table, title

from .attachments import attachments
from .readable_parts import amount, facts, heading
from .readable_texts import label
from .terms import Reading


def embedded(reading: Reading | None) -> Iterator[dict[str, Any]]:
    """Name, size and SHA-256 of the files inside an invoice."""
    for part in attachments(reading) if reading else ():
        if part.content is not None:
            yield {"name": part.name, "size": len(part.content), "sha256": hashlib.sha256(part.content).hexdigest()}


def pdf(
    deposit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], inside: Sequence[Mapping[str, Any]], lang: str
) -> bytes:
    """The certificate. `deposit` is what the portal recorded, `files` what it keeps, `inside` what the first of them embeds."""
    return page.drawn(
        document(
            _parts(deposit, files, inside, lang),
            title=f"{label('certificate', lang)} {deposit['number']}",
            author="Pupitre",
            footer=label("footer_certificate", lang),
            day=deposit["received"][:10],
            lang=lang,
        )
    )


def _parts(
    deposit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], inside: Sequence[Mapping[str, Any]], lang: str
) -> list[Part]:
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
    parts = [
        title(label("certificate", lang)),
        paragraph(label("certificate_says", lang)),
        *facts("deposit", rows, lang),
        heading("files", lang),
        _files(files, lang),
    ]
    if inside:
        parts += [heading("files_inside", lang), _files(inside, lang)]
    if missing(parts, MISSING):
        parts.append(paragraph(label("missing_signs", lang), small=True))
    return [*parts, paragraph(label("hash_says", lang), small=True)]


def _files(files: Sequence[Mapping[str, Any]], lang: str) -> Part:
    heads = [
        Column(label("file", lang)),
        Column(label("size", lang), 25, right=True),
        Column("SHA-256", 114, small=True),
    ]
    rows = [
        [each["name"], f"{amount(str(each['size']), lang)} {label('bytes', lang)}", each["sha256"]] for each in files
    ]
    return table(heads, rows)


def _with(name: str | None, identifier: str | None) -> str | None:
    return f"{name or ''} ({identifier})" if identifier else name


def _moment(text: str, lang: str) -> str:
    at = datetime.fromisoformat(text)
    shown = at.strftime("%Y-%m-%d %H:%M:%S" if lang == "en" else "%d/%m/%Y à %H:%M:%S")
    return f"{shown} (Europe/Paris, UTC{at.strftime('%z')[:3]}:{at.strftime('%z')[3:]})"
