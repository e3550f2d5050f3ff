"""/api/v1/flux: deposit of a flux of any size, and its report for programs, as the page and the files say it (P17, P18)."""

from typing import Any

import flask_smorest
import marshmallow
from flask import g, request
from marshmallow import fields
from pupitre_contracts import errors, invoicing
from pupitre_contracts import flux_report as contract

from .. import bus, files
from . import callers, named_parties, words
from .problems import problem
from .reading import idempotency_key

blueprint = flask_smorest.Blueprint("api_flux", __name__, url_prefix="/api/v1/flux", description="Flux and their reports")

LARGEST_PAGE = 100
_LONGEST = 100
MIXED = "FLUX_MIXTE"


class FaultSchema(marshmallow.Schema):
    code = fields.String(required=True, metadata={"description": "Stable code of the catalogue, such as D-SRV"})
    code_label = fields.String(required=True)
    field = fields.String(required=True, allow_none=True, metadata={"description": "The datum in words"})
    term = fields.String(required=True, allow_none=True, metadata={"description": "Business term, such as BT-10"})
    value = fields.String(required=True, allow_none=True, metadata={"description": "What the file says there"})
    rule = fields.String(required=True, metadata={"description": "Official id of the rule, where there is one"})
    message = fields.String(required=True)
    remedy = fields.String(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True)
    first_invoice_id = fields.UUID(required=True, allow_none=True, metadata={"description": "The invoice that has the number already"})
    first_flux = fields.String(required=True, allow_none=True, metadata={"description": "The flux it, or the same file, came in"})


class FileSchema(marshmallow.Schema):
    position = fields.Integer(required=True, metadata={"description": "From 0, in the order of the archive"})
    file_name = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"enum": list(contract.OUTCOMES)})
    number = fields.String(required=True, allow_none=True)
    supplier_identifier = fields.String(required=True, allow_none=True)
    recipient_siret = fields.String(required=True, allow_none=True)
    invoice_id = fields.UUID(required=True, allow_none=True)
    portal_number = fields.Integer(required=True, allow_none=True)
    errors = fields.List(fields.Nested(FaultSchema), required=True)


class CodeSchema(marshmallow.Schema):
    code = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True, metadata={"description": "Refused files that have this code, in the whole flux"})


class FluxReportSchema(marshmallow.Schema):
    numero_flux = fields.String(required=True)
    syntaxe_flux = fields.String(required=True)
    file_name = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "Official code, such as IN_INTEGRE_PARTIEL"})
    state_at = fields.AwareDateTime(required=True)
    deposited_at = fields.AwareDateTime(required=True)
    files_total = fields.Integer(required=True, allow_none=True, metadata={"description": "null until the archive was read"})
    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    errors = fields.List(fields.Nested(FaultSchema), required=True, metadata={"description": "What is wrong with the flux itself"})
    codes = fields.List(fields.Nested(CodeSchema), required=True)
    files = fields.List(fields.Nested(FileSchema), required=True)
    total = fields.Integer(required=True, metadata={"description": "Files that the filters leave"})
    next_page = fields.Integer(required=True, allow_none=True, metadata={"description": "null at the end"})


_PARAMETERS = [
    {"name": "numero_flux", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "outcome", "in": "query", "schema": {"type": "string", "enum": list(contract.OUTCOMES)}},
    {"name": "code", "in": "query", "schema": {"type": "string"}, "description": "Files refused under this code"},
    {"name": "text", "in": "query", "schema": {"type": "string"}, "description": "Part of a file name or invoice number"},
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {"name": "page_size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": LARGEST_PAGE}},
    {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["fr", "en"]}},
]


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


