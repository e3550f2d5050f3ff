"""Reads the business terms of a document, as written in it, and tells which term an element of the document is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from lxml import etree

from .safe_xml import local_name
from .terms_table import GROUPS, HEADER, LINES, OTHER_GROUPS, Term
from .terms_walk import Level, document, met

_PREDICATE = re.compile(r"\[[^\[\]]*\]")
_PREFIX = re.compile(r"[a-z]+:")
_UBL_NOTE = re.compile(r"#([A-Z]{3})#(.*)", re.DOTALL)
_CII_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ZONED_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})")
_FILE = "BT-125"
_FILES = ("EmbeddedDocumentBinaryObject", "AttachmentBinaryObject")
# Terms whose identification scheme is part of what they say. VAT numbers have one in CII (VA) and none in UBL.
_IDENTIFIED = tuple(f"BT-{number}" for number in (29, 30, 34, 46, 47, 49, 60, 61, 71, 157, 158))


class Value(NamedTuple):
    """The text of one term, stripped; `scheme` is its identification scheme, if any, and `element` where it stands."""

    text: str
    scheme: str | None
    element: etree._Element

    @property
    def well_written(self) -> bool:
        """False for a CII date that announces AAAAMMJJ (format 102) and is written otherwise."""
        return self.element.get("format") != "102" or bool(_CII_DATE.fullmatch((self.element.text or "").strip()))


@dataclass
class Reading:
    """The terms of a document, or of one element of a repeatable group."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    groups: dict[str, list[Reading]] = field(default_factory=dict)

    def one(self, term: str) -> str | None:
        """The first text of a term, or None."""
        found = self.values.get(term)
        return found[0].text if found else None

    def all(self, term: str) -> list[Value]:
        """Every text of a term, in the order of the document."""
        return self.values.get(term, [])

    def group(self, group: str) -> list[Reading]:
        """The readings of a repeatable group."""
        return self.groups.get(group, [])

    def public(self) -> dict[str, Any]:
        """BT and BG numbers with what was read: a text, a list when the term was met several times with different
        texts, a list of such dictionaries for a repeatable group. ``BT-29-1`` is the scheme of BT-29. Attached files
        are named, not copied."""
        terms: dict[str, Any] = {}
        for term, found in self.values.items():
            if term == _FILE:
                terms["BT-125-1"] = found[0].element.get("mimeCode") or ""
                terms["BT-125-2"] = found[0].element.get("filename") or ""
                continue
            if len(found) == 1:
                text, scheme, _ = found[0]
                terms[term] = text
                if scheme:
                    terms[f"{term}-1"] = scheme
                continue
            pairs = list(dict.fromkeys((value.text, value.scheme) for value in found))
            terms[term] = _single([text for text, _ in pairs])
            if any(scheme for _, scheme in pairs):
                terms[f"{term}-1"] = _single([scheme or "" for _, scheme in pairs])
        for group, readings in self.groups.items():
            terms[group] = [reading.public() for reading in readings]
        return terms


def _single(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts


def read(root: etree._Element, family: str) -> Reading:
    """Every term of the document that has content. `family` is "ubl" or "cii"."""
    reading = _read(root, document(family))
    for note in reading.group("BG-1"):
        _split_note(note)
    return reading


def _read(element: etree._Element, level: Level) -> Reading:
    values: dict[str, list[Value]] = {}
    parts: dict[str, list[etree._Element]] = {}
    for item, place in met(element, level.start):
        for term in place.terms:
            if (value := _value(term, item)) is not None:
                values.setdefault(term, []).append(value)
        for name, term in place.attributes:
            if text := (item.get(name) or "").strip():
                values.setdefault(term, []).append(Value(text, None, element))
        for group in place.groups:
            parts.setdefault(group, []).append(item)
    reading = Reading({term: values[term] for term in level.terms if term in values})
    for group, inner in level.groups:
        if group in parts:
            reading.groups[group] = [_read(part, inner) for part in parts[group]]
    return reading


def _value(term: str, item: etree._Element) -> Value | None:
    text = (item.text or "").strip() if term != _FILE else ""
    if not text and term != _FILE:
        return None
    if item.get("format") == "102" and (date := _CII_DATE.fullmatch(text)):
        text = "-".join(date.groups())
    elif item.tag.endswith("Date") and (date := _ZONED_DATE.fullmatch(text)):
        # xs:date allows a time zone; the day of an invoice is the day its seller wrote.
        text = date.group(1)
    scheme = item.get("schemeID") or item.get("schemeName") or item.get("listID") if term in _IDENTIFIED else None
    return Value(text, scheme, item)


def _split_note(note: Reading) -> None:
    """UBL has no place for the subject code of a note: it is written ``#PMT#text``."""
    value = note.all("BT-22")[0] if note.all("BT-22") else None
    if value is not None and "BT-21" not in note.values and (match := _UBL_NOTE.fullmatch(value.text)):
        note.values = {
            "BT-21": [Value(match.group(1), None, value.element)],
            "BT-22": [Value(match.group(2).strip(), None, value.element)],
        }


def names(term: str) -> tuple[str, str] | None:
    """French and English name of a BT or BG number, or None."""
    return _names().get(term)


@cache
def _names() -> dict[str, tuple[str, str]]:
    named = dict(OTHER_GROUPS)
    for term, _prefix in _rows("ubl"):
        named[term.id] = (term.fr, term.en)
    for group in (*GROUPS, *LINES.groups):
        named[group.id] = (group.fr, group.en)
    return named


def term_at(location: str, family: str) -> str | None:
    """The term at a location such as ``/Invoice/LegalMonetaryTotal/PayableAmount``, or of its nearest ancestor."""
    steps = [_PREDICATE.sub("", step) for step in location.strip("/").split("/")[1:]]
    table = _locations(family)
    while steps:
        found = table.get("/".join(steps))
        if found:
            return found
        steps.pop()
    return None


@cache
def _locations(family: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for term, prefix in _rows(family):
        for path in _paths(getattr(term, family)):
            table.setdefault("/".join(part for part in (prefix, path) if part), term.id)
    for group in GROUPS:
        for path in _paths(getattr(group, family)):
            table.setdefault(path, group.id)
            for inner in group.groups:
                for inner_path in _paths(getattr(inner, family)):
                    table.setdefault(f"{path}/{inner_path}", inner.id)
    return table


def _rows(family: str) -> Iterator[tuple[Term, str]]:
    """Every term with the path of the group it belongs to."""
    for term in HEADER:
        yield term, ""
    for group in GROUPS:
        for prefix in _paths(getattr(group, family)):
            for term in group.terms:
                yield term, prefix
            for inner in group.groups:
                for inner_prefix in _paths(getattr(inner, family)):
                    for term in inner.terms:
                        yield term, f"{prefix}/{inner_prefix}"


def _paths(expression: str) -> list[str]:
    """The plain paths of an XPath of the table: no prefixes, no predicates, no final attribute or date wrapper."""
    bare = _PREDICATE.sub("", _PREDICATE.sub("", expression))
    return [
        re.sub(r"/@\w+$|(?<=.)/DateTimeString$", "", _PREFIX.sub("", part.strip())).strip(".")
        for part in bare.split(" | ")
        if part.strip()
    ]


def long_texts(root: etree._Element, length: int) -> Iterator[tuple[etree._Element, str]]:
    """Every element with more than `length` characters of its own, attached files excepted."""
    for element in root.iter(etree.Element):
        text = element.text
        if text and len(text) > length and local_name(element) not in _FILES:
            yield element, text
