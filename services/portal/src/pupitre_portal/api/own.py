"""/api/v1: Pupitre's own API, described by the OpenAPI document that it serves at /api/v1/openapi.json."""

from collections.abc import Callable
from typing import Any

import flask_smorest
import marshmallow
from flask import Flask, Response, current_app, request
from marshmallow import fields, validate
from pupitre_contracts import invoicing

from .. import bus, files
from . import (
    annuaire_files,
    callers,
    deposits,
    directory,
    espace_operations,
    flux,
    invoices,
    request_files,
    request_kinds,
    requests,
    structure_export,
    words,
    working,
)
from .problems import FindingSchema, ProblemSchema, problem

blueprint = flask_smorest.Blueprint("api_v1", __name__, url_prefix="/api/v1", description="Validation of invoices")

VERDICTS = ("valid", "invalid", "error")
STAGES = ("container", "xml", "not-an-invoice", "xsd", "schematron")

_FILE = {"schema": {"type": "string", "format": "binary"}}
_DESCRIPTION = """Errors are problem documents (RFC 9457, application/problem+json): match on `code`, which is stable; `incident`
leads the operator to the log. The routes under /cpro speak the API of Chorus Pro and are not described here."""


class ReportSchema(marshmallow.Schema):
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(VERDICTS),
        metadata={"description": "error: the engine could not judge, the file is neither valid nor invalid"},
    )
    stage = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*STAGES, None]),
        metadata={"description": "Where an invalid file failed first; null when it is valid"},
    )
    format = fields.String(required=True, allow_none=True, metadata={"description": "Such as ubl-invoice, cii, facturx"})
    profile = fields.String(required=True, allow_none=True, metadata={"description": "Such as en16931, extended-ctc-fr"})
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    terms = fields.Dict(
        required=True, metadata={"description": "What was read, by business term; groups (BG-25) are lists", "additionalProperties": True}
    )


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.post("/validations")
@blueprint.doc(
    operationId="validateFile",
    security=[{}, {"client": []}],
    parameters=[
        {"name": "name", "in": "query", "schema": {"type": "string"}, "description": "Name of the file, for the texts"},
        {
            "name": "lang",
            "in": "query",
            "schema": {"type": "string", "enum": ["fr", "en"]},
            "description": "Language of the texts; without it Accept-Language counts, then French",
        },
    ],
    requestBody={
        "required": True,
        "description": "The invoice file itself: UBL or CII XML, or a Factur-X PDF. It is recognised by its content.",
        "content": dict.fromkeys(("application/xml", "application/pdf", "application/octet-stream"), _FILE),
    },
)
@blueprint.response(200, ReportSchema, description="The report, whatever the verdict, on any file, be it empty")
@_problem(401, "This site judges files only for its own clients: a bearer token is needed")
@_problem(413, "The file is larger than this site takes")
@_problem(500, "A fault of the portal; `incident` says where the log tells of it")
@_problem(503, "The service that judges is not there, or its engine could not run: try again")
@_problem(504, "The service that judges did not answer in time: try again")
@files.accepts_upload
def validate_file() -> dict[str, Any]:
    """Judge a file with the rules that judge deposits, without depositing it.

    Nothing of the file is kept as an invoice. The report says of each finding what is wrong, where, and how to mend it.
    """
    if not current_app.extensions["pupitre"].settings.open_validation:
        callers.resume_client()
    mime = request.mimetype
    stored = files.store(request.args.get("name"), request.get_data(), mime or None)
    report = bus.call(
        invoicing.CheckFile, sha256=stored.sha256, name=stored.name, content_type=mime, language=words.language()
    ).report
    return report.published()


#: What needs a token.
WITH_TOKEN = (
    blueprint,
    flux.blueprint,
    invoices.blueprint,
    deposits.blueprint,
    working.blueprint,
    requests.blueprint,
    request_files.blueprint,
    request_kinds.blueprint,
    structure_export.blueprint,
    annuaire_files.blueprint,
)


class _Api(flask_smorest.Api):
    """flask-smorest without its error pages: the portal answers every error in one way, and describes no other."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """The portal's own handlers give problem+json."""

    def _register_pagination_header(self) -> None:
        """No answer of this API has pages."""


def _needs_token(name: str | None) -> bool:
    return name in {each.name for each in WITH_TOKEN} or (name or "").startswith(espace_operations.PREFIX)


def _challenge(response: Response) -> Response:
    if response.status_code == 401 and _needs_token(request.blueprint):
        response.headers["WWW-Authenticate"] = 'Bearer realm="pupitre"'
    return response


def init_app(app: Flask, csrf: Any, pause: Callable[[], None]) -> None:
    """Register the API, the operations of espaces among it, and serve its OpenAPI 3.1 document. ``pause`` is called after each part."""
    app.config.update(
        API_TITLE="Pupitre",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
    )
    api = _Api(app, spec_kwargs={"info": {"description": _DESCRIPTION}})
    api.spec.components.security_scheme(
        "client",
        {
            "type": "oauth2",
            "description": "Client id and secret of a technical account, exchanged for a bearer token of one hour",
            "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": {"openid": "the one scope"}}},
        },
    )
    brought = espace_operations.blueprints(app.extensions["pupitre"].espaces)
    for each in brought:
        csrf.exempt(each)
    for each in (*WITH_TOKEN, directory.blueprint, *brought):
        api.register_blueprint(each)
        pause()
    app.after_request(_challenge)
