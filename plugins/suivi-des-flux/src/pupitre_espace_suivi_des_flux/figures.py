"""The dashboard's figures for programs: what its page shows, as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

import marshmallow
from marshmallow import fields
from pupitre_espaces import OperationRequest

from . import following, months


class Month(marshmallow.Schema):
    month = fields.String(required=True, metadata={"description": "Year and month in France, such as 2026-03"})
    flux = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class Board(marshmallow.Schema):
    flux = fields.Integer(required=True, metadata={"description": "How many of the last flux were looked at, 200 at most"})
    accepted = fields.Integer(required=True, metadata={"description": "Invoices of these flux that were accepted"})
    refused = fields.Integer(required=True)
    states = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "How many of these flux are in each state"}
    )
    months = fields.List(fields.Nested(Month), required=True, metadata={"description": "The last twelve in which flux were processed"})


def read(request: OperationRequest) -> dict[str, Any]:
    """Give the figures for the structure of the account."""
    context = request.context
    found = context.ports.flux.search(limit=following.LOOKED_AT)
    return {
        "flux": len(found),
        "accepted": sum(each.accepted for each in found),
        "refused": sum(each.refused for each in found),
        "states": dict(Counter(each.state for each in found)),
        "months": [{"month": month, **totals} for month, totals in months.newest(context)],
    }
