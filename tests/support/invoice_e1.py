# ruff: noqa: E501 - one element a line
"""An invoice as the older Chorus Pro specification (E1) wrote it: UBL without the European norm."""

from typing import Any

from support.invoice_parts import BUYER, SELLER

_INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ProfileID>{cadre}</cbc:ProfileID><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-10-01</cbc:IssueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>{notes}<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>EJ-1</cbc:ID></cac:OrderReference>
<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID schemeName="1">{seller}</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Atelier du Pont</cbc:Name></cac:PartyName>
<cac:PartyTaxScheme><cac:TaxScheme><cbc:TaxTypeCode>TVA DEBIT</cbc:TaxTypeCode></cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID schemeName="1">{buyer}</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Commune</cbc:Name></cac:PartyName></cac:Party>{contact}</cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">120.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>Pose</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">100.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>"""


def e1(
    number: str = "20260042",
    seller: Any = SELLER,
    buyer: Any = BUYER,
    service: str | None = None,
    contract: str | None = None,
    cadre: str = "A1",
    notes: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """The file; ``contract`` only makes it another file. Notes of that time had no code of their subject."""
    contact = f"<cac:AccountingContact><cbc:ID>{service}</cbc:ID></cac:AccountingContact>" if service else ""
    said = "".join(f"<cbc:Note>{text}</cbc:Note>" for _, text in notes)
    text = _INVOICE.format(number=number, seller=seller.siret, buyer=buyer.siret, contact=contact, cadre=cadre, notes=said)
    return (text + (f"<!-- {contract} -->" if contract else "")).encode()
