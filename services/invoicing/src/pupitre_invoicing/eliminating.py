"""The elimination itself: invoices of a list that has its visa, a slice at a time, so that it goes on where it was stopped (RS-74).

What stays of an invoice is the history, whose last line says that it was eliminated, by whom and under which visa; the dates of its
delay; and the list.
"""

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_bus import acts
from pupitre_contracts import errors
from pupitre_contracts import retention as contract

from . import citing, eliminations, history, queries, retention, rights
from . import retention_queries as stored
from .model import civil_date
from .tables import elimination_item

log = logging.getLogger(__name__)

#: Invoices of one transaction.
SLICE = 100
ELIMINATED = "ELIMINEE"
_LEFT = elimination_item.c.eliminated_at.is_(None)


def eliminate(request: contract.EliminateInvoices.Request, scope: Any) -> contract.EliminateInvoices.Reply:
    """Eliminate the next invoices of a list; their files are put aside at once where nothing else cites them."""
    rights.require_operator(scope)
    by = retention.given(request, "by")
    with scope.reading() as db:
        row = retention.found(stored.list_row(db, request.number), request.number)
        if row["state"] == "visa":
            _check_whole(db, scope, row)
    with scope.begin() as tx:
        tx.take_turns(retention.TURNS)
        row = retention.open_list(tx, request.number, "visa", "eliminating")
        files = _eliminate(tx, scope, row, by)
        reply = tx.answer(contract.EliminateInvoices.Reply(list=eliminations.shown(tx, stored.list_row(tx, request.number))))
    try:
        citing.put_aside(scope, files)
    except (errors.Unavailable, errors.TimedOut) as error:
        log.warning("the files of list %d wait for the daily sweep: %s", request.number, error)
    return reply


def _check_whole(db: Any, scope: Any, row: Mapping[str, Any]) -> None:
    """Compare the whole list with what was proposed, before its first invoice goes. Raises ListChanged, UnderHold."""
    number, today = row["number"], civil_date(scope.clock.now())
    if eliminations.stored_digest(db, number) != row["digest"]:
        raise errors.ListChanged(number=number, what=row["digest"])
    eliminations.check_holds(db, number)
    for items in stored.item_pages(db, number):
        there = queries.invoice_rows(db, [item["invoice_id"] for item in items])
        eliminations.check(db, scope.resources.retention, today, number, items, there)
        time.sleep(0)


def _eliminate(tx: Any, scope: Any, row: Mapping[str, Any], by: str) -> set[str]:
    """Eliminate a slice, and close the list after the last; return the files that the invoices had."""
    number = row["number"]
    items = stored.items(tx, number, 0, _LEFT, limit=SLICE)
    ids = [item["invoice_id"] for item in items]
    there = stored.locked_invoices(tx, ids)
    eliminations.check_holds(tx, number, elimination_item.c.invoice_id.in_(ids))
    eliminations.check(tx, scope.resources.retention, civil_date(tx.now), number, items, there)
    files = stored.delete_invoices(tx, ids)
    _write_history(tx, scope, row, by, [there[invoice_id] for invoice_id in ids], {item["invoice_id"]: item for item in items})
    stored.mark_eliminated(tx, number, {item["position"]: files[item["invoice_id"]] for item in items})
    if row["state"] == "visa":
        stored.change_list(tx, number, state="eliminating")
        acts.record(tx, by, "eliminate", f"list {number}", f"visa {row['visa_reference']} by {row['visa_by']}")
    if not stored.items(tx, number, 0, _LEFT, limit=1):
        stored.change_list(tx, number, state="eliminated", eliminated_by=by, eliminated_at=tx.now)
        stated = eliminations.certificate(tx, scope.resources.sealer, stored.list_row(tx, number))
        stored.change_list(tx, number, **stated)
    return {name for each in files.values() for name in each}


def _write_history(
    tx: Any, scope: Any, row: Mapping[str, Any], by: str, invoices: Sequence[Mapping[str, Any]], items: Mapping[uuid.UUID, Any]
) -> None:
    lines: dict[uuid.UUID, list[history.Line]] = {}
    for each in invoices:
        line = history.Line(
            invoice_id=each["invoice_id"],
            actor=scope.actor.reference,
            actor_name=by,
            action="eliminate",
            status_from=each["status"],
            status_to=ELIMINATED,
            motive=f"visa {row['visa_reference']}, {row['visa_by']}",
            comment=f"bordereau n° {row['number']}, SHA-256 {row['digest']}",
            before=items[each["invoice_id"]]["state_sha256"],
        )
        lines.setdefault(each["supplier_structure_id"], []).append(line)
        tx.publish(
            contract.InvoiceEliminated(
                **{name: each[name] for name in contract.InvoiceEliminated.declared if name in each},
                list_number=row["number"],
                visa_reference=row["visa_reference"],
            )
        )
    history.append_all(tx, scope.resources.sealer, lines)
