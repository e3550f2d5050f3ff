"""What organisation's calls and events are made of: structures, their services, parameters and rights."""

from .message import Message, fields, nested

STRUCTURE_TYPES = ("PUBLIC", "PRIVATE")
ROLES = ("GP", "US")
PROFILES = ("CONSULTATION", "MODIFICATION")
MOA_PRESENCES = ("SANS_MOA", "AVEC_MOA", "EXCLUSIVEMENT_MOA")


class StructureService(Message):
    """A service inside a structure, known by its code (R081).

    ``active`` takes its dates into account; ``enabled`` is what its gestionnaire chose, whatever the day.
    """

    structure_service_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)
    description = fields.String()
    active = fields.Boolean(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date()
    requires_engagement = fields.Boolean(required=True)
    enabled = fields.Boolean()
    version = fields.Integer()


class Address(Message):
    line = fields.String()
    complement = fields.String()
    complement2 = fields.String()
    postal_code = fields.String()
    city = fields.String()
    country = fields.String(load_default="FR")


class StructureSummary(Message):
    """What a list shows of a structure. ``portal_number`` is the integer that the compatible API calls idStructureCPP."""

    structure_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    identifier_type = fields.String(required=True)
    identifier = fields.String(required=True)
    siret = fields.String()
    name = fields.String(required=True)
    label = fields.String()
    type = fields.Choice(*STRUCTURE_TYPES, required=True)
    active = fields.Boolean(required=True)
    city = fields.String()
    postal_code = fields.String()


class Parameters(Message):
    """What a public body demands of an invoice (R070), and whether a MOA works on the portal (R072; absent: not said)."""

    requires_service = fields.Boolean(load_default=False)
    requires_engagement = fields.Boolean(load_default=False)
    requires_service_or_engagement = fields.Boolean(load_default=False)
    payment_not_reported = fields.Boolean(load_default=False)
    receives_edi = fields.Boolean(load_default=False)
    moa_presence = fields.Choice(*MOA_PRESENCES)


class Structure(StructureSummary):
    """A structure with what its pages and the routing of invoices need."""

    email = fields.String()
    phone = fields.String()
    vat_number = fields.String()
    address = nested(Address, required=True)
    parameters = nested(Parameters, required=True)
    services = nested(StructureService, many=True, required=True)
    espaces = fields.List(fields.String(), required=True)
    rcs_number = fields.String()
    non_diffusible = fields.Boolean()
    version = fields.Integer()


class EspaceRight(Message):
    """What an actor may do in one open espace. ``structure_service_ids`` absent means the whole structure.

    ``profile`` is the higher of his profiles. Where he has MODIFICATION at some services only and CONSULTATION beyond them,
    ``modification_service_ids`` names the former; absent, the profile holds wherever the espace does.
    """

    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)
    structure_service_ids = fields.List(fields.UUID())
    modification_service_ids = fields.List(fields.UUID())


class StructureRights(Message):
    """An actor's link to one structure and the espaces open to him there.

    ``structure_service_ids`` are the services he is attached to; ``whole_structure``: he is attached to the structure itself (R101).
    ``manages_structure`` and ``manages_users`` say what he manages, as gestionnaire principal or by another right (R122, R123).
    """

    structure_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.Choice(*STRUCTURE_TYPES, required=True)
    role = fields.Choice("GP", "US", "TECHNICAL", required=True)
    espaces = nested(EspaceRight, many=True, required=True)
    whole_structure = fields.Boolean()
    structure_service_ids = fields.List(fields.UUID())
    manages_structure = fields.Boolean()
    manages_users = fields.Boolean()


class Mandant(Message):
    """A structure that lets another one, ``mandataire_id``, deposit invoices for it (R280)."""

    mandataire_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)


class Recipient(Message):
    """Where an invoice says it goes."""

    siret = fields.String(required=True)
    code_service = fields.String()


class ResolvedRecipient(Message):
    """The structure behind a recipient, or none; ``suggestions`` are active structures of the same SIREN (R075)."""

    siret = fields.String(required=True)
    code_service = fields.String()
    structure = nested(Structure)
    suggestions = nested(StructureSummary, many=True, required=True)


class EspaceEntry(Message):
    """One espace of the catalogue as one structure sees it; ``origin`` names the distribution that brings it."""

    key = fields.String(required=True)
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)
    description_fr = fields.String()
    description_en = fields.String()
    default = fields.Boolean(required=True)
    open = fields.Boolean(required=True)
    origin = fields.String(required=True)
    version = fields.String(required=True)
    problem = fields.String()
    addable = fields.Boolean()


class LimitedMember(Message):
    """A user whose habilitation holds at some services of a structure only."""

    user_id = fields.UUID(required=True)
    structure_service_ids = fields.List(fields.UUID(), required=True)


class StructureMembers(Message):
    """``user_ids`` have the espace for the whole structure, ``limited`` for some services of it."""

    structure_id = fields.UUID(required=True)
    user_ids = fields.List(fields.UUID(), required=True)
    limited = nested(LimitedMember, many=True)


class StructureEspaces(Message):
    """``espaces`` are the keys of those that a structure has open."""

    structure_id = fields.UUID(required=True)
    espaces = fields.List(fields.String(), required=True)
