"""Lines of a request read from a CSV file: the readable ones are kept, each of the others is named with what is wrong."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import marshmallow

from . import forms
from .requests import MOST_LINES
from .values import Finding, Label, Language

LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file gave: lines as values, and the findings on those left out, by their row in the file (the header is row 1)."""

    lines: tuple[dict[str, Any], ...]
    refused: tuple[tuple[int, tuple[Finding, ...]], ...]
    #: What is wrong with the file as a whole: then there are no lines.
    fault: Label | None = None


def columns(schema: type[marshmallow.Schema]) -> tuple[str, ...]:
    """Return the names of the columns, in the order of the template; either the field's name or its label heads a column."""
    return tuple(each.name for each in forms.describe(schema) if not each.worked_out)


def template(schema: type[marshmallow.Schema], language: Language) -> str:
    """Return the head of a file to be filled in, with the labels, separated by semicolons."""
    labels = [each.label.text(language) for each in forms.describe(schema) if not each.worked_out]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow(labels)
    return out.getvalue()


def read(schema: type[marshmallow.Schema], content: bytes) -> Imported:
    """Read a file in UTF-8 or Windows-1252, separated by semicolons, commas or tabs."""
    if len(content) > LARGEST:
        return Imported((), (), Label("Le fichier dépasse 2 Mo.", "The file is larger than 2 MB."))
    text = _decoded(content)
    rows = list(csv.reader(io.StringIO(text), delimiter=_separator(text)))
    head, *body = rows or [[]]
    known = {
        key: each.name
        for each in forms.describe(schema)
        for key in (each.name, *(_key(each.label.text(of)) for of in ("fr", "en")))
    }
    named = [known.get(cell.strip()) or known.get(_key(cell)) for cell in head]
    needed = {each.name for each in forms.describe(schema) if each.needed and not each.worked_out}
    if needed - set(named):
        missing = ", ".join(sorted(needed - set(named)))
        return Imported((), (), Label(f"Colonnes absentes : {missing}.", f"Columns missing: {missing}."))
    if len(body) > MOST_LINES:
        return Imported((), (), Label(f"Plus de {MOST_LINES} lignes.", f"More than {MOST_LINES} lines."))
    lines, refused = [], []
    for number, row in enumerate(body, start=2):
        if not any(cell.strip() for cell in row):
            continue
        raw = {name: cell for name, cell in zip(named, row, strict=False) if name is not None}
        values, findings = forms.read(schema, raw, line=number)
        if findings:
            refused.append((number, findings))
        else:
            lines.append(values)
    return Imported(tuple(lines), tuple(refused))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    head = text.partition("\n")[0]
    return max(";,\t", key=head.count)


def _key(label: str) -> str:
    return " ".join(label.casefold().split())
