"""Confirming an entry: the invoice is written, judged by the engine that judges every deposit, and kept as the original (R162)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import bank_details, errors
from pupitre_contracts import invoicing_entry as calls

from . import (
    checking,
    deposit,
    entries,
    entry_invoice,
    entry_repository,
    parties,
    party_queries,
    queries,
    repository,
    rights,
    storing,
    views,
)
from .checking import Judgement
from .entries import Looked
from .entry_fields import located
from .messages import Finding

SYNTAX = "ubl"


@dataclass(frozen=True, slots=True)
class PaidOn:
    """The account that an invoice names; ``payee`` is the factor that is paid in place of its structure."""

    iban: str
    bic: str | None
    name: str
    payee: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """The file that was written of an entry, with what was found in it."""

    file: deposit.File | None
    judgement: Judgement
    examined: deposit.Examined | None


def confirm_entry(request: calls.ConfirmEntry.Request, scope: Any) -> calls.ConfirmEntry.Reply:
    """Write, judge and keep an entry's invoice, or tell what is wrong with it at the field where it can be mended."""
    allowed = rights.ask(scope)
    row, kept = entries.draft(scope, allowed, request.invoice_id, request.version)
    by = deposit.depositor(scope, row["supplier_structure_id"], allowed, scope.actor.origin, request.language)
    looked = entries.look_at(scope, by.structure, kept["typed"])
    if looked.refused:
        return _refused(scope, row, by, looked, (), request)
    account = _account(scope, row, looked)
    number = looked.typed["number"].strip() or kept["given_number"] or _give_number(scope, row, looked)
    written = _write(scope, by, looked, number, account)
    found = _found(written, looked)
    if not written.judgement.valid or any(finding.severity == "error" for finding in found):
        return _refused(scope, row, by, looked, found, request, written)
    with scope.begin() as tx:
        taken = storing.number_finding(tx, row["supplier_structure_id"], number, row["invoice_id"])
        if not taken:
            _keep(tx, scope, row, by, written)
        state = entries.shown(tx, scope, row["invoice_id"], by.structure, _with(looked, (*found, *located(taken, ()))), request.language)
        now = queries.invoice_row(tx, invoice_id=row["invoice_id"])
        invoice = None if taken else views.invoice(tx, now, allowed.sides(now), request.language, scope)
        report = views.report(written.judgement.stored(written.examined.findings), request.language)
        return tx.answer(calls.ConfirmEntry.Reply(state=state, report=report, invoice=invoice))


def _refused(
    scope: Any,
    row: Mapping[str, Any],
    by: deposit.Depositor,
    looked: Looked,
    found: tuple[Finding, ...],
    request: calls.ConfirmEntry.Request,
    written: Written | None = None,
) -> calls.ConfirmEntry.Reply:
    report = None
    if written is not None:
        report = views.report(written.judgement.stored(written.examined.findings if written.examined else ()), request.language)
    with scope.begin() as tx:
        state = entries.shown(tx, scope, row["invoice_id"], by.structure, _with(looked, found), request.language)
        return tx.answer(calls.ConfirmEntry.Reply(state=state, report=report))


def _with(looked: Looked, found: tuple[Finding, ...]) -> Looked:
    """Add what was found in the written file; what the entry's own look said of the same field by the same rule is not said twice."""
    told = {(finding.rule, finding.location) for finding in looked.findings}
    more = tuple(each for each in found if (each.rule, each.location) not in told)
    return Looked(looked.typed, looked.read, looked.route, (*looked.findings, *more))


def _found(written: Written, looked: Looked) -> tuple[Finding, ...]:
    positions = [position for position, line in enumerate(looked.read.lines, 1) if line is not None]
    own = written.examined.findings if written.examined is not None else ()
    return tuple(located((*written.judgement.findings, *own), positions))


def _account(scope: Any, row: Mapping[str, Any], looked: Looked) -> PaidOn | None:
    """Return the account that was chosen. Raises NotFound when it is out of use by now."""
    chosen = looked.typed.get("bank_details_id")
    if not chosen or looked.typed["kind"] == "AVOIR":
        return None
    named = {"structure_id": row["supplier_structure_id"], "bank_details_id": chosen}
    found = scope.bus.call(bank_details.GetAccountToPay, **named)
    return PaidOn(found.iban, found.bic, found.holder, found.payee)


def _give_number(scope: Any, row: Mapping[str, Any], looked: Looked) -> str:
    """Give the entry its number, for good: a second confirmation finds it again. One that the supplier used by himself is passed over."""
    structure_id, year = row["supplier_structure_id"], looked.read.values["issue_date"].year
    with scope.begin() as tx:
        # Of two confirmations of one version, the first gives the number.
        kept = entry_repository.row(tx, row["invoice_id"])
        if kept is None:
            raise errors.Conflict(what=f"invoice {row['invoice_id']}")
        if kept["given_number"]:
            return kept["given_number"]
        number = entry_repository.next_number(tx, structure_id, year)
        while queries.number_taken(tx, structure_id, number):
            number = entry_repository.next_number(tx, structure_id, year)
        entry_repository.change(tx, row["invoice_id"], given_number=number)
        return number


def _write(scope: Any, by: deposit.Depositor, looked: Looked, number: str, account: PaidOn | None) -> Written:
    """Have the invoice written and judged in the engine's workers, and put it into the blob store."""
    buyer = looked.route.structure if looked.route is not None else None
    invoice = entry_invoice.invoice_of(looked.typed, looked.read, number, by.structure, buyer, account)
    answer, content = checking.run(scope.resources.engine, {"op": "write", "syntax": SYNTAX, "lang": "both", "invoice": invoice}, b"")
    if "refused" in answer:
        return Written(None, Judgement("invalid", "xsd", None, None, (checking.finding_of(answer["refused"]),), {}, None), None)
    if not content:
        raise errors.EngineFailed(incident=str(answer.get("error") or scope.correlation_id))
    judgement = checking.judge(scope.resources.engine, content, scope.clock.now(), "both")
    if judgement.verdict == "error":
        raise errors.EngineFailed(incident=scope.correlation_id)
    sha256 = scope.resources.blobs.put(content)
    file = deposit.File(sha256, len(content), f"{number.replace('/', '-')}.xml", "application/xml")
    examined = None
    if judgement.valid:
        [examined] = deposit.examine(scope, by, [checking.read_invoice(judgement.invoice)], parties.typed(looked.typed))
    return Written(file, judgement, examined)


def _keep(tx: Any, scope: Any, row: Mapping[str, Any], by: deposit.Depositor, written: Written) -> None:
    """Put the written file into the draft, which is a draft like any other from then on."""
    invoice_id, before = row["invoice_id"], storing.digest(tx, row)
    values = storing.values_of(tx, by, written.examined, written.file, row["deposit_mode"])
    kept = ("invoice_id", "lifecycle", "created_at", "status_at", "deposit_mode")
    repository.change_draft(tx, row, {name: value for name, value in values.items() if name not in kept})
    party_queries.replace(tx, [invoice_id], parties.rows(row, written.examined.parties))
    entry_repository.drop_written(tx, invoice_id)
    entry_repository.replace_content(tx, invoice_id, storing.content_of(invoice_id, written.examined, written.judgement, ()))
    file = written.file
    original = {"invoice_id": invoice_id, "name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256}
    repository.insert_originals(tx, [original])
    entry_repository.change(tx, invoice_id, confirmed=True, saved_at=tx.now, saved_by=by.actor_name)
    entries.append(tx, scope, queries.invoice_row(tx, invoice_id=invoice_id), by, "confirm", status_to=None, before=before)
