"""/api/v1/espaces/{espace}/requests/{id}: what comes as files, and goes out as files: documents, lines, and moves with documents."""

import uuid
from typing import Any

import flask_smorest
import marshmallow
from flask import Response, request
from marshmallow import fields
from pupitre_contracts import errors
from pupitre_contracts import requests as calls

from .. import bus, files, kinds, request_draft, request_lines
from ..languages import current
from . import callers, joined, reading, requests
from .described import BYTES, KEY, LANG
from .problems import problem
from .request_kinds import ESPACE
from .requests import ONE, REQUEST_ID, VERSION, MovedRequestSchema, RequestSchema

blueprint = flask_smorest.Blueprint("api_request_files", __name__, url_prefix="/api/v1", description="Files of requests of espaces")

_CSV = {"schema": BYTES}
_MODES = ("append", "replace")
_MODE = {
    "name": "mode",
    "in": "query",
    "schema": {"type": "string", "enum": list(_MODES), "default": "append"},
    "description": "append: after the lines that are there; replace: in their place",
}


class DocumentFieldsSchema(marshmallow.Schema):
    version = fields.Integer(required=True)
    line = fields.Integer()
    designation = fields.String()


class LineQuerySchema(requests.VersionQuerySchema):
    mode = fields.String(load_default="append", validate=marshmallow.validate.OneOf(_MODES))


class RefusedLineSchema(marshmallow.Schema):
    row = fields.Integer(required=True, metadata={"description": "In the file; the header is row 1"})
    field = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "What people call the field"})
    rule = fields.String(required=True)
    message = fields.String(required=True)
    remedy = fields.String(required=True)


class ImportedLinesSchema(marshmallow.Schema):
    request = fields.Nested(RequestSchema, required=True)
    kept = fields.Integer(required=True, metadata={"description": "How many lines of the file are in the draft now"})
    refused = fields.List(fields.Nested(RefusedLineSchema), required=True, metadata={"description": "Each problem of the rows left out"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


def _described(operation: str, *parameters: Any, **more: Any) -> Any:
    about = [ESPACE, REQUEST_ID, *parameters, LANG]
    return blueprint.doc(operationId=operation, security=[{"client": []}], parameters=about, **more)


@blueprint.post(f"{ONE}/documents")
@_described(
    "addRequestDocuments",
    KEY,
    requestBody={
        "required": True,
        "content": joined.multipart(
            {
                "documents": joined.FILES,
                "version": {"type": "integer"},
                "line": {"type": "integer", "description": "The line that they belong to, from 1; without it, the whole"},
                "designation": {"type": "string", "maxLength": 100},
            },
            "documents",
            "version",
        ),
    },
)
@blueprint.response(201, RequestSchema, description="The draft with its files")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not type on it")
@_problem(404, "There is no such request for the account's structure in this espace")
@_problem(409, "It changed since that version, or it is no draft any more")
@_problem(413, "The files are larger than this site takes")
@_problem(422, "A file is empty, larger than 10 MB, of a type that is not taken, or not what its name says")
@_problem(503, "The plugin of the kind, or a service, does not answer: nothing was changed, try again")
@files.accepts_upload
def add_documents(espace: str, request_id: uuid.UUID) -> Any:
    """Join files to a draft, or to one of its lines."""
    callers.resume_client()
    about, key = reading.posted(DocumentFieldsSchema), reading.idempotency_key()
    request_draft.in_espace(espace, request_id)
    version = about.pop("version")
    documents = request_draft.stored_files(about)
    if not documents:
        raise errors.Invalid(what="fichier", fields={"documents": ["aucun fichier / no file"]})
    values = {"documents": documents, "version": version, "language": current()}
    return bus.call(calls.SaveRequest, key=key, request_id=request_id, **values).request


@blueprint.get(f"{ONE}/documents/<uuid:document_id>")
@_described(
    "readRequestDocument",
    {"name": "document_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
    responses={"200": {"description": "The file as it came", "content": {"application/octet-stream": _CSV}}},
)
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "There is no such file for the account's structure")
def read_document(espace: str, request_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """Download a file of a request."""
    callers.resume_client()
    request_draft.in_espace(espace, request_id)
    found = bus.call(calls.RequestFile, request_id=request_id, document_id=document_id).document
    return files.download(found.name, found.mime, found.sha256)


@blueprint.post(f"{ONE}/lines")
@_described(
    "importRequestLines",
    VERSION,
    _MODE,
    KEY,
    requestBody={
        "required": True,
        "description": "UTF-8 or Windows-1252, separated by `;`, `,` or tabs; a column is headed by the name of a field or its label",
        "content": {"text/csv": _CSV},
    },
)
@blueprint.response(200, ImportedLinesSchema, description="The good lines are kept; each of the others is named with what is wrong")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not type on it")
@_problem(404, "There is no such request for the account's structure in this espace, or its kind has no lines")
@_problem(409, "It changed since that version, or it is no draft any more")
@_problem(413, "The file is larger than 4 MB")
@_problem(422, "The file gives nothing: columns are missing, or it has too many lines")
@_problem(503, "The plugin of the kind, or a service, does not answer: nothing was changed, try again")
@files.accepts_lines
def import_lines(espace: str, request_id: uuid.UUID) -> Any:
    """Read lines of a draft from a CSV file."""
    callers.resume_client()
    asked, key = reading.query(LineQuerySchema), reading.idempotency_key()
    found = request_draft.in_espace(espace, request_id)
    kind = kinds.find(found.espace, found.kind)
    if kind is None:
        raise errors.EspaceSilent(espace=found.espace)
    if kind.line is None:
        raise errors.NotFound(what="lines")
    given = request.get_data()[: request_lines.MOST_READ]
    read = request_lines.read(found, kind, given, replace=asked["mode"] == "replace")
    if read.new:
        values = {"lines": read.lines, "version": asked["version"], "language": current()}
        found = bus.call(calls.SaveRequest, key=key, request_id=request_id, **values).request
    return {"request": found, "kept": read.new, "refused": request_lines.faults(kind, read.refused)}


@blueprint.post(f"{ONE}/moves")
@_described(
    "moveRequest",
    KEY,
    requestBody=joined.body_of(MovedRequestSchema, joined.OF_MOVES),
)
@blueprint.response(200, RequestSchema, description="The request after its passage")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure may not act in that role")
@_problem(404, "There is no such request for the account's structure in this espace")
@_problem(409, "It changed since that version, or its lifecycle has no such passage now")
@_problem(422, "The motive or the statement is missing or refused, or a role is not named as it must be")
@_problem(503, "The plugin of the kind, or a service, does not answer: nothing was changed, try again")
@files.accepts_upload
def move(espace: str, request_id: uuid.UUID) -> Any:
    """Make one passage of the lifecycle in the name of a role of the account's structure."""
    callers.resume_client()
    asked, key = reading.body(MovedRequestSchema), reading.idempotency_key()
    request_draft.in_espace(espace, request_id)
    if "parties" in asked:
        asked["parties"] = requests.named_parties(asked["parties"])
    documents = request_draft.stored_files({})
    return bus.call(calls.MoveRequest, key=key, request_id=request_id, documents=documents, language=current(), **asked).request
