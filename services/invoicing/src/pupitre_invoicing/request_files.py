"""The files of a request: what is joined is checked, what the espace makes is stored, and both are kept as rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts.requests import MOST_FILES, NewRequestFile
from pupitre_espaces import Attachment, MadeFile

from . import checking, messages, model, scanning

DESIGNATION_LENGTH = 100


def checked(scope: Any, given: Sequence[NewRequestFile] | None, kept: Iterable[Mapping[str, Any]], lines: int) -> list[dict[str, Any]]:
    """Return new files as rows, once they are found in order (H.8). Raises Invalid, which says for each file what is wrong."""
    new, kept = list(given or ()), list(kept)
    faults = model.check_documents(new, sum(each["size"] for each in kept))
    if len(new) + len(kept) > MOST_FILES:
        faults["documents"] = [f"{MOST_FILES} fichiers au plus / at most {MOST_FILES} files"]
    for each in new:
        if each.line is not None and not 1 <= each.line <= lines:
            faults.setdefault(each.name, []).append(f"pas de ligne {each.line} / no line {each.line}")
        if len(each.designation or "") > DESIGNATION_LENGTH:
            faults.setdefault(each.name, []).append(messages.TEXTS["designation-long"])
        if each.name not in faults and (found := scanning.content_faults(scope, each)):
            faults[each.name] = found
    if faults:
        raise errors.Invalid(what="request", fields=faults)
    return [{**each.values, "made": False} for each in new]


def attachments(rows: Iterable[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    """Return the files that people joined, as the espace sees them."""
    return tuple(
        Attachment(each["name"], each["mime"], each["size"], each["line"], each["designation"])
        for each in rows
        if not each["made"]
    )


def stored(scope: Any, made: Iterable[MadeFile]) -> list[dict[str, Any]]:
    """Put the files that an espace made into the blob store and return them as rows; never within a transaction. Errors: engine-failed,
    for a document that cannot be drawn."""
    files = [(each, _content(scope, each)) for each in made]
    return [
        {
            "name": each.name,
            "mime": each.mime,
            "size": len(content),
            "sha256": scope.resources.blobs.put(content),
            "line": each.line,
            "designation": each.designation,
            "made": True,
        }
        for each, content in files
    ]


def _content(scope: Any, made: MadeFile) -> bytes:
    if isinstance(made.content, bytes):
        return made.content
    _, drawn = checking.run(scope.resources.engine, {"op": "draw"}, json.dumps(made.content.order()).encode())
    return drawn
