"""What the calls and events of requests are made of: parties, lines, files, moves, and requests as lists and pages show them.

A request is an object of a plugin's kind: its espace and kind, its cadre, the parties in their roles, a form and lines under the
plugin's schemas (as JSON: decimals and dates as texts), amounts, files, and a status of the kind's lifecycle.
"""

from .invoicing_values import DelayEvent, Finding, HistoryEntry, NamedParty, NewDocument, RequestMove
from .message import Message, fields, nested

__all__ = [
    "MOST_FILES",
    "MOST_LINES",
    "NamedParty",
    "NewRequestFile",
    "NextCadre",
    "RecordEntry",
    "Request",
    "RequestCounts",
    "RequestDocument",
    "RequestMove",
    "RequestParty",
    "RequestSummary",
]

MOST_LINES = 2000
MOST_FILES = 200


class RequestParty(Message):
    """A structure in its role. ``acts``: the request is work for it now. ``sees``: it has come to that structure."""

    role = fields.String(required=True)
    role_label_fr = fields.String(required=True)
    role_label_en = fields.String(required=True)
    structure_id = fields.UUID(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)
    code_service = fields.String()
    espace = fields.String(required=True)
    acts = fields.Boolean(required=True)
    sees = fields.Boolean(required=True)
    type = fields.Choice("private", "public")


class NewRequestFile(NewDocument):
    """A file already in the blob store, to be added to a request, or to one ``line`` of it (from 1)."""

    line = fields.Integer()
    designation = fields.String()


class RequestDocument(Message):
    """A file of a request. ``made``: the espace made it of what was typed."""

    document_id = fields.UUID(required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    line = fields.Integer()
    designation = fields.String()
    made = fields.Boolean(required=True)
    added_at = fields.Instant(required=True)


class NextCadre(Message):
    """A cadre with which the actor may deposit the piece that follows this request."""

    code = fields.String(required=True)
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)


class RequestSummary(Message):
    """A request as lists show it. ``roles`` are those in which the actor sees it; ``acts``: it is work for one of them.

    ``due_at`` is when time is over for the one who is asked, if there is such a time. ``invoice_id`` is the invoice of *Factures reçues*
    that it has become, with that invoice's status. ``form`` is there where it was asked for.
    """

    request_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    espace = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label_fr = fields.String(required=True)
    kind_label_en = fields.String(required=True)
    cadre = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_label_fr = fields.String(required=True)
    status_label_en = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = fields.Instant(required=True)
    sent_at = fields.Instant()
    status_at = fields.Instant(required=True)
    due_at = fields.Instant()
    dossier_id = fields.UUID()
    dossier_number = fields.String()
    maker_role = fields.String(required=True)
    maker_structure_id = fields.UUID(required=True)
    maker_name = fields.String(required=True)
    net = fields.Money()
    vat = fields.Money()
    gross = fields.Money()
    parties = nested(RequestParty, many=True, required=True)
    roles = fields.List(fields.String(), required=True)
    acts = fields.Boolean(required=True)
    last_motive = fields.String()
    invoice_id = fields.UUID()
    invoice_status = fields.String()
    form = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))


class Request(RequestSummary):
    """One request, whole. ``unknown_parties`` of a draft are those whose identifier nobody has, ``findings`` what keeps it from being sent.
    ``delay`` are the events of the délai global de paiement that began with it. ``plugin_away``: the plugin of its kind is not there, and
    nothing but reading is possible. ``lines_hidden``: no role of the actor sees its lines, and they are left out with their files."""

    form = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    lines = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)), required=True)
    documents = nested(RequestDocument, many=True, required=True)
    findings = nested(Finding, many=True, required=True)
    moves = nested(RequestMove, many=True, required=True)
    next_cadres = nested(NextCadre, many=True, required=True)
    history = nested(HistoryEntry, many=True, required=True)
    delay = nested(DelayEvent, many=True)
    previous_id = fields.UUID()
    can_edit = fields.Boolean(required=True)
    plugin_away = fields.Boolean(load_default=False)
    lines_hidden = fields.Boolean(load_default=False)
    unknown_parties = nested(NamedParty, many=True)


class RequestCounts(Message):
    """How many requests a structure has in an espace, and how many of them wait for it."""

    structure_id = fields.UUID(required=True)
    espace = fields.String(required=True)
    to_do = fields.Integer(required=True)
    drafts = fields.Integer(required=True)
    total = fields.Integer(required=True)


class RecordEntry(Message):
    """A document that an espace keeps for a structure."""

    collection = fields.String(required=True)
    key = fields.String(required=True)
    document = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    version = fields.Integer(required=True)
    changed_at = fields.Instant(required=True)
    changed_by = fields.String(required=True)
