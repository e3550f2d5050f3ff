"""What invoicing promises of invoices that are typed instead of deposited as files: entry, drafts, entry from a PDF (R160 to R169).

An entry is a draft (BROUILLON) of its supplier's structure that nobody else sees. It is kept however incomplete it is; ``version`` keeps
two windows from overwriting each other. Confirming it has the server write the invoice, judge it as any deposit is, and keep the
written file as the original; then it is sent like every draft.
"""

from .invoicing_entry_values import (
    ENTRY_MODES,
    KINDS,
    MOST_LINES,
    PAYMENT_MODES,
    TVA_TYPES,
    DocumentChange,
    Entry,
    EntryLine,
    EntryState,
    EntryTotals,
    EntryVat,
    KeptFile,
    NewEntryDocument,
)
from .invoicing_values import Invoice, Report
from .message import Call, Message, fields, nested

__all__ = [
    "ENTRY_MODES",
    "KINDS",
    "MOST_LINES",
    "PAYMENT_MODES",
    "TVA_TYPES",
    "ConfirmEntry",
    "CopyInvoice",
    "DocumentChange",
    "Entry",
    "EntryLine",
    "EntryState",
    "EntryTotals",
    "EntryVat",
    "GetEntry",
    "KeepFile",
    "KeptFile",
    "KeptFiles",
    "NewEntryDocument",
    "ReadPdf",
    "SaveEntry",
]


class SaveEntry(Call):
    """Keep what was typed: a new draft of ``structure_id``, or the draft ``invoice_id`` as it was at ``version``.

    Needs MODIFICATION in factures-emises of the structure, or its mandat. A confirmed entry that is changed is to be confirmed again.
    ``documents`` are joined, ``document_changes`` moved to a line or taken away. Errors: forbidden, not-found, conflict (another window
    kept something meanwhile), invalid (files), invoicing.transition-forbidden (sent already).
    """

    service, writes = "invoicing", True

    class Request(Message):
        structure_id = fields.UUID()
        invoice_id = fields.UUID()
        version = fields.Integer()
        entry = nested(Entry, required=True)
        documents = nested(NewEntryDocument, many=True)
        document_changes = nested(DocumentChange, many=True)
        deposit_mode = fields.Choice(*ENTRY_MODES, load_default="SAISIE_PORTAIL")
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        state = nested(EntryState, required=True)


class GetEntry(Call):
    """Read a draft that was typed, with what was computed and what is still wrong. Its supplier only. Errors: forbidden, not-found."""

    service = "invoicing"

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        state = nested(EntryState, required=True)


class ConfirmEntry(Call):
    """Write the invoice that was typed, judge it as a deposited file is judged, and keep the file: the draft can then be sent (R162).

    What is wrong comes in ``state.findings``, each at its field, and then there is no ``invoice``. Errors: forbidden, not-found, conflict,
    invoicing.engine-failed, invoicing.transition-forbidden.
    """

    service, writes, timeout = "invoicing", True, 45.0

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        state = nested(EntryState, required=True)
        report = nested(Report)
        invoice = nested(Invoice)


class CopyInvoice(Call):
    """Make a new draft of an invoice that the actor can see as its supplier: ``invoice_id``, or the latest that ``structure_id`` sent,
    to ``recipient_siret`` if it is given. Number, dates and files are not copied. Errors: forbidden, not-found.
    """

    service, writes = "invoicing", True

    class Request(Message):
        invoice_id = fields.UUID()
        structure_id = fields.UUID()
        recipient_siret = fields.String()
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        state = nested(EntryState, required=True)


class ReadPdf(Call):
    """Read the text of a PDF and find what an entry begins with: number, date, SIRETs, amounts, IBAN, engagement.

    Nothing is kept. ``read_in_pdf`` of the entry names what was found; ``has_text`` is false for a scan. ``structured`` says that the PDF
    carries an invoice as XML (Factur-X). ``currency`` is that of the XML (BT-5), else what the text says; absent where neither does.
    Anybody who may deposit for ``structure_id``, by whose identifiers the parties are told apart. Errors: forbidden, not-found,
    invoicing.invoice-refused (not a PDF that can be read), invoicing.engine-failed.
    """

    service, timeout = "invoicing", 45.0

    class Request(Message):
        structure_id = fields.UUID(required=True)
        sha256 = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        entry = nested(Entry, required=True)
        has_text = fields.Boolean(required=True)
        structured = fields.Boolean(required=True)
        amounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
        currency = fields.String()


class KeepFile(Call):
    """Keep a file that a program sends before the invoice it belongs to, under a number of its own (pieceJointeId). Whoever may deposit
    for ``structure_id``. One that no invoice takes up is let go after 30 days. Errors: forbidden, invalid.
    """

    service, writes = "invoicing", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        name = fields.String(required=True)
        mime = fields.String(required=True)
        size = fields.Integer(required=True)
        sha256 = fields.String(required=True)

    class Reply(Message):
        file = nested(KeptFile, required=True)


class KeptFiles(Call):
    """Find files of ``structure_id`` by their numbers, in the order asked. Whoever may deposit for it. Errors: forbidden, not-found."""

    service = "invoicing"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        portal_numbers = fields.List(fields.Integer(), required=True)

    class Reply(Message):
        files = nested(KeptFile, many=True, required=True)
