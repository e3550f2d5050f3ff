"""One file in, one report out: the verdict, the stage that decided it, the findings, the terms, the invoice."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from . import checks, chorus_e1, rules, xsd
from .container import open_container
from .findings import ERROR, STAGES, WARNING, Finding, Refused, own
from .invoice import structured
from .limits import Policy
from .rules_data import RulesMissing
from .safe_xml import parse
from .schematron import RuleEngine
from .syntax import Syntax, detect
from .terms import Reading, read, term_at

VALID, INVALID, UNDECIDED = "valid", "invalid", "error"
log = logging.getLogger(__name__)


@dataclass
class Examination:
    """What is known of a file so far."""

    findings: list[Finding] = field(default_factory=list)
    stopped: list[Finding] = field(default_factory=list)  # rule engines that gave no verdict
    syntax: Syntax | None = None
    reading: Reading | None = None
    embedded: bytes = b""


def check(data: bytes, policy: Policy, engine: RuleEngine) -> tuple[dict[str, Any], bytes]:
    """The report on a file, and the XML found inside it when the file is a PDF. Never raises: a failure of ours is the
    third verdict, "error"."""
    state = Examination()
    try:
        _examine(data, policy, engine, state)
    except Refused as refusal:
        state.findings.append(refusal.finding)
    except RulesMissing as error:
        log.error("%s", error)
        state.stopped.append(own("PUP-ENGINE", "schematron", name="installation"))
    except Exception as error:  # the promise of the interface: no file makes the portal answer 500
        log.error("engine failure: %s", type(error).__name__)
        state.stopped.append(own("PUP-ENGINE", "schematron", name=type(error).__name__))
    return _report(state, policy), state.embedded


def readable_invoice(data: bytes, policy: Policy) -> tuple[dict[str, Any], Reading]:
    """The structured invoice of a file, without judging it; raises Refused when it cannot be read."""
    root = parse(open_container(data, policy.limits).xml, policy.limits)
    checks.hard_limits(root, policy.limits)
    syntax, reading = _read(root)
    return structured(reading, syntax), reading


def currency(data: bytes, policy: Policy) -> str | None:
    """The currency (BT-5) of the invoice that a PDF carries as XML; None where it cannot be read."""
    try:
        return readable_invoice(data, policy)[0]["currency"]
    except Refused:
        return None


def _examine(data: bytes, policy: Policy, engine: RuleEngine, state: Examination) -> None:
    contents = open_container(data, policy.limits)
    state.findings.extend(contents.remarks)
    if contents.kind == "pdf":
        state.embedded = contents.xml
    root = parse(contents.xml, policy.limits)
    syntax = detect(root)
    state.syntax = replace(syntax, format="facturx") if contents.kind == "pdf" and syntax.family == "cii" else syntax
    state.findings.extend(checks.hard_limits(root, policy.limits))
    syntax, state.reading = _read(root)
    structure = xsd.check(root, syntax, policy.limits.findings)
    state.findings.extend(_with_term(finding, syntax.family) for finding in structure)
    if syntax.format == chorus_e1.FORMAT:
        state.syntax = syntax
        state.findings.extend(chorus_e1.check(state.reading))
    else:
        found, stopped = rules.check(engine, root, syntax, state.reading, policy.reform_first_day)
        state.findings.extend(found)
        # Rules may choke on what the schema already refused: the schema's verdict stands.
        state.stopped.extend([] if structure else stopped)
    told = {finding.location for finding in structure}
    state.findings.extend(
        finding for finding in checks.business(state.reading, policy.today) if finding.location not in told
    )


def _read(root: etree._Element) -> tuple[Syntax, Reading]:
    syntax = detect(root)
    if chorus_e1.is_legacy(root, syntax):
        return chorus_e1.legacy(syntax), chorus_e1.read_legacy(root)
    return syntax, read(root, syntax.family)


def _with_term(finding: Finding, family: str) -> Finding:
    return replace(finding, term=term_at(finding.location or "", family))


def _report(state: Examination, policy: Policy) -> dict[str, Any]:
    errors = [finding for finding in state.findings if finding.severity == ERROR]
    verdict = INVALID if errors else UNDECIDED if state.stopped else VALID
    stopped = [replace(finding, severity=WARNING) if errors else finding for finding in state.stopped]
    findings = sorted([*state.findings, *stopped], key=lambda finding: finding.severity != ERROR)
    shown = findings[: policy.limits.findings]
    if len(findings) > len(shown):
        shown.append(own("PUP-FINDINGS", "schematron", WARNING, count=len(findings) - len(shown)))
    stages = [finding.stage for finding in errors or ([] if verdict == VALID else state.stopped)]
    return {
        "verdict": verdict,
        "stage": min(stages, key=STAGES.index) if stages else None,
        "format": state.syntax.format if state.syntax else None,
        "profile": state.syntax.profile if state.syntax else None,
        "findings": [finding.dump(policy.lang) for finding in shown],
        "terms": state.reading.public() if state.reading else {},
        "invoice": structured(state.reading, state.syntax) if state.reading and state.syntax else None,
    }
