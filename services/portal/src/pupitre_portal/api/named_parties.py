"""How programs name those who validate an invoice before its recipient has it: by role and identifier, as pages and notes of files do."""

from collections.abc import Mapping
from typing import Any

import marshmallow
from flask import request
from marshmallow import fields, validate
from pupitre_contracts import errors, invoicing

from .. import invoice_cadres


class NamedValideurSchema(marshmallow.Schema):
    """A structure in a role of the invoice's cadre."""

    role = fields.String(
        required=True, validate=validate.Length(1, 50), metadata={"description": "Such as `valideur-1`; /api/v1/factures/cadres lists them"}
    )
    identifier = fields.String(
        required=True, validate=validate.Length(1, invoice_cadres.LONGEST), metadata={"description": "SIRET, or another identifier"}
    )


#: In an address, where the body is a file.
PARAMETER = {
    "name": "party",
    "in": "query",
    "schema": {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9-]+:.+$"}},
    "explode": True,
    "description": "`role:SIRET` of who validates, such as `valideur-1:90000005000014`; given again for each role",
}


def of_body(given: list[Mapping[str, Any]]) -> list[invoicing.NamedParty]:
    """Return those whom a body names."""
    return [invoicing.NamedParty(**each) for each in given]


def of_address() -> dict[str, list[invoicing.NamedParty]]:
    """Return those whom the address names, as an argument of a call; nothing where it names nobody. Errors: invalid."""
    found = []
    for text in request.args.getlist("party"):
        role, _, identifier = (part.strip() for part in text.partition(":"))
        if not role or not identifier or len(role) > 50 or len(identifier) > invoice_cadres.LONGEST:
            fault = "role:SIRET, par exemple valideur-1:90000005000014 / role:SIRET, such as valideur-1:90000005000014"
            raise errors.Invalid(what="query", fields={"party": [fault]})
        found.append(invoicing.NamedParty(role=role, identifier=identifier))
    return {"parties": found} if found else {}
