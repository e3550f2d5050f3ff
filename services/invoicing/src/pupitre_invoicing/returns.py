"""Invoices that came back to their supplier (B.3): he acknowledges that he knows, and says when he is done with a rejected one."""

from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import history, queries, repository, rights, storing, views, work_queries
from .lifecycle import COMPULSORY_AFTER, TO_ACKNOWLEDGE
from .rights import ISSUED, WRITE
from .use_cases import require_side

REJECTED = "REJETEE"
MOST = 500


def list_returns(request: contract.ListReturns.Request, scope: Any) -> contract.ListReturns.Reply:
    """List what the actor may acknowledge."""
    within = rights.ask(scope).structures_with(ISSUED, WRITE)
    overdue_before = scope.clock.now() - COMPULSORY_AFTER
    with scope.reading() as db:
        rows = work_queries.unacknowledged(db, within, TO_ACKNOWLEDGE, max(1, min(request.page_size, MOST)))
        total, overdue = work_queries.count_unacknowledged(db, within, TO_ACKNOWLEDGE, overdue_before)
    return contract.ListReturns.Reply(
        invoices=[contract.InvoiceSummary(**views.summary(row, scope)) for row in rows], total=total, overdue=overdue
    )


def acknowledge_returns(request: contract.AcknowledgeReturns.Request, scope: Any) -> contract.AcknowledgeReturns.Reply:
    """Acknowledge the invoices named, or all that the actor may."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        if request.invoice_ids is None:
            rows = work_queries.unacknowledged(db, allowed.structures_with(ISSUED, WRITE), TO_ACKNOWLEDGE, MOST)
        else:
            rows = [queries.invoice_row(db, invoice_id=each) for each in dict.fromkeys(request.invoice_ids[:MOST])]
    for row, named in zip(rows, request.invoice_ids or [None] * len(rows), strict=False):
        require_side(allowed.check_visible(row, f"invoice {named}"), "supplier")
    with scope.begin() as tx:
        done = [row for row in rows if repository.acknowledge(tx, row["invoice_id"], TO_ACKNOWLEDGE)]
        _write_down(tx, scope, done, "acknowledge")
        return tx.answer(contract.AcknowledgeReturns.Reply(acknowledged=len(done)))


def treat_rejection(request: contract.TreatRejection.Request, scope: Any) -> contract.TreatRejection.Reply:
    """Take a rejected invoice out of the supplier's work."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=request.invoice_id)
    require_side(allowed.check_visible(row, f"invoice {request.invoice_id}"), "supplier")
    if row["status"] != REJECTED:
        raise errors.TransitionForbidden(status_from=row["status"], status_to=REJECTED, allowed="aucun / none")
    with scope.begin() as tx:
        if repository.treat(tx, row["invoice_id"]):
            _write_down(tx, scope, [row], "treat-rejection")
        now = queries.invoice_row(tx, invoice_id=row["invoice_id"])
        shown = views.invoice(tx, now, allowed.sides(now), request.language, scope)
        return tx.answer(contract.TreatRejection.Reply(invoice=shown))


def _write_down(tx: Any, scope: Any, rows: Iterable[Mapping[str, Any]], action: str) -> None:
    """Keep the act in the history of each invoice; its state is what it was."""
    actor = scope.actor.origin
    for row in rows:
        state = storing.digest(tx, row)
        line = history.Line(
            invoice_id=row["invoice_id"],
            actor=actor.reference,
            actor_name=actor.name,
            structure_name=row["supplier_name"],
            action=action,
            status_from=row["status"],
            before=state,
            after=state,
        )
        history.append(tx, scope.resources.sealer, row["supplier_structure_id"], [line])
