"""What invoicing promises of an invoice that was sent: the moves of its lifecycle, and its correction.

Named through :mod:`pupitre_contracts.invoicing` as well.
"""

from .invoicing_values import Invoice, InvoiceSummary, NamedParty, NewDocument
from .message import Call, Event, Message, fields, nested

MOST_MOVES = 500


class InvoiceReminded(Event):
    """An invoice that nobody moves calls for somebody (B.4, B.8): ``about`` says why. "due-soon" and "due-now" are the recipient's
    delay, with ``due_on``; "draft-unsent" is the supplier's draft, which nobody else sees."""

    name, version, owner, subject_field = "invoice.reminded", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    about = fields.Choice("due-soon", "due-now", "draft-unsent", required=True)
    since = fields.Date(required=True)
    due_on = fields.Date()
    supplier_structure_id = fields.UUID(required=True)
    supplier_name = fields.String(required=True)
    recipient_structure_id = fields.UUID()
    recipient_name = fields.String()
    structure_service_id = fields.UUID()
    currency = fields.String(required=True)
    gross = fields.Money()


class MoveInvoice(Call):
    """Make one transition of the lifecycle table (B.2): suspend, ask to recycle, reject, mandate, pay, complete, abandon …

    ``version`` is the version the actor saw: a stale one is refused.
    Needs MODIFICATION in the espace of the side that may make the move. ``documents`` only for completing. ``motive_code`` is one
    of the act's coded motives; it stands for a text or goes before it. ``mandat_refused`` states that the accountant refused the
    payment order, which a return after MANDATEE needs.

    Before its recipient has it, an invoice is moved by those who validate it and by its supplier, as the prelude of its cadre says:
    ``stated`` ticks what the passage has the actor state, ``parties`` names anew the roles that it corrects. That needs MODIFICATION in
    the espace of the role.

    A status that the invoice has overtaken (it is there, further, or ended) changes nothing: it is kept in the history, and the reply
    has ``outcome`` "late" with the reason in words. Errors: forbidden, not-found, conflict, invoicing.transition-forbidden,
    invoicing.motive-missing, invoicing.mandat-not-refused, requests.motive-refused, invalid (statement, parties), espaces.silent.
    """

    service, writes = "invoicing", True

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        to = fields.String(required=True)
        motive = fields.String()
        motive_code = fields.String()
        comment = fields.String()
        mandat_refused = fields.Boolean(load_default=False)
        documents = nested(NewDocument, many=True)
        stated = fields.Boolean(load_default=False)
        parties = nested(NamedParty, many=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoice = nested(Invoice, required=True)
        outcome = fields.Choice("done", "late", load_default="done")
        explanation_fr = fields.String()
        explanation_en = fields.String()


class RecycleInvoice(Call):
    """Correct the routing of an invoice sent back A_RECYCLER: recipient, service, engagement and comment only, same number.

    Errors: forbidden, not-found, conflict, invoicing.transition-forbidden, invoicing.invoice-refused (routing).
    """

    service, writes = "invoicing", True

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        recipient_siret = fields.String()
        code_service = fields.String()
        engagement = fields.String()
        comment = fields.String()
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoice = nested(Invoice, required=True)


class WantedMove(Message):
    """One line of a mass processing. Without ``version`` it is judged as the invoice is when its turn comes."""

    invoice_id = fields.UUID(required=True)
    version = fields.Integer()
    to = fields.String(required=True)
    motive = fields.String()
    motive_code = fields.String()
    comment = fields.String()
    mandat_refused = fields.Boolean(load_default=False)


class MoveOutcome(Message):
    """What became of one line: "done"; "late" (overtaken, kept in the history, nothing changed); or "refused" with an error's ``code``.
    ``reason`` says in words why it was not done."""

    invoice_id = fields.UUID(required=True)
    number = fields.String()
    outcome = fields.Choice("done", "late", "refused", required=True)
    status = fields.String()
    code = fields.String()
    reason_fr = fields.String()
    reason_en = fields.String()


class ProcessInvoices(Call):
    """Make up to 500 moves of one's side, each in a transaction of its own, and answer what became of each, in their order.

    A line that is refused leaves the others alone. The same key gets the same report: lines that were done are not done twice, even
    when the first call broke off in the middle. Moves that take documents are not made here. Errors: invalid (no line, or too many).
    """

    service, writes, timeout = "invoicing", True, 60.0

    class Request(Message):
        moves = nested(WantedMove, many=True, required=True)

    class Reply(Message):
        lines = nested(MoveOutcome, many=True, required=True)


class AcknowledgeReturns(Call):
    """Attest that the supplier has read that invoices came back rejected or suspended (B.3): those named, or all of his. Kept in the
    history of each. Acknowledged ones are left as they are.

    Needs MODIFICATION in factures-emises. Errors: forbidden, not-found.
    """

    service, writes, timeout = "invoicing", True, 30.0

    class Request(Message):
        invoice_ids = fields.List(fields.UUID())

    class Reply(Message):
        acknowledged = fields.Integer(required=True)


class TreatRejection(Call):
    """Say that a rejected invoice is done with, which takes it out of the supplier's Synthèse (B.3). Its status stays.

    Needs MODIFICATION in factures-emises. Errors: forbidden, not-found, invoicing.transition-forbidden (not rejected).
    """

    service, writes = "invoicing", True

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoice = nested(Invoice, required=True)


class ListReturns(Call):
    """List the rejected and suspended invoices that the actor may acknowledge and that nobody has, oldest first (B.3). ``overdue`` counts
    those for which it is compulsory by now: seven days after they came back."""

    service = "invoicing"

    class Request(Message):
        page_size = fields.Integer(load_default=100, strict=True)

    class Reply(Message):
        invoices = nested(InvoiceSummary, many=True, required=True)
        total = fields.Integer(required=True)
        overdue = fields.Integer(required=True)
