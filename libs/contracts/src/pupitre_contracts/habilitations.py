"""What organisation promises about who may do what: habilitations of a structure's users, and gestionnaires secondaires."""

from .message import Call, Event, Message, fields, nested
from .organisation_values import PROFILES, StructureRights
from .rattachement_values import Member

__all__ = [
    "STANDINGS",
    "AttachByAddress",
    "GestionnaireSecondaireNamed",
    "HabilitationGranted",
    "HabilitationLine",
    "HabilitationRemoved",
    "ListHabilitations",
    "RemoveHabilitations",
    "SetGestionnaireSecondaire",
]

#: In force; asked for and not decided yet (R140).
STANDINGS = ("VALIDE", "EN_COURS")


class HabilitationGranted(Event):
    """A user has a profile in an espace, for a structure or one service of it. ``before`` is the profile that it replaces."""

    name, version, owner, subject_field = "habilitation.granted", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)
    before = fields.Choice(*PROFILES)
    structure_service_id = fields.UUID()
    granted_by = fields.String(required=True)


class HabilitationRemoved(Event):
    """A user no longer has an espace, for a structure or one service of it. Detaching him and closing the espace tell their own events."""

    name, version, owner, subject_field = "habilitation.removed", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)
    structure_service_id = fields.UUID()
    removed_by = fields.String(required=True)


class GestionnaireSecondaireNamed(Event):
    """A user manages a structure beside its gestionnaire principal, at one level or both; neither flag: no longer (R123)."""

    name, version, owner, subject_field = "gestionnaire_secondaire.named", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    manages_structure = fields.Boolean(required=True)
    manages_users = fields.Boolean(required=True)
    named_by = fields.String(required=True)


class HabilitationLine(Message):
    """One habilitation of one user, in force or asked for: structure, contact, service, its status, profile (R137, R140, R145).

    ``habilitation_id`` is there for one in force, ``approbation_id`` for one that waits.
    """

    standing = fields.Choice(*STANDINGS, required=True)
    habilitation_id = fields.UUID()
    approbation_id = fields.UUID()
    structure_id = fields.UUID(required=True)
    structure_identifier = fields.String(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    user_name = fields.String(required=True)
    user_email = fields.String(required=True)
    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)
    structure_service_id = fields.UUID()
    code_service = fields.String()
    service_label = fields.String()
    service_active = fields.Boolean()


class AttachByAddress(Call):
    """Attach the user who signs in with an address to a structure, or to services of it, as AttachUser does (R110).

    Gestionnaires of the structure's users, operators. Errors: forbidden, not-found, conflict (he is the gestionnaire principal).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        email = fields.String(required=True)
        structure_service_ids = fields.List(fields.UUID())

    class Reply(Message):
        rights = nested(StructureRights, required=True)


class ListHabilitations(Call):
    """The habilitations of a structure's users, by espace and user, those asked for among them (R145).

    Every criterion narrows. Gestionnaires of the structure's users, operators. Errors: forbidden.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID()
        structure_service_id = fields.UUID()
        espace = fields.String()
        profile = fields.Choice(*PROFILES)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        habilitations = nested(HabilitationLine, many=True, required=True)
        total = fields.Integer(required=True)


class RemoveHabilitations(Call):
    """Take habilitations of a structure's users away, all or none (R144, R145). What was taken already is left out of ``removed``.

    Gestionnaires of the structure's users, operators; those of the espace ``organisation`` by who manages both structure and users.
    Errors: forbidden, not-found (one of another structure), invalid.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        habilitation_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        removed = fields.Integer(required=True)


class SetGestionnaireSecondaire(Call):
    """Let a user who is attached to the structure itself manage it, its users, or both; neither takes it back (R123).

    The gestionnaire principal, who manages the organisation beside him, an operator. Errors: forbidden, not-found, conflict (the user
    is the gestionnaire principal, or is attached to services only).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID(required=True)
        manages_structure = fields.Boolean(required=True)
        manages_users = fields.Boolean(required=True)

    class Reply(Message):
        member = nested(Member, required=True)
