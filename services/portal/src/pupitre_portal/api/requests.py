"""/api/v1/espaces/{espace}/requests: requests of espaces as programs make, send, move, find and read them; and their dossiers.

The same calls as the pages: a draft may be incomplete, `findings` say what keeps it from being sent.
"""

import uuid
from typing import Any

import flask_smorest
import marshmallow
from flask import g
from marshmallow import fields, validate
from pupitre_contracts import errors
from pupitre_contracts import requests as calls

from .. import bus, files, request_draft
from ..languages import current
from . import callers, reading
from .described import KEY, LANG, schema_of
from .problems import problem
from .request_kinds import ESPACE, worked_on

blueprint = flask_smorest.Blueprint(
    "api_requests", __name__, url_prefix="/api/v1", description="Requests of espaces for the account's structure"
)
BASE = "/espaces/<espace>/requests"
ONE = f"{BASE}/<uuid:request_id>"
LARGEST_PAGE = 200

RequestSchema = schema_of(calls.Request)
REQUEST_ID = {"name": "request_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
VERSION = {
    "name": "version",
    "in": "query",
    "required": True,
    "schema": {"type": "integer"},
    "description": "The version that you read: what changed since is not overwritten",
}


class PartySchema(marshmallow.Schema):
    role = fields.String(required=True)
    identifier = fields.String(required=True, metadata={"description": "SIRET, or another identifier"})
    code_service = fields.String()


class TypedSchema(marshmallow.Schema):
    number = fields.String(metadata={"description": "Where the maker numbers his requests"})
    form = fields.Dict(keys=fields.String(), metadata={"description": "Replaced whole; the kind's schema says what it holds"})
    lines = fields.List(fields.Dict(keys=fields.String()), metadata={"description": "Replaced whole"})
    parties = fields.List(
        fields.Nested(PartySchema),
        metadata={"description": "Each role that is named is replaced whole, by one entry or by one for each structure; \"\": by nobody"},
    )


class NewRequestSchema(TypedSchema):
    kind = fields.String(required=True)
    cadre = fields.String(required=True)
    previous_id = fields.UUID(metadata={"description": "The piece from which it is deposited: it joins its dossier"})


class ChangedRequestSchema(TypedSchema):
    version = fields.Integer(required=True, strict=True, metadata={"description": VERSION["description"]})
    remove_documents = fields.List(fields.UUID())


class SentRequestSchema(marshmallow.Schema):
    version = fields.Integer(required=True, strict=True)


class MovedRequestSchema(marshmallow.Schema):
    version = fields.Integer(required=True, strict=True)
    to = fields.String(required=True, metadata={"description": "`to` of one of the request's `moves`"})
    role = fields.String(metadata={"description": "In whose name, where the structure has several roles"})
    motive_code = fields.String()
    motive = fields.String(validate=validate.Length(max=2000))
    comment = fields.String(validate=validate.Length(max=2000))
    stated = fields.Boolean(metadata={"description": "The statement of the move is made"})
    parties = fields.List(fields.Nested(PartySchema), metadata={"description": "Roles named anew, where the move `corrects` them"})


class VersionQuerySchema(marshmallow.Schema):
    version = fields.Integer(required=True)


class RequestQuerySchema(marshmallow.Schema):
    kind = fields.String()
    cadre = fields.String()
    status = fields.String()
    role = fields.String(metadata={"description": "Only those in which the structure has this role"})
    dossier_id = fields.UUID()
    text = fields.String(
        validate=validate.Length(max=200), metadata={"description": "Looked for in numbers, dossier and names; `*` for anything"}
    )
    to_do = fields.Boolean(metadata={"description": "true: only what waits for the structure"})
    sent_from = fields.Date()
    sent_to = fields.Date(metadata={"description": "Included"})
    limit = fields.Integer(load_default=100, validate=validate.Range(1, LARGEST_PAGE))
    after = fields.String(metadata={"description": "`next` of the page before"})


class RequestPageSchema(marshmallow.Schema):
    requests = fields.List(fields.Nested(schema_of(calls.RequestSummary)), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "`after` of the next page; null at the end"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


def body_of(schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Describe a body of JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _described(operation: str, *parameters: Any, **more: Any) -> Any:
    return blueprint.doc(operationId=operation, security=[{"client": []}], parameters=[*parameters, LANG], **more)


@blueprint.post(BASE)
@_described("createRequest", ESPACE, KEY, requestBody=body_of(NewRequestSchema))
@blueprint.response(201, RequestSchema, description="The draft; `findings` say what keeps it from being sent")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not deposit in this espace")
@_problem(404, "No requests are worked on in an espace of this key, or the previous piece is not there")
@_problem(413, "The body is larger than 4 MB")
@_problem(422, "Unknown kind, cadre or role, or not what the body must be; `details.fields` says which and why")
@_problem(503, "The plugin of the kind, or a service, does not answer: try again")
@files.accepts_lines
def create(espace: str) -> Any:
    """Keep a new draft of the account's structure."""
    callers.resume_client()
    typed, key = reading.body(NewRequestSchema), reading.idempotency_key()
    found = [of for of, kind in worked_on(espace) if kind.key == typed["kind"]]
    if not found:
        raise errors.Invalid(what="request", fields={"kind": [f"{espace}/{typed['kind']} : inconnu / unknown"]})
    # A kind of the espace itself comes before one of another espace with the same key.
    of = espace if espace in found else found[0]
    return bus.call(calls.SaveRequest, key=key, structure_id=g.account.structure_id, espace=of, **_typed(typed)).request


@blueprint.get(BASE)
@_described("searchRequests", ESPACE, {"in": "query", "schema": RequestQuerySchema})
@blueprint.response(200, RequestPageSchema, description="One page, newest first; requests that come meanwhile move nothing")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure does not have this espace")
@_problem(422, "A criterion makes no sense; `details.fields` says which and why")
def search(espace: str) -> dict[str, Any]:
    """Search the requests in which the account's structure has a role that works in the espace; criteria narrow each other."""
    callers.resume_client()
    criteria = reading.query(RequestQuerySchema)
    found = bus.call(calls.SearchRequests, espace=espace, structure_id=g.account.structure_id, **criteria)
    return {"requests": found.requests, "total": found.total, "next": found.next}


@blueprint.get(ONE)
@_described("readRequest", ESPACE, REQUEST_ID)
@blueprint.response(200, RequestSchema, description="The request with its files, its history and what the account may do with it")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure is a party and does not have the espace")
@_problem(404, "There is no such request for the account's structure in this espace")
def read(espace: str, request_id: uuid.UUID) -> Any:
    """Read one request."""
    callers.resume_client()
    return request_draft.in_espace(espace, request_id)


@blueprint.put(ONE)
@_described("changeRequest", ESPACE, REQUEST_ID, KEY, requestBody=body_of(ChangedRequestSchema))
@blueprint.response(200, RequestSchema, description="The draft as it is kept now")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not type on it")
@_problem(404, "There is no such request for the account's structure in this espace")
@_problem(409, "It changed since that version, or it is no draft any more")
@_problem(413, "The body is larger than 4 MB")
@_problem(422, "Not what the body must be; `details.fields` says which and why")
@_problem(503, "The plugin of the kind, or a service, does not answer: nothing was changed, try again")
@files.accepts_lines
def change(espace: str, request_id: uuid.UUID) -> Any:
    """Keep what is typed in place of what a draft holds; what is left out stays as it is."""
    callers.resume_client()
    typed, key = reading.body(ChangedRequestSchema), reading.idempotency_key()
    request_draft.in_espace(espace, request_id)
    return bus.call(calls.SaveRequest, key=key, request_id=request_id, **_typed(typed)).request


@blueprint.delete(ONE)
@_described("deleteRequest", ESPACE, REQUEST_ID, VERSION, KEY)
@blueprint.response(204, description="The draft is deleted; its history keeps that it was")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not type on it")
@_problem(404, "There is no such request for the account's structure in this espace")
@_problem(409, "It changed since that version, or it is no draft any more")
def delete(espace: str, request_id: uuid.UUID) -> None:
    """Delete a draft."""
    callers.resume_client()
    version, key = reading.query(VersionQuerySchema)["version"], reading.idempotency_key()
    request_draft.in_espace(espace, request_id)
    bus.call(calls.DeleteRequest, key=key, request_id=request_id, version=version)


@blueprint.post(f"{ONE}/send")
@_described("sendRequest", ESPACE, REQUEST_ID, KEY, requestBody=body_of(SentRequestSchema))
@blueprint.response(200, RequestSchema, description="The request as it was sent, with its number")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not send it")
@_problem(404, "There is no such request for the account's structure in this espace")
@_problem(409, "It changed since that version, is no draft any more, or the piece before it does not wait for it")
@_problem(422, "It is not ready (`requests.not-ready`): `details.findings` says each problem")
@_problem(503, "The plugin of the kind, or a service, does not answer: nothing was changed, try again")
def send(espace: str, request_id: uuid.UUID) -> Any:
    """Send a draft: its number is taken, and those whom it has come to see it."""
    callers.resume_client()
    asked, key = reading.body(SentRequestSchema), reading.idempotency_key()
    request_draft.in_espace(espace, request_id)
    return bus.call(calls.SendRequest, key=key, request_id=request_id, language=current(), **asked).request


@blueprint.get("/dossiers/<uuid:dossier_id>")
@_described("readDossier", {"name": "dossier_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}})
@blueprint.response(200, schema_of(calls.GetDossier.Reply), description="The pieces that the account's structure sees, oldest first")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "There is no such dossier for the account's structure")
def dossier(dossier_id: uuid.UUID) -> Any:
    """Read a dossier: its pieces, each with its form, history and délai."""
    callers.resume_client()
    return bus.call(calls.GetDossier, dossier_id=dossier_id, language=current())


def named_parties(given: Any) -> list[calls.NamedParty]:
    """Return the structures that a body names."""
    return [calls.NamedParty(**each) for each in given]


def _typed(typed: dict[str, Any]) -> dict[str, Any]:
    parties = {"parties": named_parties(typed["parties"])} if "parties" in typed else {}
    return {**typed, **parties, "language": current()}
