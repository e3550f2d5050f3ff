"""What invoicing promises: invoices from deposit to payment. It owns invoices, flux, their history, and every check on them.

Files never travel here: a request names a file by the SHA-256 under which the caller stored it in the blob store.
Statuses carry the official codes (MISE_A_DISPOSITION, A_RECYCLER, …). An invoice has two structures: the supplier's and the
recipient's; each sees it through its own espace (factures-emises, factures-recues).
"""

from .invoice_life import (
    MOST_MOVES,
    AcknowledgeReturns,
    InvoiceReminded,
    ListReturns,
    MoveInvoice,
    MoveOutcome,
    ProcessInvoices,
    RecycleInvoice,
    TreatRejection,
    WantedMove,
)
from .invoice_search import SearchInvoices
from .invoicing_values import (
    SIDES,
    ChainFault,
    CodedMotive,
    DelayEvent,
    Document,
    Finding,
    Flux,
    FluxError,
    HistoryEntry,
    Interest,
    Invoice,
    InvoiceParty,
    InvoiceSummary,
    Move,
    NamedParty,
    NewDocument,
    Report,
    RequestMove,
    WorkCounts,
)
from .message import Call, Event, Message, fields, nested

__all__ = [
    "MOST_MOVES",
    "SIDES",
    "AcknowledgeReturns",
    "ChainFault",
    "CheckFile",
    "CodedMotive",
    "CountWork",
    "DelayEvent",
    "DeleteDraft",
    "DepositFlux",
    "Document",
    "DocumentFile",
    "Finding",
    "Flux",
    "FluxError",
    "FluxProcessed",
    "GetFlux",
    "GetInvoice",
    "HistoryEntry",
    "Interest",
    "Invoice",
    "InvoiceMoved",
    "InvoiceParty",
    "InvoiceReminded",
    "InvoiceSubmitted",
    "InvoiceSummary",
    "ListReturns",
    "Move",
    "MoveInvoice",
    "MoveOutcome",
    "NamedParty",
    "NewDocument",
    "PartnersOfStructure",
    "PrepareInvoice",
    "ProcessInvoices",
    "RecycleInvoice",
    "Report",
    "RequestMove",
    "SearchFlux",
    "SearchInvoices",
    "SendInvoice",
    "TreatRejection",
    "VerifyHistory",
    "WantedMove",
    "WorkCounts",
]


class InvoiceSubmitted(Event):
    """An invoice was sent and its number is taken; emitted in the commit that stores it as DEPOSEE. One that others validate first is
    told of when their validation is done: until then ``invoice.passed`` tells of it. No personal data beyond names of structures."""

    name, version, owner, subject_field = "invoice.submitted", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    cadre = fields.String(required=True)
    supplier_structure_id = fields.UUID(required=True)
    supplier_name = fields.String(required=True)
    recipient_structure_id = fields.UUID(required=True)
    recipient_name = fields.String(required=True)
    code_service = fields.String()
    engagement = fields.String()
    currency = fields.String(required=True)
    gross = fields.Money(required=True)
    due = fields.Money()
    deposit_mode = fields.String(required=True)
    numero_flux = fields.String()
    original_sha256 = fields.String(required=True)


class InvoiceMoved(Event):
    """An invoice passed from one status to another; emitted in the commit that made the transition. ``by`` is who acted:
    the supplier, the recipient, or the system; ``structure_service_id`` is the recipient's service, if it goes to one."""

    name, version, owner, subject_field = "invoice.moved", 1, "invoicing", "invoice_id"

    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    status_from = fields.String()
    status_to = fields.String(required=True)
    by = fields.Choice("supplier", "recipient", "system", required=True)
    actor = fields.String(required=True)
    motive = fields.String()
    comment = fields.String()
    supplier_structure_id = fields.UUID(required=True)
    supplier_name = fields.String(required=True)
    recipient_structure_id = fields.UUID(required=True)
    recipient_name = fields.String(required=True)
    currency = fields.String(required=True)
    gross = fields.Money(required=True)
    structure_service_id = fields.UUID()


class FluxProcessed(Event):
    """Every invoice of a flux has its outcome; emitted once, when the last one is settled."""

    name, version, owner, subject_field = "flux.processed", 1, "invoicing", "flux_id"

    flux_id = fields.UUID(required=True)
    numero_flux = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    state = fields.Choice("IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_REJETE", "IN_INCIDENTE", required=True)
    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class CheckFile(Call):
    """Judge a file without depositing it. Anybody the portal lets in may ask; nothing is stored.

    A rule that stops the engine, or an engine that cannot run, gives verdict ``error``: neither valid nor invalid.
    """

    service, anonymous, timeout = "invoicing", True, 45.0

    class Request(Message):
        sha256 = fields.String(required=True)
        name = fields.String(load_default="")
        content_type = fields.String(load_default="")
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        report = nested(Report, required=True)


