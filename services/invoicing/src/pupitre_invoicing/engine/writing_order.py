"""The order in which a schema wants the elements of a document, read from the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from .rules_data import schema_file

_XS = "{http://www.w3.org/2001/XMLSchema}"
Children = dict[str, tuple[int, str]]  # tag: place among its siblings, type


class Order:
    """The types of a schema and of those that it imports: which children, in which order."""

    def __init__(self, name: str) -> None:
        self._types: dict[str, Children] = {}
        self._elements: dict[str, str] = {}
        self._references: dict[str, list[tuple[str, str | None]]] = {}
        self._load(schema_file(name), set())

    def _load(self, file: Path, seen: set[Path]) -> None:
        if file in seen:
            return
        seen.add(file)
        root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        space = root.get("targetNamespace")
        for element in root.iterchildren(_XS + "element"):
            self._elements[f"{{{space}}}{element.get('name')}"] = _named(element, element.get("type"))
        for kind in root.iterchildren(_XS + "complexType"):
            self._references[f"{{{space}}}{kind.get('name')}"] = list(_children(kind, space))
        for link in root.iterchildren(_XS + "import", _XS + "include"):
            if link.get("schemaLocation"):
                self._load((file.parent / link.get("schemaLocation")).resolve(), seen)

    def sort(self, root: etree._Element) -> None:
        """Put every element among its siblings where the schema expects it; repeated elements keep their order."""
        self._sort(root, self._elements[root.tag])

    def _sort(self, element: etree._Element, kind: str) -> None:
        children = self._children_of(kind)
        last = len(children)
        element[:] = sorted(element, key=lambda child: children.get(child.tag, (last, ""))[0])
        for child in element:
            if len(child) and child.tag in children:
                self._sort(child, children[child.tag][1])

    def _children_of(self, kind: str) -> Children:
        if kind not in self._types:
            self._types[kind] = {
                tag: (place, own or self._elements.get(tag, ""))
                for place, (tag, own) in enumerate(self._references.get(kind, []))
            }
        return self._types[kind]


def _children(kind: etree._Element, space: str | None) -> Iterator[tuple[str, str | None]]:
    for element in kind.iter(_XS + "element"):
        if element.get("ref"):
            yield _named(element, element.get("ref")), None
        else:
            yield f"{{{space}}}{element.get('name')}", _named(element, element.get("type"))


def _named(element: etree._Element, name: str | None) -> str:
    prefix, _, local = (name or "").rpartition(":")
    return f"{{{element.nsmap.get(prefix or None)}}}{local}"


@cache
def order(name: str) -> Order:
    """The order of a schema of `rules_data.XSD`, read once per process."""
    return Order(name)
