"""One walk over a document reads what every path of the table finds by itself."""

import contextlib
from collections.abc import Iterator

import pytest
from lxml import etree
from pupitre_invoicing.engine import safe_xml, terms
from pupitre_invoicing.engine.container import open_container
from pupitre_invoicing.engine.findings import Refused
from pupitre_invoicing.engine.limits import Limits
from pupitre_invoicing.engine.syntax import NAMESPACES, detect
from pupitre_invoicing.engine.terms_table import GROUPS, HEADER, Group, Term
from support import corpus
from support.invoice_factory import cii, ubl
from support.mutants import mutants

SEED = 20261122
MUTANTS = 30
PARTS = {"profile": "extended-ctc-fr", "service": "S1", "engagement": "E1", "contract": "M1", "type_code": "381"}


def _by_paths(element: etree._Element, rows: tuple[Term, ...], groups: tuple[Group, ...], family: str) -> terms.Reading:
    """The same reading, path by path."""
    reading = terms.Reading()
    for term in rows:
        found = [value for item in _select(term, family, element) if (value := _value(term.id, item, element)) is not None]
        if found:
            reading.values[term.id] = found
    for group in groups:
        parts = [_by_paths(part, group.terms, group.groups, family) for part in _select(group, family, element)]
        if parts:
            reading.groups[group.id] = parts
    return reading


def _select(row: Term | Group, family: str, element: etree._Element) -> list:
    expression = getattr(row, family)
    return element.xpath(expression, namespaces=NAMESPACES) if expression else []


def _value(term: str, item: etree._Element | str, owner: etree._Element) -> terms.Value | None:
    if isinstance(item, str):
        return terms.Value(item.strip(), None, owner) if item.strip() else None
    return terms._value(term, item)


def _same(root: etree._Element, family: str) -> int:
    walked, sought = terms._read(root, terms.document(family)), _by_paths(root, HEADER, GROUPS, family)
    assert walked == sought, etree.tostring(root, encoding="unicode")
    assert list(walked.values) == list(sought.values)
    assert list(walked.groups) == list(sought.groups)
    return len(walked.values)


def _invoices() -> Iterator[bytes]:
    for build in (ubl, cii):
        content = build(**PARTS)
        yield content
        yield from mutants(content, MUTANTS, SEED)
    for sample in corpus.invoices():
        with contextlib.suppress(Refused):
            yield open_container(sample.path.read_bytes(), Limits()).xml


def test_invoices_samples_and_mutants_are_read_alike():
    read = 0
    for content in _invoices():
        with contextlib.suppress(Refused):
            root = safe_xml.parse(content)
            read += _same(root, detect(root).family)
    assert read > 1000


def _full(family: str) -> etree._Element:
    """A document that has something at every path of the table, everything twice."""
    root = etree.fromstring(ubl() if family == "ubl" else cii())
    for _ in range(2):
        for row in (*HEADER, *GROUPS):
            for start in _grown(root, getattr(row, family)):
                for term in getattr(row, "terms", ()):
                    list(_grown(start, getattr(term, family)))
    return root


def _grown(start: etree._Element, expression: str) -> Iterator[etree._Element]:
    for path in terms._PREDICATE.sub("", terms._PREDICATE.sub("", expression)).split(" | "):
        element = start
        for step in path.split("/"):
            if step.startswith("@"):
                element.set(step[1:], "H87")
            elif step and step != ".":
                prefix, name = step.split(":")
                element = etree.SubElement(element, f"{{{NAMESPACES[prefix]}}}{name}", schemeID="0009")
                element.text = "VAT"
        yield element


@pytest.mark.parametrize("family", ["ubl", "cii"])
def test_every_place_of_the_table_is_walked_to(family):
    assert _same(_full(family), family) > 90
