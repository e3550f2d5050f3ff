"""Documents that a user keeps with his account, to use them again in entry or deposit (R091, R092). Nobody else sees them."""

from .document_values import (
    ACCOUNT_BYTES,
    TYPES,
    KeptDocument,
    checked_designation,
    checked_name,
    sha256_field,
    size_field,
)
from .message import Call, Message, fields, nested


class ListAccountDocuments(Call):
    """The calling user's documents by designation, a page at a time, or those of the given identifiers: others' are left out."""

    service = "identity"

    class Request(Message):
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=20, strict=True)
        document_ids = fields.List(fields.UUID())

    class Reply(Message):
        documents = nested(KeptDocument, many=True, required=True)
        total = fields.Integer(required=True)


class AddAccountDocument(Call):
    """Keep a file that lies in the blob store; it stays there as long as the document. Errors: invalid, naming the field; for the
    account itself when it keeps as many as it may.
    """

    service, writes = "identity", True

    class Request(Message):
        designation = fields.String(required=True, validate=checked_designation)
        type = fields.Choice(*TYPES, required=True)
        name = fields.String(required=True, validate=checked_name)
        mime = fields.String(required=True)
        size = size_field(ACCOUNT_BYTES)
        sha256 = sha256_field()

    class Reply(Message):
        document = nested(KeptDocument, required=True)


class ChangeAccountDocument(Call):
    """Change designation and type. Errors: not-found for another's; conflict when ``version`` is not the present one; invalid."""

    service, writes = "identity", True

    class Request(Message):
        document_id = fields.UUID(required=True)
        designation = fields.String(required=True, validate=checked_designation)
        type = fields.Choice(*TYPES, required=True)
        version = fields.Integer(required=True, strict=True)

    class Reply(Message):
        document = nested(KeptDocument, required=True)


class RemoveAccountDocuments(Call):
    """Stop keeping documents; others' are left alone and not counted. What was made with a copy of them stays as it is."""

    service, writes = "identity", True

    class Request(Message):
        document_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        removed = fields.Integer(required=True)


class CitedAccountFiles(Call):
    """Tell which of some blobs a document of an account cites, so that no sweep takes them away. For services."""

    service = "identity"

    class Request(Message):
        names = fields.List(fields.String(), required=True)

    class Reply(Message):
        cited = fields.List(fields.String(), required=True)
