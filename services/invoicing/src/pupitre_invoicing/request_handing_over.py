"""A request becomes an invoice of *Factures reçues*: all of it in the transaction of the passage that hands over, or nothing."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_bus import row_security
from pupitre_espaces.passages import Passage

from . import (
    delays,
    entry_repository,
    lifecycle,
    model,
    queries,
    repository,
    request_delays,
    request_invoices,
    request_queries,
    routing,
    storing,
)
from .request_invoices import Prepared
from .request_kinds import Known

#: How lists name the way in which it came: it was typed on the portal, or through the API, as a request.
DEPOSIT_MODE = "SAISIE_PORTAIL"


def prepared(scope: Any, known: Known, row: Mapping[str, Any], made: Sequence[Passage]) -> Prepared | None:
    """Write the invoice of a request that passages hand over; None where none does, or where it has become one. Never within a
    transaction."""
    if row["invoice_id"] is not None or not any(each.row.hand_over for each in made):
        return None
    return request_invoices.prepare(scope, known, row)


def hand_over(tx: Any, row: Mapping[str, Any], invoice_id: uuid.UUID, ready: Prepared, by: Any) -> None:
    """Make the invoice of a request, with its documents and the délai of its claim."""
    row_security.show(tx, ready.payee.structure_id, ready.payer.structure_id)
    values = _values(tx, row, invoice_id, ready)
    change = request_delays.hand_over(tx, row, invoice_id)
    if change is None:
        [change] = delays.opening(tx, [values])
    repository.insert_invoice(tx, values | storing.made_by(by.actor, by.actor_name) | change.columns)
    delays.keep(tx, change)
    judged = {"format": ready.report["format"], "profile": ready.report["profile"], "report": ready.report}
    content = {name: value for name, value in ready.invoice.items() if value is not None}
    repository.insert_contents(tx, [{"invoice_id": invoice_id, "content": content, **judged}])
    file = {name: getattr(ready.file, name) for name in ("name", "mime", "size", "sha256")}
    repository.insert_originals(tx, [{"invoice_id": invoice_id, **file}])
    kept = ("name", "mime", "size", "sha256", "designation", "line")
    entry_repository.join(
        tx, invoice_id, [{name: each[name] for name in kept} for each in request_queries.documents(tx, row["request_id"])]
    )
    storing.record_sending(
        tx,
        tx.scope.resources.sealer,
        queries.invoice_row(tx, invoice_id=invoice_id),
        status_from=None,
        before=None,
        actor=by.actor,
        actor_name=by.actor_name,
        structure_name=by.structure_name,
    )


def _values(tx: Any, row: Mapping[str, Any], invoice_id: uuid.UUID, ready: Prepared) -> dict[str, Any]:
    number = row["number"]
    if queries.number_taken(tx, ready.payee.structure_id, number):
        # The payee's invoices have numbers of their own: the request's is told apart by what only it has.
        number = f"{number}-{row['portal_number']}"
    route = routing.Route(ready.payer, ready.service, ())
    values = {
        "invoice_id": invoice_id,
        "request_id": row["request_id"],
        "lifecycle": lifecycle.in_force(storing.LIFECYCLE, model.civil_date(tx.now)).name,
        "number": number,
        "number_key": model.number_key(number),
        "kind": "FACTURE",
        "cadre": row["cadre"],
        "status": "MISE_A_DISPOSITION",
        "version": 2,
        "issue_date": ready.issue_date,
        "created_at": tx.now,
        "supplier_structure_id": ready.payee.structure_id,
        "supplier_identifier": ready.payee.identifier,
        "supplier_name": ready.payee.name,
        "engagement": ready.invoice["engagement"],
        "contract": ready.invoice["contract"],
        "currency": ready.invoice["currency"],
        **{name: row[name] if row[name] is not None else 0 for name in ("net", "vat", "gross")},
        "due": ready.due,
        "deposit_mode": DEPOSIT_MODE,
        "original_sha256": ready.file.sha256,
        **storing.route_values(route, ready.payer.siret, ready.payer.name, None),
        **storing.sent_values(tx.now, ready.file.sha256),
    }
    return values | storing.search_values(values)
