"""How Pupitre's own API describes what goes wrong: problem documents (RFC 9457)."""

from typing import Any

import flask_smorest
import marshmallow
from marshmallow import fields, validate

PROBLEM = "application/problem+json"


class FindingSchema(marshmallow.Schema):
    """One thing that is wrong with what was given."""

    rule = fields.String(required=True, metadata={"description": "Official id of the rule"})
    severity = fields.String(required=True, validate=validate.OneOf(["error", "warning"]))
    term = fields.String(required=True, allow_none=True, metadata={"description": "Business term, such as BT-112, or name of a field"})
    location = fields.String(required=True, allow_none=True, metadata={"description": "Where in the file (XPath)"})
    message = fields.String(required=True, metadata={"description": "What is wrong"})
    remedy = fields.String(required=True, allow_none=True, metadata={"description": "How to mend it"})


class InvoiceFindingSchema(FindingSchema):
    """One thing that is wrong with an invoice, as the report of a flux says it too."""

    code = fields.String(required=True, allow_none=True, metadata={"description": "Stable code of the catalogue, such as D-CAD"})
    field = fields.String(required=True, allow_none=True, metadata={"description": "The datum in words"})
    value = fields.String(required=True, allow_none=True, metadata={"description": "What was given there"})


class ProblemSchema(marshmallow.Schema):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"description": "urn:pupitre:error:<code>"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What is wrong and how to mend it"})
    code = fields.String(required=True, metadata={"description": "Stable code of the error"})
    incident = fields.String(required=True, allow_none=True, metadata={"description": "Number of this request in the log"})
    details = fields.Dict(metadata={"description": "The values that the text names"})


def problem(blueprint: flask_smorest.Blueprint, status: int, description: str) -> Any:
    """Describe an error of a route."""
    return blueprint.alt_response(status, schema=ProblemSchema, content_type=PROBLEM, description=description)
