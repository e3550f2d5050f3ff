"""/api/v1/annuaire: the annuaire of public structures, for programs, without an account (R260 to R262)."""

import re
from typing import Any

import flask_smorest
import marshmallow
from flask import Response, request
from marshmallow import fields
from pupitre_contracts import directory, errors
from pupitre_contracts.directory_rows import COLUMNS

from .. import bus, directory_rows, exports
from .problems import problem

blueprint = flask_smorest.Blueprint(
    "api_directory", __name__, url_prefix="/api/v1/annuaire", description="The annuaire of public structures"
)

LARGEST_PAGE = 500
FORMAT = 1
"""Part of the ETag: a download with other columns is another file."""

_TEXTS = ("identifier", "name", "label", "city", "postal_code")
_STAR = "`*` stands for any text; without it the whole value counts. Case and accents do not."
_PARAMETERS = [
    {"name": "identifier", "in": "query", "schema": {"type": "string"}, "description": f"SIRET or other identifier. {_STAR}"},
    {"name": "name", "in": "query", "schema": {"type": "string"}, "description": f"Raison sociale. {_STAR}"},
    {"name": "label", "in": "query", "schema": {"type": "string"}, "description": f"Libellé. {_STAR}"},
    {"name": "city", "in": "query", "schema": {"type": "string"}, "description": _STAR},
    {"name": "postal_code", "in": "query", "schema": {"type": "string"}, "description": _STAR},
    {"name": "active", "in": "query", "schema": {"type": "boolean"}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50}},
    {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "`next` of the page before"},
]


class ListedSchema(marshmallow.Schema):
    identifier_type = fields.String(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    postal_code = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)


class FoundSchema(marshmallow.Schema):
    structures = fields.List(fields.Nested(ListedSchema), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many the whole search finds, exactly"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "`after` of the next page; null at the end"})


class DirectoryAddressSchema(marshmallow.Schema):
    line = fields.String(required=True, allow_none=True)
    complement = fields.String(required=True, allow_none=True)
    postal_code = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    country = fields.String(required=True)


class DirectoryServiceSchema(marshmallow.Schema):
    code = fields.String(required=True)
    label = fields.String(required=True)
    active = fields.Boolean(required=True, metadata={"description": "Takes invoices today, its dates taken into account"})
    enabled = fields.Boolean(required=True, metadata={"description": "What its gestionnaire chose, whatever the day"})
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    requires_engagement = fields.Boolean(required=True)


class DirectoryEntrySchema(ListedSchema):
    address = fields.Nested(DirectoryAddressSchema, required=True)
    requires_service = fields.Boolean(required=True)
    requires_engagement = fields.Boolean(required=True)
    requires_service_or_engagement = fields.Boolean(required=True)
    payment_not_reported = fields.Boolean(required=True, metadata={"description": "The status « mise en paiement » will not come"})
    receives_edi = fields.Boolean(required=True)
    moa_presence = fields.String(
        required=True, allow_none=True, metadata={"description": "SANS_MOA, AVEC_MOA or EXCLUSIVEMENT_MOA; null when it is not said"}
    )
    services = fields.List(fields.Nested(DirectoryServiceSchema), required=True)
    change = fields.Integer(required=True, metadata={"description": "Number of the latest change of the structure or a service of it"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.get("")
@blueprint.doc(operationId="searchDirectory", security=[{}], parameters=_PARAMETERS)
@blueprint.response(200, FoundSchema, description="One page, by name")
@_problem(422, "A criterion makes no sense; `details.fields` says which and why")
@_problem(503, "The service that knows structures is not there: try again")
@_problem(504, "The service that knows structures did not answer in time: try again")
def search() -> dict[str, Any]:
    """Search public structures; criteria narrow each other."""
    criteria: dict[str, Any] = {name: text for name in _TEXTS if (text := request.args.get(name, "").strip())}
    if "active" in request.args:
        criteria["active"] = _flag("active")
    if request.args.get("after"):
        criteria["after"] = request.args["after"]
    found = bus.call(directory.SearchDirectory, page_size=_number("limit", 50, 1, LARGEST_PAGE), **criteria)
    return {"structures": [_listed(each) for each in found.structures], "total": found.total, "next": found.next}


@blueprint.get("/export.csv")
@blueprint.doc(
    operationId="downloadDirectory",
    security=[{}],
    parameters=[
        {
            "name": "since",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0},
            "description": "Only structures that changed after this number, the `Pupitre-Change` of an earlier download",
        },
        {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}, "description": "The ETag of an earlier download"},
    ],
    responses={
        200: {
            "description": "CSV in UTF-8 (RFC 4180), one row for each service of a structure; what changed comes whole, "
            "and inactivated structures with `active` false",
            "headers": {
                "ETag": {"schema": {"type": "string"}},
                "Pupitre-Change": {"schema": {"type": "integer"}, "description": "What to ask `since` the next time"},
            },
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        304: {"description": "Nothing changed since the download with that ETag"},
    },
)
@_problem(422, "`since` is no number, or a number that this annuaire has not reached: download it whole")
@_problem(503, "The service that knows structures is not there: try again")
@_problem(504, "The service that knows structures did not answer in time: try again")
def download() -> Response:
    """Download the whole annuaire, or what changed since an earlier download."""
    since = _number("since", 0, 0, 2**63 - 1) if "since" in request.args else None
    first = directory_rows.first_piece(since)
    if since is not None and since > first.head:
        fault = "numéro inconnu de cet annuaire : téléchargez-le en entier / unknown to this annuaire: download it whole"
        raise errors.Invalid(what="annuaire", fields={"since": [fault]})
    tag = f"{FORMAT}-{first.head}" + (f"-{since}" if since is not None else "")
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        rows = _with_columns(directory_rows.pieces(first, since))
        response = Response(exports.streamed(exports.csv_pieces(rows, delimiter=",", mark="")), mimetype="text/csv")
        response.headers["Content-Disposition"] = 'attachment; filename="annuaire.csv"'
    response.set_etag(tag)
    response.headers["Pupitre-Change"] = str(first.head)
    return response


@blueprint.get("/<identifier>")
@blueprint.doc(operationId="getDirectoryEntry", security=[{}])
@blueprint.response(200, DirectoryEntrySchema, description="What a supplier needs to know of the structure")
@_problem(404, "No public structure has this identifier")
@_problem(503, "The service that knows structures is not there: try again")
@_problem(504, "The service that knows structures did not answer in time: try again")
def entry(identifier: str) -> dict[str, Any]:
    """Read one public structure by its SIRET or other identifier."""
    found = bus.call(directory.GetDirectoryEntry, identifier=identifier).entry
    demands = {name: value for name, value in found.parameters.values.items() if name in DirectoryEntrySchema._declared_fields}
    return {
        **_listed(found),
        **demands,
        "address": found.address.values,
        "services": [each.values for each in found.services],
        "change": found.change,
    }


def _listed(structure: Any) -> dict[str, Any]:
    return {name: getattr(structure, name) for name in ListedSchema._declared_fields}


def _with_columns(pieces: Any) -> Any:
    yield [COLUMNS]
    yield from pieces


def _number(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not re.fullmatch("[0-9]{1,19}", text) or not least <= int(text) <= most:
        raise errors.Invalid(what="annuaire", fields={name: [f"un nombre de {least} à {most} / a number from {least} to {most}"]})
    return int(text)


def _flag(name: str) -> bool:
    text = request.args[name].lower()
    if text not in ("true", "false"):
        raise errors.Invalid(what="annuaire", fields={name: ["true ou false / true or false"]})
    return text == "true"