class PrepareInvoice(Call):
    """Read a deposited file, check it and its routing, and keep it as a draft (BROUILLON) of the supplier's structure (R162).

    An invalid file is kept nowhere: the reply then has the report and no invoice. A valid one gives the draft with its routing
    findings in ``report``. ``parties`` names those who validate it, where its cadre wants that; the file may name them in a note. Needs
    MODIFICATION in factures-emises of ``structure_id``. Errors: forbidden, invoicing.engine-failed.
    """

    service, writes, timeout = "invoicing", True, 45.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        sha256 = fields.String(required=True)
        size = fields.Integer(required=True)
        name = fields.String(required=True)
        content_type = fields.String(load_default="")
        language = fields.Choice("fr", "en", load_default="fr")
        deposit_mode = fields.Choice("UPLOAD_PORTAIL", "UPLOAD_API", load_default="UPLOAD_PORTAIL")
        parties = nested(NamedParty, many=True)

    class Reply(Message):
        report = nested(Report, required=True)
        invoice = nested(Invoice)


class SendInvoice(Call):
    """Send a draft: checks again, takes the number, deposits, and makes it available to the recipient at once (R163, R164). One whose cadre
    wants validation goes to those who validate it; ``parties`` names them instead of those named before.

    Needs MODIFICATION in factures-emises. Errors: forbidden, not-found, conflict, invoicing.invoice-refused (routing),
    invoicing.duplicate, invoicing.transition-forbidden.
    """

    service, writes, timeout = "invoicing", True, 10.0

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        parties = nested(NamedParty, many=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoice = nested(Invoice, required=True)


class GetInvoice(Call):
    """Read one invoice by id or portal number, as the supplier or the recipient sees it. Foreign ones are not-found."""

    service = "invoicing"

    class Request(Message):
        invoice_id = fields.UUID()
        portal_number = fields.Integer()
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoice = nested(Invoice, required=True)


class DeleteDraft(Call):
    """Delete a draft; its number is free again. Errors: forbidden, not-found, invoicing.transition-forbidden."""

    service, writes = "invoicing", True

    class Request(Message):
        invoice_id = fields.UUID(required=True)

    class Reply(Message):
        pass


class DocumentFile(Call):
    """Tell under which SHA-256 a document lies in the blob store; a missing ``readable`` PDF is made at the first call.

    Same rights as reading the invoice. Errors: not-found, invoicing.engine-failed.
    """

    service, timeout = "invoicing", 45.0

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        kind = fields.Choice("original", "readable", "document", required=True)
        document_id = fields.UUID()
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        document = nested(Document, required=True)


class DepositFlux(Call):
    """Store a flux and give its number; its invoices are processed afterwards, one by one, restartable at any point. ``parties`` names
    those who validate its invoices whose cadre wants it and that name nobody themselves.

    Needs MODIFICATION in factures-emises. Errors: forbidden, invoicing.flux-refused (unknown or wrong syntaxeFlux, empty file).
    """

    service, writes, lasting = "invoicing", True, True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        sha256 = fields.String(required=True)
        size = fields.Integer(required=True)
        file_name = fields.String(required=True)
        syntaxe_flux = fields.String(required=True)
        parties = nested(NamedParty, many=True)

    class Reply(Message):
        flux = nested(Flux, required=True)


class GetFlux(Call):
    """Read the state and the errors of a flux by its number. Foreign ones are not-found."""

    service = "invoicing"

    class Request(Message):
        numero_flux = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        flux = nested(Flux, required=True)


class SearchFlux(Call):
    """List the flux of the actor's structures, newest first."""

    service = "invoicing"

    class Request(Message):
        structure_id = fields.UUID()
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)

    class Reply(Message):
        flux = nested(Flux, many=True, required=True)
        total = fields.Integer(required=True)


class CountWork(Call):
    """Count what awaits the actor, for the home page."""

    service = "invoicing"

    class Request(Message):
        pass

    class Reply(Message):
        counts = nested(WorkCounts, many=True, required=True)


class VerifyHistory(Call):
    """Recompute the hash chain of every structure's history from its first line. For operators and services."""

    service, timeout = "invoicing", 120.0

    class Request(Message):
        pass

    class Reply(Message):
        chains = fields.Integer(required=True)
        lines = fields.Integer(required=True)
        faults = nested(ChainFault, many=True, required=True)


class PartnersOfStructure(Call):
    """The structures that have sent an invoice to a structure (R007), in the order of their identifiers, after ``after``. For services.

    An empty page is the end.
    """

    service = "invoicing"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        after = fields.UUID()
        limit = fields.Integer(load_default=200, strict=True)

    class Reply(Message):
        structure_ids = fields.List(fields.UUID(), required=True)
