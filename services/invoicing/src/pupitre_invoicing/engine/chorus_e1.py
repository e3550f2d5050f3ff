"""Legacy Chorus Pro files: UBL written to the specifications V4 (flow E1), before EN 16931.

They carry no specification identifier (BT-24), name a SIRET by `schemeName="1"`, and put the service in a contact. Only
the schema judges them; this reader then finds what the portal needs.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from . import amounts
from .findings import Finding, own
from .safe_xml import path
from .syntax import NAMESPACES, Syntax
from .terms import Reading, Value, read
from .terms_table import BUYER, SELLER

STAGE = "schematron"
FORMAT = "chorus-e1"
# Types of identifier in legacy flows, under their ISO 6523 codes of today.
SCHEMES = {"1": "0009", "2": "0223", "3": "0227", "4": "0228", "5": "0229", "6": "0226"}
_SERVICE = f"cac:AccountingCustomerParty/cac:AccountingContact/cbc:ID | {BUYER}/cac:Contact/cbc:ID"
_REQUIRED = (
    ("BT-1", "Le numéro de facture", "The invoice number"),
    ("BT-2", "La date d'émission", "The issue date"),
    ("BT-29", "L'identifiant du fournisseur", "The supplier's identifier"),
    ("BT-46", "Le SIRET du destinataire", "The recipient's SIRET"),
    ("BT-112", "Le total TTC", "The total with VAT"),
)


def is_legacy(root: etree._Element, syntax: Syntax) -> bool:
    """Whether a UBL document is a legacy Chorus Pro one: no BT-24, and a party identifier with schemeName."""
    if syntax.family != "ubl" or syntax.guideline:
        return False
    return bool(_found(root, "//cac:PartyIdentification/cbc:ID[@schemeName]"))


def legacy(syntax: Syntax) -> Syntax:
    """The syntax of such a document."""
    return replace(syntax, format=FORMAT, profile=FORMAT)


def read_legacy(root: etree._Element) -> Reading:
    """The terms of a legacy document, under their numbers of today."""
    reading = read(root, "ubl")
    for term in ("BT-29", "BT-46", "BT-60"):
        if term in reading.values:
            reading.values[term] = [
                value._replace(scheme=SCHEMES.get(value.scheme or "", value.scheme)) for value in reading.all(term)
            ]
    for name, fallback in (("BT-27", "BT-28"), ("BT-44", "BT-45")):
        if name not in reading.values and fallback in reading.values:
            reading.values[name] = reading.values[fallback]
    _fill(reading, root, "BT-10", _SERVICE)
    _fill(reading, root, "BT-31", f"{SELLER}/cac:PartyTaxScheme/cbc:CompanyID")
    _fill(reading, root, "BT-48", f"{BUYER}/cac:PartyTaxScheme/cbc:CompanyID")
    _fill(reading, root, "BT-110", "cac:TaxTotal/cbc:TaxAmount")
    _fill(reading, root, "BT-9", "cac:PaymentMeans/cbc:PaymentDueDate")
    _tax_regime(reading, root)
    return reading


def check(reading: Reading) -> list[Finding]:
    """What is missing for routing, and totals that do not add up."""
    findings = [
        own("PUP-E1-MISSING", STAGE, term=term, what_fr=fr, what_en=en)
        for term, fr, en in _REQUIRED
        if reading.one(term) is None
    ]
    net, vat, gross = (amounts.parse(reading.one(term)) for term in ("BT-109", "BT-110", "BT-112"))
    if net is not None and gross is not None and amounts.differ(net + (vat or 0), gross):
        findings.append(
            own(
                "PUP-E1-SUMS",
                STAGE,
                term="BT-112",
                location=path(reading.all("BT-112")[0].element),
                found=gross,
                expected=net + (vat or 0),
            )
        )
    return findings


def _fill(reading: Reading, root: etree._Element, term: str, expression: str) -> None:
    if term in reading.values:
        return
    values = [
        Value(element.text.strip(), None, element)
        for element in _found(root, expression)
        if (element.text or "").strip()
    ]
    if values:
        reading.values[term] = values


def _tax_regime(reading: Reading, root: etree._Element) -> None:
    """``TVA DEBIT`` or ``TVA ENCAISSEMENT`` on the supplier, under the code of BT-8."""
    for element in _found(root, f"{SELLER}/cac:PartyTaxScheme/cac:TaxScheme/cbc:TaxTypeCode"):
        code = {"TVA_DEBIT": "5", "TVA_ENCAISSEMENT": "72"}.get("_".join((element.text or "").upper().split()))
        if code:
            reading.values.setdefault("BT-8", [Value(code, None, element)])


def _found(root: etree._Element, expression: str) -> list[etree._Element]:
    return root.xpath(expression, namespaces=NAMESPACES)
