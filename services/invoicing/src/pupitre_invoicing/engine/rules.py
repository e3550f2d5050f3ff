"""Which official rule sets judge a document, how severe each failure is, and what is said about it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from lxml import etree

from .explanations import explain
from .findings import ERROR, WARNING, Finding, own
from .french import reform_binds
from .rules_data import RulesMissing
from .schematron import Failure, RuleEngine, RuleEngineError
from .syntax import FACTURX_PROFILES, Syntax
from .terms import Reading

STAGE = "schematron"
_NOT_USED = "marked as not used"
# CEN marks these structural remarks as warnings; the Factur-X rules repeat them without a severity.
_WARNED_BY_CEN = re.compile(r"CII-SR-46\d")
_FILES = ("{*}EmbeddedDocumentBinaryObject", "{*}AttachmentBinaryObject")


def rule_sets(syntax: Syntax, reading: Reading, first_day: date | None) -> list[str]:
    """The rule sets of a document, in order: the one that BT-24 chooses, then BR-FR where the reform binds.

    EN 16931 judges whatever profile we do not know, and the Factur-X profile EN 16931 too: the Factur-X rules of that
    profile refuse plain CII invoices that are perfectly valid.
    """
    family = syntax.family.upper()
    if syntax.profile == "extended-ctc-fr":
        chosen = [f"EXTENDED-CTC-FR-{family}"]
    elif syntax.family == "cii" and syntax.profile in FACTURX_PROFILES:
        chosen = [f"FACTUR-X-{syntax.profile.upper()}"]
    else:
        chosen = [f"EN16931-{family}"]
    if reform_binds(reading, syntax.profile, first_day):
        chosen.append(f"BR-FR-{family}")
    return chosen


def check(
    engine: RuleEngine, root: etree._Element, syntax: Syntax, reading: Reading, first_day: date | None
) -> tuple[list[Finding], list[Finding]]:
    """Findings of the official rules, and the failures of the engine itself (which are no verdict)."""
    findings: list[Finding] = []
    stopped: list[Finding] = []
    try:
        document = engine.document(_without_files(root))
    except RuleEngineError as error:
        return [], [own("PUP-ENGINE", STAGE, name=error.rule_set)]
    for rule_set in rule_sets(syntax, reading, first_day):
        try:
            findings.extend(
                _finding(failure, syntax.family, reading) for failure in engine.failures(rule_set, document)
            )
        except (RuleEngineError, RulesMissing):
            stopped.append(own("PUP-ENGINE", STAGE, name=rule_set))
    return _distinct(findings), stopped


def severity(failure: Failure) -> str:
    """Error or warning. The Factur-X rules carry no severity: what is merely "not used" in a profile only warns."""
    if failure.flag == "warning":
        return WARNING
    if failure.rule_set.startswith("FACTUR-X") and (_NOT_USED in failure.text or _WARNED_BY_CEN.search(failure.text)):
        return WARNING
    return WARNING if _WARNED_BY_CEN.fullmatch(failure.rule) else ERROR


def _finding(failure: Failure, family: str, reading: Reading) -> Finding:
    explanation = explain(failure, family, reading)
    return Finding(
        failure.rule or "PUP-FX-UNUSED",
        severity(failure),
        STAGE,
        explanation.message,
        explanation.remedy,
        explanation.term,
        failure.location,
    )


def _distinct(findings: list[Finding]) -> list[Finding]:
    """Each rule once at each place: the rule sets repeat some assertions."""
    seen: dict[Any, Finding] = {}
    for finding in findings:
        seen.setdefault((finding.rule, finding.location, finding.message), finding)
    return list(seen.values())


def _without_files(root: etree._Element) -> etree._Element:
    """The document without the content of its attached files, which no rule reads and Saxon would have to carry."""
    if not any(len(element.text or "") > 1000 for tag in _FILES for element in root.iter(tag)):
        return root
    light = etree.fromstring(
        etree.tostring(root), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    )
    for tag in _FILES:
        for element in light.iter(tag):
            element.text = "AA=="
    return light
