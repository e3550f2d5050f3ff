"""The official rule sets without what costs time and changes no verdict.

Compiled Schematron walks the whole document for every pattern, twice (once for a title that nobody wrote), and reports every
rule that it tried. Here each pattern is led straight to the elements that its rules could be about, in the same order, and only
failures are reported. Tests, texts, priorities and locations stay the publisher's. A stylesheet, or a pattern of one, that
does not have the shape that every compiled Schematron has is left as it is.

Many assertions only say that something must not be there, most often an element of UBL or CII that EN 16931 has no use for. A
sheet also comes without those of them that name such an element: it says the same of every document in which none of these
names occurs, which is nearly every document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from .syntax import NAMESPACES
from .terms_table import GROUPS, HEADER, Group, Term

XSL = "{http://www.w3.org/1999/XSL/Transform}"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_PATTERN_MODE = re.compile(r"M\d+")
_FALLBACK = "@*|node()"
_WALKS = ("*", "@*|*")
_NAME_TEST = re.compile(r"((?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*))\s*(?:\[.*\]\s*)*", re.DOTALL)
#: What a pattern says beside its failures.
_REMARKS = (SVRL + "active-pattern", SVRL + "fired-rule", SVRL + "ns-prefix-in-attribute-values")


_STEP = r"(?:@?[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?|\*)"
_STEPS = rf"\s*/{{0,2}}{_STEP}(?:\s*//?\s*{_STEP})*\s*"
#: A path without functions, axes and operators, which may begin with a choice: (a|b)/c.
_PATH = re.compile(rf"\s*(?:\({_STEPS}(?:\|{_STEPS})*\)|/{{0,2}}{_STEP})(?:\s*//?\s*{_STEP})*\s*")
_CHOICE = re.compile(r"\([^()]*\)")
_PREDICATE = re.compile(r"\[[^\[\]]*\]")
_NAME = re.compile(r"@?[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?")
_FORBIDS = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
#: Attributes that invoices have; every other one is as unusual as an element that has no business term.
_USUAL_ATTRIBUTES = ("schemeID", "currencyID", "unitCode", "listID", "format", "mimeCode", "filename", "name")


def lean(stylesheet: Path) -> str:
    """The text of a compiled Schematron that finds the same failures sooner."""
    return etree.tostring(_lean(stylesheet), encoding="unicode")


def short(stylesheet: Path) -> tuple[str, frozenset[str]]:
    """The same for documents that hold none of the names returned with it: elements as {namespace}name, attributes as name."""
    root = _lean(stylesheet)
    watched: set[str] = set()
    if any(element.get("xpath-default-namespace") for element in root.iter(etree.Element)):
        return etree.tostring(root, encoding="unicode"), frozenset()
    for template in root.iter(XSL + "template", XSL + "for-each"):
        for choice in template.findall(XSL + "choose"):
            name = _unusual(choice)
            if name is not None:
                watched.add(name)
                template.remove(choice)
    return etree.tostring(root, encoding="unicode"), frozenset(watched)


def _unusual(choice: etree._Element) -> str | None:
    """The unusual name without which an assertion cannot fail; None when there is none."""
    test = choice.find(XSL + "when")
    if len(choice) != 2 or len(test) or choice.find(XSL + "otherwise") is None:
        return None
    forbids = _FORBIDS.fullmatch(test.get("test"))
    if forbids is None:
        return None
    path = forbids.group(1)
    while _PREDICATE.search(path):
        path = _PREDICATE.sub("", path)
    if not _PATH.fullmatch(path):
        return None
    needed = [_resolved(name, test) for name in _NAME.findall(_CHOICE.sub("", path))]
    return next((name for name in reversed(needed) if name not in _usual()), None)


def _resolved(name: str, element: etree._Element) -> str:
    prefix, _, local = name.removeprefix("@").rpartition(":")
    return f"{{{element.nsmap[prefix]}}}{local}" if prefix else local


@cache
def _usual() -> frozenset[str]:
    """The names that the table of terms knows."""
    paths = " ".join(f"{row.ubl} {row.cii}" for row in _rows(HEADER, GROUPS))
    names = re.findall(r"(\w+):(\w+)", paths)
    return frozenset(f"{{{NAMESPACES[prefix]}}}{name}" for prefix, name in names) | frozenset(_USUAL_ATTRIBUTES)


def _rows(terms: tuple[Term, ...], groups: tuple[Group, ...]) -> Iterator[Term | Group]:
    yield from terms
    for group in groups:
        yield group
        yield from _rows(group.terms, group.groups)


def _lean(stylesheet: Path) -> etree._Element:
    root = etree.parse(str(stylesheet), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    templates = root.findall(XSL + "template")
    if _titles_are_empty(templates):
        for remark in list(root.iter(*_REMARKS)):
            remark.getparent().remove(remark)
    for mode, found in _patterns(templates).items():
        _lead(root, mode, found)
    root.set(XML_BASE, stylesheet.as_uri())  # code lists lie beside the stylesheet
    for output in root.findall(XSL + "output"):
        output.set("indent", "no")
    return root


def _titles_are_empty(templates: list[etree._Element]) -> bool:
    """Whether a walk without a mode, which the title of each pattern makes, writes nothing: it meets no template of its own."""
    without = {each.get("match"): each for each in templates if each.get("match") and not each.get("mode")}
    return set(without) == {"/", "text()"} and not len(without["text()"]) and not (without["text()"].text or "").strip()


def _patterns(templates: list[etree._Element]) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for template in templates:
        if _PATTERN_MODE.fullmatch(template.get("mode") or ""):
            found.setdefault(template.get("mode"), []).append(template)
    return found


def _lead(root: etree._Element, mode: str, templates: list[etree._Element]) -> None:
    """Send one pattern to its candidates instead of over the whole document. They come in document order, which is the order of
    the walk, and each rule template no longer walks on below its element."""
    starts = [each for each in root.iter(XSL + "apply-templates") if each.get("mode") == mode]
    start = [each for each in starts if each.get("select") == "/"]
    walks = [each for each in starts if each.get("select") in _WALKS]
    rules = [each for each in templates if each.get("match") not in (_FALLBACK, "text()")]
    ends = [each[-1] for each in templates if len(each)]
    if len(start) != 1 or len(starts) != 1 + len(walks) or set(walks) != set(ends) or len(walks) != len(rules) + 1:
        return
    names = set()
    for rule in rules:
        for alternative in _alternatives(rule.get("match")):
            name = _last_name(alternative)
            if name is None:
                return
            names.add("*" if name.endswith("*") else name)
    wanted = ["*"] if "*" in names else sorted(names)
    scope = {prefix: uri for rule in rules for prefix, uri in rule.nsmap.items()}
    if any(name.partition(":")[0] not in start[0].nsmap for name in wanted if ":" in name) or any(
        rule.nsmap.get(prefix) != uri for rule in rules for prefix, uri in scope.items()
    ):
        return
    for walk in walks:
        walk.getparent().remove(walk)
    if len(rules) == 1 and _selected(rules[0].get("match")):
        _put_in_place(start[0], rules[0])
    else:
        start[0].set("select", " | ".join(f"//{name}" for name in wanted))


def _selected(pattern: str) -> str | None:
    """The path to everything that a match pattern matches; None when a pattern means something else inside a path."""
    if "(" in _PREDICATE.sub("", pattern) or "current" in pattern:
        return None
    alternatives = (alternative.strip() for alternative in _alternatives(pattern))
    return " | ".join(each if each.startswith("/") else f"//{each}" for each in alternatives)


def _put_in_place(start: etree._Element, rule: etree._Element) -> None:
    """Run the only rule of a pattern where the pattern is called, which spares the search for the rule that fits."""
    loop = etree.Element(XSL + "for-each", select=_selected(rule.get("match")), nsmap=rule.nsmap)
    loop.extend(list(rule))
    loop.tail = start.tail
    start.getparent().replace(start, loop)
    rule.getparent().remove(rule)


def _alternatives(pattern: str) -> Iterator[str]:
    """The alternatives of a match pattern, parted by bars outside brackets, parentheses and quotes."""
    yield from _split(pattern, "|")


def _last_name(alternative: str) -> str | None:
    """The name of the element that an alternative is about, ``*`` included; None when it may be about anything else."""
    step = list(_split(alternative, "/"))[-1].strip()
    match = _NAME_TEST.fullmatch(step)
    return match.group(1) if match else None


def _split(text: str, separator: str) -> Iterator[str]:
    depth, quote, start = 0, "", 0
    for position, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == separator and not depth:
            yield text[start:position]
            start = position + 1
    yield text[start:]
