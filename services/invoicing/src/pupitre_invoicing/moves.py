"""Changes of status: the moves of the lifecycle table, and the correction of an invoice sent back for its routing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import (
    circuit_moves,
    circuits,
    delays,
    deposit,
    guarding,
    history,
    lifecycle,
    messages,
    model,
    motives,
    party_queries,
    queries,
    repository,
    rights,
    routing,
    scanning,
    storing,
    telling,
    views,
)
from .rights import Rights
from .use_cases import refused, require_side


@dataclass(frozen=True, slots=True)
class Judged:
    """What a wanted status comes to. ``transition`` is the row to be made; None: the invoice has overtaken the message of
    ``who``, and the history keeps that it came."""

    to: str
    who: str
    transition: lifecycle.Transition | None
    motive: str | None
    comment: str | None

    @property
    def outcome(self) -> str:
        return "done" if self.transition is not None else "late"


def judge(
    scope: Any, row: Mapping[str, Any], allowed: Rights, request: Any, guards: guarding.Guards
) -> "Judged | circuit_moves.Judged":
    """Say what a request (``to``, motive, comment, statement) comes to for an invoice as it is. Raises TransitionForbidden,
    Forbidden, MotiveMissing, MandatNotRefused, Invalid, PassageBarred or GuardSilent; for an invoice in validation MotiveRefused and
    EspaceSilent too."""
    comment = _comment(request)
    if circuits.in_validation(row):
        return circuit_moves.judge(scope, row, allowed, request, comment)
    table = circuits.table_of(row)
    overtaken = table.overtaken_by(row["status"], request.to)
    if overtaken is not None:
        require_side(allowed.sides(row), overtaken)
        return Judged(request.to, overtaken, None, (request.motive or "").strip() or None, comment)
    transition = table.transition(row["status"], request.to)
    require_side(allowed.sides(row), transition.who)
    lifecycle.check_condition(transition, request.mandat_refused)
    motive = motives.of_move(transition, request.motive_code, request.motive)
    guards.check(row, request.to)
    return Judged(request.to, transition.who, transition, motive, comment)


def move_invoice(request: contract.MoveInvoice.Request, scope: Any) -> contract.MoveInvoice.Reply:
    """Make one transition of the table. Of contradictory moves made from one version, one wins (RS-21)."""
    allowed = rights.ask(scope)
    row, stored_bytes = _seen(request, scope, allowed)
    judged = judge(scope, row, allowed, request, guarding.Guards(scope))
    documents = _documents(request, scope, judged, stored_bytes)
    with scope.begin() as tx:
        now = carry_out(tx, scope, row, judged, documents)
        shown = views.invoice(tx, now, allowed.sides(now), request.language, scope)
        return tx.answer(
            contract.MoveInvoice.Reply(invoice=shown, outcome=judged.outcome, **views.explanation(now, judged))
        )


def carry_out(
    tx: Any, scope: Any, row: Mapping[str, Any], judged: "Judged | circuit_moves.Judged", documents: Sequence[contract.NewDocument] = ()
) -> Mapping[str, Any]:
    """Make the judged move in the open transaction, or keep in the history that it came too late; return the invoice after it."""
    if isinstance(judged, circuit_moves.Judged):
        return circuit_moves.carry_out(tx, scope, row, judged, documents)
    actor = scope.actor.origin
    before = storing.digest(tx, row)
    now = row
    if judged.transition is not None:
        delay = delays.follow(tx, row, judged.to)
        repository.change_invoice(
            tx,
            row["invoice_id"],
            row["version"],
            row["number"],
            status=judged.to,
            status_at=tx.now,
            last_motive=judged.motive,
            last_comment=judged.comment,
            acknowledged_at=None,
            **delay.columns,
        )
        delays.keep(tx, delay)
        for each in documents:
            repository.insert_document(tx, row["invoice_id"], kind="document", **each.values)
        now = queries.invoice_row(tx, invoice_id=row["invoice_id"])
        tx.publish(
            telling.moved(
                now, row["status"], judged.to, judged.who, actor.reference, judged.motive, judged.comment
            )
        )
    line = history.Line(
        invoice_id=row["invoice_id"],
        actor=actor.reference,
        actor_name=actor.name,
        structure_name=row[f"{judged.who}_name"],
        action="move" if judged.transition is not None else "late",
        status_from=row["status"],
        status_to=judged.to,
        motive=judged.motive,
        comment=judged.comment,
        before=before,
        after=storing.digest(tx, now),
    )
    history.append(tx, scope.resources.sealer, row["supplier_structure_id"], [line])
    return now


def recycle_invoice(request: contract.RecycleInvoice.Request, scope: Any) -> contract.RecycleInvoice.Reply:
    """Correct where an invoice goes, and send it again under its number. A field left out is kept, an empty one is
    cleared."""
    actor = scope.actor.origin
    allowed = rights.ask(scope)
    row, _ = _seen(request, scope, allowed)
    circuits.table_of(row).transition(row["status"], "DEPOSEE", call="recycle")
    require_side(allowed.sides(row), "supplier")
    destination = routing.Destination(
        siret=_corrected(request.recipient_siret, row["recipient_siret"]),
        code_service=_corrected(request.code_service, row["code_service"]),
        engagement=_corrected(request.engagement, row["engagement"]),
    )
    comment = _comment(request)
    [route] = deposit.resolve(scope, [destination])
    if not route.open:
        raise refused(route.findings, request.language)
    with scope.begin() as tx:
        before = storing.digest(tx, row)
        goes = storing.route_values(route, destination.siret, None, destination.code_service)
        goes["engagement"] = destination.engagement
        delay = delays.reopen(tx, row, goes)
        repository.change_invoice(
            tx,
            row["invoice_id"],
            request.version,
            row["number"],
            status="MISE_A_DISPOSITION",
            status_at=tx.now,
            last_motive=None,
            last_comment=comment,
            **storing.search_values({**row, **goes}),
            **goes,
            **delay.columns,
        )
        delays.keep(tx, delay)
        party_queries.goes_to(tx, row["invoice_id"], goes["recipient_structure_id"])
        now = queries.invoice_row(tx, invoice_id=row["invoice_id"])
        _record_recycling(tx, scope, actor, row, now, before, comment)
        shown = views.invoice(tx, now, allowed.sides(now), request.language, scope)
        return tx.answer(contract.RecycleInvoice.Reply(invoice=shown))


def _record_recycling(
    tx: Any, scope: Any, actor: Any, row: Mapping[str, Any], now: Mapping[str, Any], before: str, comment: str | None
) -> None:
    after = storing.digest(tx, now)
    lines = [
        history.Line(
            invoice_id=row["invoice_id"],
            actor=actor.reference,
            actor_name=actor.name,
            structure_name=row["supplier_name"],
            action="recycle",
            status_from=row["status"],
            status_to="DEPOSEE",
            comment=comment,
            before=before,
            after=after,
        ),
        history.Line(
            invoice_id=row["invoice_id"],
            actor="service:invoicing",
            action="route",
            status_from="DEPOSEE",
            status_to="MISE_A_DISPOSITION",
            before=after,
            after=after,
        ),
    ]
    history.append(tx, scope.resources.sealer, row["supplier_structure_id"], lines)
    tx.publish(telling.moved(now, row["status"], "DEPOSEE", "supplier", actor.reference, comment=comment))
    tx.publish(telling.moved(now, "DEPOSEE", "MISE_A_DISPOSITION", "system", "service:invoicing"))


def _seen(request: Any, scope: Any, allowed: Rights) -> tuple[Mapping[str, Any], int]:
    """Return the invoice and the bytes of its files. Raises NotFound, Forbidden, or Conflict for another version."""
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=request.invoice_id)
        allowed.check_visible(row, f"invoice {request.invoice_id}")
        stored = sum(each["size"] for each in queries.documents(db, request.invoice_id) if each["kind"] != "readable")
    if row["version"] != request.version:
        raise errors.Conflict(what=f"invoice {row['number']}")
    return row, stored


def _documents(
    request: contract.MoveInvoice.Request, scope: Any, judged: "Judged | circuit_moves.Judged", stored_bytes: int
) -> Sequence[contract.NewDocument]:
    """Return the files to be added, checked (H.8). Raises Invalid, which says for each file what is wrong."""
    if judged.transition is None:
        return []
    given = request.documents or []
    if given and not judged.transition.documents:
        raise errors.Invalid(what="MoveInvoice", fields={"documents": [messages.TEXTS["documents-refused"]]})
    faults = model.check_documents(given, stored_bytes)
    for each in given:
        if each.name not in faults and (found := scanning.content_faults(scope, each)):
            faults[each.name] = found
    if faults:
        raise errors.Invalid(what="MoveInvoice", fields=faults)
    return given


def _comment(request: Any) -> str | None:
    motive = getattr(request, "motive", None) if "motive" in request.declared else None
    for name, text in (("comment", request.comment), ("motive", motive)):
        if text is not None and len(text) > model.COMMENT_LENGTH:
            raise errors.Invalid(what=type(request).__qualname__, fields={name: [messages.TEXTS["comment-long"]]})
    return (request.comment or "").strip() or None


def _corrected(given: str | None, kept: str | None) -> str | None:
    return kept if given is None else given.strip() or None
