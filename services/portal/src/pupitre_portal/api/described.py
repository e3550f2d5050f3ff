"""What the API answers of the contracts of services: their messages, described for OpenAPI and written as JSON.

One description serves both, so that what a service adds is in the API and in its document at once.
"""

from typing import Any

import marshmallow
from marshmallow import fields
from pupitre_contracts import fields as contract_fields
from pupitre_contracts import invoicing_values
from pupitre_contracts.message import Message

from .problems import InvoiceFindingSchema

#: Parameters and contents that routes have in common.
LANG = {
    "name": "lang",
    "in": "query",
    "schema": {"type": "string", "enum": ["fr", "en"]},
    "description": "Language of the texts; without it Accept-Language counts, then French",
}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}}
BYTES = {"type": "string", "format": "binary"}

_KNOWN: dict[type[Message], type[marshmallow.Schema]] = {invoicing_values.Finding: InvoiceFindingSchema}
#: What is called otherwise in the document: the report that a program has a file judged for is another one.
_NAMES: dict[type[Message], str] = {invoicing_values.Report: "InvoiceReport"}


def schema_of(message: type[Message]) -> type[marshmallow.Schema]:
    """Return the schema of a message as JSON: every key is always there, null where there is nothing; the same one for each call."""
    if message not in _KNOWN:
        described = {name: _field(field) for name, field in message.declared.items()}
        _KNOWN[message] = marshmallow.Schema.from_dict(described, name=f"{_NAMES.get(message, message.__name__)}Schema")
    return _KNOWN[message]


def _field(field: fields.Field) -> fields.Field:
    told: dict[str, Any] = {"required": True, "allow_none": not field.required}
    if isinstance(field, contract_fields.Nested):
        return fields.Nested(schema_of(field.message), **told)
    if isinstance(field, contract_fields.List):
        return fields.List(_field(field.inner), **told)
    if isinstance(field, contract_fields.Money):
        return fields.Decimal(as_string=True, **told)
    if isinstance(field, contract_fields.Instant):
        return fields.AwareDateTime(format="iso", **told)
    if isinstance(field, contract_fields.Choice):
        return fields.String(metadata={"enum": list(field.choices)}, **told)
    if isinstance(field, contract_fields.Dict):
        return fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), **told)
    return type(field)(**told)
