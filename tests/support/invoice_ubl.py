"""Writes a UBL 2.1 invoice or credit note for tests."""

from __future__ import annotations

import base64

from support.invoice_parts import PROFILES, Line, Parts, Party, parts, tag, wrap


def ubl(**over: object) -> bytes:
    """A UBL 2.1 Invoice, or CreditNote when the type code is 381."""
    part = parts(**over)
    credit = part.type_code == "381"
    root = "CreditNote" if credit else "Invoice"
    amount = lambda name, value: tag(name, value, currencyID="EUR")
    body = [
        tag("cbc:CustomizationID", PROFILES[part.profile]),
        tag("cbc:ProfileID", part.cadre),
        tag("cbc:ID", part.number),
        tag("cbc:IssueDate", part.issue_date),
        "" if credit else tag("cbc:DueDate", part.due),
        tag(f"cbc:{root}TypeCode", part.type_code),
        *(tag("cbc:Note", f"#{code}#{text}") for code, text in part.notes),
        tag("cbc:DocumentCurrencyCode", "EUR"),
        tag("cbc:BuyerReference", part.service),
        wrap("cac:OrderReference", tag("cbc:ID", part.engagement)),
        _ubl_preceding(part),
        "" if credit else wrap("cac:ContractDocumentReference", tag("cbc:ID", part.contract)),
        wrap("cac:ContractDocumentReference", tag("cbc:ID", part.contract)) if credit else "",
        *_ubl_attachments(part),
        _ubl_party("cac:AccountingSupplierParty", part.seller, None),
        _ubl_party(
            "cac:AccountingCustomerParty", part.buyer, part.service if part.profile == "extended-ctc-fr" else None
        ),
        wrap(
            "cac:PaymentMeans",
            tag("cbc:PaymentMeansCode", "30"),
            tag("cbc:PaymentDueDate", part.due) if credit else "",
            wrap("cac:PayeeFinancialAccount", tag("cbc:ID", part.iban)),
        ),
        wrap(
            "cac:TaxTotal",
            amount("cbc:TaxAmount", part.tax),
            *(
                wrap(
                    "cac:TaxSubtotal",
                    amount("cbc:TaxableAmount", base),
                    amount("cbc:TaxAmount", tax),
                    _ubl_category("cac:TaxCategory", rate),
                )
                for rate, base, tax in part.vat
            ),
        ),
        wrap(
            "cac:LegalMonetaryTotal",
            amount("cbc:LineExtensionAmount", part.net),
            amount("cbc:TaxExclusiveAmount", part.net),
            amount("cbc:TaxInclusiveAmount", part.gross),
            amount("cbc:PrepaidAmount", part.prepaid) if part.prepaid else "",
            amount("cbc:PayableAmount", part.gross - part.prepaid),
        ),
        *(_ubl_line(index, line, credit) for index, line in enumerate(part.lines, 1)),
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" '
        'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
        'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">\n'
        + "\n".join(item for item in body if item)
        + f"\n</{root}>\n"
    ).encode()


def _ubl_preceding(part: Parts) -> str:
    if part.preceding is None:
        return ""
    return wrap(
        "cac:BillingReference",
        wrap("cac:InvoiceDocumentReference", tag("cbc:ID", part.preceding[0]), tag("cbc:IssueDate", part.preceding[1])),
    )


def _ubl_attachments(part: Parts) -> list[str]:
    return [
        wrap(
            "cac:AdditionalDocumentReference",
            tag("cbc:ID", f"PJ{index}"),
            tag("cbc:DocumentDescription", "DOCUMENT_ANNEXE"),
            wrap(
                "cac:Attachment",
                tag(
                    "cbc:EmbeddedDocumentBinaryObject", base64.b64encode(content).decode(), mimeCode=mime, filename=name
                ),
            ),
        )
        for index, (name, mime, content) in enumerate(part.attachments, 1)
    ]


def _ubl_party(element: str, party: Party, service: str | None) -> str:
    return wrap(
        element,
        wrap(
            "cac:Party",
            tag("cbc:EndpointID", f"{party.siren}_{party.siret}", schemeID="0225"),
            wrap("cac:PartyIdentification", tag("cbc:ID", party.siret, schemeID="0009")),
            wrap("cac:PartyIdentification", tag("cbc:ID", service, schemeID="0224")),
            wrap(
                "cac:PostalAddress",
                tag("cbc:StreetName", party.street),
                tag("cbc:CityName", party.city),
                tag("cbc:PostalZone", party.post_code),
                wrap("cac:Country", tag("cbc:IdentificationCode", "FR")),
            ),
            wrap("cac:PartyTaxScheme", tag("cbc:CompanyID", party.vat), wrap("cac:TaxScheme", tag("cbc:ID", "VAT"))),
            wrap(
                "cac:PartyLegalEntity",
                tag("cbc:RegistrationName", party.name),
                tag("cbc:CompanyID", party.siren, schemeID="0002"),
            ),
        ),
    )


def _ubl_category(element: str, rate: str) -> str:
    return wrap(element, tag("cbc:ID", "S"), tag("cbc:Percent", rate), wrap("cac:TaxScheme", tag("cbc:ID", "VAT")))


def _ubl_line(index: int, line: Line, credit: bool) -> str:
    return wrap(
        "cac:CreditNoteLine" if credit else "cac:InvoiceLine",
        tag("cbc:ID", index),
        tag("cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity", line.quantity, unitCode=line.unit),
        tag("cbc:LineExtensionAmount", line.net, currencyID="EUR"),
        wrap("cac:Item", tag("cbc:Name", line.name), _ubl_category("cac:ClassifiedTaxCategory", line.rate)),
        wrap("cac:Price", tag("cbc:PriceAmount", line.price, currencyID="EUR")),
    )
