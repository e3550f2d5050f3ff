"""Writes a deposited invoice in another syntax than it came in, where nothing of it is lost; else says what would be.

A file that already is what is asked for leaves as it came, byte for byte.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from lxml import etree

from . import checks, chorus_e1, report
from .container import open_container
from .findings import Refused, own
from .invoice import structured
from .limits import Policy
from .losses import unread
from .safe_xml import parse
from .schematron import RuleEngine
from .syntax import Syntax, detect
from .terms import Reading, read, term_at
from .writing import written
from .writing_facturx import facturx
from .writing_terms import GUIDELINES

STAGE = "schematron"
CONTENT_TYPES = {"ubl": "application/xml", "cii": "application/xml", "facturx": "application/pdf"}
# Profiles that hold less than an invoice of EN 16931.
_PARTIAL = ("minimum", "basicwl", chorus_e1.FORMAT)
_RICH = ("extended", "extended-ctc-fr")


def export(data: bytes, target: str, policy: Policy, engine: RuleEngine) -> bytes:
    """The invoice of a deposited file as "ubl", "cii" or "facturx". Raises Refused, naming the term, when the target
    cannot say all that the file says, or would not be valid."""
    contents = open_container(data, policy.limits)
    root = parse(contents.xml, policy.limits)
    checks.hard_limits(root, policy.limits)
    syntax = detect(root)
    if chorus_e1.is_legacy(root, syntax):
        syntax = chorus_e1.legacy(syntax)
    if target == "facturx" and contents.kind == "pdf" and syntax.family == "cii":
        return data
    if target == syntax.family and syntax.format != chorus_e1.FORMAT:
        return contents.xml
    if syntax.profile in _PARTIAL:
        raise Refused(own("PUP-EXPORT-PROFILE", STAGE, term="BT-24", profile=syntax.profile, target=target.upper()))
    reading = read(root, syntax.family)
    if target == "facturx":
        return _facturx(root, reading, contents.xml, syntax, policy, engine)
    _lose_nothing(root, syntax, target)
    document = written(_under(reading, _guideline(syntax, target)), target)
    _valid(document, target, policy, engine)
    return document


def _facturx(
    root: etree._Element, reading: Reading, xml: bytes, syntax: Syntax, policy: Policy, engine: RuleEngine
) -> bytes:
    """CII of the right profile is embedded as it came; everything else is written anew, if nothing of it is lost."""
    guideline = _guideline(syntax, "facturx")
    if syntax.family != "cii" or reading.one("BT-24") != guideline:
        _lose_nothing(root, syntax, "facturx")
        xml = written(_under(reading, guideline), "cii")
    level = "extended" if guideline == GUIDELINES["facturx-extended"] else "en16931"
    lang = "en" if policy.lang == "en" else "fr"
    pdf = facturx(xml, structured(reading, replace(syntax, format="cii")), lang, level)
    _valid(pdf, "facturx", policy, engine)
    return pdf


def _lose_nothing(root: etree._Element, syntax: Syntax, target: str) -> None:
    for location in unread(root, syntax.family):
        # A reference with a scheme is the invoiced object's; its path alone is also that of other references.
        is_object = "/AdditionalDocumentReference" in location and location.endswith("/@schemeID")
        raise Refused(
            own(
                "PUP-EXPORT-UNREAD",
                STAGE,
                term="BT-18" if is_object else term_at(location, syntax.family),
                location=location,
                target=target.upper(),
                where=location,
            )
        )


def _guideline(syntax: Syntax, target: str) -> str:
    """The profile of the writing: what the source follows, under the name that the target has for it."""
    if syntax.profile in _RICH:
        return GUIDELINES["facturx-extended" if target == "facturx" else "extended-ctc-fr"]
    if target == "facturx" or syntax.profile in ("basic", "en16931", "other"):
        return GUIDELINES["en16931"]
    return syntax.guideline  # Peppol and XRechnung exist in both syntaxes


def _under(reading: Reading, guideline: str) -> Reading:
    renamed = copy(reading)
    renamed.values = {**reading.values, "BT-24": [value._replace(text=guideline) for value in reading.all("BT-24")[:1]]}
    return renamed


def _valid(document: bytes, target: str, policy: Policy, engine: RuleEngine) -> None:
    """Raise Refused unless the engine's own rules accept what was written."""
    judged: dict[str, Any] = report.check(document, replace(policy, lang="both"), engine)[0]
    if judged["verdict"] == "valid":
        return
    found = (judged["findings"] or [{"rule": "?", "message": "?", "message_en": "?"}])[0]
    raise Refused(
        own(
            "PUP-EXPORT-INVALID",
            STAGE,
            term=found.get("term"),
            location=found.get("location"),
            target=target.upper(),
            rule=found["rule"],
            detail_fr=found["message"],
            detail_en=found["message_en"],
        )
    )
