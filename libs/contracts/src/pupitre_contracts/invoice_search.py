"""How invoices are found: every criterion of the search, and pages that stay in place while invoices come in."""

from .invoicing_values import SIDES, InvoiceSummary
from .message import Call, Message, fields, nested

SORTS = ("deposited_at", "status_at", "issue_date", "number", "gross", "net", "due")


class SearchInvoices(Call):
    """List invoices of one side for the structures where the actor has the espace; criteria narrow the list, each in turn.

    ``structure_id`` absent means all of the actor's structures. In texts ``*`` stands for any text and without it the whole value
    counts; case and accents do not (R270). ``supplier`` and ``recipient`` are compared with the name and with the identifier; ``text``
    is found anywhere in number, parties, engagement and contract. Bounds of dates and amounts belong to what they bound; those of amounts
    are in ``currency`` (a code of ISO 4217), which finds invoices in no other, and in euros without it.
    ``origin`` is the number of an invoice that it names (BT-25); ``creator`` who made it, by his name or as its history tells him
    (``user:<id>``), ``creators`` any of these actors, for the side that issues alone; ``valideur`` who validates it, by name or identifier,
    ``valideur_ids`` by structure.
    ``work``: only what waits for that side (the Synthèse, R167), rejected invoices of a supplier who has not done with them among it.
    ``archived`` keeps what is finished since a year that is closed, or leaves it out (R160).

    Sorted by ``order_by``, or by ``sort``, which knows fewer columns; what has no value there comes last. A page is reached by its
    number, at most 100 000 invoices deep, or from a page that was seen: ``after`` takes its ``next``, ``before`` its ``previous``; this
    costs the same at any depth, and no invoice comes twice or is left out because others came in meanwhile. ``total`` counts to
    ``count_up_to`` and no further: ``total_exact`` tells whether it is the whole number. ``with_returns`` asks besides, in
    ``returns_overdue``, how many returns the actor has to acknowledge by now (B.3), whatever is searched.
    Errors: forbidden, not-found, invalid.
    """

    service = "invoicing"

    class Request(Message):
        side = fields.Choice(*SIDES, required=True)
        structure_id = fields.UUID()
        number = fields.String()
        statuses = fields.List(fields.String())
        work = fields.Boolean()
        kind = fields.String()
        kinds = fields.List(fields.String())
        cadre = fields.String()
        numero_flux = fields.String()
        engagement = fields.String()
        contract = fields.String()
        code_service = fields.String()
        structure_service_ids = fields.List(fields.UUID())
        counterpart_ids = fields.List(fields.UUID())
        supplier = fields.String()
        recipient = fields.String()
        text = fields.String()
        origin = fields.String()
        creator = fields.String()
        creators = fields.List(fields.String())
        valideur = fields.String()
        valideur_ids = fields.List(fields.UUID())
        deposited_from = fields.Instant()
        deposited_to = fields.Instant()
        issued_from = fields.Date()
        issued_to = fields.Date()
        status_from = fields.Instant()
        status_to = fields.Instant()
        currency = fields.String()
        net_min = fields.Money()
        net_max = fields.Money()
        gross_min = fields.Money()
        gross_max = fields.Money()
        due_min = fields.Money()
        due_max = fields.Money()
        deposit_mode = fields.String()
        archived = fields.Boolean()
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)
        after = fields.String()
        before = fields.String()
        count_up_to = fields.Integer(load_default=10_000, strict=True)
        sort = fields.Choice("deposited_at", "status_at", "issue_date", "number", "gross", load_default="deposited_at")
        order_by = fields.Choice(*SORTS)
        descending = fields.Boolean(load_default=True)
        with_returns = fields.Boolean(load_default=False)

    class Reply(Message):
        invoices = nested(InvoiceSummary, many=True, required=True)
        total = fields.Integer(required=True)
        total_exact = fields.Boolean(load_default=True)
        returns_overdue = fields.Integer(load_default=0)
        next = fields.String()
        previous = fields.String()


class OriginalFile(Message):
    """The file that an invoice was deposited as."""

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class OriginalFiles(Call):
    """Tell where the original files of at most 500 invoices lie in the blob store, in the order asked. Same rights as reading each of
    them: one that is foreign is not-found, and nothing is told. A draft that is still being typed has none and is left out. Errors:
    forbidden, not-found, invalid.
    """

    service = "invoicing"

    class Request(Message):
        invoice_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        files = nested(OriginalFile, many=True, required=True)
