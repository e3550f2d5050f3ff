"""What organisation promises about the audit history of a structure: who changed what, when, before and after."""

from .message import Call, Message, fields, nested

__all__ = ["Change", "HistoryLine", "ListHistory", "Noted"]


class Change(Message):
    """One value that an act changed. ``what`` names it (``requires_service``, ``habilitations.travaux``); absent ``before`` or
    ``after``: there was, or is, nothing. Values are text, or JSON where they are no text."""

    what = fields.String(required=True)
    before = fields.String()
    after = fields.String()


class Noted(Message):
    """What else a line tells of its act."""

    what = fields.String(required=True)
    value = fields.String(required=True)


class HistoryLine(Message):
    """One act. ``actor`` is ``user:…`` or ``service:…``, perhaps ``… via service:…``; ``object`` what it was done to: ``user:…``,
    ``espace:…``, ``service:…``, ``approbation:…``, ``structure:…``. Names are absent when the account is gone."""

    number = fields.Integer(required=True)
    at = fields.Instant(required=True)
    actor = fields.String(required=True)
    actor_name = fields.String()
    action = fields.String(required=True)
    object = fields.String(required=True)
    object_name = fields.String()
    changes = nested(Change, many=True, required=True)
    noted = nested(Noted, many=True, required=True)
    digest = fields.String(required=True)


class ListHistory(Call):
    """List a structure's history, newest line first. Its gestionnaires, and operators.

    Errors: not-found (also for a structure that the caller is not attached to), forbidden, invalid.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        lines = nested(HistoryLine, many=True, required=True)
        total = fields.Integer(required=True)
