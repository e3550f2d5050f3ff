"""/api/v1/factures: the invoices that the account's structure issued or received, by every criterion of the search."""

from typing import Any

import flask_smorest
import marshmallow
from flask import g, request
from marshmallow import fields
from pupitre_contracts import errors, invoicing
from pupitre_contracts.invoice_search import SORTS

from .. import bus, invoice_criteria
from ..invoice_criteria import CRITERIA, Criterion
from . import callers
from .problems import problem

blueprint = flask_smorest.Blueprint(
    "api_invoices", __name__, url_prefix="/api/v1/factures", description="The invoices of the account's structure"
)

LARGEST_PAGE = 1000
SIDES = {"emises": "issued", "recues": "received"}
_STAR = "`*` stands for any text; without it the whole value counts. Case and accents do not."
_MEANS = {
    "text": ({"type": "string", "maxLength": 200}, _STAR),
    "cadre": ({"type": "string"}, "Such as `A1`"),
    "currency": ({"type": "string"}, "A code of ISO 4217, such as `USD`; bounds of amounts are in it, in euros without it"),
    "codes": ({"type": "array", "items": {"type": "string"}}, "One or several, separated by commas or given again"),
    "start": ({"type": "string"}, "A day in France (2026-01-31), or a moment with its offset: from there on"),
    "end": ({"type": "string"}, "A day in France (2026-01-31), or a moment with its offset: until then, included"),
    "day": ({"type": "string", "format": "date"}, "2026-01-31"),
    "least": ({"type": "string"}, "A decimal with at most two places: at least"),
    "most": ({"type": "string"}, "A decimal with at most two places: at most"),
    "flag": ({"type": "boolean"}, "`true`: only what is finished since a closed year; `false`: all else"),
}
_ASKED = [each for each in CRITERIA if each.kind != "identifier"]
_PARAMETERS = [
    *(
        {"name": each.field, "in": "query", "schema": _MEANS[each.kind][0], "description": _MEANS[each.kind][1]}
        for each in _ASKED
    ),
    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": list(SORTS), "default": "deposited_at"}},
    {"name": "descending", "in": "query", "schema": {"type": "boolean", "default": True}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 100}},
    {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "`next` of the page before"},
]


class InvoiceRowSchema(marshmallow.Schema):
    invoice_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    cadre = fields.String(required=True)
    status = fields.String(required=True)
    status_at = fields.DateTime(required=True, format="iso")
    issue_date = fields.Date(required=True, allow_none=True)
    deposited_at = fields.DateTime(required=True, allow_none=True, format="iso")
    supplier_identifier = fields.String(required=True, allow_none=True)
    supplier_name = fields.String(required=True)
    recipient_siret = fields.String(required=True, allow_none=True)
    recipient_name = fields.String(required=True, allow_none=True)
    code_service = fields.String(required=True, allow_none=True)
    engagement = fields.String(required=True, allow_none=True)
    contract = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    net = fields.Decimal(required=True, allow_none=True, as_string=True)
    vat = fields.Decimal(required=True, allow_none=True, as_string=True)
    vat_eur = fields.Decimal(
        required=True, allow_none=True, as_string=True, metadata={"description": "VAT in euros (BT-111) of an invoice in another currency"}
    )
    gross = fields.Decimal(required=True, allow_none=True, as_string=True)
    due = fields.Decimal(required=True, allow_none=True, as_string=True)
    deposit_mode = fields.String(required=True)
    numero_flux = fields.String(required=True, allow_none=True)
    archived = fields.Boolean(required=True, allow_none=True)


class InvoicePageSchema(marshmallow.Schema):
    invoices = fields.List(fields.Nested(InvoiceRowSchema), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many the whole search finds, counted to 10 000"})
    total_exact = fields.Boolean(required=True, metadata={"description": "false: there are more than `total`"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "`after` of the next page; null at the end"})


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.get("/<any(emises, recues):side>")
@blueprint.doc(operationId="searchInvoices", security=[{"client": []}], parameters=_PARAMETERS)
@blueprint.response(200, InvoicePageSchema, description="One page; invoices that come in meanwhile move nothing")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account's structure does not have this espace")
@_problem(422, "A criterion makes no sense; `details.fields` says which and why")
@_problem(503, "The service that keeps invoices is not there: try again")
@_problem(504, "The service that keeps invoices did not answer in time: try again")
def search(side: str) -> dict[str, Any]:
    """Search what the account's structure issued (emises) or received (recues); criteria narrow each other."""
    callers.resume_client()
    values, faulty = invoice_criteria.read(_given, invoice_criteria.TEXTS)
    faults = {each.field: [_fault(each)] for each in faulty}
    sort, descending, limit = (request.args.get(name) for name in ("sort", "descending", "limit"))
    if sort is not None and sort not in SORTS:
        faults["sort"] = [", ".join(SORTS)]
    if descending not in (None, "true", "false"):
        faults["descending"] = ["true / false"]
    if limit is not None and not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= LARGEST_PAGE):
        faults["limit"] = [f"de 1 à {LARGEST_PAGE} / 1 to {LARGEST_PAGE}"]
    if faults:
        raise errors.Invalid(what="factures", fields=faults)
    values |= {"after": request.args["after"]} if request.args.get("after") else {}
    found = bus.call(
        invoicing.SearchInvoices,
        side=SIDES[side],
        structure_id=g.account.structure_id,
        page_size=int(limit or 100),
        order_by=sort or "deposited_at",
        descending=descending != "false",
        **values,
    )
    rows = [{name: getattr(each, name) for name in InvoiceRowSchema._declared_fields} for each in found.invoices]
    return {"invoices": rows, "total": found.total, "total_exact": found.total_exact, "next": found.next}


def _given(criterion: Criterion) -> Any:
    if criterion.kind == "identifier":
        return None
    if criterion.kind == "codes":
        listed = ",".join(request.args.getlist(criterion.field)).split(",")
        return [code.strip() for code in listed if code.strip()]
    return request.args.get(criterion.field, "").strip()


def _fault(criterion: Criterion) -> str:
    wanted = {"start": "AAAA-MM-JJ", "end": "AAAA-MM-JJ", "day": "AAAA-MM-JJ", "flag": "true, false"}
    return wanted.get(criterion.kind, "1234.56") + " / " + wanted.get(criterion.kind, "1234.56").replace("AAAA-MM-JJ", "YYYY-MM-DD")
