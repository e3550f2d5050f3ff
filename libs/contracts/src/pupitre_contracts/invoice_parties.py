"""What invoicing promises of invoices that others validate before their recipient has them: who they wait for, and what became of it.

Cadres, roles and passages are the plugins' (``espace_cadres``). Until an invoice is handed over, its recipient neither sees it nor hears of
it; from there on ``invoice.submitted`` and ``invoice.moved`` tell of it as of every other.
"""

from .invoicing_values import InvoiceParty, InvoiceSummary
from .message import Call, Event, Message, fields, nested
from .requests import PartyOfEvent

__all__ = ["AssignedInvoice", "InvoiceAwaited", "InvoicePassed", "SearchInvoicesOfRole"]


class InvoicePassed(Event):
    """An invoice passed from one status to another before its recipient has it; emitted in the commit of the passage. The last one ends at
    DEPOSEE, with ``invoice.submitted`` in the same commit. ``by`` is the supplier, the key of the role that acted, or the system.

    ``parties`` are those who see it from now on; ``acts`` says whom it awaits, and ``supplier_acts`` whether it is its supplier.
    ``recipient_structure_id`` is there only where the passage tells the recipient of it (a refused sub-contractor, CCP R. 2193-12).
    """

    name, version, owner, subject_field = "invoice.passed", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    espace = fields.String(required=True)
    cadre = fields.String(required=True)
    cadre_label_fr = fields.String(required=True)
    cadre_label_en = fields.String(required=True)
    status_from = fields.String()
    status_to = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    by = fields.String(required=True)
    actor = fields.String(required=True)
    motive = fields.String()
    comment = fields.String()
    supplier_structure_id = fields.UUID(required=True)
    supplier_name = fields.String(required=True)
    supplier_acts = fields.Boolean(required=True)
    recipient_structure_id = fields.UUID()
    recipient_name = fields.String()
    structure_service_id = fields.UUID()
    currency = fields.String(required=True)
    gross = fields.Money(required=True)
    due_at = fields.Instant()
    parties = nested(PartyOfEvent, many=True, required=True)


class InvoiceAwaited(Event):
    """The time of those whom an invoice awaits runs out: ``days_left`` days before ``due_at``, once for each such day."""

    name, version, owner, subject_field = "invoice.awaited", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    espace = fields.String(required=True)
    cadre = fields.String(required=True)
    status = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    days_left = fields.Integer(required=True)
    due_at = fields.Instant(required=True)
    supplier_structure_id = fields.UUID(required=True)
    supplier_name = fields.String(required=True)
    supplier_acts = fields.Boolean(required=True)
    currency = fields.String(required=True)
    gross = fields.Money(required=True)
    parties = nested(PartyOfEvent, many=True, required=True)


class AssignedInvoice(InvoiceSummary):
    """An invoice as the list of those who validate shows it: with those who validate it, the actor's own structure among them."""

    parties = nested(InvoiceParty, many=True, required=True)


class SearchInvoicesOfRole(Call):
    """List the invoices in which the actor's structures have a role that works in ``espace``: those that have come to them, the newest
    status first, by pages. ``also``: other espaces that are searched too; of all of them, those that the actor has, and each invoice once.
    ``to_do``: only what waits for them. ``text`` is found in number, parties, engagement and contract.

    Errors: forbidden (the structure has none of the espaces), not-found (a foreign one).
    """

    service, timeout = "invoicing", 5.0

    class Request(Message):
        espace = fields.String(required=True)
        also = fields.List(fields.String())
        structure_id = fields.UUID()
        to_do = fields.Boolean(load_default=False)
        statuses = fields.List(fields.String())
        cadre = fields.String()
        number = fields.String()
        engagement = fields.String()
        text = fields.String()
        supplier_ids = fields.List(fields.UUID())
        recipient_ids = fields.List(fields.UUID())
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        invoices = nested(AssignedInvoice, many=True, required=True)
        total = fields.Integer(required=True)
