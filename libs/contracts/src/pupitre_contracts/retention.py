"""What invoicing promises of the end of keeping: what has reached its term, elimination lists with a visa, legal holds (RS-74).

Everything here is for the operator of the platform, in his own name. ``by`` is who acts, as it is written down.
"""

from .message import Call, Event, Message, fields, nested
from .requests import PartyOfEvent

#: proposed, visa, eliminating (some of it is eliminated), eliminated; withdrawn: given up, nothing was eliminated since.
LIST_STATES = ("proposed", "visa", "eliminating", "eliminated", "withdrawn")
#: Invoices of one list, at most.
MOST_LISTED = 5000


class InvoiceEliminated(Event):
    """An invoice that was kept for as long as the law asks was eliminated, with its files, under a visa; emitted in the commit that
    does it. Whoever keeps a copy may have to eliminate it too. ``list_number`` and ``visa_reference`` name the elimination list."""

    name, version, owner, subject_field = "invoice.eliminated", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    supplier_structure_id = fields.UUID(required=True)
    recipient_structure_id = fields.UUID()
    list_number = fields.Integer(required=True)
    visa_reference = fields.String(required=True)


class RequestEliminated(Event):
    """A request of an espace was eliminated, with its lines and files, under a visa, as :class:`InvoiceEliminated` says of invoices; the
    invoice that came of it is told by itself. ``parties`` are those who saw it, none of whom has work with it any more (absent from
    the events of before)."""

    name, version, owner, subject_field = "request.eliminated", 1, "invoicing", "request_id"

    request_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    maker_structure_id = fields.UUID(required=True)
    parties = nested(PartyOfEvent, many=True)
    list_number = fields.Integer(required=True)
    visa_reference = fields.String(required=True)


class Amount(Message):
    """A sum in one currency; credit notes count against it."""

    currency = fields.String(required=True)
    gross = fields.Money(required=True)


class ExpiredInvoices(Message):
    """What a structure has of one year and currency that need not be kept any more. ``held`` of them are under a hold, ``listed`` in
    an elimination list that is not carried out yet; requests count as what goes with them does. ``gross`` is of the invoices."""

    structure_id = fields.UUID()
    identifier = fields.String()
    name = fields.String()
    year = fields.Integer(required=True)
    currency = fields.String(required=True)
    invoices = fields.Integer(required=True)
    requests = fields.Integer(load_default=0)
    gross = fields.Money(required=True)
    held = fields.Integer(required=True)
    listed = fields.Integer(required=True)


