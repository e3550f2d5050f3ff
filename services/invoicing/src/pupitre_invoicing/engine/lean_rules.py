"""The official rule sets without what costs time and changes no verdict.

Compiled Schematron walks the whole document for every pattern, twice (once for a title that nobody wrote), and reports every
rule that it tried. Here each pattern is led straight to the elements that its rules could be about, in the same order, and only
failures are reported. Tests, texts, priorities and locations stay the publisher's. A stylesheet, or a pattern of one, that
does not have the shape that every compiled Schematron has is left as it is.

Many assertions only say that something must not be there, most often an element of UBL or CII that EN 16931 has no use for. A
sheet also comes without those of them that name such an element: it says the same of every document in which none of these
names occurs, which is nearly every document. The shortest sheet is without the tests of VAT categories that are rare, too
(`rare_codes`), and says the same of every document without such a category.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

from .rare_codes import PATH, matched, needed, split
from .syntax import NAMESPACES
from .terms_table import GROUPS, HEADER, Group, Term

XSL = "{http://www.w3.org/1999/XSL/Transform}"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_PATTERN_MODE = re.compile(r"M\d+")
_FALLBACK = "@*|node()"
_WALKS = ("*", "@*|*")
#: A step to any element whose name ends so, with whatever else is asked of it.
_ENDING = re.compile(r"(?:[\w.-]+:)?\*\[\s*ends-with\(name\(\),\s*'(\w+)'\)(?!.*\bor\b).*\]\s*", re.DOTALL)
_NAME_TEST = re.compile(r"((?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*))\s*(?:\[.*\]\s*)*", re.DOTALL)
#: What a pattern says beside its failures.
_REMARKS = (SVRL + "active-pattern", SVRL + "fired-rule", SVRL + "ns-prefix-in-attribute-values")

_CHOICE = re.compile(r"\([^()]*\)")
_PREDICATE = re.compile(r"\[[^\[\]]*\]")
_NAME = re.compile(r"@?[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?")
_FORBIDS = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
#: Attributes that invoices have; every other one is as unusual as an element that has no business term.
_USUAL_ATTRIBUTES = ("schemeID", "currencyID", "unitCode", "listID", "format", "mimeCode", "filename", "name")


@dataclass
class Sheet:
    """A stylesheet, and what a document must not hold for the sheet to say all that there is to say of it: names (of elements as
    {namespace}name, of attributes as name), unusual names that end so, codes."""

    text: str = ""
    names: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def says_all_of(self, names: frozenset[str], codes: frozenset[str]) -> bool:
        """Whether it does of a document in which these names and rare codes occur."""
        if not (self.names.isdisjoint(names) and self.codes.isdisjoint(codes)):
            return False
        return not self.endings or not any(name.endswith(tuple(self.endings)) for name in names - usual())


def lean(stylesheet: Path) -> str:
    """The text of a compiled Schematron that finds the same failures sooner."""
    return etree.tostring(_lean(stylesheet, None), encoding="unicode")


def short(stylesheet: Path) -> Sheet:
    """The same without assertions that cannot fail unless an unusual name occurs."""
    return _text(*_short(stylesheet))


def shortest(stylesheet: Path) -> Sheet:
    """The same, and without those that cannot fail unless a rare code occurs."""
    root, sheet = _short(stylesheet)
    for template in root.findall(XSL + "template"):
        code = matched(template.get("match") or "") if _PATTERN_MODE.fullmatch(template.get("mode") or "") else None
        if code is not None:
            sheet.codes.add(code)
            root.remove(template)
    for template in root.iter(XSL + "template", XSL + "for-each"):
        for choice in template.findall(XSL + "choose"):
            code = needed(choice.find(XSL + "when").get("test")) if _is_assertion(choice) else None
            if code is not None:
                sheet.codes.add(code)
                template.remove(choice)
    return _text(root, sheet)


def _text(root: etree._Element, sheet: Sheet) -> Sheet:
    sheet.text = etree.tostring(root, encoding="unicode")
    return sheet


def _short(stylesheet: Path) -> tuple[etree._Element, Sheet]:
    sheet = Sheet()
    root = _lean(stylesheet, sheet)
    if any(element.get("xpath-default-namespace") for element in root.iter(etree.Element)):
        return _lean(stylesheet, None), Sheet()
    for template in root.iter(XSL + "template", XSL + "for-each"):
        for choice in template.findall(XSL + "choose"):
            name = _unusual(choice)
            if name is not None:
                sheet.names.add(name)
                template.remove(choice)
    return root, sheet


def _is_assertion(choice: etree._Element) -> bool:
    """Whether a choice says nothing where its test holds, as assertions do."""
    return len(choice) == 2 and not len(choice.find(XSL + "when")) and choice.find(XSL + "otherwise") is not None


def _unusual(choice: etree._Element) -> str | None:
    """The unusual name without which an assertion cannot fail; None when there is none."""
    if not _is_assertion(choice):
        return None
    test = choice.find(XSL + "when")
    forbids = _FORBIDS.fullmatch(test.get("test"))
    if forbids is None:
        return None
    path = forbids.group(1)
    while _PREDICATE.search(path):
        path = _PREDICATE.sub("", path)
    if not PATH.fullmatch(path):
        return None
    needed = [_resolved(name, test) for name in _NAME.findall(_CHOICE.sub("", path))]
    return next((name for name in reversed(needed) if name not in usual()), None)


def _resolved(name: str, element: etree._Element) -> str:
    prefix, _, local = name.removeprefix("@").rpartition(":")
    return f"{{{element.nsmap[prefix]}}}{local}" if prefix else local


@cache
def usual() -> frozenset[str]:
    """The names that the table of terms knows, and attributes that invoices have."""
    paths = " ".join(f"{row.ubl} {row.cii}" for row in _rows(HEADER, GROUPS))
    names = re.findall(r"(\w+):(\w+)", paths)
    return frozenset(f"{{{NAMESPACES[prefix]}}}{name}" for prefix, name in names) | frozenset(_USUAL_ATTRIBUTES)


def _rows(terms: tuple[Term, ...], groups: tuple[Group, ...]) -> Iterator[Term | Group]:
    yield from terms
    for group in groups:
        yield group
        yield from _rows(group.terms, group.groups)


def _lean(stylesheet: Path, sheet: Sheet | None) -> etree._Element:
    """The lean sheet; what it takes for granted of a document is noted in ``sheet``, and it takes nothing without."""
    root = etree.parse(str(stylesheet), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    templates = root.findall(XSL + "template")
    if _titles_are_empty(templates):
        for remark in list(root.iter(*_REMARKS)):
            remark.getparent().remove(remark)
    for mode, found in _patterns(templates).items():
        _lead(root, mode, found, sheet)
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


def _lead(root: etree._Element, mode: str, templates: list[etree._Element], sheet: Sheet | None) -> None:
    """Send one pattern to its candidates instead of over the whole document. They come in document order, which is the order of
    the walk, and each rule template no longer walks on below its element."""
    starts = [each for each in root.iter(XSL + "apply-templates") if each.get("mode") == mode]
    start = [each for each in starts if each.get("select") == "/"]
    walks = [each for each in starts if each.get("select") in _WALKS]
    rules = [each for each in templates if each.get("match") not in (_FALLBACK, "text()")]
    ends = [each[-1] for each in templates if len(each)]
    if len(start) != 1 or len(starts) != 1 + len(walks) or set(walks) != set(ends) or len(walks) != len(rules) + 1:
        return
    names, endings = set(), set()
    for rule in rules:
        for alternative in _alternatives(rule.get("match")):
            name = _last_name(alternative)
            if name is None:
                return
            ending = _ending(alternative) if sheet is not None else None
            if ending is None:
                names.add("*" if name.endswith("*") else name)
            else:
                endings.add(ending)
                names.update(_usual_with(ending, start[0].nsmap))
    wanted = ["*"] if "*" in names else sorted(names)
    scope = {prefix: uri for rule in rules for prefix, uri in rule.nsmap.items()}
    if any(name.partition(":")[0] not in start[0].nsmap for name in wanted if ":" in name) or any(
        rule.nsmap.get(prefix) != uri for rule in rules for prefix, uri in scope.items()
    ):
        return
    if endings and wanted != ["*"]:
        sheet.endings |= endings
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
    yield from split(pattern, "|")


def _ending(alternative: str) -> str | None:
    """How the names of elements end that an alternative is about, when it is about any of such a name."""
    match = _ENDING.fullmatch(list(split(alternative, "/"))[-1].strip())
    return match.group(1) if match else None


def _usual_with(ending: str, nsmap: dict[str | None, str]) -> Iterator[str]:
    """The usual names of elements with this ending, by their prefixes in a stylesheet."""
    prefixes = {uri: prefix for prefix, uri in nsmap.items() if prefix}
    for uri, local in (name[1:].split("}") for name in usual() if name.startswith("{") and name.endswith(ending)):
        if uri in prefixes:
            yield f"{prefixes[uri]}:{local}"


def _last_name(alternative: str) -> str | None:
    """The name of the element that an alternative is about, ``*`` included; None when it may be about anything else."""
    step = list(split(alternative, "/"))[-1].strip()
    match = _NAME_TEST.fullmatch(step)
    return match.group(1) if match else None
