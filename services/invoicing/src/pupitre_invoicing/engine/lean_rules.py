"""The official rule sets without what costs time and changes no verdict.

Compiled Schematron walks the whole document for every pattern, twice (once for a title that nobody wrote), and reports every
rule that it tried. Here each pattern is led straight to the elements that its rules could be about, in the same order, and only
failures are reported. Tests, texts, priorities and locations stay the publisher's. A stylesheet, or a pattern of one, that
does not have the shape that every compiled Schematron has is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

XSL = "{http://www.w3.org/1999/XSL/Transform}"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_PATTERN_MODE = re.compile(r"M\d+")
_FALLBACK = "@*|node()"
_WALKS = ("*", "@*|*")
_NAME_TEST = re.compile(r"((?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*))\s*(?:\[.*\]\s*)*", re.DOTALL)
#: What a pattern says beside its failures.
_REMARKS = (SVRL + "active-pattern", SVRL + "fired-rule", SVRL + "ns-prefix-in-attribute-values")


def lean(stylesheet: Path) -> str:
    """The text of a compiled Schematron that finds the same failures sooner."""
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
    return etree.tostring(root, encoding="unicode")


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
    start[0].set("select", " | ".join(f"//{name}" for name in wanted))
    for walk in walks:
        walk.getparent().remove(walk)


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
