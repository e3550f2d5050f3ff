"""An invoice in the formats in which it may leave the portal."""

from .message import Call, Message, fields, nested

FORMATS = ("ubl", "cii", "facturx")


class ExportedFile(Message):
    """A file in the blob store, made from an invoice."""

    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class ExportInvoice(Call):
    """Give an invoice as ``ubl``, ``cii`` or ``facturx``, made at the first call and kept; a file that already is what is asked
    for is given as it came.

    Beside the formats: ``xml``, its data as people read them, indented and without embedded files; ``attachment``, the embedded
    file of that ``index``; ``certificate``, the certificate of deposit as a PDF; ``everything``, a zip of all its files.
    Same rights as reading the invoice. Errors: not-found (also the certificate of a draft), invoicing.export-refused where the
    format cannot say all that the invoice says (``term`` names what), invoicing.engine-failed.
    """

    service, timeout = "invoicing", 90.0

    class Request(Message):
        invoice_id = fields.UUID(required=True)
        form = fields.Choice(*FORMATS, "xml", "attachment", "certificate", "everything", required=True)
        index = fields.Integer(strict=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        file = nested(ExportedFile, required=True)
