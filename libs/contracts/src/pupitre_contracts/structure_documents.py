"""What organisation promises about documents that a structure keeps for reuse in deposits (R073, R090, R092)."""

from .document_values import (
    STRUCTURE_BYTES,
    TYPES,
    KeptDocument,
    checked_designation,
    checked_name,
    sha256_field,
    size_field,
)
from .message import Call, Message, fields, nested

__all__ = [
    "AddStructureDocument",
    "ChangeStructureDocument",
    "CitedFiles",
    "KeptDocument",
    "ListStructureDocuments",
    "RemoveStructureDocuments",
]


class ListStructureDocuments(Call):
    """List a structure's documents by designation (R073). Users attached to it, its technical accounts, operators, services.

    Errors: not-found, for everybody else too.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        documents = nested(KeptDocument, many=True, required=True)


class AddStructureDocument(Call):
    """Keep a file of at most 4 Mo, which is in the blob store already (R090). MODIFICATION of organisation, or operator.

    Errors: forbidden, not-found, invalid, organisation.too-many-kept.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        designation = fields.String(required=True, validate=checked_designation)
        type = fields.Choice(*TYPES, required=True)
        name = fields.String(required=True, validate=checked_name)
        mime = fields.String(required=True)
        size = size_field(STRUCTURE_BYTES)
        sha256 = sha256_field()

    class Reply(Message):
        document = nested(KeptDocument, required=True)


class ChangeStructureDocument(Call):
    """Give a document another designation or type; the file stays. Errors: forbidden, not-found, invalid, conflict."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        document_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        designation = fields.String(required=True, validate=checked_designation)
        type = fields.Choice(*TYPES, required=True)

    class Reply(Message):
        document = nested(KeptDocument, required=True)


class RemoveStructureDocuments(Call):
    """Delete documents; one that is gone already is passed over. ``removed`` counts. Errors: forbidden, not-found (the structure)."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        document_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        removed = fields.Integer(required=True)


class CitedFiles(Call):
    """Tell which of some blobs a RIB file or a document of a structure cites, so that no sweep takes them away. For services."""

    service = "organisation"

    class Request(Message):
        names = fields.List(fields.String(), required=True)

    class Reply(Message):
        cited = fields.List(fields.String(), required=True)
