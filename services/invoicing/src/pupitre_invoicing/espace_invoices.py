"""Ordinary invoices as espaces see them, made of the rows of this service."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pupitre_espaces import InvoiceView, Label

from . import circuits, queries

_RECEIVED = "MISE_A_DISPOSITION"


def whole(db: Any, row: Mapping[str, Any], host: Any) -> InvoiceView:
    """Return one invoice with the moment at which it came to its recipient."""
    return replace(view(row, host), received_at=_received_at(db, row))


def view(row: Mapping[str, Any], host: Any) -> InvoiceView:
    """Return one invoice as lists show it."""
    return InvoiceView(
        id=row["invoice_id"],
        number=row["number"],
        cadre=row["cadre"],
        status=row["status"],
        status_label=Label(*circuits.label(host, row)),
        issue_date=row["issue_date"],
        supplier_name=row["supplier_name"],
        recipient_name=row["recipient_name"] or "",
        engagement=row["engagement"],
        currency=row["currency"],
        gross=row["gross"],
        portal_number=row["portal_number"],
        code_service=row["code_service"],
        supplier_siret=row["supplier_identifier"],
        due_on=row["due_on"],
    )


def _received_at(db: Any, row: Mapping[str, Any]) -> datetime.datetime | None:
    """Return when it was last made available to a recipient: again for one that was sent back for its routing."""
    came = [line["at"] for line in queries.history_lines(db, row["invoice_id"]) if line["status_to"] == _RECEIVED]
    return came[-1] if came else row["deposited_at"]
