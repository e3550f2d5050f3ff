# ruff: noqa: E501 - one row a term reads better than wrapped rows
"""The business terms of EN 16931 (BT-1 to BT-165) and where UBL 2.1 and CII D22B write them.

One row is one term: number, French name, English name, UBL path, CII path. Paths are XPath 1.0 relative to the root of
the document (or to the element of the group), several writings being separated by `` | ``. The table serves three
readers: the terms of an invoice, the term of a finding (from its location), and the names shown to people.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One business term. `ubl` and `cii` are empty when the syntax has no place for it."""

    id: str
    fr: str
    en: str
    ubl: str
    cii: str


@dataclass(frozen=True)
class Group:
    """A repeatable group (BG): one reading of `terms` and `groups` for each element found."""

    id: str
    fr: str
    en: str
    ubl: str
    cii: str
    terms: tuple[Term, ...]
    groups: tuple[Group, ...] = ()


DOC = "rsm:ExchangedDocument/"
CONTEXT = "rsm:ExchangedDocumentContext/"
DEAL = "rsm:SupplyChainTradeTransaction/"
AGREEMENT = DEAL + "ram:ApplicableHeaderTradeAgreement/"
DELIVERY = DEAL + "ram:ApplicableHeaderTradeDelivery/"
SETTLEMENT = DEAL + "ram:ApplicableHeaderTradeSettlement/"
MEANS = SETTLEMENT + "ram:SpecifiedTradeSettlementPaymentMeans/"
TERMS = SETTLEMENT + "ram:SpecifiedTradePaymentTerms/"
SUMS = SETTLEMENT + "ram:SpecifiedTradeSettlementHeaderMonetarySummation/"
CURRENCY = "/*/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode"
REFERENCE = "/ram:IssuerAssignedID"
MOMENT = "/udt:DateTimeString"


def _address(ids: str, who: tuple[str, str], ubl: str, cii: str) -> tuple[Term, ...]:
    """The seven terms of a postal address; `ids` in the order line 1, 2, 3, city, post code, subdivision, country."""
    parts = (
        ("adresse, ligne 1", "address line 1", "cbc:StreetName", "ram:LineOne"),
        ("adresse, ligne 2", "address line 2", "cbc:AdditionalStreetName", "ram:LineTwo"),
        ("adresse, ligne 3", "address line 3", "cac:AddressLine/cbc:Line", "ram:LineThree"),
        ("localité", "city", "cbc:CityName", "ram:CityName"),
        ("code postal", "post code", "cbc:PostalZone", "ram:PostcodeCode"),
        ("subdivision du pays", "country subdivision", "cbc:CountrySubentity", "ram:CountrySubDivisionName"),
        ("code du pays", "country code", "cac:Country/cbc:IdentificationCode", "ram:CountryID"),
    )
    return tuple(
        Term(f"BT-{number}", f"{who[0]} : {fr}", f"{who[1]} {en}", f"{ubl}/{u}", f"{cii}/ram:PostalTradeAddress/{c}")
        for number, (fr, en, u, c) in zip(ids.split(), parts, strict=True)
    )


