"""/api/v1/annuaire/files: the files of the flux FAR37 that the account's structure was given (R262)."""

import uuid
from typing import Any

import flask_smorest
import marshmallow
from flask import Response, g, request
from marshmallow import fields
from pupitre_contracts import annuaire_files as calls
from pupitre_contracts import errors, organisation

from .. import bus, files
from ..pages_annuaire_files import MIME
from . import callers
from .problems import problem

blueprint = flask_smorest.Blueprint(
    "api_annuaire_files", __name__, url_prefix="/api/v1/annuaire/files", description="The annuaire's files, for those who subscribe"
)

_STRUCTURE = {
    "name": "structure",
    "in": "query",
    "schema": {"type": "string"},
    "description": "Identifier of the structure (UUID), or its number on the portal (idStructureCPP); the account's own unless told",
}


class AnnuaireEnrolmentSchema(marshmallow.Schema):
    enrolment_id = fields.UUID(required=True)
    asked_in = fields.String(required=True, metadata={"description": "Number of the request that asked for it"})
    started_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class AnnuaireFileSchema(marshmallow.Schema):
    file_id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(
        required=True, metadata={"enum": [calls.COMPLETE, calls.CHANGES], "description": "The whole annuaire, or what changed since"}
    )
    due_on = fields.Date(required=True, metadata={"description": "The day, in France, that the schedule made it for"})
    since = fields.Integer(required=True, allow_none=True, metadata={"description": "`head` of the file before; null for the whole"})
    head = fields.Integer(required=True, metadata={"description": "`Pupitre-Change` of the download with the same content"})
    rows = fields.Integer(required=True)
    size = fields.Integer(required=True, metadata={"description": "In octets"})
    sha256 = fields.String(required=True)
    produced_at = fields.DateTime(required=True)
    kept_until = fields.DateTime(required=True)


class AnnuaireFilesSchema(marshmallow.Schema):
    enrolments = fields.List(fields.Nested(AnnuaireEnrolmentSchema), required=True)
    files = fields.List(fields.Nested(AnnuaireFileSchema), required=True, metadata={"description": "The newest first"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.get("")
@blueprint.doc(operationId="listAnnuaireFiles", security=[{"client": []}], parameters=[_STRUCTURE])
@blueprint.response(200, AnnuaireFilesSchema, description="The structure's enrolments, and the files that are kept for it")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "The account is not of this structure")
@_problem(503, "A service is not there: try again")
@_problem(504, "A service did not answer in time: try again")
def listing() -> dict[str, Any]:
    """List the files of the flux FAR37 that the structure was given. The enrolment is asked for in Raccordements."""
    callers.resume_client()
    found = bus.call(calls.ListAnnuaireFiles, structure_id=_structure())
    return {
        "enrolments": [_shown(each, AnnuaireEnrolmentSchema) for each in found.enrolments],
        "files": [_shown(each, AnnuaireFileSchema) for each in found.files],
    }


@blueprint.get("/<uuid:file_id>")
@blueprint.doc(
    operationId="downloadAnnuaireFile",
    security=[{"client": []}],
    parameters=[
        _STRUCTURE,
        {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}, "description": "The ETag of an earlier download"},
    ],
)
@blueprint.alt_response(
    200, schema={"type": "string", "format": "binary"}, content_type=MIME, description="The CSV of the annuaire's download, under gzip"
)
@blueprint.alt_response(304, success=True, description="The file is the one with that ETag")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "The structure was not given such a file, or it is no longer kept, or the account is not of this structure")
@_problem(503, "A service is not there: try again")
@_problem(504, "A service did not answer in time: try again")
def download(file_id: uuid.UUID) -> Response:
    """Download one file; its ETag is its SHA-256."""
    callers.resume_client()
    file = bus.call(calls.GetAnnuaireFile, structure_id=_structure(), file_id=file_id).file
    return files.download(file.name, MIME, file.sha256).make_conditional(request)


def _structure() -> uuid.UUID:
    text = request.args.get("structure", "").strip()
    if not text:
        return g.account.structure_id
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return bus.call(organisation.GetStructure, portal_number=int(text)).structure.structure_id
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.NotFound(what=f"structure {text}") from None


def _shown(message: Any, schema: type[marshmallow.Schema]) -> dict[str, Any]:
    return {name: getattr(message, name) for name in schema._declared_fields}
