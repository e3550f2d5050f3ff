"""What organisation promises of the annuaire as a file, the flux FAR37: who subscribes, and the files made for them (R262)."""

from .message import Call, Event, Message, fields, nested

__all__ = [
    "AnnuaireEnrolment",
    "AnnuaireFile",
    "AnnuaireFileProduced",
    "EndAnnuaireEnrolment",
    "GetAnnuaireFile",
    "ListAnnuaireFiles",
]

#: A file holds the whole annuaire, or what changed since the file before it.
COMPLETE, CHANGES = "COMPLET", "MODIFICATIONS"


class AnnuaireFile(Message):
    """One file as a subscriber has it: gzip of the CSV that the download of the API gives.

    ``since`` and ``head`` are numbers of changes: the file of kind ``MODIFICATIONS`` holds what came after ``since``, and both kinds reach
    to ``head``. ``due_on`` is the day, in France, that the schedule made it for; ``rows`` counts its lines below the head line.
    """

    file_id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Choice(COMPLETE, CHANGES, required=True)
    due_on = fields.Date(required=True)
    since = fields.Integer()
    head = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    produced_at = fields.Instant(required=True)
    delivered_at = fields.Instant(required=True)
    kept_until = fields.Instant(required=True)


class AnnuaireEnrolment(Message):
    """That a structure gets the files. ``asked_in`` is the number of the request that opened it, ``espace`` where it was asked."""

    enrolment_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    asked_in = fields.String(required=True)
    started_at = fields.Instant(required=True)
    ended_at = fields.Instant()


class AnnuaireFileProduced(Event):
    """The file of a day was made and lies ready for those who subscribe; ``gestionnaire_ids`` manage their structures then."""

    name, version, owner, subject_field = "annuaire.file_produced", 1, "organisation", "file_id"

    file_id = fields.UUID(required=True)
    file_name = fields.String(required=True)
    kind = fields.Choice(COMPLETE, CHANGES, required=True)
    due_on = fields.Date(required=True)
    since = fields.Integer()
    head = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    structure_ids = fields.List(fields.UUID(), required=True)
    gestionnaire_ids = fields.List(fields.UUID(), required=True)


class ListAnnuaireFiles(Call):
    """The enrolments of a structure, and the files that it was given and that are kept, newest first.

    Those who belong to the structure, its technical accounts among them, operators. Errors: not-found (a foreign structure).
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        enrolments = nested(AnnuaireEnrolment, many=True, required=True)
        files = nested(AnnuaireFile, many=True, required=True)
        may_end = fields.Boolean(required=True)


class GetAnnuaireFile(Call):
    """One file that a structure was given; its bytes lie in the blob store. As ``ListAnnuaireFiles``. Errors: not-found."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        file_id = fields.UUID(required=True)

    class Reply(Message):
        file = nested(AnnuaireFile, required=True)


class EndAnnuaireEnrolment(Call):
    """End an enrolment: the structure is given no further file by it. Its gestionnaires, operators. One that has ended stays so.

    It is not opened anew by the request that opened it. Errors: forbidden, not-found.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        enrolment_id = fields.UUID(required=True)

    class Reply(Message):
        enrolment = nested(AnnuaireEnrolment, required=True)
