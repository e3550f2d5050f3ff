"""Mass processing: many moves in one call, each in a transaction of its own, with a report of what became of each."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_bus import idempotency
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import guarding, moves, queries, rights, views
from .rights import Rights

#: Under this name, with its place in the call, each line's outcome is kept by its key, as a call's answer is.
_LINE = "process_invoices.line"


def process_invoices(request: contract.ProcessInvoices.Request, scope: Any) -> contract.ProcessInvoices.Reply:
    """Make the moves one by one; one that is refused leaves the others alone."""
    if not 0 < len(request.moves) <= contract.MOST_MOVES:
        raise errors.Invalid(what="ProcessInvoices", fields={"moves": [f"1 - {contract.MOST_MOVES}"]})
    allowed, guards = rights.ask(scope), guarding.Guards(scope)
    lines = []
    for place, wanted in enumerate(request.moves):
        # Each line's outcome is committed with its effect: a call that broke off goes on where it stopped.
        lines.append(_kept(scope, place, wanted) or _line(scope, allowed, guards, place, wanted))
        time.sleep(0)  # others have their turn between two lines
    with scope.begin() as tx:
        return tx.answer(contract.ProcessInvoices.Reply(lines=lines))


def _line(
    scope: Any, allowed: Rights, guards: guarding.Guards, place: int, wanted: contract.WantedMove
) -> contract.MoveOutcome:
    row: Mapping[str, Any] | None = None
    try:
        with scope.reading() as db:
            row = queries.invoice_row(db, invoice_id=wanted.invoice_id)
        allowed.check_visible(row, f"invoice {wanted.invoice_id}")
        if wanted.version is not None and wanted.version != row["version"]:
            raise errors.Conflict(what=f"invoice {row['number']}")
        return _made(scope, allowed, guards, place, wanted, row)
    except (errors.IdempotencyInProgress, errors.IdempotencyMismatch):
        raise
    except (errors.NotFound, errors.Forbidden) as error:
        # What cannot be seen keeps its number to itself.
        return _refused(wanted, error, None)
    except errors.PupitreError as error:
        return _refused(wanted, error, row)


def _made(
    scope: Any, allowed: Rights, guards: guarding.Guards, place: int, wanted: contract.WantedMove, row: Mapping[str, Any]
) -> contract.MoveOutcome:
    judged = moves.judge(scope, row, allowed, wanted, guards)
    with scope.begin() as tx:
        key = _key(scope, place)
        idempotency.reserve(tx, fingerprint=idempotency.fingerprint(wanted), **key)
        now = moves.carry_out(tx, scope, row, judged)
        why = views.explanation(now, judged)
        line = contract.MoveOutcome(
            invoice_id=now["invoice_id"],
            number=now["number"],
            outcome=judged.outcome,
            status=now["status"],
            reason_fr=why.get("explanation_fr"),
            reason_en=why.get("explanation_en"),
        )
        idempotency.record(tx, reply=line.dump(), **key)
    return line


def _kept(scope: Any, place: int, wanted: contract.WantedMove) -> contract.MoveOutcome | None:
    """Return the outcome of a line that an earlier call with this key has committed. Raises IdempotencyMismatch."""
    with scope.reading() as db:
        kept = idempotency.lookup(db, fingerprint=idempotency.fingerprint(wanted), **_key(scope, place))
    return None if kept is None else contract.MoveOutcome.load(kept)


def _key(scope: Any, place: int) -> dict[str, str]:
    return {"key": f"{scope.idempotency_key}/{place}", "call": _LINE, "actor": scope.actor_reference}


def _refused(
    wanted: contract.WantedMove, error: errors.PupitreError, row: Mapping[str, Any] | None
) -> contract.MoveOutcome:
    known: Sequence[str] = ("number", "status") if row is not None else ()
    return contract.MoveOutcome(
        invoice_id=wanted.invoice_id,
        outcome="refused",
        code=error.code,
        reason_fr=views.in_words(error, "fr"),
        reason_en=views.in_words(error, "en"),
        **{name: row[name] for name in known},
    )
