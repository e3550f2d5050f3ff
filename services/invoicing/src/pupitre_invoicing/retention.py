"""The end of keeping (RS-74): what has reached its term, elimination lists, their visa by a second person, legal holds.

Pieces of public bodies are public archives: nothing is eliminated without the visa of the archives, and reaching a term does nothing
by itself.
"""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_bus import acts
from pupitre_bus.search_texts import search_key
from pupitre_contracts import errors
from pupitre_contracts import retention as contract

from . import eliminations, expired_groups, queries, request_queries, retention_bundles, rights
from . import retention_queries as stored
from .model import civil_date

#: The transactions that place holds and those that eliminate take turns on this.
TURNS = "retention"
MOST_LISTS = 100
MOST_HOLDS = 1000


def list_expired(request: contract.ListExpired.Request, scope: Any) -> contract.ListExpired.Reply:
    """Count what has reached its term."""
    rights.require_operator(scope)
    today = civil_date(scope.clock.now())
    with scope.reading() as db:
        expired = stored.Expired(db, scope.resources.retention, scope.resources.espaces, today)
        alone = stored.groups(db, expired, request.side, request.structure_id)
        found = expired_groups.with_bundles(
            alone, retention_bundles.pages(db, expired, request.structure_id, free=False), request
        )
    groups = [contract.ExpiredInvoices(**each) for each in found[: stored.MOST_GROUPS]]
    return contract.ListExpired.Reply(groups=groups, more=len(found) > stored.MOST_GROUPS, on=today)


def propose(request: contract.ProposeElimination.Request, scope: Any) -> contract.ProposeElimination.Reply:
    """Make an elimination list. It does nothing to the invoices; its digest covers the state of each."""
    rights.require_operator(scope)
    by = given(request, "by")
    today, rules = civil_date(scope.clock.now()), scope.resources.retention
    items: list[Mapping[str, Any]] = []
    with scope.reading() as db:
        expired = stored.Expired(db, rules, scope.resources.espaces, today, request.year)
        full = False
        for bundle in retention_bundles.pages(db, expired, request.structure_id, free=True):
            full = len(items) + len(bundle) > contract.MOST_LISTED
            if full:
                break
            items += eliminations.items_of_bundle(db, rules, bundle, len(items))
        for rows in stored.expired_pages(db, expired, request.structure_id):
            items += eliminations.items_of(db, rules, rows, len(items))
            if len(items) > contract.MOST_LISTED:
                break
            time.sleep(0)
    more, items = full or len(items) > contract.MOST_LISTED, items[: contract.MOST_LISTED]
    requests = sum(item["what"] == eliminations.REQUEST for item in items)
    if not items:
        raise errors.NothingExpired()
    values = {
        "state": "proposed",
        "structure_id": request.structure_id,
        "year": request.year,
        "invoices": len(items) - requests,
        "requests": requests,
        "digest": eliminations.digest_of(items),
        "proposed_by": by,
    }
    with scope.begin() as tx:
        try:
            number = stored.insert_list(tx, {**values, "proposed_at": tx.now}, items)
        except sa.exc.IntegrityError as error:
            raise errors.Conflict(what="elimination") from error
        acts.record(tx, by, "propose elimination", f"list {number}", f"{_counted(values)}, digest {values['digest']}")
        shown = eliminations.shown(tx, stored.list_row(tx, number))
        return tx.answer(contract.ProposeElimination.Reply(list=shown, more=more))


def _counted(values: Mapping[str, Any]) -> str:
    requests = f", {values['requests']} request(s)" if values["requests"] else ""
    return f"{values['invoices']} invoice(s){requests}"


def record_visa(request: contract.RecordVisa.Request, scope: Any) -> contract.RecordVisa.Reply:
    """Record who gave the visa, and the reference of his decision. A visa for another digest is a visa for another list."""
    rights.require_operator(scope)
    by, reference = given(request, "by"), given(request, "reference")
    with scope.begin() as tx:
        row = open_list(tx, request.number, "proposed")
        if search_key(by) == search_key(row["proposed_by"]):
            raise errors.VisaByProposer(number=request.number, by=by)
        if request.digest != row["digest"]:
            raise errors.ListChanged(number=request.number, what=request.digest)
        stored.change_list(tx, request.number, state="visa", visa_by=by, visa_reference=reference, visa_at=tx.now)
        acts.record(tx, by, "visa of elimination", f"list {request.number}", f"{reference}, digest {row['digest']}")
        return tx.answer(contract.RecordVisa.Reply(list=eliminations.shown(tx, stored.list_row(tx, request.number))))


def withdraw(request: contract.WithdrawElimination.Request, scope: Any) -> contract.WithdrawElimination.Reply:
    """Give up a list; of one that was begun, the certificate says what was eliminated."""
    rights.require_operator(scope)
    by = given(request, "by")
    with scope.begin() as tx:
        open_list(tx, request.number, "proposed", "visa", "eliminating")
        stored.change_list(tx, request.number, state="withdrawn", withdrawn_by=by, withdrawn_at=tx.now)
        stored.close_items(tx, request.number)
        stated = eliminations.certificate(tx, scope.resources.sealer, stored.list_row(tx, request.number))
        if stated:
            stored.change_list(tx, request.number, **stated)
        acts.record(tx, by, "withdraw elimination", f"list {request.number}")
        return tx.answer(
            contract.WithdrawElimination.Reply(list=eliminations.shown(tx, stored.list_row(tx, request.number)))
        )


