"""What invoicing promises about requests of the kinds that plugins bring, and about the documents (records) that plugins keep.

Who may do what follows from the parties of a request: an actor sees it through a role of his structure, in the espace in which that role
works, and moves it with MODIFICATION there. Kinds, forms and passages are the plugins': a request whose plugin is away can be read only.
"""

from .message import Call, Event, Message, fields, nested
from .request_values import (
    MOST_FILES,
    MOST_LINES,
    NamedParty,
    NewRequestFile,
    NextCadre,
    RecordEntry,
    Request,
    RequestCounts,
    RequestDocument,
    RequestMove,
    RequestParty,
    RequestSummary,
)

__all__ = [
    "MOST_FILES",
    "MOST_LINES",
    "CountRequests",
    "DeleteRecord",
    "DeleteRequest",
    "GetDossier",
    "GetRecord",
    "GetRequest",
    "MoveRequest",
    "NamedParty",
    "NewRequestFile",
    "NextCadre",
    "PutRecord",
    "RecordEntry",
    "Request",
    "RequestCounts",
    "RequestDocument",
    "RequestEffectAsked",
    "RequestFile",
    "RequestMove",
    "RequestMoved",
    "RequestParty",
    "RequestReminded",
    "RequestSent",
    "RequestSummary",
    "SaveRequest",
    "SearchRecords",
    "SearchRequests",
    "SendRequest",
]


class PartyOfEvent(Message):
    """A structure in its role, as events tell it; ``structure_service_id`` is the service that the role names, if it does."""

    role = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    name = fields.String(required=True)
    espace = fields.String(required=True)
    structure_service_id = fields.UUID()
    code_service = fields.String()
    acts = fields.Boolean(required=True)


class RequestSent(Event):
    """A request was sent: its number is taken, and those whom it has come to see it; emitted in the commit that sends it."""

    name, version, owner, subject_field = "request.sent", 1, "invoicing", "request_id"

    request_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label_fr = fields.String(required=True)
    kind_label_en = fields.String(required=True)
    cadre = fields.String(required=True)
    number = fields.String(required=True)
    dossier_id = fields.UUID()
    dossier_number = fields.String()
    previous_id = fields.UUID()
    maker_structure_id = fields.UUID(required=True)
    maker_name = fields.String(required=True)
    net = fields.Money()
    vat = fields.Money()
    gross = fields.Money()
    parties = nested(PartyOfEvent, many=True, required=True)


class RequestMoved(Event):
    """A request passed from one status to another, in the commit of the passage. ``by`` is the key of the role that acted, in the name of
    ``by_structure_id``, or ``system``; ``parties`` see it from now on, ``acts`` says for whom it is work; it became ``invoice_id``."""

    name, version, owner, subject_field = "request.moved", 1, "invoicing", "request_id"

    request_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label_fr = fields.String(required=True)
    kind_label_en = fields.String(required=True)
    cadre = fields.String(required=True)
    number = fields.String(required=True)
    status_from = fields.String(required=True)
    status_to = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    by = fields.String(required=True)
    by_structure_id = fields.UUID()
    actor = fields.String(required=True)
    motive = fields.String()
    comment = fields.String()
    maker_structure_id = fields.UUID(required=True)
    maker_name = fields.String(required=True)
    invoice_id = fields.UUID()
    parties = nested(PartyOfEvent, many=True, required=True)


class RequestReminded(Event):
    """Time runs out for those for whom a request is work; emitted once per stage, ``days_left`` days before the end."""

    name, version, owner, subject_field = "request.reminded", 1, "invoicing", "request_id"

    request_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label_fr = fields.String(required=True)
    kind_label_en = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    maker_name = fields.String(required=True)
    days_left = fields.Integer(required=True)
    due_at = fields.Instant(required=True)
    parties = nested(PartyOfEvent, many=True, required=True)


class RequestEffectAsked(Event):
    """A passage asks for what another service owns, as the lifecycle of the kind declares; emitted in the commit of the passage.

    ``effect`` is one of the plugin API (`annuaire.subscribe`, …), asked for ``structure_id``, which made the request. The owner of what is
    asked decides whether the espace may, and does it once. ``actor`` made the passage.
    """

    name, version, owner, subject_field = "request.effect_asked", 1, "invoicing", "request_id"

    request_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    number = fields.String(required=True)
    effect = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    actor = fields.String(required=True)


class SaveRequest(Call):
    """Keep what was typed as a new draft of ``structure_id``, or in place of what the draft ``request_id`` held at ``version``.

    A draft may be incomplete or wrong: ``findings`` of the reply say what keeps it from being sent. ``previous_id`` is the request from
    which it is deposited: it joins its dossier and takes over the roles that nobody is named for. What is left out stays in a draft;
    ``form``, ``lines`` and each named role of ``parties`` are replaced whole. Needs MODIFICATION in the espace of the role that deposits.
    Errors: forbidden, not-found, conflict, invalid (unknown kind, cadre or role), espaces.silent.
    """

    service, writes, timeout = "invoicing", True, 10.0

    class Request(Message):
        structure_id = fields.UUID()
        espace = fields.String()
        kind = fields.String()
        cadre = fields.String()
        request_id = fields.UUID()
        version = fields.Integer()
        previous_id = fields.UUID()
        number = fields.String()
        form = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
        lines = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)))
        parties = nested(NamedParty, many=True)
        documents = nested(NewRequestFile, many=True)
        remove_documents = fields.List(fields.UUID())
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        request = nested(Request, required=True)


