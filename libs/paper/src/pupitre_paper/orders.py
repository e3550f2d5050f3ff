"""Documents that espaces write (`Paper.order` of the plugin API), as documents that `page` draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import parts
from .fonts import MISSING

_MISSING = {
    "fr": "Le signe \ufffd tient la place d'un caractère que les polices de ce PDF ne savent pas dessiner.",
    "en": "The sign \ufffd stands for a character that the fonts of this PDF cannot draw.",
}


def document_of(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of an order; the same order gives the same."""
    made = [parts.title(order["title"]), *_parts(order["parts"])]
    if parts.missing(made, MISSING):
        made.append(parts.paragraph(_MISSING[order["language"]], small=True))
    foot = parts.clean(order["foot"], 100)
    return parts.document(
        made, title=order["title"], author="Pupitre", footer=foot, day=order["day"], lang=order["language"]
    )


def _parts(ordered: list[dict[str, Any]]) -> Iterator[parts.Part]:
    for each in ordered:
        if each["is"] == "heading":
            yield parts.heading(each["text"])
        elif each["is"] == "text":
            yield parts.paragraph(each["text"], small=each["small"])
        elif each["is"] == "facts":
            yield from parts.facts(each["rows"])
        else:
            columns = [parts.Column(parts.clean(one["label"], 100), one["width"], one["right"]) for one in each["columns"]]
            yield parts.table(columns, each["rows"], strong=each["strong"])
