"""What the calls about belonging to a structure are made of: requests, and members."""

from .message import Message, fields, nested
from .organisation_values import PROFILES, ROLES, EspaceRight

KINDS = ("RATTACHEMENT", "HABILITATION")
STATES = ("DEMANDE", "APPROUVE", "REFUSE", "ANNULE")
DECISIONS = ("APPROUVE", "REFUSE")


class Wish(Message):
    """A habilitation that is asked for."""

    espace = fields.String(required=True)
    profile = fields.Choice(*PROFILES, required=True)


class Approbation(Message):
    """A request that a gestionnaire decides. ``number`` is its reference for people; ``motive`` says why it was refused."""

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


class Outcome(Message):
    """What became of one request; ``why_fr`` and ``why_en`` say why nothing did."""

    approbation_id = fields.UUID(required=True)
    done = fields.Boolean(required=True)
    why_fr = fields.String()
    why_en = fields.String()


class Member(Message):
    """A user attached to a structure."""

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    role = fields.Choice(*ROLES, required=True)
    starts_on = fields.Date()
    ends_on = fields.Date()
    espaces = nested(EspaceRight, many=True, required=True)
