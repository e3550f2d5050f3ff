"""What an XML document is: UBL or CII, which profile, or which other format, named."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .findings import refused
from .safe_xml import local_name

STAGE = "not-an-invoice"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
NAMESPACES = {
    "cac": UBL + "CommonAggregateComponents-2",
    "cbc": UBL + "CommonBasicComponents-2",
    "rsm": CII,
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}

# Formats that people send by mistake, by the start of the root's namespace.
OTHER_FORMATS = (
    ("urn:ferd:CrossIndustryDocument", "ZUGFeRD 1"),
    ("urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure", "Order-X"),
    ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:90", "CII D08"),
    ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:", "CII (D08)"),
    ("urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse", "CDAR (cycle de vie)"),
    ("http://ivaservizi.agenziaentrate.gov.it", "FatturaPA"),
    ("http://www.fatturapa.gov.it", "FatturaPA"),
    ("http://www.facturae", "Facturae"),
    ("http://www.ebinterface.at", "ebInterface"),
    ("http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader", "SBDH"),
    ("http://www.w3.org/1999/xhtml", "XHTML"),
    ("urn:oasis:names:specification:ubl:schema:xsd:Order-2", "UBL Order"),
    ("urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2", "UBL ApplicationResponse"),
    ("urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2", "UBL DespatchAdvice"),
)

# The profile, by what BT-24 contains; first match wins, most precise first.
PROFILES = (
    ("extended-ctc-fr", "extended-ctc-fr"),
    ("xrechnung", "xrechnung"),
    ("xoev-de:kosit", "xrechnung"),
    ("urn:fdc:peppol.eu", "peppol"),
    (":basicwl", "basicwl"),
    (":basic", "basic"),
    (":minimum", "minimum"),
    (":extended", "extended"),
    ("urn:cen.eu:en16931:2017", "en16931"),
)
FACTURX_PROFILES = ("minimum", "basicwl", "basic", "extended")


@dataclass(frozen=True)
class Syntax:
    """`format` is the interface's word; `family` is "ubl" or "cii"; `profile` follows BT-24, "other" when unknown."""

    format: str
    family: str
    root: str
    guideline: str
    profile: str


def detect(root: etree._Element) -> Syntax:
    """The syntax of a document; raises Refused (stage "not-an-invoice") for anything that is not an invoice."""
    name = etree.QName(root)
    if name.namespace == UBL + "Invoice-2" and name.localname == "Invoice":
        return _syntax("ubl-invoice", "ubl", root, f"{{{NAMESPACES['cbc']}}}CustomizationID")
    if name.namespace == UBL + "CreditNote-2" and name.localname == "CreditNote":
        return _syntax("ubl-creditnote", "ubl", root, f"{{{NAMESPACES['cbc']}}}CustomizationID")
    if name.namespace == CII and name.localname == "CrossIndustryInvoice":
        guideline = "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID"
        return _syntax("cii", "cii", root, guideline)
    for start, other in OTHER_FORMATS:
        if (name.namespace or "").startswith(start):
            raise refused("PUP-OTHER-FORMAT", STAGE, location="/" + name.localname, name=other)
    raise refused("PUP-NOT-AN-INVOICE", STAGE, location="/" + name.localname, root=local_name(root))


def profile_of(guideline: str, family: str) -> str:
    """The profile that BT-24 names, among those whose rules we know; the Factur-X ones exist in CII only."""
    for part, profile in PROFILES:
        if part in guideline.lower() and (family == "cii" or profile not in FACTURX_PROFILES):
            return profile
    return "other"


def _syntax(format_: str, family: str, root: etree._Element, guideline_path: str) -> Syntax:
    guideline = (root.findtext(guideline_path) or "").strip()
    return Syntax(format_, family, local_name(root), guideline, profile_of(guideline, family))