class EliminationList(Message):
    """A proposal to eliminate ``invoices`` invoices and ``requests`` requests, and what became of it; ``eliminated``
    counts both. ``digest`` is the SHA-256 of what it names. ``structure_id`` and ``year`` are what the proposal was limited to."""

    number = fields.Integer(required=True)
    state = fields.Choice(*LIST_STATES, required=True)
    structure_id = fields.UUID()
    year = fields.Integer()
    invoices = fields.Integer(required=True)
    requests = fields.Integer(load_default=0)
    amounts = nested(Amount, many=True, required=True)
    digest = fields.String(required=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.Instant(required=True)
    visa_by = fields.String()
    visa_reference = fields.String()
    visa_at = fields.Instant()
    eliminated = fields.Integer(required=True)
    eliminated_by = fields.String()
    eliminated_at = fields.Instant()
    withdrawn_by = fields.String()
    withdrawn_at = fields.Instant()


class ListedInvoice(Message):
    """An invoice or a request of an elimination list (``what``); this stays when it is gone. Of a request ``invoice_id`` is the id,
    ``kind`` the espace and the kind, the supplier its maker, the recipient its first other party, ``original_sha256`` empty.
    ``state_sha256`` is its state in the history,
    ``files`` how many files it had, and ``files_left`` how many of them are still stored: cited elsewhere, or until the next sweep."""

    position = fields.Integer(required=True)
    what = fields.Choice("invoice", "request", load_default="invoice")
    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    issue_date = fields.Date(required=True)
    term_on = fields.Date(required=True)
    supplier_identifier = fields.String()
    supplier_name = fields.String(required=True)
    recipient_siret = fields.String()
    recipient_name = fields.String()
    currency = fields.String(required=True)
    gross = fields.Money()
    original_sha256 = fields.String(required=True)
    state_sha256 = fields.String(required=True)
    eliminated_at = fields.Instant()
    files = fields.Integer()
    files_left = fields.Integer()


class Hold(Message):
    """Keeps an invoice, a request (its id is ``invoice_id``), or all that a structure issued and received, from being
    eliminated: a lawsuit, a control, an audit."""

    number = fields.Integer(required=True)
    invoice_id = fields.UUID()
    structure_id = fields.UUID()
    what = fields.String(required=True)
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    placed_at = fields.Instant(required=True)
    released_by = fields.String()
    released_at = fields.Instant()
    release_reason = fields.String()


class ListExpired(Call):
    """Count what has reached its term, by structure, year and currency; ``side`` says whose structures: those that received or those
    that issued the invoices. At most a thousand groups, and ``more`` tells that some are left. Operator. Errors: forbidden."""

    service, timeout = "invoicing", 60.0

    class Request(Message):
        side = fields.Choice("received", "issued", load_default="received")
        structure_id = fields.UUID()

    class Reply(Message):
        groups = nested(ExpiredInvoices, many=True, required=True)
        more = fields.Boolean(required=True)
        on = fields.Date(required=True)


class ProposeElimination(Call):
    """Make an elimination list of what has reached its term, is under no hold and in no other list; at most MOST_LISTED invoices, and
    ``more`` tells that some are left. ``structure_id`` limits it to one structure's, on either side, ``year`` to one year.

    Operator. Errors: forbidden, invoicing.nothing-expired, conflict (another proposal at the same moment)."""

    service, writes, timeout = "invoicing", True, 120.0

    class Request(Message):
        by = fields.String(required=True)
        structure_id = fields.UUID()
        year = fields.Integer()

    class Reply(Message):
        list = nested(EliminationList, required=True)
        more = fields.Boolean(required=True)


class RecordVisa(Call):
    """Record the visa of the archives on a list: who gave it, never who proposed it, and the reference of his decision.

    ``digest`` is the one that he saw. Operator. Errors: forbidden, not-found, invalid, invoicing.visa-by-proposer,
    invoicing.list-changed (another digest), invoicing.list-closed."""

    service, writes = "invoicing", True

    class Request(Message):
        number = fields.Integer(required=True)
        by = fields.String(required=True)
        reference = fields.String(required=True)
        digest = fields.String(required=True)

    class Reply(Message):
        list = nested(EliminationList, required=True)


class WithdrawElimination(Call):
    """Give up a list; what it names and is not eliminated may be proposed again. Operator. Errors: forbidden, not-found,
    invoicing.list-closed."""

    service, writes = "invoicing", True

    class Request(Message):
        number = fields.Integer(required=True)
        by = fields.String(required=True)

    class Reply(Message):
        list = nested(EliminationList, required=True)


class EliminateInvoices(Call):
    """Eliminate the next invoices of a list that has its visa: content, documents, and the files that nothing else cites. Call it until
    the list is ``eliminated``. Before the first, the whole list is compared with what was proposed.

    Operator. Errors: forbidden, not-found, invoicing.visa-missing, invoicing.list-changed, invoicing.under-hold,
    invoicing.list-closed."""

    service, writes, timeout = "invoicing", True, 120.0

    class Request(Message):
        number = fields.Integer(required=True)
        by = fields.String(required=True)

    class Reply(Message):
        list = nested(EliminationList, required=True)


class ListEliminations(Call):
    """List the elimination lists, newest first, at most a hundred before ``before``. Operator. Errors: forbidden."""

    service = "invoicing"

    class Request(Message):
        before = fields.Integer()

    class Reply(Message):
        lists = nested(EliminationList, many=True, required=True)


class GetElimination(Call):
    """Read a list with up to 500 of its invoices, from ``after`` a position on. ``certificate`` is the sealed statement of what was
    eliminated, ``seal`` its Ed25519 signature in hexadecimal. Operator. Errors: forbidden, not-found."""

    service = "invoicing"

    class Request(Message):
        number = fields.Integer(required=True)
        after = fields.Integer(load_default=0)

    class Reply(Message):
        list = nested(EliminationList, required=True)
        invoices = nested(ListedInvoice, many=True, required=True)
        certificate = fields.String()
        seal = fields.String()


class PlaceHold(Call):
    """Keep one invoice or one request, by its portal number, or all of a structure from being eliminated; what goes with it is kept too.
    Operator. Errors: forbidden, not-found (the invoice, the request), invalid (none of them, or several)."""

    service, writes = "invoicing", True

    class Request(Message):
        portal_number = fields.Integer()
        request_number = fields.Integer()
        structure_id = fields.UUID()
        structure_name = fields.String()
        reason = fields.String(required=True)
        by = fields.String(required=True)

    class Reply(Message):
        hold = nested(Hold, required=True)


class ReleaseHold(Call):
    """End a hold. Operator. Errors: forbidden, not-found, invalid, invoicing.hold-released."""

    service, writes = "invoicing", True

    class Request(Message):
        number = fields.Integer(required=True)
        reason = fields.String(required=True)
        by = fields.String(required=True)

    class Reply(Message):
        hold = nested(Hold, required=True)


class ListHolds(Call):
    """List the holds, newest first, at most a thousand; released ones too where ``ended``. Operator. Errors: forbidden."""

    service = "invoicing"

    class Request(Message):
        ended = fields.Boolean(load_default=False)

    class Reply(Message):
        holds = nested(Hold, many=True, required=True)