class SendRequest(Call):
    """Send a draft: it is looked at once more, its number is taken, and it goes where its lifecycle says.

    Errors: forbidden, not-found, conflict, requests.not-ready (with the findings), invoicing.transition-forbidden (the piece before it
    does not wait for it any more), espaces.silent.
    """

    service, writes, timeout = "invoicing", True, 10.0

    class Request(Message):
        request_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        request = nested(Request, required=True)


class MoveRequest(Call):
    """Make one passage of the kind's lifecycle in the name of a role of the actor. Of contradictory ones made from one version, one wins.

    Errors: forbidden, not-found, conflict, invoicing.transition-forbidden, invoicing.motive-missing, invalid (motive, statement, parties),
    espaces.silent.
    """

    service, writes, timeout = "invoicing", True, 10.0

    class Request(Message):
        request_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        to = fields.String(required=True)
        role = fields.String()
        motive_code = fields.String()
        motive = fields.String()
        comment = fields.String()
        stated = fields.Boolean(load_default=False)
        parties = nested(NamedParty, many=True)
        documents = nested(NewRequestFile, many=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        request = nested(Request, required=True)


class DeleteRequest(Call):
    """Delete a draft; its history keeps that it was. Errors: forbidden, not-found, conflict, invoicing.transition-forbidden."""

    service, writes = "invoicing", True

    class Request(Message):
        request_id = fields.UUID(required=True)
        version = fields.Integer(required=True)

    class Reply(Message):
        pass


class GetRequest(Call):
    """Read one request with its files, history, and what the actor may do with it. Errors: forbidden, not-found."""

    service, timeout = "invoicing", 5.0

    class Request(Message):
        request_id = fields.UUID(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        request = nested(Request, required=True)


class SearchRequests(Call):
    """List requests in which the actor's structures have a role that works in ``espace``, newest first, by keyset pages: ``after`` is the
    ``next`` of a page, ``before`` its ``previous``.

    ``text`` is looked for in numbers, dossier and names, ``*`` for anything; ``to_do``: only what waits for them; ``with_form``: what was
    typed comes too. Errors: forbidden (the structure has not the espace), not-found (a foreign structure).
    """

    service, timeout = "invoicing", 5.0

    class Request(Message):
        espace = fields.String(required=True)
        structure_id = fields.UUID()
        kind = fields.String()
        cadre = fields.String()
        status = fields.String()
        role = fields.String()
        dossier_id = fields.UUID()
        text = fields.String()
        to_do = fields.Boolean(load_default=False)
        with_form = fields.Boolean(load_default=False)
        sent_from = fields.Date()
        sent_to = fields.Date()
        limit = fields.Integer(load_default=25)
        after = fields.String()
        before = fields.String()

    class Reply(Message):
        requests = nested(RequestSummary, many=True, required=True)
        total = fields.Integer(required=True)
        next = fields.String()
        previous = fields.String()


class CountRequests(Call):
    """Count the requests of the actor's structures, by espace: all, drafts, and those that wait for him."""

    service = "invoicing"

    class Request(Message):
        espace = fields.String()

    class Reply(Message):
        counts = nested(RequestCounts, many=True, required=True)


class GetDossier(Call):
    """Read the pieces of a dossier that the actor sees, oldest first, each with its form, history and délai. Errors: not-found."""

    service, timeout = "invoicing", 5.0

    class Request(Message):
        dossier_id = fields.UUID(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        dossier_id = fields.UUID(required=True)
        dossier_number = fields.String(required=True)
        pieces = nested(Request, many=True, required=True)


class RequestFile(Call):
    """Tell where a file of a request lies. Errors: forbidden, not-found."""

    service = "invoicing"

    class Request(Message):
        request_id = fields.UUID(required=True)
        document_id = fields.UUID(required=True)

    class Reply(Message):
        document = nested(RequestDocument, required=True)


class GetRecord(Call):
    """Read a document that an espace keeps for a structure. Needs what SearchRecords does. Errors: forbidden, not-found."""

    service = "invoicing"

    class Request(Message):
        espace = fields.String(required=True)
        structure_id = fields.UUID(required=True)
        collection = fields.String(required=True)
        key = fields.String(required=True)

    class Reply(Message):
        record = nested(RecordEntry, required=True)


class PutRecord(Call):
    """Keep a document of an espace for a structure; with ``version`` only in place of that one (0: only a new one).

    Needs MODIFICATION in the espace, or an operator, named in ``by``. Errors: forbidden, not-found, conflict, invalid (more than 64 kB).
    """

    service, writes = "invoicing", True

    class Request(Message):
        espace = fields.String(required=True)
        structure_id = fields.UUID(required=True)
        collection = fields.String(required=True)
        key = fields.String(required=True)
        document = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
        version = fields.Integer()
        by = fields.String()

    class Reply(Message):
        record = nested(RecordEntry, required=True)


class DeleteRecord(Call):
    """Forget a document of an espace; one that is not there is no error. Needs what PutRecord does."""

    service, writes = "invoicing", True

    class Request(Message):
        espace = fields.String(required=True)
        structure_id = fields.UUID(required=True)
        collection = fields.String(required=True)
        key = fields.String(required=True)
        by = fields.String()

    class Reply(Message):
        pass


class SearchRecords(Call):
    """List the documents of a collection by key; ``text`` is looked for in them. Needs CONSULTATION in the espace, or an operator."""

    service = "invoicing"

    class Request(Message):
        espace = fields.String(required=True)
        structure_id = fields.UUID(required=True)
        collection = fields.String(required=True)
        text = fields.String()
        limit = fields.Integer(load_default=50)
        after = fields.String()

    class Reply(Message):
        records = nested(RecordEntry, many=True, required=True)
