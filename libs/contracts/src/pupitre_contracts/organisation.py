"""What organisation promises: structures, their services, who is attached to them, and which espaces are open.

It owns structures, StructureServices, rattachements and habilitations, and answers what an actor may do for a structure.
"""

from .message import Call, Event, Message, fields, nested
from .organisation_values import (
    MOA_PRESENCES,
    PROFILES,
    ROLES,
    STRUCTURE_TYPES,
    Address,
    EspaceEntry,
    EspaceRight,
    LimitedMember,
    Mandant,
    Parameters,
    Recipient,
    ResolvedRecipient,
    Structure,
    StructureEspaces,
    StructureMembers,
    StructureRights,
    StructureService,
    StructureSummary,
)

__all__ = [
    "MOA_PRESENCES",
    "PROFILES",
    "ROLES",
    "STRUCTURE_TYPES",
    "Address",
    "AttachUser",
    "CloseEspace",
    "CreateStructure",
    "CreateStructureService",
    "EspaceClosed",
    "EspaceEntry",
    "EspaceOpened",
    "EspaceRight",
    "EspacesOfStructures",
    "FindStructures",
    "GetStructure",
    "LimitedMember",
    "ListEspaces",
    "Mandant",
    "MembersOfEspace",
    "OpenEspace",
    "Parameters",
    "RattachementValidated",
    "Recipient",
    "ResolveRecipients",
    "ResolvedRecipient",
    "RightsOfActor",
    "SetHabilitation",
    "SetParameters",
    "Structure",
    "StructureCreated",
    "StructureEspaces",
    "StructureMembers",
    "StructureParametersChanged",
    "StructureRights",
    "StructureService",
    "StructureSummary",
]


class StructureCreated(Event):
    """A structure exists; emitted in the commit that stores it."""

    name, version, owner, subject_field = "structure.created", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    identifier = fields.String(required=True)
    structure_name = fields.String(required=True)
    structure_type = fields.Choice(*STRUCTURE_TYPES, required=True)


class StructureParametersChanged(Event):
    """A public body changed what it demands of invoices."""

    name, version, owner, subject_field = "structure.parameters_changed", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    parameters = nested(Parameters, required=True)
    changed_by = fields.String(required=True)


class EspaceOpened(Event):
    """A structure added an espace; its users may now be given habilitations in it."""

    name, version, owner, subject_field = "espace.opened", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    structure_name = fields.String(required=True)
    opened_by = fields.String(required=True)


class EspaceClosed(Event):
    """A structure removed an espace; every habilitation in it ended in the same commit (R144)."""

    name, version, owner, subject_field = "espace.closed", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    structure_name = fields.String(required=True)
    closed_by = fields.String(required=True)


class RattachementValidated(Event):
    """A user may act for a structure. ``attached_by`` says who attached him without a request of his own (R110).

    ``structure_service_ids`` are the services it is for; without them it is for the structure (R101).
    """

    name, version, owner, subject_field = "rattachement.validated", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    role = fields.Choice(*ROLES, required=True)
    structure_name = fields.String()
    attached_by = fields.String()
    structure_service_ids = fields.List(fields.UUID())


class RightsOfActor(Call):
    """Tell what the calling actor may do, structure by structure.

    A service asks with ``kind`` and ``actor_id`` for the actor it serves; a user or technical account asks for itself and
    leaves both out. A technical account has MODIFICATION in every espace its structure opened. Never cached by callers:
    a removed right must bite on the next request. ``approbations_waiting`` counts the requests that the user may decide (R151).
    ``mandants`` are the structures that let one of his deposit invoices for them (R280).
    """

    service = "organisation"

    class Request(Message):
        kind = fields.Choice("user", "technical")
        actor_id = fields.UUID()
        structure_id = fields.UUID()

    class Reply(Message):
        structures = nested(StructureRights, many=True, required=True)
        approbations_waiting = fields.Integer()
        mandants = nested(Mandant, many=True)


class ResolveRecipients(Call):
    """Resolve all recipients of a deposit or a flux in one call, in the order asked. Any actor."""

    service = "organisation"

    class Request(Message):
        recipients = nested(Recipient, many=True, required=True)

    class Reply(Message):
        recipients = nested(ResolvedRecipient, many=True, required=True)


class FindStructures(Call):
    """Search the annuaire. ``*`` in a text is a wildcard (R103); several criteria narrow the result. Any actor.

    Private structures other than the actor's own are left out unless ``include_private`` is set.
    """

    service = "organisation"

    class Request(Message):
        structure_ids = fields.List(fields.UUID())
        portal_numbers = fields.List(fields.Integer())
        identifiers = fields.List(fields.String())
        identifier_type = fields.String()
        name = fields.String()
        label = fields.String()
        city = fields.String()
        postal_code = fields.String()
        type = fields.Choice(*STRUCTURE_TYPES)
        active = fields.Boolean()
        include_private = fields.Boolean(load_default=False)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)
        sort = fields.Choice("name", "identifier", load_default="name")
        descending = fields.Boolean(load_default=False)

    class Reply(Message):
        structures = nested(StructureSummary, many=True, required=True)
        total = fields.Integer(required=True)


