"""What organisation and invoicing promise of the export of all that a structure has on the portal.

It is for the structure's gestionnaire principal, its technical accounts, and operators; users of it are refused, for everybody else it is
not there. Pages begin after a number that is never given again: what comes in meanwhile neither repeats nor hides anything.
"""

from .flux_report import FluxFile
from .history import HistoryLine
from .invoicing_values import SIDES, Flux, Invoice
from .message import Call, Message, fields, nested
from .organisation_values import Structure
from .rattachement_values import Member
from .request_values import RecordEntry, Request
from .structure_values import BankDetails

__all__ = [
    "ExportFlux",
    "ExportInvoices",
    "ExportRecords",
    "ExportRequests",
    "ExportStructure",
    "ExportStructureHistory",
    "ExportedFlux",
    "ExportedInvoice",
    "ExportedRecord",
    "RecordPlace",
    "StoredFile",
]


class StoredFile(Message):
    """A file in the blob store. ``kind``: ``original``, ``document``, ``readable``, ``ubl``, ``cii``, ``facturx``, ``xml``,
    ``attachment-0`` and so on of an invoice, ``kept`` of a structure."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    designation = fields.String()
    type = fields.String()
    line = fields.Integer()
    added_at = fields.Instant()


class ExportStructure(Call):
    """Give a structure with its services, members, their habilitations, its bank details and the documents that it keeps, all of them
    whole. Gestionnaire principal, technical accounts of the structure, operators. Errors: forbidden, not-found."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        structure = nested(Structure, required=True)
        members = nested(Member, many=True, required=True)
        bank_details = nested(BankDetails, many=True, required=True)
        documents = nested(StoredFile, many=True, required=True)


class ExportStructureHistory(Call):
    """Give the lines of a structure's history after a number, oldest first; ``next`` is absent at the end. As ExportStructure."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        after = fields.Integer(load_default=0, strict=True)

    class Reply(Message):
        lines = nested(HistoryLine, many=True, required=True)
        next = fields.Integer()


class ExportedInvoice(Message):
    """An invoice with its history, and every file that there is of it. A deposited PDF comes with its XML too, and files embedded in an
    invoice by themselves; ``absent`` says of which of these could not be made, and why."""

    invoice = nested(Invoice, required=True)
    files = nested(StoredFile, many=True, required=True)
    absent = fields.List(fields.String(), required=True)


class ExportInvoices(Call):
    """Give what a structure issued, drafts included, or received, by portal number from ``after`` on; ``next`` is absent at the end.
    As ExportStructure, whatever the espaces of who asks."""

    service, timeout = "invoicing", 90.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        side = fields.Choice(*SIDES, required=True)
        after = fields.Integer(load_default=0, strict=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        invoices = nested(ExportedInvoice, many=True, required=True)
        next = fields.Integer()


class ExportedFlux(Message):
    """A flux as it was deposited, and what became of each of its files."""

    flux = nested(Flux, required=True)
    file = nested(StoredFile, required=True)
    files = nested(FluxFile, many=True, required=True)


class ExportFlux(Call):
    """Give the flux that a structure deposited, in their order from ``after`` on; ``next`` is absent at the end. As ExportStructure."""

    service, timeout = "invoicing", 60.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        after = fields.Integer(load_default=0, strict=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        flux = nested(ExportedFlux, many=True, required=True)
        next = fields.Integer()


class ExportRequests(Call):
    """Give the requests of espaces that have come to a structure in a role, its drafts included, by portal number from ``after`` on;
    ``next`` is absent at the end. ``roles`` and ``acts`` are the structure's; nothing is offered to whoever asks. As ExportStructure,
    whatever the espaces of who asks."""

    service, timeout = "invoicing", 30.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        after = fields.Integer(load_default=0, strict=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        requests = nested(Request, many=True, required=True)
        next = fields.Integer()


class ExportedRecord(RecordEntry):
    """A document that an espace keeps for a structure, with the espace."""

    espace = fields.String(required=True)


class RecordPlace(Message):
    """Where a page of documents ends: espace, collection and key of its last one."""

    espace = fields.String(required=True)
    collection = fields.String(required=True)
    key = fields.String(required=True)


class ExportRecords(Call):
    """Give the documents that espaces keep for a structure, by espace, collection and key; ``next`` is absent at the end. As
    ExportStructure, whatever the espaces of who asks."""

    service, timeout = "invoicing", 30.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        after = nested(RecordPlace)

    class Reply(Message):
        records = nested(ExportedRecord, many=True, required=True)
        next = nested(RecordPlace)
