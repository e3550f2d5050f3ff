"""What the calls about belonging to a structure are made of: requests, and members."""

from .message import Message, fields, nested
from .organisation_values import PROFILES, ROLES, EspaceRight

KINDS = ("RATTACHEMENT", "HABILITATION")
STATES = ("DEMANDE", "APPROUVE", "REFUSE", "ANNULE")
DECISIONS = ("APPROUVE", "REFUSE")


class Wish(Message):
    """A habilitation that is asked for; without a service it is for the whole structure."""

    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)
    structure_service_id = fields.UUID()


class NamedService(Message):
    """A service of a structure, by what people know it by; ``active`` takes its dates into account."""

    structure_service_id = fields.UUID(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)
    active = fields.Boolean(required=True)


class Approbation(Message):
    """A request that a gestionnaire decides. ``number`` is its reference for people; ``motive`` says why it was refused.

    ``services`` are those it is about, none for the whole structure. ``generated_by`` says who opened the espace for which the portal
    made the request (R141). ``approvers`` names who may decide; only the reading of one request tells it (R153).
    """

    approbation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    kind = fields.Choice(*KINDS, required=True)
    state = fields.Choice(*STATES, required=True)
    structure_id = fields.UUID(required=True)
    structure_identifier = fields.String(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    user_name = fields.String(required=True)
    user_email = fields.String(required=True)
    wishes = nested(Wish, many=True, required=True)
    comment = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    asked_at = fields.Instant(required=True)
    decided_at = fields.Instant()
    decided_by = fields.String()
    motive = fields.String()
    services = nested(NamedService, many=True)
    generated_by = fields.String()
    approvers = fields.List(fields.String())


class Outcome(Message):
    """What became of one request; ``why_fr`` and ``why_en`` say why nothing did."""

    approbation_id = fields.UUID(required=True)
    done = fields.Boolean(required=True)
    why_fr = fields.String()
    why_en = fields.String()


class Member(Message):
    """A user attached to a structure, to ``services`` of it, or both; the flags say what a gestionnaire secondaire manages (R123)."""

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    role = fields.Choice(*ROLES, required=True)
    starts_on = fields.Date()
    ends_on = fields.Date()
    espaces = nested(EspaceRight, many=True, required=True)
    whole_structure = fields.Boolean()
    services = nested(NamedService, many=True)
    manages_structure = fields.Boolean()
    manages_users = fields.Boolean()
