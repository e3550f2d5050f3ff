"""Structure of a document against the official XML schemas; each schema is loaded once per process."""

from __future__ import annotations

import re
from functools import cache

from lxml import etree

from .findings import ERROR, Finding, Text, excerpt
from .rules_data import schema_file
from .safe_xml import path
from .syntax import FACTURX_PROFILES, Syntax

STAGE = "xsd"
_NAMESPACE = re.compile(r"\{[^}]*\}")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (.*?) \)")
_NAME = re.compile(r"(?:Element|Attribute|attribute) '([^']+)'")


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(schema_file(name))))


def schema_name(syntax: Syntax) -> str:
    """Which schema judges a document: the profile's own for the Factur-X profiles, else UBL 2.1 or CII D22B."""
    if syntax.family == "cii" and syntax.profile in FACTURX_PROFILES:
        return syntax.profile
    return "cii" if syntax.family == "cii" else f"ubl-{syntax.root.lower()}"


def check(root: etree._Element, syntax: Syntax, limit: int) -> list[Finding]:
    """Every violation of the schema, at most `limit`; an empty list means a valid structure."""
    schema = _schema(schema_name(syntax))
    if schema.validate(root):
        return []
    tree = root.getroottree()
    return [_finding(error, tree) for error in list(schema.error_log)[:limit]]


def _finding(error: etree._LogEntry, tree: etree._ElementTree) -> Finding:
    element = _element(error, tree)
    name = _NAME.search(error.message)
    words = _NAMESPACE.sub("", error.message)
    what = _NAMESPACE.sub("", name.group(1)) if name else "?"
    value = excerpt((element.text or "") if element is not None and not len(element) else "")
    expected = _EXPECTED.search(words)
    location = path(element) if element is not None else f"ligne {error.line}"
    fr, fr_remedy, en_remedy = _texts(
        error.type_name, what, value, expected.group(1) if expected else "", "Missing child" in error.message
    )
    return Finding(
        _official(error.type_name),
        ERROR,
        STAGE,
        Text(f"{fr} (ligne {error.line}).", f"{excerpt(words, 300)} (line {error.line})"),
        Text(fr_remedy, en_remedy),
        None,
        location,
    )


def _element(error: etree._LogEntry, tree: etree._ElementTree) -> etree._Element | None:
    """The element an error is about; libxml2 gives a path whose prefixes may be unknown to us."""
    if not error.path:
        return None
    steps = re.sub(r"[A-Za-z_][\w.-]*:(?=[A-Za-z_*])", "*:", error.path)
    node: etree._Element | None = None
    for step in steps.strip("/").split("/"):
        match = re.fullmatch(r"(?:\*:)?([\w.*-]+)(?:\[(\d+)\])?", step)
        if match is None:
            return node
        name, position = match.group(1), int(match.group(2) or 1)
        if node is None:
            node = tree.getroot()
            continue
        same = [child for child in node if name == "*" or etree.QName(child).localname == name]
        if position > len(same):
            return node
        node = same[position - 1]
    return node


def _official(type_name: str) -> str:
    """libxml2's SCHEMAV_CVC_DATATYPE_VALID_1_2_1 under the name XML Schema gives it: cvc-datatype-valid.1.2.1."""
    if type_name == "SCHEMAV_ELEMENT_CONTENT":
        return "cvc-complex-type.2.4"
    words = type_name.removeprefix("SCHEMAV_").lower()
    match = re.fullmatch(r"(cvc(?:_[a-z]+)+)((?:_\d+)*)", words)
    if match is None:
        return words.replace("_", "-")
    return match.group(1).replace("_", "-") + match.group(2).replace("_", ".")


def _texts(type_name: str, what: str, value: str, expected: str, missing: bool) -> tuple[str, str, str]:
    """French message, French remedy, English remedy for one kind of schema error."""
    if type_name == "SCHEMAV_ELEMENT_CONTENT":
        if expected:
            names = excerpt(", ".join(name.strip() for name in _NAMESPACE.sub("", expected).split(",")), 160)
            if missing:
                return (
                    f"Il manque un élément obligatoire dans {what} ; attendu : {names}",
                    f"Ajoutez l'élément attendu : {names}.",
                    f"Add the expected element: {names}.",
                )
            return (
                f"L'élément {what} n'est pas à sa place, ou un élément obligatoire manque ; attendu ici : {names}",
                f"Respectez l'ordre du schéma et fournissez l'élément attendu : {names}.",
                f"Keep the order of the schema and provide the expected element: {names}.",
            )
        return (
            f"L'élément {what} n'est pas prévu ici",
            f"Retirez {what} ou déplacez-le selon le schéma.",
            f"Remove {what} or move it where the schema expects it.",
        )
    if "ATTRIBUTE" in type_name or "COMPLEX_TYPE_3" in type_name or "COMPLEX_TYPE_4" in type_name:
        return (
            f"Un attribut de {what} manque ou n'est pas admis",
            "Corrigez les attributs de cet élément.",
            "Correct the attributes of this element.",
        )
    if value:
        return (
            f"La valeur « {value} » de {what} n'a pas la forme attendue",
            "Écrivez les dates AAAA-MM-JJ (UBL) ou AAAAMMJJ (CII) et les montants avec un point décimal.",
            "Write dates as YYYY-MM-DD (UBL) or YYYYMMDD (CII) and amounts with a decimal point.",
        )
    return (
        f"Le contenu de {what} est vide ou n'a pas la forme attendue",
        f"Renseignez {what}, ou retirez l'élément vide.",
        f"Fill {what} in, or remove the empty element.",
    )