class GetStructure(Call):
    """Read one structure by its id or portal number. Any actor. Errors: not-found."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID()
        portal_number = fields.Integer()

    class Reply(Message):
        structure = nested(Structure, required=True)


class CreateStructure(Call):
    """Create a structure (R062); a user who creates one becomes its gestionnaire principal (R064). Operators create any.

    An empty ``identifier`` has the portal give a reference to a PARTICULIER, or to an AUTRE (in course of registration); for HORS_UE two
    letters are completed with the name (H.1). A PARTICULIER has ``given_name`` and ``family_name``, from which ``name`` follows.

    Errors: organisation.identifier-wrong, organisation.structure-exists.
    """

    service, writes = "organisation", True

    class Request(Message):
        identifier_type = fields.Choice(
            "SIRET", "UE_HORS_FRANCE", "HORS_UE", "RIDET", "TAHITI", "AUTRE", "PARTICULIER", load_default="SIRET"
        )
        identifier = fields.String(required=True)
        name = fields.String(required=True)
        label = fields.String()
        type = fields.Choice(*STRUCTURE_TYPES, required=True)
        email = fields.String()
        phone = fields.String()
        vat_number = fields.String()
        address = nested(Address, required=True)
        parameters = nested(Parameters)
        rcs_number = fields.String()
        non_diffusible = fields.Boolean(load_default=False)
        given_name = fields.String()
        family_name = fields.String()

    class Reply(Message):
        structure = nested(Structure, required=True)


class SetParameters(Call):
    """Change what a public body demands of invoices (R070, R072). MODIFICATION of organisation, or operator.

    ``version`` is the structure's when it was read, if the caller minds. Errors: forbidden, not-found, conflict (changed since).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        parameters = nested(Parameters, required=True)
        version = fields.Integer()

    class Reply(Message):
        structure = nested(Structure, required=True)


class CreateStructureService(Call):
    """Add a service to a structure (R081, R085). Gestionnaire or operator. Errors: forbidden, organisation.structure-service-exists."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        code = fields.String(required=True)
        label = fields.String(required=True)
        description = fields.String()
        starts_on = fields.Date(required=True)
        ends_on = fields.Date()
        requires_engagement = fields.Boolean(load_default=False)
        active = fields.Boolean(load_default=True)

    class Reply(Message):
        structure_service = nested(StructureService, required=True)


class AttachUser(Call):
    """Attach a user to a structure, or to services of it, without a request (R110), with the default habilitations of his role (R132).

    Gestionnaire of the structure's users, or operator; only an operator names a GP. Repeating it changes nothing.
    Errors: forbidden, not-found, invalid, conflict (the structure has another GP, R120).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID(required=True)
        role = fields.Choice(*ROLES, load_default="US")
        structure_service_ids = fields.List(fields.UUID())

    class Reply(Message):
        rights = nested(StructureRights, required=True)


class SetHabilitation(Call):
    """Give or take a habilitation: ``profile`` absent takes it away (R130, R145). Without a service it is for the whole structure.

    Gestionnaire of the structure's users, or operator; nobody but the gestionnaire principal gives to himself, everybody gives up his own
    (R031), and the espace ``organisation`` is given by who manages both structure and users. The user must be attached there.
    Errors: forbidden, not-found, organisation.espace-closed.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID(required=True)
        espace = fields.String(required=True)
        profile = fields.Choice(*PROFILES)
        structure_service_id = fields.UUID()

    class Reply(Message):
        rights = nested(StructureRights, required=True)


class ListEspaces(Call):
    """List the espaces meant for a structure's type, open or not. Users attached to the structure, operators, services.

    Errors: not-found.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        espaces = nested(EspaceEntry, many=True, required=True)


class OpenEspace(Call):
    """Add an espace to a structure (R130, R133): its gestionnaire principal gets MODIFICATION in it, and for each of its users a request
    is made, to be approved or refused (R141).

    Gestionnaire or operator (R143). Opening an open espace changes nothing. Errors: forbidden, organisation.espace-unknown.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        espace = fields.String(required=True)

    class Reply(Message):
        espaces = nested(EspaceEntry, many=True, required=True)


class CloseEspace(Call):
    """Remove an espace from a structure; every access to it ends at once (R144). Gestionnaire or operator. Errors: forbidden."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        espace = fields.String(required=True)

    class Reply(Message):
        espaces = nested(EspaceEntry, many=True, required=True)


class MembersOfEspace(Call):
    """Tell which users have a habilitation in an espace of each structure, to know whom to write to. For services."""

    service = "organisation"

    class Request(Message):
        structure_ids = fields.List(fields.UUID(), required=True)
        espace = fields.String(required=True)

    class Reply(Message):
        structures = nested(StructureMembers, many=True, required=True)


class EspacesOfStructures(Call):
    """Tell which espaces are open at each of some structures, at most a thousand of them. For services. Errors: forbidden, invalid."""

    service = "organisation"

    class Request(Message):
        structure_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        structures = nested(StructureEspaces, many=True, required=True)
