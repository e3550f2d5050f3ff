"""What one document says that another does not: terms compared as people understand them, and what no term covers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from . import amounts
from .safe_xml import local_name, path
from .terms import Reading, Value
from .terms_walk import document, met

# Which profile a file follows is not what its invoice says.
_OF_THE_FILE = ("BT-24",)
_FILE = "BT-125"
# Elements whose identifier may have a scheme, which says what kind of object it is.
_OBJECTS = ("AdditionalDocumentReference", "DocumentReference")
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
    found = [
        path(element)
        for element in root.iter(etree.Element)
        if not len(element)
        and (element.text or "").strip()
        and element not in known
        and not _is_structural(element)
        and not _repeats(element)
    ]
    return found + [f"{path(element)}/@{name}" for element in known for name in _attributes(element)]


def _attributes(element: etree._Element) -> Iterator[str]:
    """Attributes that say more than the term: the scheme of a referenced object, the version of a classification."""
    if element.get("listVersionID"):
        yield "listVersionID"
    holder = element.getparent()
    if element.get("schemeID") and holder is not None and local_name(holder) in _OBJECTS:
        yield "schemeID"


def _repeats(element: etree._Element) -> bool:
    """Whether an element only says again what another one does: the base quantity of the gross price that of the net price,
    the name of a project its reference."""
    holder = element.getparent()
    if holder is None:
        return False
    if local_name(holder) == "SpecifiedProcuringProject":
        return local_name(element) == "Name"
    if local_name(element) == "BasisQuantity" and local_name(holder) == "GrossPriceProductTradePrice":
        net = holder.getparent().findtext("{*}NetPriceProductTradePrice/{*}BasisQuantity", "1")
        return amounts.parse((element.text or "").strip()) == amounts.parse(net.strip())
    return False


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
