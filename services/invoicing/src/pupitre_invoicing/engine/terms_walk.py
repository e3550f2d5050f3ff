"""Where the table of terms writes each term, as one tree of places: a document is read in a single walk over its elements.

Asking each of the table's paths by itself costs a hundred searches of the document, nearly all of which find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from lxml import etree

from .syntax import NAMESPACES
from .terms_table import GROUPS, HEADER, Group, Term

_STEP = re.compile(r"(\w+):(\w+)(?:\[(.*)\])?", re.DOTALL)
Test = Callable[[etree._Element], bool]


@dataclass
class Place:
    """An element of the document: what is read there, and the places below it, each with the test that its path makes."""

    terms: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)  # name, term
    groups: list[str] = field(default_factory=list)
    below: dict[str, list[tuple[Test | None, Place]]] = field(default_factory=dict)
    tests: dict[tuple[str, str], Place] = field(default_factory=dict)  # the same, by name and test: only to build

    def at(self, step: str) -> Place:
        """The place one step further; raises ValueError for a step that is more than a name and a test."""
        match = _STEP.fullmatch(step)
        if match is None:
            raise ValueError(f"not a step that can be walked: {step}")
        prefix, name, test = match.groups()
        tag = f"{{{NAMESPACES[prefix]}}}{name}"
        found = self.tests.get((tag, test or ""))
        if found is None:
            found = self.tests[tag, test or ""] = Place()
            self.below.setdefault(tag, []).append((_test(test) if test else None, found))
        return found


def _test(expression: str) -> Test:
    return etree.XPath(f"boolean(self::*[{expression}])", namespaces=NAMESPACES)


@dataclass
class Level:
    """The document, or a repeatable group: where its terms and groups are, from its own element, and their order in the table."""

    start: Place
    terms: tuple[str, ...]
    groups: tuple[tuple[str, Level], ...]


@cache
def document(family: str) -> Level:
    """Where a document has its terms. `family` is "ubl" or "cii"."""
    return _level(HEADER, GROUPS, family)


def _level(terms: tuple[Term, ...], groups: tuple[Group, ...], family: str) -> Level:
    start = Place()
    for term in terms:
        for steps, attribute in _paths(getattr(term, family)):
            place = _along(start, steps)
            if attribute:
                place.attributes.append((attribute, term.id))
            else:
                place.terms.append(term.id)
    for group in groups:
        for steps, _ in _paths(getattr(group, family)):
            _along(start, steps).groups.append(group.id)
    inner = tuple((group.id, _level(group.terms, group.groups, family)) for group in groups)
    return Level(start, tuple(term.id for term in terms), inner)


def _along(start: Place, steps: list[str]) -> Place:
    place = start
    for step in steps:
        place = place.at(step)
    return place


def _paths(expression: str) -> Iterator[tuple[list[str], str | None]]:
    """The steps of each alternative, and the attribute that it ends with."""
    for alternative in expression.split(" | ") if expression else ():
        steps = [] if alternative.strip() == "." else _steps(alternative.strip())
        attribute = steps.pop()[1:] if steps and steps[-1].startswith("@") else None
        yield steps, attribute


def _steps(path: str) -> list[str]:
    """A path parted by slashes outside brackets."""
    return re.findall(r"(?:[^/\[\]]|\[[^\[\]]*\])+", path)


def met(element: etree._Element, start: Place) -> list[tuple[etree._Element, Place]]:
    """The element, then every one below it with something to be read there, in the order of the document."""
    found = [(element, start)]
    _walk(element, start.below, found)
    return found


def _walk(
    element: etree._Element,
    below: dict[str, list[tuple[Test | None, Place]]],
    found: list[tuple[etree._Element, Place]],
) -> None:
    for child in element:
        for test, place in below.get(child.tag, ()):
            if test is None or test(child):
                found.append((child, place))
                if place.below:
                    _walk(child, place.below, found)