class DepositedSchema(marshmallow.Schema):
    numero_flux = fields.String(required=True)
    syntaxe_flux = fields.String(required=True)
    file_name = fields.String(required=True)
    state = fields.String(required=True)
    deposited_at = fields.AwareDateTime(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the file as it is kept: the receipt"})


@blueprint.post("")
@blueprint.doc(
    operationId="depositFlux",
    security=[{"client": []}],
    parameters=[
        {"name": "name", "in": "query", "required": True, "schema": {"type": "string"}, "description": "Name of the file"},
        {
            "name": "syntaxe",
            "in": "query",
            "schema": {"type": "string", "default": MIXED},
            "description": "syntaxeFlux; without it each file is recognised by its content",
        },
        named_parties.PARAMETER,
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}},
    ],
    requestBody={
        "required": True,
        "description": "The flux itself, as it is: one invoice, or a .zip or .tar.gz of up to 500; at most 1 GB",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
)
@blueprint.response(201, DepositedSchema, description="The flux is kept and has its number; it is processed afterwards")
@_problem(401, "A bearer token is needed")
@_problem(403, "The account may not deposit for its structure")
@_problem(413, "The flux is larger than 1 GB")
@_problem(422, "The file is empty, the syntax is not read here, or a `party` is not `role:SIRET`")
@files.accepts_flux
def deposit_flux() -> dict[str, Any]:
    """Deposit a flux for the account's structure; the body is read while it comes, whatever its size.

    `party` names who validates those of its invoices whose cadre wants it (A9, A12) and that name nobody in a note of their own (BT-22).
    """
    callers.resume_client()
    key, named = idempotency_key(), named_parties.of_address()
    stored = files.store_stream(request.args.get("name"), request.stream, request.mimetype or None)
    # A gigabyte takes longer than the tokens for the services live: others are asked for once it is here.
    callers.resume_client()
    flux = bus.call(
        invoicing.DepositFlux,
        key=key,
        structure_id=g.account.structure_id,
        sha256=stored.sha256,
        size=stored.size,
        file_name=stored.name,
        syntaxe_flux=request.args.get("syntaxe") or MIXED,
        **named,
    ).flux
    names = ("numero_flux", "syntaxe_flux", "file_name", "state", "deposited_at")
    return {**{name: getattr(flux, name) for name in names}, "sha256": stored.sha256}


@blueprint.get("/<numero_flux>")
@blueprint.doc(operationId="readFluxReport", security=[{"client": []}], parameters=_PARAMETERS)
@blueprint.response(200, FluxReportSchema)
@_problem(401, "A bearer token is needed")
@_problem(403, "The account may not read the flux of this structure")
@_problem(404, "There is no such flux for the account's structure")
@_problem(422, "A parameter is not what it must be")
def read_report(numero_flux: str) -> dict[str, Any]:
    """Read what became of each file of a flux: for a refused one the code, the datum and its value, the rule and the remedy."""
    callers.resume_client()
    page, size = _number("page", 1, 10**6), _number("page_size", LARGEST_PAGE, LARGEST_PAGE)
    found = bus.call(
        contract.ReadFluxReport,
        numero_flux=numero_flux,
        language=words.language(),
        page=page,
        page_size=size,
        **_criteria(),
    )
    flux = found.flux
    return {
        **{name: getattr(flux, name) for name in _FLUX},
        "files_total": flux.total,
        "errors": flux.errors,
        "codes": found.codes,
        "files": found.files,
        "total": found.total,
        "next_page": page + 1 if page * size < found.total else None,
    }


_FLUX = ("numero_flux", "syntaxe_flux", "file_name", "state", "state_at", "deposited_at", "accepted", "refused")


def _criteria() -> dict[str, str]:
    asked = {name: request.args.get(name, "").strip()[:_LONGEST] for name in ("outcome", "code", "text")}
    if asked["outcome"] not in ("", *contract.OUTCOMES):
        raise errors.Invalid(what="flux report", fields={"outcome": [" / ".join(contract.OUTCOMES)]})
    return {name: value for name, value in asked.items() if value}


def _number(name: str, default: int, largest: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 1 <= int(text) <= largest):
        raise errors.Invalid(what="flux report", fields={name: [f"1 – {largest}"]})
    return int(text)
