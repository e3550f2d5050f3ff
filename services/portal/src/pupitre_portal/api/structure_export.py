"""/api/v1/structures: all that the account's own structure has on the portal, as one zip."""

import uuid
from typing import Any

import flask_smorest
from flask import Response
from pupitre_contracts import errors, organisation

from .. import bus
from ..pages_structure_export import send
from . import callers, words
from .problems import problem

blueprint = flask_smorest.Blueprint("api_structures", __name__, url_prefix="/api/v1/structures", description="The account's structure")


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.get("/<structure>/export")
@blueprint.doc(
    operationId="exportStructure",
    security=[{"client": []}],
    parameters=[
        {
            "name": "structure",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": "Identifier of the structure (UUID), or its number on the portal (idStructureCPP)",
        },
        {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["fr", "en"]}},
    ],
)
@blueprint.alt_response(200, schema={"type": "string", "format": "binary"}, content_type="application/zip", description="The zip")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "The account is not of this structure")
@_problem(503, "A service is not there: try again")
@_problem(504, "A service did not answer in time: try again")
def export(structure: str) -> Response:
    """Download invoices and requests with their files and history, flux, members, habilitations and bank details of the structure.

    The zip is made while it is sent. `manifest.json`, its last file, has the SHA-256 of each: without it the zip is incomplete.
    """
    callers.resume_client()
    return send(_identified(structure), words.language())


def _identified(text: str) -> uuid.UUID:
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return bus.call(organisation.GetStructure, portal_number=int(text)).structure.structure_id
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.NotFound(what=f"structure {text}") from None
