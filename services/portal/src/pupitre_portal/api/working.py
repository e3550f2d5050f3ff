"""/api/v1: reading one invoice, what waits for those who validate, and the moves of an invoice by whoever it waits for (R170, R171)."""

import uuid
from typing import Any

import flask_smorest
import marshmallow
from flask import g
from marshmallow import fields, validate
from pupitre_contracts import errors, invoice_parties, invoicing

from .. import bus, files, invoice_cadres
from . import callers, joined, named_parties, reading, words
from .described import KEY, LANG, schema_of
from .problems import problem
from .request_kinds import ESPACE

blueprint = flask_smorest.Blueprint(
    "api_working", __name__, url_prefix="/api/v1", description="What the account's structure reads and does with invoices"
)

LARGEST_PAGE = 200
InvoiceSchema = schema_of(invoicing.Invoice)
_ONE = "/factures/<uuid:invoice_id>"
_INVOICE_ID = {"name": "invoice_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


class MovedInvoiceSchema(marshmallow.Schema):
    version = fields.Integer(
        required=True, strict=True, metadata={"description": "The version that you read: what changed since is not overwritten"}
    )
    to = fields.String(required=True, metadata={"description": "`to` of one of the invoice's `role_moves` or `moves`"})
    motive_code = fields.String()
    motive = fields.String(validate=validate.Length(max=2000))
    comment = fields.String(validate=validate.Length(max=2000))
    stated = fields.Boolean(metadata={"description": "The statement of the move is made"})
    mandat_refused = fields.Boolean(metadata={"description": "The accountant refused the payment order"})
    parties = fields.List(
        fields.Nested(named_parties.NamedValideurSchema), metadata={"description": "Roles named anew, where the move `corrects` them"}
    )


class MovedSchema(marshmallow.Schema):
    invoice = fields.Nested(InvoiceSchema, required=True)
    outcome = fields.String(required=True, metadata={"enum": ["done", "late"]})
    explanation_fr = fields.String(required=True, allow_none=True, metadata={"description": "late: why nothing changed"})
    explanation_en = fields.String(required=True, allow_none=True)


class AssignedQuerySchema(marshmallow.Schema):
    to_do = fields.Boolean(metadata={"description": "true: only what waits for the structure"})
    status = fields.String()
    cadre = fields.String()
    number = fields.String()
    engagement = fields.String()
    text = fields.String(validate=validate.Length(max=200), metadata={"description": "Found in number, parties, engagement and contract"})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10**6))
    page_size = fields.Integer(load_default=100, validate=validate.Range(1, LARGEST_PAGE))


class AssignedPageSchema(marshmallow.Schema):
    invoices = fields.List(fields.Nested(schema_of(invoice_parties.AssignedInvoice)), required=True)
    total = fields.Integer(required=True)
    next_page = fields.Integer(required=True, allow_none=True, metadata={"description": "null at the end"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


def _described(operation: str, *parameters: Any, **more: Any) -> Any:
    return blueprint.doc(operationId=operation, security=[{"client": []}], parameters=[*parameters, LANG], **more)


@blueprint.get("/espaces/<espace>/factures")
@_described("searchInvoicesToValidate", ESPACE, {"in": "query", "schema": AssignedQuerySchema})
@blueprint.response(200, AssignedPageSchema, description="One page, the newest status first")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure does not have this espace")
@_problem(404, "Nobody validates invoices in an espace of this key")
@_problem(422, "A criterion makes no sense; `details.fields` says which and why")
def to_validate(espace: str) -> dict[str, Any]:
    """List the invoices that have come to the account's structure in a role that works in the espace (`factures-a-valider`)."""
    callers.resume_client()
    asked = reading.query(AssignedQuerySchema)
    if espace not in invoice_cadres.places():
        raise errors.NotFound(what=f"espace {espace}")
    status = asked.pop("status", None)
    found = bus.call(
        invoice_parties.SearchInvoicesOfRole,
        espace=espace,
        structure_id=g.account.structure_id,
        **asked,
        **({"statuses": [status]} if status else {}),
    )
    more = asked["page"] * asked["page_size"] < found.total
    return {"invoices": found.invoices, "total": found.total, "next_page": asked["page"] + 1 if more else None}


@blueprint.get(_ONE)
@_described("readInvoice", _INVOICE_ID)
@blueprint.response(200, InvoiceSchema, description="The invoice with its report, files, history, and the moves that the account may make")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure is concerned and does not have the espace")
@_problem(404, "There is no such invoice for the account's structure")
def read(invoice_id: uuid.UUID) -> Any:
    """Read one invoice, as its supplier, its recipient, or one who validates it."""
    callers.resume_client()
    return bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=words.language()).invoice


@blueprint.post(f"{_ONE}/moves")
@_described(
    "moveInvoice",
    _INVOICE_ID,
    KEY,
    requestBody=joined.body_of(MovedInvoiceSchema, joined.OF_MOVES),
)
@blueprint.response(200, MovedSchema, description="The invoice after its passage, and what followed by itself")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account may not act for its structure in that espace")
@_problem(404, "There is no such invoice for the account's structure")
@_problem(409, "It changed since that version, its lifecycle has no such passage, or an espace of the recipient keeps it from payment")
@_problem(422, "The motive or the statement is missing or refused, or who is named anew cannot be")
@_problem(503, "The plugin of the cadre, or a service, does not answer: nothing was changed, try again")
@files.accepts_upload
def move(invoice_id: uuid.UUID) -> Any:
    """Validate, refuse, correct, complete, reject, pay: one passage of the lifecycle, in the name of the account's structure."""
    callers.resume_client()
    asked, key = reading.body(MovedInvoiceSchema), reading.idempotency_key()
    if "parties" in asked:
        asked["parties"] = named_parties.of_body(asked["parties"])
    documents = joined.documents(invoicing.NewDocument)
    return bus.call(
        invoicing.MoveInvoice,
        key=key,
        invoice_id=invoice_id,
        language=words.language(),
        **asked,
        **({"documents": documents} if documents else {}),
    )