def list_eliminations(request: contract.ListEliminations.Request, scope: Any) -> contract.ListEliminations.Reply:
    rights.require_operator(scope)
    with scope.reading() as db:
        rows = stored.list_rows(db, request.before, MOST_LISTS)
        return contract.ListEliminations.Reply(lists=[eliminations.shown(db, row) for row in rows])


def get_elimination(request: contract.GetElimination.Request, scope: Any) -> contract.GetElimination.Reply:
    """Read a list with a page of its invoices; of those that are gone, how many of their files are still stored."""
    rights.require_operator(scope)
    with scope.reading() as db:
        row = found(stored.list_row(db, request.number), request.number)
        listed, items = eliminations.shown(db, row), stored.items(db, request.number, request.after)
    blobs = scope.resources.blobs
    there = {sha256: blobs.exists(sha256) for sha256 in {name for item in items for name in item["files"] or ()}}
    shown = []
    for item in items:
        values = {name: item[name] for name in contract.ListedInvoice.declared if name in item}
        if item["files"] is not None:
            values |= {"files": len(item["files"]), "files_left": sum(there[name] for name in item["files"])}
        else:
            del values["files"]
        shown.append(contract.ListedInvoice(**values))
    stated = {name: row[name] for name in ("certificate", "seal") if row[name] is not None}
    return contract.GetElimination.Reply(list=listed, invoices=shown, **stated)


# Holds


def place_hold(request: contract.PlaceHold.Request, scope: Any) -> contract.PlaceHold.Reply:
    """Keep an invoice, a request or all of a structure from being eliminated."""
    rights.require_operator(scope)
    by, reason = given(request, "by"), given(request, "reason")
    named = (request.portal_number, request.request_number, request.structure_id)
    if sum(each is not None for each in named) != 1:
        raise errors.Invalid(
            what="PlaceHold", fields={"portal_number": ["portal_number, request_number or structure_id"]}
        )
    with scope.begin() as tx:
        tx.take_turns(TURNS)
        on: dict[str, Any] = {
            "structure_id": request.structure_id,
            "what": request.structure_name or str(request.structure_id),
        }
        if request.portal_number is not None:
            row = queries.invoice_row(tx, portal_number=request.portal_number)
            if row is None:
                raise errors.NotFound(what=f"invoice {request.portal_number}")
            on = {
                "invoice_id": row["invoice_id"],
                "what": f"{row['number']} ({row['portal_number']}), {row['supplier_name']}",
            }
        if request.request_number is not None:
            asked = request_queries.numbered(tx, request.request_number)
            if asked is None:
                raise errors.NotFound(what=f"request {request.request_number}")
            on = {
                "invoice_id": asked["request_id"],
                "what": f"{asked['number']} ({asked['portal_number']}), {asked['maker_name']}",
            }
        hold = stored.insert_hold(tx, {**on, "reason": reason, "placed_by": by, "placed_at": tx.now})
        acts.record(tx, by, "hold", f"hold {hold['number']}", f"{on['what']}: {reason}")
        return tx.answer(contract.PlaceHold.Reply(hold=contract.Hold(**hold)))


def release_hold(request: contract.ReleaseHold.Request, scope: Any) -> contract.ReleaseHold.Reply:
    rights.require_operator(scope)
    by, reason = given(request, "by"), given(request, "reason")
    with scope.begin() as tx:
        row = stored.locked_hold(tx, request.number)
        if row is None:
            raise errors.NotFound(what=f"hold {request.number}")
        if row["released_at"] is not None:
            raise errors.HoldReleased(number=request.number)
        hold = stored.release(tx, request.number, released_by=by, release_reason=reason)
        acts.record(tx, by, "release", f"hold {request.number}", reason)
        return tx.answer(contract.ReleaseHold.Reply(hold=contract.Hold(**hold)))


def list_holds(request: contract.ListHolds.Request, scope: Any) -> contract.ListHolds.Reply:
    rights.require_operator(scope)
    with scope.reading() as db:
        rows = stored.holds(db, request.ended, MOST_HOLDS)
    return contract.ListHolds.Reply(holds=[contract.Hold(**row) for row in rows])


# What these acts share


def given(request: Any, name: str) -> str:
    """Return a text that must not be empty, in one line. Raises Invalid."""
    text = " ".join(getattr(request, name).split())
    if not text:
        raise errors.Invalid(what=type(request).__qualname__, fields={name: ["obligatoire / required"]})
    return text


def found(row: Mapping[str, Any] | None, number: int) -> Mapping[str, Any]:
    """Return a list's row. Raises NotFound."""
    if row is None:
        raise errors.NotFound(what=f"list {number}")
    return row


def open_list(tx: Any, number: int, *states: str) -> Mapping[str, Any]:
    """Return a list that is in one of these states, locked. Raises NotFound, ListClosed, and VisaMissing where it awaits its visa."""
    row = found(stored.locked_list(tx, number), number)
    if row["state"] == "proposed" and "proposed" not in states:
        raise errors.VisaMissing(number=number)
    if row["state"] not in states:
        raise errors.ListClosed(number=number, state=row["state"])
    return row
