"""The elimination itself: invoices and requests of a list that has its visa, a slice at a time; it goes on where it was
stopped (RS-74).

What stays of one is the history, whose last line says that it was eliminated, by whom and under which visa; the dates of its
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

from . import (
    citing,
    eliminations,
    history,
    queries,
    request_passing,
    request_queries,
    retention,
    retention_bundles,
    rights,
)
from . import retention_queries as stored
from .eliminations import INVOICE, REQUEST
from .model import civil_date
from .tables import elimination_item

log = logging.getLogger(__name__)

#: Invoices and requests of one transaction; what goes with the last of them comes on top.
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
        reply = tx.answer(
            contract.EliminateInvoices.Reply(list=eliminations.shown(tx, stored.list_row(tx, request.number)))
        )
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
        invoices = queries.invoice_rows(db, _ids(items, INVOICE))
        requests = {row["request_id"]: row for row in request_queries.rows(db, _ids(items, REQUEST))}
        there = {**invoices, **requests}
        eliminations.check(db, scope.resources.retention, today, number, items, there)
        time.sleep(0)


def _eliminate(tx: Any, scope: Any, row: Mapping[str, Any], by: str) -> set[str]:
    """Eliminate a slice, and close the list after the last; return the files that the invoices had."""
    number = row["number"]
    items = stored.slice_of(tx, number, SLICE)
    ids = [item["invoice_id"] for item in items]
    invoices = stored.locked_invoices(tx, _ids(items, INVOICE))
    requests = retention_bundles.locked(tx, _ids(items, REQUEST))
    there = {**invoices, **requests}
    eliminations.check_holds(tx, number, elimination_item.c.invoice_id.in_(ids))
    eliminations.check(tx, scope.resources.retention, civil_date(tx.now), number, items, there)
    # The invoices of requests go before them: nothing is left that names what is gone.
    files = stored.delete_invoices(tx, list(invoices)) | retention_bundles.delete(tx, requests)
    _write_history(tx, scope, row, by, items, there)
    stored.mark_eliminated(tx, number, {item["position"]: files[item["invoice_id"]] for item in items})
    if row["state"] == "visa":
        stored.change_list(tx, number, state="eliminating")
        acts.record(tx, by, "eliminate", f"list {number}", f"visa {row['visa_reference']} by {row['visa_by']}")
    if not stored.items(tx, number, 0, _LEFT, limit=1):
        stored.change_list(tx, number, state="eliminated", eliminated_by=by, eliminated_at=tx.now)
        stated = eliminations.certificate(tx, scope.resources.sealer, stored.list_row(tx, number))
        stored.change_list(tx, number, **stated)
    return {name for each in files.values() for name in each}


def _ids(items: Sequence[Mapping[str, Any]], what: str) -> list[uuid.UUID]:
    return [item["invoice_id"] for item in items if item["what"] == what]


def _write_history(
    tx: Any,
    scope: Any,
    row: Mapping[str, Any],
    by: str,
    items: Sequence[Mapping[str, Any]],
    there: Mapping[uuid.UUID, Any],
) -> None:
    lines: dict[uuid.UUID, list[history.Line]] = {}
    for item in items:
        gone = there[item["invoice_id"]]
        line = history.Line(
            invoice_id=item["invoice_id"],
            actor=scope.actor.reference,
            actor_name=by,
            action="eliminate",
            status_from=gone["status"],
            status_to=ELIMINATED,
            motive=f"visa {row['visa_reference']}, {row['visa_by']}",
            comment=f"bordereau n° {row['number']}, SHA-256 {row['digest']}",
            before=item["state_sha256"],
        )
        # The chain is that of who issued the invoice, or made the request.
        lines.setdefault(item["supplier_structure_id"], []).append(line)
        event = contract.InvoiceEliminated if item["what"] == INVOICE else contract.RequestEliminated
        values = {name: gone[name] for name in event.declared if name in gone}
        if item["what"] == REQUEST:
            values["parties"] = request_passing.shown_parties(gone, acts=False)
        tx.publish(event(**values, list_number=row["number"], visa_reference=row["visa_reference"]))
    history.append_all(tx, scope.resources.sealer, lines)