def _party(numbers: str, fr: str, en: str, ubl: str, cii: str) -> tuple[Term, ...]:
    """Names, identifiers and contact of the seller or buyer; `numbers`: name, trading name, id, legal id, VAT, e-address,
    contact, telephone, e-mail."""
    name, trading, party_id, legal, vat, endpoint, contact, phone, mail = (f"BT-{n}" for n in numbers.split())
    registration = "ram:SpecifiedTaxRegistration/ram:ID"
    return (
        Term(name, f"{fr} : raison sociale", f"{en} name", f"{ubl}/cac:PartyLegalEntity/cbc:RegistrationName", f"{cii}/ram:Name"),
        Term(trading, f"{fr} : nom commercial", f"{en} trading name", f"{ubl}/cac:PartyName/cbc:Name",
             f"{cii}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
        Term(party_id, f"{fr} : identifiant (SIRET)", f"{en} identifier (SIRET)",
             f"{ubl}/cac:PartyIdentification/cbc:ID[not(@schemeID='SEPA')]", f"{cii}/ram:GlobalID | {cii}/ram:ID"),
        Term(legal, f"{fr} : identifiant légal (SIREN)", f"{en} legal registration identifier (SIREN)",
             f"{ubl}/cac:PartyLegalEntity/cbc:CompanyID", f"{cii}/ram:SpecifiedLegalOrganization/ram:ID"),
        Term(vat, f"{fr} : numéro de TVA", f"{en} VAT identifier",
             f"{ubl}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
             f"{cii}/{registration}[@schemeID='VA' or @schemeID='VAT']"),
        Term(endpoint, f"{fr} : adresse électronique", f"{en} electronic address", f"{ubl}/cbc:EndpointID",
             f"{cii}/ram:URIUniversalCommunication/ram:URIID"),
        Term(contact, f"{fr} : contact", f"{en} contact point", f"{ubl}/cac:Contact/cbc:Name",
             f"{cii}/ram:DefinedTradeContact/ram:PersonName | {cii}/ram:DefinedTradeContact/ram:DepartmentName"),
        Term(phone, f"{fr} : téléphone du contact", f"{en} contact telephone number", f"{ubl}/cac:Contact/cbc:Telephone",
             f"{cii}/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        Term(mail, f"{fr} : courriel du contact", f"{en} contact email address", f"{ubl}/cac:Contact/cbc:ElectronicMail",
             f"{cii}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID"),
    )


def _adjustment(numbers: str, fr: str, en: str, with_vat: bool) -> tuple[Term, ...]:
    """An allowance or charge; `numbers`: amount, base, percentage, [VAT category, VAT rate,] reason, reason code."""
    rows = [
        ("montant", "amount", "cbc:Amount", "ram:ActualAmount"),
        ("assiette", "base amount", "cbc:BaseAmount", "ram:BasisAmount"),
        ("pourcentage", "percentage", "cbc:MultiplierFactorNumeric", "ram:CalculationPercent"),
        ("code de type de TVA", "VAT category code", "cac:TaxCategory/cbc:ID", "ram:CategoryTradeTax/ram:CategoryCode"),
        ("taux de TVA", "VAT rate", "cac:TaxCategory/cbc:Percent", "ram:CategoryTradeTax/ram:RateApplicablePercent"),
        ("motif", "reason", "cbc:AllowanceChargeReason", "ram:Reason"),
        ("code de motif", "reason code", "cbc:AllowanceChargeReasonCode", "ram:ReasonCode"),
    ]
    if not with_vat:
        del rows[3:5]
    return tuple(
        Term(f"BT-{number}", f"{fr} : {f}", f"{en} {e}", u, c)
        for number, (f, e, u, c) in zip(numbers.split(), rows, strict=True)
    )


SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
CII_SELLER = AGREEMENT + "ram:SellerTradeParty"
CII_BUYER = AGREEMENT + "ram:BuyerTradeParty"
REPRESENTATIVE = AGREEMENT + "ram:SellerTaxRepresentativeTradeParty"
SHIP_TO = DELIVERY + "ram:ShipToTradeParty"
ACCOUNT = "cac:PaymentMeans/cac:PayeeFinancialAccount"

HEADER: tuple[Term, ...] = (
    Term("BT-1", "numéro de facture", "invoice number", "cbc:ID", DOC + "ram:ID"),
    Term("BT-2", "date d'émission", "issue date", "cbc:IssueDate", DOC + "ram:IssueDateTime" + MOMENT),
    Term("BT-3", "code de type de facture", "invoice type code", "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode", DOC + "ram:TypeCode"),
    Term("BT-5", "code de devise", "currency code", "cbc:DocumentCurrencyCode", SETTLEMENT + "ram:InvoiceCurrencyCode"),
    Term("BT-6", "devise de comptabilisation de la TVA", "VAT accounting currency code", "cbc:TaxCurrencyCode", SETTLEMENT + "ram:TaxCurrencyCode"),
    Term("BT-7", "date d'exigibilité de la TVA", "VAT point date", "cbc:TaxPointDate",
         SETTLEMENT + "ram:ApplicableTradeTax/ram:TaxPointDate/udt:DateString"),
    Term("BT-8", "code d'exigibilité de la TVA", "VAT point date code", "cac:InvoicePeriod/cbc:DescriptionCode",
         SETTLEMENT + "ram:ApplicableTradeTax/ram:DueDateTypeCode"),
    Term("BT-9", "date d'échéance", "payment due date", "cbc:DueDate | cac:PaymentMeans/cbc:PaymentDueDate",
         TERMS + "ram:DueDateDateTime" + MOMENT),
    Term("BT-10", "référence de l'acheteur (code service)", "buyer reference (service code)", "cbc:BuyerReference", AGREEMENT + "ram:BuyerReference"),
    Term("BT-11", "référence du projet", "project reference",
         "cac:ProjectReference/cbc:ID | cac:AdditionalDocumentReference[cbc:DocumentTypeCode='50']/cbc:ID",
         AGREEMENT + "ram:SpecifiedProcuringProject/ram:ID"),
    Term("BT-12", "numéro de marché", "contract reference", "cac:ContractDocumentReference/cbc:ID",
         AGREEMENT + "ram:ContractReferencedDocument" + REFERENCE),
    Term("BT-13", "numéro d'engagement", "purchase order reference (engagement)", "cac:OrderReference/cbc:ID",
         AGREEMENT + "ram:BuyerOrderReferencedDocument" + REFERENCE),
    Term("BT-14", "référence de la commande client", "sales order reference", "cac:OrderReference/cbc:SalesOrderID",
         AGREEMENT + "ram:SellerOrderReferencedDocument" + REFERENCE),
    Term("BT-15", "référence de l'avis de réception", "receiving advice reference", "cac:ReceiptDocumentReference/cbc:ID",
         DELIVERY + "ram:ReceivingAdviceReferencedDocument" + REFERENCE),
    Term("BT-16", "référence de l'avis d'expédition", "despatch advice reference", "cac:DespatchDocumentReference/cbc:ID",
         DELIVERY + "ram:DespatchAdviceReferencedDocument" + REFERENCE),
    Term("BT-17", "référence de l'appel d'offres", "tender or lot reference", "cac:OriginatorDocumentReference/cbc:ID",
         AGREEMENT + "ram:AdditionalReferencedDocument[ram:TypeCode='50']" + REFERENCE),
    Term("BT-18", "identifiant de l'objet facturé", "invoiced object identifier",
         "cac:AdditionalDocumentReference[cbc:DocumentTypeCode='130']/cbc:ID",
         AGREEMENT + "ram:AdditionalReferencedDocument[ram:TypeCode='130']" + REFERENCE),
    Term("BT-19", "référence comptable de l'acheteur", "buyer accounting reference", "cbc:AccountingCost",
         SETTLEMENT + "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
    Term("BT-20", "conditions de paiement", "payment terms", "cac:PaymentTerms/cbc:Note", TERMS + "ram:Description"),
    Term("BT-23", "cadre de facturation", "business process type (cadre de facturation)", "cbc:ProfileID",
         CONTEXT + "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
    Term("BT-24", "identifiant de profil", "specification identifier", "cbc:CustomizationID",
         CONTEXT + "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    *_party("27 28 29 30 31 34 41 42 43", "vendeur", "seller", SELLER, CII_SELLER),
    Term("BT-32", "vendeur : identifiant fiscal local", "seller tax registration identifier",
         f"{SELLER}/cac:PartyTaxScheme[not(cac:TaxScheme/cbc:ID='VAT')]/cbc:CompanyID",
         f"{CII_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']"),
    Term("BT-33", "vendeur : informations juridiques", "seller additional legal information",
         f"{SELLER}/cac:PartyLegalEntity/cbc:CompanyLegalForm", f"{CII_SELLER}/ram:Description"),
    *_address("35 36 162 37 38 39 40", ("vendeur", "seller"), f"{SELLER}/cac:PostalAddress", CII_SELLER),
    *_party("44 45 46 47 48 49 56 57 58", "acheteur", "buyer", BUYER, CII_BUYER),
    *_address("50 51 163 52 53 54 55", ("acheteur", "buyer"), f"{BUYER}/cac:PostalAddress", CII_BUYER),
    Term("BT-59", "bénéficiaire : nom", "payee name", "cac:PayeeParty/cac:PartyName/cbc:Name", SETTLEMENT + "ram:PayeeTradeParty/ram:Name"),
    Term("BT-60", "bénéficiaire : identifiant", "payee identifier", "cac:PayeeParty/cac:PartyIdentification/cbc:ID[not(@schemeID='SEPA')]",
         f"{SETTLEMENT}ram:PayeeTradeParty/ram:GlobalID | {SETTLEMENT}ram:PayeeTradeParty/ram:ID"),
    Term("BT-61", "bénéficiaire : identifiant légal", "payee legal registration identifier",
         "cac:PayeeParty/cac:PartyLegalEntity/cbc:CompanyID", SETTLEMENT + "ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:ID"),
    Term("BT-62", "représentant fiscal : nom", "tax representative name", "cac:TaxRepresentativeParty/cac:PartyName/cbc:Name",
         REPRESENTATIVE + "/ram:Name"),
    Term("BT-63", "représentant fiscal : numéro de TVA", "tax representative VAT identifier",
         "cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID", REPRESENTATIVE + "/ram:SpecifiedTaxRegistration/ram:ID"),
    *_address("64 65 164 66 67 68 69", ("représentant fiscal", "tax representative"), "cac:TaxRepresentativeParty/cac:PostalAddress", REPRESENTATIVE),
    Term("BT-70", "livraison : nom du destinataire", "deliver to party name", "cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name",
         SHIP_TO + "/ram:Name"),
    Term("BT-71", "livraison : identifiant du lieu", "deliver to location identifier", "cac:Delivery/cac:DeliveryLocation/cbc:ID",
         f"{SHIP_TO}/ram:GlobalID | {SHIP_TO}/ram:ID"),
    Term("BT-72", "date de livraison", "actual delivery date", "cac:Delivery/cbc:ActualDeliveryDate",
         DELIVERY + "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime" + MOMENT),
    Term("BT-73", "début de la période de facturation", "invoicing period start date", "cac:InvoicePeriod/cbc:StartDate",
         SETTLEMENT + "ram:BillingSpecifiedPeriod/ram:StartDateTime" + MOMENT),
    Term("BT-74", "fin de la période de facturation", "invoicing period end date", "cac:InvoicePeriod/cbc:EndDate",
         SETTLEMENT + "ram:BillingSpecifiedPeriod/ram:EndDateTime" + MOMENT),
    *_address("75 76 165 77 78 79 80", ("livraison", "deliver to"), "cac:Delivery/cac:DeliveryLocation/cac:Address", SHIP_TO),
    Term("BT-81", "code du mode de paiement", "payment means type code", "cac:PaymentMeans/cbc:PaymentMeansCode", MEANS + "ram:TypeCode"),
    Term("BT-82", "libellé du mode de paiement", "payment means text", "cac:PaymentMeans/cbc:PaymentMeansCode/@name", MEANS + "ram:Information"),
    Term("BT-83", "avis de paiement", "remittance information", "cac:PaymentMeans/cbc:PaymentID", SETTLEMENT + "ram:PaymentReference"),
    Term("BT-84", "identifiant du compte (IBAN)", "payment account identifier (IBAN)", ACCOUNT + "/cbc:ID",
         f"{MEANS}ram:PayeePartyCreditorFinancialAccount/ram:IBANID | {MEANS}ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID"),
    Term("BT-85", "nom du compte", "payment account name", ACCOUNT + "/cbc:Name", MEANS + "ram:PayeePartyCreditorFinancialAccount/ram:AccountName"),
    Term("BT-86", "identifiant de la banque (BIC)", "payment service provider identifier (BIC)", ACCOUNT + "/cac:FinancialInstitutionBranch/cbc:ID",
         MEANS + "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"),
    Term("BT-87", "numéro de carte tronqué", "payment card primary account number", "cac:PaymentMeans/cac:CardAccount/cbc:PrimaryAccountNumberID",
         MEANS + "ram:ApplicableTradeSettlementFinancialCard/ram:ID"),
    Term("BT-88", "titulaire de la carte", "payment card holder name", "cac:PaymentMeans/cac:CardAccount/cbc:HolderName",
         MEANS + "ram:ApplicableTradeSettlementFinancialCard/ram:CardholderName"),
    Term("BT-89", "référence du mandat de prélèvement", "mandate reference identifier", "cac:PaymentMeans/cac:PaymentMandate/cbc:ID",
         TERMS + "ram:DirectDebitMandateID"),
    Term("BT-90", "identifiant du créancier", "bank assigned creditor identifier",
         f"{SELLER}/cac:PartyIdentification/cbc:ID[@schemeID='SEPA'] | cac:PayeeParty/cac:PartyIdentification/cbc:ID[@schemeID='SEPA']",
         SETTLEMENT + "ram:CreditorReferenceID"),
    Term("BT-91", "compte débité", "debited account identifier", "cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID",
         MEANS + "ram:PayerPartyDebtorFinancialAccount/ram:IBANID"),
    Term("BT-106", "somme des montants nets des lignes", "sum of invoice line net amounts", "cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
         SUMS + "ram:LineTotalAmount"),
    Term("BT-107", "total des remises", "sum of allowances", "cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount", SUMS + "ram:AllowanceTotalAmount"),
    Term("BT-108", "total des charges", "sum of charges", "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount", SUMS + "ram:ChargeTotalAmount"),
    Term("BT-109", "total hors taxe", "total without VAT", "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount", SUMS + "ram:TaxBasisTotalAmount"),
    Term("BT-110", "total de TVA", "total VAT amount", "cac:TaxTotal/cbc:TaxAmount[@currencyID=/*/cbc:DocumentCurrencyCode]",
         f"{SUMS}ram:TaxTotalAmount[@currencyID={CURRENCY} or not(@currencyID)]"),
    Term("BT-111", "total de TVA en devise de comptabilisation", "total VAT amount in accounting currency",
         "cac:TaxTotal/cbc:TaxAmount[@currencyID!=/*/cbc:DocumentCurrencyCode]", f"{SUMS}ram:TaxTotalAmount[@currencyID!={CURRENCY}]"),
    Term("BT-112", "total toutes taxes comprises", "total with VAT", "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", SUMS + "ram:GrandTotalAmount"),
    Term("BT-113", "montant déjà payé", "paid amount", "cac:LegalMonetaryTotal/cbc:PrepaidAmount", SUMS + "ram:TotalPrepaidAmount"),
    Term("BT-114", "arrondi", "rounding amount", "cac:LegalMonetaryTotal/cbc:PayableRoundingAmount", SUMS + "ram:RoundingAmount"),
    Term("BT-115", "montant à payer", "amount due for payment", "cac:LegalMonetaryTotal/cbc:PayableAmount", SUMS + "ram:DuePayableAmount"),
)

LINE_AGREEMENT = "ram:SpecifiedLineTradeAgreement/"
LINE_SETTLEMENT = "ram:SpecifiedLineTradeSettlement/"
PRODUCT = "ram:SpecifiedTradeProduct/"
QUANTITY = "cbc:InvoicedQuantity | cbc:CreditedQuantity"

LINE_TERMS: tuple[Term, ...] = (
    Term("BT-126", "ligne : identifiant", "line identifier", "cbc:ID", "ram:AssociatedDocumentLineDocument/ram:LineID"),
    Term("BT-127", "ligne : note", "line note", "cbc:Note", "ram:AssociatedDocumentLineDocument/ram:IncludedNote/ram:Content"),
    Term("BT-128", "ligne : objet facturé", "line object identifier", "cac:DocumentReference/cbc:ID",
         LINE_SETTLEMENT + "ram:AdditionalReferencedDocument[ram:TypeCode='130']" + REFERENCE),
    Term("BT-129", "ligne : quantité facturée", "invoiced quantity", QUANTITY, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
    Term("BT-130", "ligne : unité", "invoiced quantity unit code", "cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode",
         "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode"),
    Term("BT-131", "ligne : montant net", "line net amount", "cbc:LineExtensionAmount",
         LINE_SETTLEMENT + "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
    Term("BT-132", "ligne : référence de ligne de commande", "referenced purchase order line", "cac:OrderLineReference/cbc:LineID",
         LINE_AGREEMENT + "ram:BuyerOrderReferencedDocument/ram:LineID"),
    Term("BT-133", "ligne : référence comptable", "line buyer accounting reference", "cbc:AccountingCost",
         LINE_SETTLEMENT + "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
    Term("BT-134", "ligne : début de période", "line period start date", "cac:InvoicePeriod/cbc:StartDate",
         LINE_SETTLEMENT + "ram:BillingSpecifiedPeriod/ram:StartDateTime" + MOMENT),
    Term("BT-135", "ligne : fin de période", "line period end date", "cac:InvoicePeriod/cbc:EndDate",
         LINE_SETTLEMENT + "ram:BillingSpecifiedPeriod/ram:EndDateTime" + MOMENT),
    Term("BT-146", "ligne : prix unitaire net", "item net price", "cac:Price/cbc:PriceAmount",
         LINE_AGREEMENT + "ram:NetPriceProductTradePrice/ram:ChargeAmount"),
    Term("BT-147", "ligne : rabais sur le prix", "item price discount", "cac:Price/cac:AllowanceCharge/cbc:Amount",
         LINE_AGREEMENT + "ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:ActualAmount"),
    Term("BT-148", "ligne : prix unitaire brut", "item gross price", "cac:Price/cac:AllowanceCharge/cbc:BaseAmount",
         LINE_AGREEMENT + "ram:GrossPriceProductTradePrice/ram:ChargeAmount"),
    Term("BT-149", "ligne : quantité de base du prix", "item price base quantity", "cac:Price/cbc:BaseQuantity",
         LINE_AGREEMENT + "ram:NetPriceProductTradePrice/ram:BasisQuantity"),
    Term("BT-150", "ligne : unité de la quantité de base", "item price base quantity unit", "cac:Price/cbc:BaseQuantity/@unitCode",
         LINE_AGREEMENT + "ram:NetPriceProductTradePrice/ram:BasisQuantity/@unitCode"),
    Term("BT-151", "ligne : code de type de TVA", "line VAT category code", "cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
         LINE_SETTLEMENT + "ram:ApplicableTradeTax/ram:CategoryCode"),
    Term("BT-152", "ligne : taux de TVA", "line VAT rate", "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
         LINE_SETTLEMENT + "ram:ApplicableTradeTax/ram:RateApplicablePercent"),
    Term("BT-153", "ligne : nom de l'article", "item name", "cac:Item/cbc:Name", PRODUCT + "ram:Name"),
    Term("BT-154", "ligne : description de l'article", "item description", "cac:Item/cbc:Description", PRODUCT + "ram:Description"),
    Term("BT-155", "ligne : référence vendeur de l'article", "item seller's identifier", "cac:Item/cac:SellersItemIdentification/cbc:ID",
         PRODUCT + "ram:SellerAssignedID"),
    Term("BT-156", "ligne : référence acheteur de l'article", "item buyer's identifier", "cac:Item/cac:BuyersItemIdentification/cbc:ID",
         PRODUCT + "ram:BuyerAssignedID"),
    Term("BT-157", "ligne : référence standard de l'article", "item standard identifier", "cac:Item/cac:StandardItemIdentification/cbc:ID",
         PRODUCT + "ram:GlobalID"),
    Term("BT-158", "ligne : classification de l'article", "item classification identifier",
         "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode", PRODUCT + "ram:DesignatedProductClassification/ram:ClassCode"),
    Term("BT-159", "ligne : pays d'origine", "item country of origin", "cac:Item/cac:OriginCountry/cbc:IdentificationCode",
         PRODUCT + "ram:OriginTradeCountry/ram:ID"),
)


def _indicator(ubl: str, cii: str, wanted: str) -> tuple[str, str]:
    """Paths of the allowances (`wanted` "false") or charges ("true"); both lexical forms of xs:boolean are met."""
    other = "1" if wanted == "true" else "0"
    return (f"{ubl}[cbc:ChargeIndicator='{wanted}' or cbc:ChargeIndicator='{other}']",
            f"{cii}[ram:ChargeIndicator/udt:Indicator='{wanted}' or ram:ChargeIndicator/udt:Indicator='{other}']")


_CHARGES = ("cac:AllowanceCharge", SETTLEMENT + "ram:SpecifiedTradeAllowanceCharge")
_LINE_CHARGES = ("cac:AllowanceCharge", LINE_SETTLEMENT + "ram:SpecifiedTradeAllowanceCharge")

LINES = Group(
    "BG-25", "lignes de facture", "invoice lines", "cac:InvoiceLine | cac:CreditNoteLine", DEAL + "ram:IncludedSupplyChainTradeLineItem",
    LINE_TERMS,
    (
        Group("BG-27", "remises de ligne", "line allowances", *_indicator(*_LINE_CHARGES, "false"),
              _adjustment("136 137 138 139 140", "remise de ligne", "line allowance", False)),
        Group("BG-28", "charges de ligne", "line charges", *_indicator(*_LINE_CHARGES, "true"),
              _adjustment("141 142 143 144 145", "charge de ligne", "line charge", False)),
        Group("BG-32", "caractéristiques de l'article", "item attributes", "cac:Item/cac:AdditionalItemProperty",
              PRODUCT + "ram:ApplicableProductCharacteristic",
              (Term("BT-160", "caractéristique : nom", "item attribute name", "cbc:Name", "ram:Description"),
               Term("BT-161", "caractéristique : valeur", "item attribute value", "cbc:Value", "ram:Value"))),
    ),
)

GROUPS: tuple[Group, ...] = (
    Group("BG-1", "notes", "notes", "cbc:Note", DOC + "ram:IncludedNote", (
        Term("BT-21", "code sujet de la note", "invoice note subject code", "", "ram:SubjectCode"),
        Term("BT-22", "note", "invoice note", ".", "ram:Content"))),
    Group("BG-3", "factures antérieures", "preceding invoices", "cac:BillingReference/cac:InvoiceDocumentReference",
          SETTLEMENT + "ram:InvoiceReferencedDocument", (
        Term("BT-25", "numéro de la facture antérieure", "preceding invoice number", "cbc:ID", "ram:IssuerAssignedID"),
        Term("BT-26", "date de la facture antérieure", "preceding invoice issue date", "cbc:IssueDate",
             "ram:FormattedIssueDateTime/qdt:DateTimeString"))),
    Group("BG-20", "remises du document", "document level allowances", *_indicator(*_CHARGES, "false"),
          _adjustment("92 93 94 95 96 97 98", "remise", "document allowance", True)),
    Group("BG-21", "charges du document", "document level charges", *_indicator(*_CHARGES, "true"),
          _adjustment("99 100 101 102 103 104 105", "charge", "document charge", True)),
    Group("BG-23", "ventilation de la TVA", "VAT breakdown", "cac:TaxTotal/cac:TaxSubtotal", SETTLEMENT + "ram:ApplicableTradeTax", (
        Term("BT-116", "TVA : base imposable", "VAT category taxable amount", "cbc:TaxableAmount", "ram:BasisAmount"),
        Term("BT-117", "TVA : montant", "VAT category tax amount", "cbc:TaxAmount", "ram:CalculatedAmount"),
        Term("BT-118", "TVA : code de type", "VAT category code", "cac:TaxCategory/cbc:ID", "ram:CategoryCode"),
        Term("BT-119", "TVA : taux", "VAT category rate", "cac:TaxCategory/cbc:Percent", "ram:RateApplicablePercent"),
        Term("BT-120", "TVA : motif d'exonération", "VAT exemption reason text", "cac:TaxCategory/cbc:TaxExemptionReason", "ram:ExemptionReason"),
        Term("BT-121", "TVA : code du motif d'exonération", "VAT exemption reason code", "cac:TaxCategory/cbc:TaxExemptionReasonCode",
             "ram:ExemptionReasonCode"))),
    Group("BG-24", "pièces jointes", "supporting documents",
          "cac:AdditionalDocumentReference[not(cbc:DocumentTypeCode='130') and not(cbc:DocumentTypeCode='50')]",
          AGREEMENT + "ram:AdditionalReferencedDocument[ram:TypeCode='916' or not(ram:TypeCode)]", (
        Term("BT-122", "pièce jointe : référence", "supporting document reference", "cbc:ID", "ram:IssuerAssignedID"),
        Term("BT-123", "pièce jointe : description", "supporting document description", "cbc:DocumentDescription", "ram:Name"),
        Term("BT-124", "pièce jointe : adresse externe", "external document location", "cac:Attachment/cac:ExternalReference/cbc:URI", "ram:URIID"),
        Term("BT-125", "pièce jointe : fichier", "attached document", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject",
             "ram:AttachmentBinaryObject"))),
    LINES,
)

# Groups that do not repeat: named only, so that a finding about a whole group has words.
OTHER_GROUPS: dict[str, tuple[str, str]] = {
    "BG-2": ("contrôle du processus", "process control"), "BG-4": ("vendeur", "seller"),
    "BG-5": ("adresse du vendeur", "seller postal address"), "BG-6": ("contact du vendeur", "seller contact"),
    "BG-7": ("acheteur", "buyer"), "BG-8": ("adresse de l'acheteur", "buyer postal address"),
    "BG-9": ("contact de l'acheteur", "buyer contact"), "BG-10": ("bénéficiaire", "payee"),
    "BG-11": ("représentant fiscal", "seller tax representative"),
    "BG-12": ("adresse du représentant fiscal", "tax representative postal address"),
    "BG-13": ("livraison", "delivery information"), "BG-14": ("période de facturation", "invoicing period"),
    "BG-15": ("adresse de livraison", "deliver to address"), "BG-16": ("instructions de paiement", "payment instructions"),
    "BG-17": ("virement", "credit transfer"), "BG-18": ("carte de paiement", "payment card information"),
    "BG-19": ("prélèvement", "direct debit"), "BG-22": ("totaux du document", "document totals"),
    "BG-26": ("période de la ligne", "line period"), "BG-29": ("détail du prix", "price details"),
    "BG-30": ("TVA de la ligne", "line VAT information"), "BG-31": ("article", "item information"),
}
