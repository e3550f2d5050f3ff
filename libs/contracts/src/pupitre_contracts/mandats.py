"""What organisation promises about mandats de facturation: a structure lets another one deposit invoices for it (R280)."""

from .message import Call, Event, Message, fields, nested

__all__ = ["EndMandat", "GiveMandat", "ListMandats", "Mandat", "MandatEnded", "MandatGiven"]


class Mandat(Message):
    """``structure_*`` is who lets deposit, ``mandataire_*`` who may; first and last day included, by France's calendar.

    ``in_force`` says whether it counts today; one that was ended has ``ended_at``.
    """

    mandat_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    structure_identifier = fields.String(required=True)
    structure_name = fields.String(required=True)
    mandataire_id = fields.UUID(required=True)
    mandataire_identifier = fields.String(required=True)
    mandataire_name = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date()
    given_at = fields.Instant(required=True)
    ended_at = fields.Instant()
    in_force = fields.Boolean(required=True)


class MandatGiven(Event):
    """A structure lets another one deposit invoices for it; ``gestionnaire_ids`` are both structures' at that moment."""

    name, version, owner, subject_field = "mandat.given", 1, "organisation", "mandat_id"

    mandat_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    mandataire_id = fields.UUID(required=True)
    mandataire_name = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date()
    gestionnaire_ids = fields.List(fields.UUID(), required=True)
    given_by = fields.String(required=True)


class MandatEnded(Event):
    """A mandat was revoked by the one structure, or given back by the other; it counts no more from that moment."""

    name, version, owner, subject_field = "mandat.ended", 1, "organisation", "mandat_id"

    mandat_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    mandataire_id = fields.UUID(required=True)
    mandataire_name = fields.String(required=True)
    gestionnaire_ids = fields.List(fields.UUID(), required=True)
    ended_by = fields.String(required=True)


class GiveMandat(Call):
    """Let another structure deposit invoices for this one from a day on, perhaps until another (R280).

    Gestionnaires of the structure that lets deposit, operators. Errors: forbidden, not-found, invalid, organisation.mandat-exists.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        mandataire_id = fields.UUID(required=True)
        starts_on = fields.Date(required=True)
        ends_on = fields.Date()

    class Reply(Message):
        mandat = nested(Mandat, required=True)


class EndMandat(Call):
    """Revoke a mandat, or give it back: gestionnaires of either structure, operators. Errors: not-found, organisation.mandat-ended."""

    service, writes = "organisation", True

    class Request(Message):
        mandat_id = fields.UUID(required=True)

    class Reply(Message):
        mandat = nested(Mandat, required=True)


class ListMandats(Call):
    """The mandats that a structure gave or holds, newest first, ended ones among them. Its gestionnaires, operators. Errors: forbidden."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        mandats = nested(Mandat, many=True, required=True)
