"""What organisation promises about who belongs to a structure: requests and their approbation, detaching, handing over the role of GP."""

from .account_life import Succession
from .message import Call, Event, Message, fields, nested
from .rattachement_values import DECISIONS, KINDS, STATES, Approbation, Member, NamedService, Outcome, Wish

__all__ = [
    "DECISIONS",
    "KINDS",
    "STATES",
    "Approbation",
    "ApprobationDecided",
    "AskHabilitation",
    "AskRattachement",
    "CancelApprobation",
    "DecideApprobations",
    "Detach",
    "GestionnairePrincipalTransferred",
    "GetApprobation",
    "HabilitationRequested",
    "HandOverRoles",
    "ListApprobations",
    "ListMembers",
    "Member",
    "NamedService",
    "Outcome",
    "RattachementEnded",
    "RattachementRequested",
    "TransferGestionnairePrincipal",
    "Wish",
]


class RattachementRequested(Event):
    """A user asks to be attached to a structure; ``approver_ids`` are its gestionnaires at that moment."""

    name, version, owner, subject_field = "rattachement.requested", 1, "organisation", "approbation_id"

    approbation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    approver_ids = fields.List(fields.UUID(), required=True)
    comment = fields.String(required=True)
    structure_service_ids = fields.List(fields.UUID())


class HabilitationRequested(Event):
    """A user asks for habilitations in espaces of a structure that he is attached to.

    With ``generated_by`` it is the portal that asks for him, because that person opened an espace (R141).
    """

    name, version, owner, subject_field = "habilitation.requested", 1, "organisation", "approbation_id"

    approbation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    approver_ids = fields.List(fields.UUID(), required=True)
    wishes = nested(Wish, many=True, required=True)
    comment = fields.String()
    generated_by = fields.String()


class ApprobationDecided(Event):
    """A gestionnaire approved or refused a request; what he approved took effect in the same commit (R154)."""

    name, version, owner, subject_field = "approbation.decided", 1, "organisation", "approbation_id"

    approbation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    kind = fields.Choice(*KINDS, required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    state = fields.Choice(*DECISIONS, required=True)
    motive = fields.String()
    decided_by = fields.String(required=True)


class RattachementEnded(Event):
    """A user no longer belongs to a structure, or to the level of it that is named; his habilitations there ended in the same commit."""

    name, version, owner, subject_field = "rattachement.ended", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    user_id = fields.UUID(required=True)
    ended_by = fields.String(required=True)
    structure_service_ids = fields.List(fields.UUID())
    structure_level_only = fields.Boolean()


class GestionnairePrincipalTransferred(Event):
    """A structure has another gestionnaire principal; the one before stays attached as a simple user (R109, R120)."""

    name, version, owner, subject_field = "gestionnaire_principal.transferred", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    from_user_id = fields.UUID(required=True)
    to_user_id = fields.UUID(required=True)
    transferred_by = fields.String(required=True)


class AskRattachement(Call):
    """Ask to be attached to a structure, for the gestionnaire to approve (R102, R106). Users, for themselves.

    Services named limit it to them (R101). ``comment`` is needed. Access follows the dates, first and last day included, by France's
    calendar (R105). Errors: not-found, invalid, organisation.request-pointless (attached already, or a request waits).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        comment = fields.String(required=True)
        starts_on = fields.Date()
        ends_on = fields.Date()
        structure_service_ids = fields.List(fields.UUID())

    class Reply(Message):
        approbation = nested(Approbation, required=True)


class AskHabilitation(Call):
    """Ask for habilitations in open espaces of a structure that one is attached to (R138): several wishes, one approbation.

    What is approved takes effect on ``starts_on``, at once without it. A wish for a service one is not attached to is refused (R139).
    Errors: not-found (not attached), forbidden, organisation.espace-closed, invalid, organisation.request-pointless.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        wishes = nested(Wish, many=True, required=True)
        comment = fields.String()
        starts_on = fields.Date()

    class Reply(Message):
        approbation = nested(Approbation, required=True)


class ListApprobations(Call):
    """List requests by date, newest first: those that the caller may decide (R150, R152), or his own; of one structure if named.

    ``waiting`` counts those to be decided by the caller, whatever the page shows (R151). Users.
    """

    service = "organisation"

    class Request(Message):
        side = fields.Choice("to_decide", "mine", required=True)
        state = fields.Choice(*STATES)
        structure_id = fields.UUID()
        oldest_first = fields.Boolean(load_default=False)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        approbations = nested(Approbation, many=True, required=True)
        total = fields.Integer(required=True)
        waiting = fields.Integer(required=True)


class GetApprobation(Call):
    """Read a request: its author, and the gestionnaires of its structure (R153). Errors: not-found, for everybody else too."""

    service = "organisation"

    class Request(Message):
        approbation_id = fields.UUID(required=True)

    class Reply(Message):
        approbation = nested(Approbation, required=True)


class DecideApprobations(Call):
    """Approve or refuse requests, each for itself; ``outcomes`` says what became of each, in the order asked.

    A refusal needs a motive (R155). Nobody decides his own request but the gestionnaire principal. A request that was decided before, or
    that cannot take effect any more, is left as it is and says why. Gestionnaires of the structure, operators. Errors: invalid.
    """

    service, writes = "organisation", True

    class Request(Message):
        approbation_ids = fields.List(fields.UUID(), required=True)
        decision = fields.Choice(*DECISIONS, required=True)
        motive = fields.String()

    class Reply(Message):
        outcomes = nested(Outcome, many=True, required=True)


class CancelApprobation(Call):
    """Take one's own request back while it waits. Errors: not-found, organisation.request-decided."""

    service, writes = "organisation", True

    class Request(Message):
        approbation_id = fields.UUID(required=True)

    class Reply(Message):
        approbation = nested(Approbation, required=True)


class Detach(Call):
    """End a user's rattachement and with it his habilitations (R107 to R110). The user himself, a gestionnaire, an operator.

    Only the level named goes: ``structure_service_ids``, or with ``structure_level_only`` the structure's own; without either, all.
    Errors: forbidden, not-found, organisation.successor-needed for the gestionnaire principal (R109, R125).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID(required=True)
        structure_service_ids = fields.List(fields.UUID())
        structure_level_only = fields.Boolean(load_default=False)

    class Reply(Message):
        pass


class TransferGestionnairePrincipal(Call):
    """Hand the role of gestionnaire principal over to another user, who is attached if he is not; the one before becomes a simple
    user, and keeps his habilitations (R109, R120).

    The gestionnaire principal himself, or an operator; for a public structure an operator alone (R026). Errors: forbidden,
    not-found, conflict (he is it already).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        user_id = fields.UUID(required=True)

    class Reply(Message):
        member = nested(Member, required=True)


class HandOverRoles(Call):
    """Hand over every role of gestionnaire principal that a user holds, in one transaction, because he is about to leave (R052, R125).

    From then on nobody names him gestionnaire principal on the word of an answer that identity gave before. What ``successors`` says of
    other structures is left aside, so that asking again is no error. For identity alone. Errors: forbidden,
    organisation.successors-needed, organisation.successor-by-operator, not-found (a successor who cannot sign in), conflict.
    """

    service, writes = "organisation", True

    class Request(Message):
        user_id = fields.UUID(required=True)
        successors = nested(Succession, many=True, required=True)

    class Reply(Message):
        structure_ids = fields.List(fields.UUID(), required=True)


class ListMembers(Call):
    """The users attached to a structure with role, dates and habilitations, by name. Gestionnaires, operators. Errors: forbidden."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        members = nested(Member, many=True, required=True)
