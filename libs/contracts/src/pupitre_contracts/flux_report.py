"""What invoicing promises about the report of a flux: what became of each of its files, and of each refused one why."""

from .invoicing_values import Flux, FluxError
from .message import Call, Message, fields, nested

__all__ = ["OUTCOMES", "CodeCount", "FluxFile", "ReadFluxReport"]

OUTCOMES = ("accepted", "refused", "pending")


class FluxFile(Message):
    """One file of a flux. An accepted one became an invoice; a refused one says why in ``errors``; an incident, which is no
    fault of the file, counts as refused."""

    position = fields.Integer(required=True)
    file_name = fields.String(required=True)
    outcome = fields.Choice(*OUTCOMES, required=True)
    number = fields.String()
    supplier_identifier = fields.String()
    recipient_siret = fields.String()
    invoice_id = fields.UUID()
    portal_number = fields.Integer()
    errors = nested(FluxError, many=True, required=True)


class CodeCount(Message):
    """How many files of a flux are refused under a code of the catalogue, which it names in words."""

    code = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True)


class ReadFluxReport(Call):
    """Read a flux with its files, a page at a time, in their order; ``codes`` counts over the whole flux.

    ``outcome``, ``code`` and ``text`` (part of a file name or of an invoice number) narrow the files. ``flux`` carries the errors of
    the flux itself; those of a file stand with it. Foreign flux are not-found.
    """

    service = "invoicing"

    class Request(Message):
        numero_flux = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")
        outcome = fields.Choice(*OUTCOMES)
        code = fields.String()
        text = fields.String()
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        flux = nested(Flux, required=True)
        files = nested(FluxFile, many=True, required=True)
        total = fields.Integer(required=True)
        codes = nested(CodeCount, many=True, required=True)
