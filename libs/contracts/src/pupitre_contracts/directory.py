"""What organisation promises of the annuaire of public structures: reading it without an account, and filling it from reference data."""

from .directory_values import DirectoryEntry, ImportedService, ImportedStructure, ImportRefusal
from .message import Call, Message, fields, nested
from .organisation_values import StructureSummary

__all__ = [
    "DirectoryEntry",
    "GetDirectoryEntry",
    "ImportRefusal",
    "ImportStructures",
    "ImportedService",
    "ImportedStructure",
    "ReadDirectory",
    "SearchDirectory",
]


class SearchDirectory(Call):
    """Search the public structures, by name; anybody may (R261). ``*`` in a text is a wildcard (R103); criteria narrow.

    Pages are reached by their number, or one after the other with ``after``, which takes the ``next`` of the page before and costs the
    same however far one has come. ``total`` is exact and counts the whole result (R275). Errors: invalid.
    """

    service, anonymous = "organisation", True

    class Request(Message):
        identifier = fields.String()
        name = fields.String()
        label = fields.String()
        city = fields.String()
        postal_code = fields.String()
        active = fields.Boolean()
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)
        after = fields.String()

    class Reply(Message):
        structures = nested(StructureSummary, many=True, required=True)
        total = fields.Integer(required=True)
        next = fields.String()


class GetDirectoryEntry(Call):
    """Read what suppliers need to know of one public structure, by its id or its identifier (R260). Anybody. Errors: not-found."""

    service, anonymous = "organisation", True

    class Request(Message):
        structure_id = fields.UUID()
        identifier = fields.String()

    class Reply(Message):
        entry = nested(DirectoryEntry, required=True)


class ReadDirectory(Call):
    """Read the whole annuaire, or what changed ``since`` a number, a bounded piece at a time (R262). Anybody.

    Repeat with ``after`` set to ``next`` until there is none. ``head`` is the newest change when the piece was read: keep the first one
    and ask since then the next time. Numbers follow the order of commits, so no change is ever missed; one made while the pieces are read
    may come twice. Inactivated structures stay, as inactive. Errors: invalid.
    """

    service, anonymous, timeout = "organisation", True, 10.0

    class Request(Message):
        since = fields.Integer(strict=True)
        after = fields.Integer(strict=True)
        limit = fields.Integer(load_default=500, strict=True)

    class Reply(Message):
        entries = nested(DirectoryEntry, many=True, required=True)
        head = fields.Integer(required=True)
        next = fields.Integer()


class ImportStructures(Call):
    """Create or update public structures from reference data, with their services (R065). Operators.

    What is absent of a structure or service leaves what is there as it is; what is there already changes nothing. Each structure is taken
    whole or refused whole, for itself: ``refused`` says which and why. Errors: forbidden, invalid (more than 1000 structures).
    """

    service, writes, timeout = "organisation", True, 60.0

    class Request(Message):
        structures = nested(ImportedStructure, many=True, required=True)

    class Reply(Message):
        created = fields.Integer(required=True)
        changed = fields.Integer(required=True)
        unchanged = fields.Integer(required=True)
        services_created = fields.Integer(required=True)
        services_changed = fields.Integer(required=True)
        refused = nested(ImportRefusal, many=True, required=True)
