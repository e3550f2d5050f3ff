"""What one document says that another does not: terms compared as people understand them, and what no term covers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from .safe_xml import path
from .terms import Reading, Value
from .terms_walk import document, met

# Which profile a file follows is not what its invoice says.
_OF_THE_FILE = ("BT-24",)
_FILE = "BT-125"
_VAT_POINT_CODES = {"3": "5", "35": "29", "432": "72"}
# Elements that carry no term: what they say, the writing says again in its own way.
_STRUCTURAL = {
    "TaxScheme",
    "TaxTypeCode",
    "TypeCode",
    "ChargeIndicator",
    "Indicator",
    "DocumentTypeCode",
    "UBLVersionID",
    "TestIndicator",
    "ReferenceTypeCode",
}


def differences(source: Reading, target: Reading) -> list[str]:
    """The terms of `source` that `target` does not say alike, and those that only `target` says."""
    return list(dict.fromkeys(_differences(source, target)))


def _differences(source: Reading, target: Reading) -> Iterator[str]:
    for term in (*source.values, *(term for term in target.values if term not in source.values)):
        if term not in _OF_THE_FILE and _said(term, source) != _said(term, target):
            yield term
    for group in (*source.groups, *(group for group in target.groups if group not in source.groups)):
        ours, theirs = source.group(group), target.group(group)
        if len(ours) != len(theirs):
            yield group
        for one, other in zip(ours, theirs, strict=False):
            yield from _differences(one, other)


def _said(term: str, reading: Reading) -> set[tuple[Any, ...]]:
    return {_normal(term, value) for value in reading.all(term)}


def _normal(term: str, value: Value) -> tuple[Any, ...]:
    if term == _FILE:
        text = "".join((value.element.text or "").split())
        return hashlib.sha256(text.encode()).digest(), value.element.get("mimeCode"), value.element.get("filename")
    if term == "BT-8":
        return (_VAT_POINT_CODES.get(value.text, value.text),)
    return " ".join(value.text.split()), value.scheme


def unread(root: etree._Element, family: str) -> list[str]:
    """Where the document says something under no business term: its location, without the structure that has none."""
    known = _known(root, family)
    return [
        path(element)
        for element in root.iter(etree.Element)
        if not len(element) and (element.text or "").strip() and element not in known and not _is_structural(element)
    ]


def _known(root: etree._Element, family: str) -> set[etree._Element]:
    known: set[etree._Element] = set()
    pending = [(root, document(family))]
    while pending:
        start, level = pending.pop()
        inner = dict(level.groups)
        for item, place in met(start, level.start):
            if place.terms:
                known.add(item)
            pending += [(item, inner[group]) for group in place.groups]
    return known


def _is_structural(element: etree._Element) -> bool:
    names = [etree.QName(each).localname for each in (element, *element.iterancestors())]
    return any(name in _STRUCTURAL for name in names)
