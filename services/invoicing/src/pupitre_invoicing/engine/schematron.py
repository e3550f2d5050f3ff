"""The official Schematron rules, run by Saxon from their compiled form.

Saxon is only ever given text that was serialised from the hardened tree of `safe_xml`: its own parser resolves external
entities. It holds the interpreter lock and can abort its process, hence the worker processes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from .lean_rules import Sheet, lean, short, shortest
from .rare_codes import codes_in
from .rules_data import rules_file

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_STEP = re.compile(r"/(?:[\w-]+:|\*:)?(@?[\w-]+)((?:\[[^\]]*\])*)")
_POSITION = re.compile(r"\[(\d+)\]")


class RuleEngineError(Exception):
    """A rule set stopped on a document without a verdict."""

    def __init__(self, rule_set: str):
        super().__init__(f"{rule_set} stopped with a dynamic error")
        self.rule_set = rule_set


@dataclass(frozen=True)
class Failure:
    """One assertion that failed, as the rule set reports it."""

    rule_set: str
    rule: str
    flag: str
    location: str
    text: str


class Document(NamedTuple):
    """A document as Saxon's own tree, every name in it (of elements as {namespace}name, of attributes as name), and the codes of
    rare VAT categories in it."""

    tree: Any
    names: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()


class RuleEngine:
    """Saxon with the rule sets it was asked for, compiled at first use and kept for the life of the process."""

    def __init__(self) -> None:
        self._processor: Any = None
        self._whole: dict[str, Any] = {}
        self._sheets: dict[tuple[str, Any], tuple[Any, Sheet]] = {}

    def document(self, root: etree._Element) -> Document:
        """`root` as Saxon's own tree; raises RuleEngineError when Saxon refuses it."""
        from saxonche import PySaxonApiError

        try:
            tree = self._saxon().parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
        except PySaxonApiError:
            raise RuleEngineError("Saxon") from None
        names = set()
        for element in root.iter():
            names.add(element.tag)
            names.update(element.keys())
        return Document(tree, frozenset(names), codes_in(root))

    def failures(self, rule_set: str, document: Document) -> list[Failure]:
        """What `rule_set` has against `document`; raises RuleEngineError, or RulesMissing when it is not installed."""
        from saxonche import PySaxonApiError

        rules = self._rules(rule_set, document)
        try:
            report = rules.transform_to_string(xdm_node=document.tree)
        except PySaxonApiError:
            raise RuleEngineError(rule_set) from None
        if not report:
            raise RuleEngineError(rule_set)
        return _read_report(rule_set, report)

    def compile(self, rule_sets: list[str]) -> None:
        """Compiles rule sets ahead of their first use."""
        for rule_set in rule_sets:
            self._rules(rule_set, Document(None))

    def _saxon(self) -> Any:
        from saxonche import PySaxonProcessor

        if self._processor is None:
            self._processor = PySaxonProcessor(license=False)
        return self._processor

    def _rules(self, rule_set: str, document: Document) -> Any:
        """The shortest sheet that says all that there is to say of a document."""
        for made in (shortest, short):
            if (rule_set, made) not in self._sheets:
                sheet = made(rules_file(rule_set))
                self._sheets[rule_set, made] = self._compile(sheet.text), sheet
            compiled, sheet = self._sheets[rule_set, made]
            if sheet.says_all_of(document.names, document.codes):
                return compiled
        if rule_set not in self._whole:
            self._whole[rule_set] = self._compile(lean(rules_file(rule_set)))
        return self._whole[rule_set]

    def _compile(self, text: str) -> Any:
        return self._saxon().new_xslt30_processor().compile_stylesheet(stylesheet_text=text)


def _read_report(rule_set: str, report: str) -> list[Failure]:
    if "failed-assert" not in report and "successful-report" not in report:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        tree = etree.fromstring(report.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        raise RuleEngineError(rule_set) from None
    return [
        Failure(
            rule_set,
            element.get("id") or "",
            element.get("flag") or "",
            readable_location(element.get("location") or ""),
            " ".join("".join(element.itertext()).split()),
        )
        for element in tree.iter(SVRL + "failed-assert", SVRL + "successful-report")
    ]


def readable_location(location: str) -> str:
    """A Schematron location without namespaces: ``/Invoice/InvoiceLine[2]/Price``; position 1 is left out."""
    steps = []
    for name, predicates in _STEP.findall(location):
        position = _POSITION.search(predicates)
        steps.append(name + (f"[{position.group(1)}]" if position and position.group(1) != "1" else ""))
    return "/" + "/".join(steps) if steps else location
