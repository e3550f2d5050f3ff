"""What the calls about typed invoices are made of: what was typed, what follows from it, and what is wrong with it."""

from .invoicing_values import Document, Finding, InvoiceSummary, NamedParty
from .message import Message, fields, nested

KINDS = ("FACTURE", "AVOIR")
ENTRY_MODES = ("SAISIE_PORTAIL", "DEPOT_PDF_PORTAIL", "SAISIE_API", "DEPOT_PDF_API")
PAYMENT_MODES = ("VIREMENT", "PRELEVEMENT", "CHEQUE", "ESPECE", "REPORT", "AUTRE")
TVA_TYPES = ("TVA_SUR_DEBIT", "TVA_SUR_ENCAISSEMENT", "EXONERATION", "SANS_TVA")
#: Lines that one entry may have; what is longer comes as a file.
MOST_LINES = 300


class EntryLine(Message):
    """One line as it was typed: numbers are texts, with a comma or a point, and may be wrong or missing.

    ``discount`` is an amount before tax taken off the whole line (H.10); ``unit`` is a code of UN/ECE recommendation 20; ``rate`` is a
    percentage.
    """

    reference = fields.String(load_default="")
    name = fields.String(load_default="")
    quantity = fields.String(load_default="")
    unit = fields.String(load_default="")
    price = fields.String(load_default="")
    discount = fields.String(load_default="")
    rate = fields.String(load_default="")


class Entry(Message):
    """An invoice as it was typed so far: anything may be missing or wrong, for a draft can be kept at any time (R162, B.4).

    ``generate_number`` has the portal give the number when the entry is confirmed. ``global_discount`` is on the total with tax, with a
    reason (H.10). ``origin_number`` and ``origin_date`` name the invoice that an avoir corrects; the date of one that the portal has
    need not be typed. ``currency`` is a code of ISO 4217; in another than the euro the total of TVA is told in euros too (BT-111):
    ``tax_eur``, or ``exchange_rate``, the euros that one unit of the currency is worth. ``parties`` names those who validate it,
    where the cadre wants that. ``read_in_pdf`` names the fields that were read in a PDF and that nobody has confirmed yet.
    """

    number = fields.String(load_default="")
    generate_number = fields.Boolean(load_default=False)
    kind = fields.Choice(*KINDS, load_default="FACTURE")
    cadre = fields.String(load_default="A1")
    currency = fields.String(load_default="EUR")
    issue_date = fields.String(load_default="")
    due_date = fields.String(load_default="")
    delivery_date = fields.String(load_default="")
    recipient_siret = fields.String(load_default="")
    code_service = fields.String(load_default="")
    engagement = fields.String(load_default="")
    contract = fields.String(load_default="")
    origin_number = fields.String(load_default="")
    origin_date = fields.String(load_default="")
    payment_mode = fields.String(load_default="")
    type_tva = fields.String(load_default="TVA_SUR_DEBIT")
    exemption_reason = fields.String(load_default="")
    bank_details_id = fields.UUID()
    seller_vat = fields.String(load_default="")
    global_discount = fields.String(load_default="")
    global_discount_reason = fields.String(load_default="")
    prepaid = fields.String(load_default="")
    tax_eur = fields.String(load_default="")
    exchange_rate = fields.String(load_default="")
    comment = fields.String(load_default="")
    lines = nested(EntryLine, many=True)
    parties = nested(NamedParty, many=True)
    read_in_pdf = fields.List(fields.String())


class NewEntryDocument(Message):
    """A file in the blob store, to be joined to an entry. Of type LISIBLE it is the invoice itself as people read it."""

    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    designation = fields.String()
    type = fields.String()
    line = fields.Integer()


class KeptFile(Message):
    """A file that waits for its invoice; ``portal_number`` is what the compatible API calls pieceJointeId."""

    portal_number = fields.Integer(required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class DocumentChange(Message):
    """What is to become of a file that is joined already: the line it belongs to, or its removal."""

    document_id = fields.UUID(required=True)
    line = fields.Integer()
    remove = fields.Boolean(load_default=False)


class EntryVat(Message):
    """One row of the recapitulation of TVA (H.10)."""

    rate = fields.Money(required=True)
    category = fields.String(required=True)
    base = fields.Money(required=True)
    amount = fields.Money(required=True)


class EntryTotals(Message):
    """What the server computed from an entry: line by line (absent where a number is missing or wrong), by rate, and in all.

    Amounts are in the entry's currency, ``tax_eur`` in euros: the TVA of an entry in another currency, where it is known."""

    lines = fields.List(fields.Money(allow_none=True), required=True)
    vat = nested(EntryVat, many=True, required=True)
    net = fields.Money(required=True)
    tax = fields.Money(required=True)
    gross = fields.Money(required=True)
    due = fields.Money(required=True)
    tax_eur = fields.Money()


class EntryState(Message):
    """An entry with all that its page shows. ``location`` of a finding is the name of the field that caused it (``lines-2-price``),
    where one did. ``confirmed``: the file of the invoice is written and judged, it can be sent. ``rates`` are the usual ones
    of ``territory`` (H.9); ``currencies`` are those that it may be in on its day, the euro first."""

    invoice = nested(InvoiceSummary, required=True)
    entry = nested(Entry, required=True)
    totals = nested(EntryTotals, required=True)
    findings = nested(Finding, many=True, required=True)
    documents = nested(Document, many=True, required=True)
    confirmed = fields.Boolean(required=True)
    territory = fields.String(required=True)
    rates = fields.List(fields.Money(), required=True)
    currencies = fields.List(fields.String())
    saved_at = fields.Instant(required=True)
    saved_by = fields.String()
