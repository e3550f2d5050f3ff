"""Writes a CII D22B invoice or credit note for tests."""

from __future__ import annotations

import base64
from datetime import date

from support.invoice_parts import PROFILES, Line, Parts, Party, parts, tag, wrap


def cii(**over: object) -> bytes:
    """A CII D22B invoice, or credit note when the type code is 381."""
    part = parts(**over)
    context = wrap(
        "rsm:ExchangedDocumentContext",
        wrap("ram:BusinessProcessSpecifiedDocumentContextParameter", tag("ram:ID", part.cadre)),
        wrap("ram:GuidelineSpecifiedDocumentContextParameter", tag("ram:ID", PROFILES[part.profile])),
    )
    document = wrap(
        "rsm:ExchangedDocument",
        tag("ram:ID", part.number),
        tag("ram:TypeCode", part.type_code),
        wrap("ram:IssueDateTime", _moment(part.issue_date)),
        *(
            wrap("ram:IncludedNote", tag("ram:Content", text), tag("ram:SubjectCode", code))
            for code, text in part.notes
        ),
    )
    deal = wrap(
        "rsm:SupplyChainTradeTransaction",
        *(_cii_line(index, line) for index, line in enumerate(part.lines, 1)),
        _cii_agreement(part),
        "<ram:ApplicableHeaderTradeDelivery/>",
        _cii_settlement(part),
    )
    spaces = {
        "rsm": "CrossIndustryInvoice",
        "ram": "ReusableAggregateBusinessInformationEntity",
        "qdt": "QualifiedDataType",
        "udt": "UnqualifiedDataType",
    }
    declared = " ".join(
        f'xmlns:{prefix}="urn:un:unece:uncefact:data:standard:{name}:100"' for prefix, name in spaces.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<rsm:CrossIndustryInvoice {declared}>\n{context}\n{document}\n{deal}\n</rsm:CrossIndustryInvoice>\n"
    ).encode()


def _moment(day: date, kind: str = "udt") -> str:
    return tag(f"{kind}:DateTimeString", f"{day:%Y%m%d}", format="102")


def _cii_agreement(part: Parts) -> str:
    return wrap(
        "ram:ApplicableHeaderTradeAgreement",
        tag("ram:BuyerReference", part.service),
        _cii_party("ram:SellerTradeParty", part.seller, None),
        _cii_party("ram:BuyerTradeParty", part.buyer, part.service if part.profile == "extended-ctc-fr" else None),
        wrap("ram:BuyerOrderReferencedDocument", tag("ram:IssuerAssignedID", part.engagement)),
        wrap("ram:ContractReferencedDocument", tag("ram:IssuerAssignedID", part.contract)),
        *(
            wrap(
                "ram:AdditionalReferencedDocument",
                tag("ram:IssuerAssignedID", f"PJ{index}"),
                tag("ram:TypeCode", "916"),
                tag("ram:Name", "DOCUMENT_ANNEXE"),
                tag("ram:AttachmentBinaryObject", base64.b64encode(content).decode(), mimeCode=mime, filename=name),
            )
            for index, (name, mime, content) in enumerate(part.attachments, 1)
        ),
    )


def _cii_settlement(part: Parts) -> str:
    return wrap(
        "ram:ApplicableHeaderTradeSettlement",
        tag("ram:InvoiceCurrencyCode", "EUR"),
        wrap(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            tag("ram:TypeCode", "30"),
            wrap("ram:PayeePartyCreditorFinancialAccount", tag("ram:IBANID", part.iban)),
        ),
        *(
            wrap(
                "ram:ApplicableTradeTax",
                tag("ram:CalculatedAmount", tax),
                tag("ram:TypeCode", "VAT"),
                tag("ram:BasisAmount", base),
                tag("ram:CategoryCode", "S"),
                tag("ram:RateApplicablePercent", rate),
            )
            for rate, base, tax in part.vat
        ),
        wrap("ram:SpecifiedTradePaymentTerms", wrap("ram:DueDateDateTime", _moment(part.due))),
        wrap(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            tag("ram:LineTotalAmount", part.net),
            tag("ram:TaxBasisTotalAmount", part.net),
            tag("ram:TaxTotalAmount", part.tax, currencyID="EUR"),
            tag("ram:GrandTotalAmount", part.gross),
            tag("ram:TotalPrepaidAmount", part.prepaid) if part.prepaid else "",
            tag("ram:DuePayableAmount", part.gross - part.prepaid),
        ),
        ""
        if part.preceding is None
        else wrap(
            "ram:InvoiceReferencedDocument",
            tag("ram:IssuerAssignedID", part.preceding[0]),
            wrap("ram:FormattedIssueDateTime", _moment(part.preceding[1], "qdt")),
        ),
    )


def _cii_party(element: str, party: Party, service: str | None) -> str:
    return wrap(
        element,
        tag("ram:GlobalID", party.siret, schemeID="0009"),
        tag("ram:GlobalID", service, schemeID="0224"),
        tag("ram:Name", party.name),
        wrap("ram:SpecifiedLegalOrganization", tag("ram:ID", party.siren, schemeID="0002")),
        wrap(
            "ram:PostalTradeAddress",
            tag("ram:PostcodeCode", party.post_code),
            tag("ram:LineOne", party.street),
            tag("ram:CityName", party.city),
            tag("ram:CountryID", "FR"),
        ),
        wrap("ram:URIUniversalCommunication", tag("ram:URIID", f"{party.siren}_{party.siret}", schemeID="0225")),
        wrap("ram:SpecifiedTaxRegistration", tag("ram:ID", party.vat, schemeID="VA")),
    )


def _cii_line(index: int, line: Line) -> str:
    return wrap(
        "ram:IncludedSupplyChainTradeLineItem",
        wrap("ram:AssociatedDocumentLineDocument", tag("ram:LineID", index)),
        wrap("ram:SpecifiedTradeProduct", tag("ram:Name", line.name)),
        wrap(
            "ram:SpecifiedLineTradeAgreement",
            wrap("ram:NetPriceProductTradePrice", tag("ram:ChargeAmount", line.price)),
        ),
        wrap("ram:SpecifiedLineTradeDelivery", tag("ram:BilledQuantity", line.quantity, unitCode=line.unit)),
        wrap(
            "ram:SpecifiedLineTradeSettlement",
            wrap(
                "ram:ApplicableTradeTax",
                tag("ram:TypeCode", "VAT"),
                tag("ram:CategoryCode", "S"),
                tag("ram:RateApplicablePercent", line.rate),
            ),
            wrap("ram:SpecifiedTradeSettlementLineMonetarySummation", tag("ram:LineTotalAmount", line.net)),
        ),
    )
