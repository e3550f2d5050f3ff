"""Lines of a draft from a CSV file, for the page and for programs: the good ones, and of the others what is wrong."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from pupitre_contracts import errors
from pupitre_contracts import requests as calls
from pupitre_espaces import Finding, RequestKind, forms, lines_csv
from pupitre_espaces.host import EspaceSilent

from .languages import current, gettext

#: What is read of a file: one octet more than is taken tells one that is too large.
MOST_READ = lines_csv.LARGEST + 1


@dataclass(frozen=True, slots=True)
class Read:
    """What a file gives: all lines that the draft is to have, how many of them are new, and the rows left out with what is wrong there."""

    lines: list[dict[str, Any]]
    new: int
    refused: tuple[tuple[int, tuple[Finding, ...]], ...]


def read(found: calls.Request, kind: RequestKind, content: bytes, *, replace: bool) -> Read:
    """Read a file for a draft; `replace`: its lines come in place of those that are there. Errors: invalid (field `lines`, in the reader's
    language) for a file that gives nothing, espaces.silent."""
    try:
        imported = current_app.extensions["pupitre"].espaces.import_lines(found.espace, kind, content)
    except EspaceSilent as error:
        raise errors.EspaceSilent(espace=found.espace) from error
    if imported.fault is not None:
        raise _unusable(imported.fault.text(current()))
    new = [forms.dump(kind.line, each) for each in imported.lines]
    lines = new if replace else [*found.lines, *new]
    if len(lines) > calls.MOST_LINES:
        raise _unusable(gettext("Une demande a %(most)s lignes au plus.", most=calls.MOST_LINES))
    return Read(lines, len(new), imported.refused)


def faults(kind: RequestKind, refused: tuple[tuple[int, tuple[Finding, ...]], ...]) -> list[dict[str, Any]]:
    """Return each problem of the rows left out: row, field and its label, what is wrong, and the remedy, in the reader's language."""
    labels = {each.name: each.label.text(current()) for each in forms.describe(kind.line)}
    return [
        {
            "row": row,
            "field": (name := (each.term or "").partition(".")[2]),
            "label": labels.get(name, ""),
            "rule": each.rule,
            "message": each.message.text(current()),
            "remedy": each.remedy.text(current()),
        }
        for row, findings in refused
        for each in findings
    ]


def _unusable(why: str) -> errors.Invalid:
    return errors.Invalid(what="csv", fields={"lines": [why]})
