"""What invoicing tells of an invoice that is sent or moves, and the digest of its state that the history keeps."""

from collections.abc import Mapping
from typing import Any

from pupitre_contracts import invoicing as contract

from . import history, queries


def publish_sending(tx: Any, row: Mapping[str, Any], status_from: str | None, actor: str, by: str = "supplier") -> None:
    """Tell that an invoice has come to its recipient."""
    tx.publish(_submitted(row))
    tx.publish(moved(row, status_from, "DEPOSEE", by, actor))
    tx.publish(moved(row, "DEPOSEE", "MISE_A_DISPOSITION", "system", "service:invoicing"))


def digest(tx: Any, row: Mapping[str, Any]) -> str:
    """Return the digest of an invoice's state as it is in the open transaction."""
    return history.state_digest(row, queries.kept_files(tx, row["invoice_id"]))


def moved(
    row: Mapping[str, Any],
    status_from: str | None,
    status_to: str,
    by: str,
    actor: str,
    motive: str | None = None,
    comment: str | None = None,
) -> contract.InvoiceMoved:
    return contract.InvoiceMoved(
        **{name: row[name] for name in _EVENT_FIELDS},
        status_from=status_from,
        status_to=status_to,
        by=by,
        actor=actor,
        motive=motive,
        comment=comment,
    )


_EVENT_FIELDS = (
    "invoice_id",
    "portal_number",
    "number",
    "supplier_structure_id",
    "supplier_name",
    "recipient_structure_id",
    "recipient_name",
    "currency",
    "gross",
    "structure_service_id",
)


def _submitted(row: Mapping[str, Any]) -> contract.InvoiceSubmitted:
    return contract.InvoiceSubmitted(**{name: row[name] for name in contract.InvoiceSubmitted.declared})
