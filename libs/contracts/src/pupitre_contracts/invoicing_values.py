"""What invoicing's calls and events are made of: reports, documents, invoices as lists and pages show them, flux."""

from typing import Any

from .message import Message, fields, nested

SIDES = ("issued", "received")


class Finding(Message):
    """One problem of a file: the official rule, where it is, what is wrong and how to mend it.

    ``code`` is the stable code of the catalogue, ``field`` names the datum in words, ``value`` is what was given there, where it is known:
    the same as :class:`FluxError` says of the file of a flux.
    """

    rule = fields.String(required=True)
    severity = fields.Choice("error", "warning", required=True)
    term = fields.String()
    location = fields.String()
    message = fields.String(required=True)
    remedy = fields.String()
    code = fields.String()
    field = fields.String()
    value = fields.String()


class Report(Message):
    """The verdict on one file. ``stage`` is where an invalid file failed; ``error`` means the engine could not judge."""

    verdict = fields.Choice("valid", "invalid", "error", required=True)
    stage = fields.Choice("container", "xml", "not-an-invoice", "xsd", "schematron", "routing", allow_none=True, load_default=None)
    format = fields.String(allow_none=True, load_default=None)
    profile = fields.String(allow_none=True, load_default=None)
    findings = nested(Finding, many=True, required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)

    def published(self) -> dict[str, Any]:
        """Return the report as the API and the command line show it: every key present, absent values null."""
        shown = dict(self.values)
        shown["findings"] = [{name: finding.values[name] for name in _PUBLISHED} for finding in self.findings]
        return shown


#: What the report on a file says of each finding: other people's programs rely on it.
_PUBLISHED = ("rule", "severity", "term", "location", "message", "remedy")


class Document(Message):
    """A file of an invoice: ``original`` as deposited, ``readable`` PDF, or a supporting ``document``.

    A document may have a ``designation``, a ``type`` (LISIBLE is the invoice as its supplier laid it out), and the ``line`` that it
    belongs to, counted from 1 (R093)."""

    document_id = fields.UUID(required=True)
    kind = fields.Choice("original", "readable", "document", required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    designation = fields.String()
    type = fields.String()
    line = fields.Integer()


class NewDocument(Message):
    """A file already in the blob store, to be added to an invoice."""

    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class HistoryEntry(Message):
    """One line of the append-only history. ``digest`` chains it to the line before it of the same structure."""

    number = fields.Integer(required=True)
    at = fields.Instant(required=True)
    actor = fields.String(required=True)
    actor_name = fields.String()
    structure_name = fields.String()
    action = fields.String(required=True)
    status_from = fields.String()
    status_to = fields.String()
    motive = fields.String()
    comment = fields.String()
    digest = fields.String(required=True)


class CodedMotive(Message):
    """One of the coded motives of an act; AUTRE needs a text beside it."""

    code = fields.String(required=True)
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)


class NamedParty(Message):
    """A structure to be put into a role, by its identifier (SIRET, …); ``code_service`` where the role names a service."""

    role = fields.String(required=True)
    identifier = fields.String(required=True)
    code_service = fields.String()


class Move(Message):
    """A transition that the calling actor may make now. ``mandat_refused``: only with the statement that the accountant refused
    the payment order."""

    to = fields.String(required=True)
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)
    motive_required = fields.Boolean(required=True)
    side = fields.Choice("supplier", "recipient", required=True)
    mandat_refused = fields.Boolean(load_default=False)
    motives = nested(CodedMotive, many=True)


class RequestMove(Message):
    """A passage that the actor may make now, in the name of ``role``. ``statement``: what he must tick; ``corrects``: roles whose structure
    he names anew; ``documents``: files may come with it."""

    to = fields.String(required=True)
    role = fields.String(required=True)
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)
    motive_required = fields.Boolean(required=True)
    motives = nested(CodedMotive, many=True)
    statement_fr = fields.String()
    statement_en = fields.String()
    corrects = fields.List(fields.String())
    documents = fields.Boolean(required=True)


class InvoiceParty(Message):
    """Who validates an invoice, in his role. ``acts``: it waits for him, since ``asked_at``, until ``due_at`` where the time is limited;
    ``answered_at``: when he last made a passage; ``sees``: it has come to him."""

    role = fields.String(required=True)
    role_label_fr = fields.String(required=True)
    role_label_en = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)
    espace = fields.String(required=True)
    acts = fields.Boolean(required=True)
    sees = fields.Boolean(required=True)
    asked_at = fields.Instant()
    due_at = fields.Instant()
    answered_at = fields.Instant()


