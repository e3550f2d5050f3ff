"""Sends somebody else's sample invoice to a structure of the demonstration: another recipient, another number, nothing more."""

import io

import facturx
import pypdf
from lxml import etree

_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


def readdressed(content: bytes, siret: str, number: str) -> bytes:
    """The invoice (UBL, CII or Factur-X) addressed to ``siret`` without a service, under ``number``.

    What cannot be read as an invoice comes back as it is: whatever is wrong with it stays wrong.
    """
    if content[:1024].find(b"%PDF-") >= 0:
        xml = embedded_xml(content)
        return content if xml is None else _pdf_with(content, readdressed(xml, siret, number))
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return content
    change = {"Invoice": _ubl, "CreditNote": _ubl, "CrossIndustryInvoice": _cii}.get(etree.QName(root).localname)
    if change is None:
        return content
    change(root, siret, number)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def embedded_xml(pdf: bytes) -> bytes | None:
    """The invoice inside a PDF; None when there is none, or when it cannot be read."""
    try:
        attachments = pypdf.PdfReader(io.BytesIO(pdf)).attachments
        return next((attachments[name][0] for name in _NAMES if name in attachments), None)
    except pypdf.errors.PyPdfError:
        return None


def _pdf_with(pdf: bytes, xml: bytes) -> bytes:
    """The pages of a PDF with another invoice inside."""
    pages, written = pypdf.PdfWriter(), io.BytesIO()
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        pages.add_page(page)
    pages.write(written)
    return facturx.generate_from_binary(written.getvalue(), xml, check_xsd=False, check_schematron=False)


def _ubl(root: etree._Element, siret: str, number: str) -> None:
    cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    root.find(f"{{{cbc}}}ID").text = number
    _drop(root, root.findall(f"{{{cbc}}}BuyerReference"))
    party = root.find(f"{{{cac}}}AccountingCustomerParty/{{{cac}}}Party")
    _drop(party, party.findall(f"{{{cac}}}PartyIdentification"))
    identification = etree.Element(f"{{{cac}}}PartyIdentification")
    etree.SubElement(identification, f"{{{cbc}}}ID", schemeID="0009").text = siret
    endpoint = party.find(f"{{{cbc}}}EndpointID")
    party.insert(0 if endpoint is None else party.index(endpoint) + 1, identification)
    _rename(party.findall(f".//{{{cbc}}}CompanyID"), endpoint, siret)


def _cii(root: etree._Element, siret: str, number: str) -> None:
    ram = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    root.find(f".//{{*}}ExchangedDocument/{{{ram}}}ID").text = number
    agreement = root.find(f".//{{{ram}}}ApplicableHeaderTradeAgreement")
    _drop(agreement, agreement.findall(f"{{{ram}}}BuyerReference"))
    party = agreement.find(f"{{{ram}}}BuyerTradeParty")
    _drop(party, [*party.findall(f"{{{ram}}}ID"), *party.findall(f"{{{ram}}}GlobalID")])
    legal = party.findall(f"{{{ram}}}SpecifiedLegalOrganization/{{{ram}}}ID")
    if _is_minimum(root):
        # This profile knows no other identifier of the buyer; the public portal reads the SIRET there.
        _legal_organisation(party, ram).text = siret
        return
    identifier = etree.Element(f"{{{ram}}}GlobalID", schemeID="0009")
    identifier.text = siret
    party.insert(0, identifier)
    _rename(legal, party.find(f"{{{ram}}}URIUniversalCommunication/{{{ram}}}URIID"), siret)


def _is_minimum(root: etree._Element) -> bool:
    guideline = root.find(".//{*}GuidelineSpecifiedDocumentContextParameter/{*}ID")
    return guideline is not None and "minimum" in (guideline.text or "")


def _legal_organisation(party: etree._Element, ram: str) -> etree._Element:
    found = party.find(f"{{{ram}}}SpecifiedLegalOrganization/{{{ram}}}ID")
    if found is None:
        organisation = etree.Element(f"{{{ram}}}SpecifiedLegalOrganization")
        party.insert(party.index(party.find(f"{{{ram}}}Name")) + 1, organisation)
        found = etree.SubElement(organisation, f"{{{ram}}}ID", schemeID="0002")
    return found


def _rename(legal: list[etree._Element], endpoint: etree._Element | None, siret: str) -> None:
    """A SIRET begins with the SIREN: the French identifiers beside it must say the same."""
    for each in legal:
        if each.get("schemeID") == "0002":
            each.text = siret[:9]
    if endpoint is not None and endpoint.get("schemeID") == "0225":
        endpoint.text = siret[:9]


def _drop(parent: etree._Element, children: list[etree._Element]) -> None:
    for child in children:
        parent.remove(child)