class InvoiceSummary(Message):
    """What a list shows. ``portal_number`` is the integer that the compatible API calls identifiantFactureCPP.

    ``due_on`` is the last day to pay in time, absent while the delay is interrupted; ``days_left`` counts from today, negative when
    late; ``delay_alert`` is "soon" from seven days before (a setting) and "late" after. Invoices that nobody owes have no delay.
    ``acknowledged_at``: the supplier has read that it came back; ``treated_at``: he has done with a rejected one.
    ``archived``: finished since a year that is closed (R160); only searches tell it.
    ``vat_eur``: the VAT in euros (BT-111) of an invoice in another currency.
    ``in_validation``: others validate it, and its recipient does not know of it yet; ``answer_due_at`` is when their time is over.
    """

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.Choice("FACTURE", "AVOIR", "ACOMPTE", required=True)
    cadre = fields.String(required=True)
    status = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    version = fields.Integer(required=True)
    issue_date = fields.Date()
    deposited_at = fields.Instant()
    status_at = fields.Instant(required=True)
    supplier_structure_id = fields.UUID(required=True)
    supplier_identifier = fields.String()
    supplier_name = fields.String(required=True)
    recipient_structure_id = fields.UUID()
    recipient_siret = fields.String()
    recipient_name = fields.String()
    code_service = fields.String()
    engagement = fields.String()
    contract = fields.String()
    currency = fields.String(required=True)
    net = fields.Money()
    vat = fields.Money()
    vat_eur = fields.Money()
    gross = fields.Money()
    due = fields.Money()
    deposit_mode = fields.String(required=True)
    numero_flux = fields.String()
    last_motive = fields.String()
    last_comment = fields.String()
    delay_days = fields.Integer()
    delay_started_on = fields.Date()
    due_on = fields.Date()
    delay_state = fields.Choice("RUNNING", "INTERRUPTED", "PAID", "ENDED")
    delay_ended_on = fields.Date()
    days_left = fields.Integer()
    delay_alert = fields.Choice("soon", "late")
    acknowledged_at = fields.Instant()
    treated_at = fields.Instant()
    archived = fields.Boolean()
    in_validation = fields.Boolean()
    answer_due_at = fields.Instant()


class DelayEvent(Message):
    """What happened to the délai global de paiement on a day (B.6). ``effect`` False: an interruption without effect, and ``reason``
    says why (second, ordered, expired); of an END, what ended it (paid, rejected, abandoned, recycled). ``balance``: days left then."""

    kind = fields.Choice("START", "INTERRUPT", "RESUME", "END", required=True)
    on = fields.Date(required=True)
    days = fields.Integer(required=True)
    due_on = fields.Date()
    balance = fields.Integer()
    effect = fields.Boolean(required=True)
    reason = fields.String()


class Interest(Message):
    """What lateness costs until ``until`` included, estimated (B.7): ``rate`` per cent a year on ``base`` for ``days``, and the fixed
    indemnity. ``final``: the invoice is paid. Without ``rate``: the table of rates does not reach back to that day."""

    base = fields.Money(required=True)
    rate = fields.Money()
    days = fields.Integer(required=True)
    interest = fields.Money()
    indemnity = fields.Money(required=True)
    until = fields.Date(required=True)
    final = fields.Boolean(required=True)


class Invoice(InvoiceSummary):
    """An invoice with all that its page shows. ``content`` is the structured invoice read from the file (parties, lines, VAT,
    totals, payment, notes) with amounts as decimal strings. ``parties`` are those who validate it, ``role_moves`` the passages that
    the actor may make before its recipient has it; ``plugin_away``: the plugin of its cadre is not there, and it can only be read."""

    format = fields.String()
    profile = fields.String()
    content = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    report = nested(Report, required=True)
    documents = nested(Document, many=True, required=True)
    history = nested(HistoryEntry, many=True, required=True)
    moves = nested(Move, many=True, required=True)
    receipt_sha256 = fields.String()
    receipt_at = fields.Instant()
    delay_events = nested(DelayEvent, many=True)
    interest = nested(Interest)
    parties = nested(InvoiceParty, many=True)
    role_moves = nested(RequestMove, many=True)
    plugin_away = fields.Boolean()


class FluxError(Message):
    """One problem of a flux: of one invoice (``number`` set) or technical (of the flux itself).

    ``code`` is the stable code of the catalogue, which ``code_label`` says in words, ``rule`` the id of the rule, official where there
    is one; ``field`` names the datum in words, ``value`` is what the file says there. ``first_invoice_id`` is the invoice that already
    has the number, ``first_flux`` the flux that it, or the same file, came in.
    """

    technical = fields.Boolean(required=True)
    code = fields.String()
    code_label = fields.String()
    field = fields.String()
    value = fields.String()
    location = fields.String()
    first_invoice_id = fields.UUID()
    first_flux = fields.String()
    number = fields.String()
    supplier_identifier = fields.String()
    recipient_siret = fields.String()
    file = fields.String()
    rule = fields.String(required=True)
    term = fields.String()
    message = fields.String(required=True)
    remedy = fields.String()


class Flux(Message):
    """A deposit of one file or of a lot (tar.gz, zip), processed invoice by invoice. ``state`` is an official code."""

    flux_id = fields.UUID(required=True)
    numero_flux = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    syntaxe_flux = fields.String(required=True)
    code_interface = fields.String(required=True)
    file_name = fields.String(required=True)
    state = fields.String(required=True)
    state_at = fields.Instant(required=True)
    deposited_at = fields.Instant(required=True)
    total = fields.Integer()
    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    errors = nested(FluxError, many=True, required=True)


class WorkCounts(Message):
    """What awaits an actor: per structure and side, how many invoices need his action and how many drafts are unsent. ``returned``: how
    many came back and are to be acknowledged by him (B.3); ``returned_overdue``: for how many of these it is compulsory by now."""

    structure_id = fields.UUID(required=True)
    side = fields.Choice(*SIDES, required=True)
    to_do = fields.Integer(required=True)
    drafts = fields.Integer(required=True)
    total = fields.Integer(required=True)
    returned = fields.Integer(load_default=0)
    returned_overdue = fields.Integer(load_default=0)


class ChainFault(Message):
    structure_id = fields.String(required=True)
    number = fields.Integer(required=True)
    fault = fields.String(required=True)
