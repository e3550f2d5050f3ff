"""What a caller may want of an invoice: check a file, keep a draft, send it, find it, read it, verify the history."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_bus import anchors
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import (
    archives,
    checking,
    circuits,
    delays,
    deposit,
    entry_repository,
    history,
    lifecycle,
    messages,
    parties,
    queries,
    repository,
    rights,
    scanning,
    searching,
    storing,
    validating,
    verification,
    views,
    work_queries,
)
from .deposit import Examined
from .messages import Finding
from .rights import ESPACE_OF_SIDE, WRITE

_UNSAFE = re.compile(r"[^\w.+-]+")


def check_file(request: contract.CheckFile.Request, scope: Any) -> contract.CheckFile.Reply:
    """Judge a file and keep nothing."""
    content = checking.stored_file(scope.resources.blobs, request.sha256)
    judgement = _named(scope, request, content) or checking.judge_for_report(
        scope.resources.engine, content, scope.clock.now(), request.language
    )
    return contract.CheckFile.Reply(report=views.report(judgement.stored(), request.language))


def prepare_invoice(request: contract.PrepareInvoice.Request, scope: Any) -> contract.PrepareInvoice.Reply:
    """Read and check a deposited file, and keep a valid one as a draft with its routing findings (R162)."""
    actor = scope.actor.origin
    allowed = rights.ask(scope)
    allowed.require_deposit(request.structure_id)
    content = checking.stored_file(scope.resources.blobs, request.sha256)
    judgement = _named(scope, request, content) or checking.judge(
        scope.resources.engine, content, scope.clock.now(), request.language
    )
    if judgement.verdict == "error":
        raise errors.EngineFailed(incident=scope.correlation_id)
    if not judgement.valid:
        report = views.report(judgement.stored(), request.language)
        with scope.begin() as tx:
            return tx.answer(contract.PrepareInvoice.Reply(report=report))
    by = deposit.depositor(scope, request.structure_id, allowed, actor, request.language)
    [examined] = deposit.examine(scope, by, [checking.read_invoice(judgement.invoice)], parties.given(request.parties))
    file = deposit.file_of(request.sha256, content, request.name)
    with scope.begin() as tx:
        more = storing.number_finding(tx, request.structure_id, examined.read.number)
        row = storing.store_draft(tx, scope.resources.sealer, by, examined, judgement, file, request.deposit_mode, more)
        shown = views.invoice(tx, row, allowed.sides(row), request.language, scope)
        return tx.answer(contract.PrepareInvoice.Reply(report=shown.report, invoice=shown))


def _named(scope: Any, request: Any, content: bytes) -> checking.Judgement | None:
    """Return the judgement on a file that the antivirus names, after putting it aside; None for all others. Raises Unavailable."""
    finding = scanning.finding_in(scope.resources.antivirus, content, request.name or "-")
    if finding is None:
        return None
    scope.resources.blobs.quarantine(request.sha256)
    return checking.Judgement("invalid", "container", None, None, (finding,), {}, None)


def send_invoice(request: contract.SendInvoice.Request, scope: Any) -> contract.SendInvoice.Reply:
    """Send a draft: the routing is judged again, the number is taken, the recipient has it at once (R163, R164), or those who validate it.

    The engine is not asked again: its verdict is about the same bytes, which are read again and hashed here.
    """
    actor = scope.actor.origin
    allowed, row, content = _draft(request, scope)
    circuits.table_of(row).transition(row["status"], "DEPOSEE", call="send")
    if not row["original_sha256"]:
        raise refused([messages.finding("PUP-ENTRY-UNCONFIRMED")], request.language)
    checking.stored_file(scope.resources.blobs, row["original_sha256"])
    by = deposit.depositor(scope, row["supplier_structure_id"], allowed, actor, request.language)
    named = parties.given(request.parties) or {each["role"]: each["identifier"] for each in row.get("parties", ())}
    [examined] = deposit.examine(scope, by, [checking.read_invoice(content["content"])], named)
    with scope.reading() as db:
        if queries.number_taken(db, row["supplier_structure_id"], row["number"], row["invoice_id"]):
            raise errors.DuplicateInvoice(number=row["number"])
    if examined.refused:
        raise refused(examined.findings, request.language)
    with scope.begin() as tx:
        sent = _store_sending(tx, scope, row, content["report"], examined, by)
        return tx.answer(
            contract.SendInvoice.Reply(invoice=views.invoice(tx, sent, allowed.sides(sent), request.language, scope))
        )


def _draft(
    request: contract.SendInvoice.Request, scope: Any
) -> tuple[rights.Rights, Mapping[str, Any], Mapping[str, Any]]:
    """Return the draft as its supplier may send it. Raises Conflict when it is at another version than the caller
    saw."""
    allowed = rights.ask(scope)
    what = f"invoice {request.invoice_id}"
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=request.invoice_id)
        require_side(allowed.check_visible(row, what), "supplier")
        if row["version"] != request.version:
            raise errors.Conflict(what=f"invoice {row['number']}")
        return allowed, row, queries.content(db, row["invoice_id"])


def _store_sending(
    tx: Any, scope: Any, row: Mapping[str, Any], report: Mapping[str, Any], examined: Examined, by: deposit.Depositor
) -> Mapping[str, Any]:
    """Take the number; both transitions are one change, since nobody may see the first without the second."""
    if examined.circuit is not None:
        return _store_in_circuit(tx, scope, row, report, examined, by)
    before = storing.digest(tx, row)
    read = examined.read
    goes = storing.route_values(examined.route, read.recipient_siret, read.recipient_name, read.code_service)
    [delay] = delays.opening(tx, [{**row, **goes}])
    repository.change_invoice(
        tx,
        row["invoice_id"],
        row["version"],
        row["number"],
        status="MISE_A_DISPOSITION",
        **goes,
        **delay.columns,
        **storing.sent_values(tx.now, row["original_sha256"]),
        **storing.search_values({**row, **goes}),
    )
    delays.keep(tx, delay)
    repository.replace_report(
        tx, row["invoice_id"], {**report, "own": [finding.stored() for finding in examined.findings]}
    )
    sent = queries.invoice_row(tx, invoice_id=row["invoice_id"])
    storing.record_sending(
        tx,
        scope.resources.sealer,
        sent,
        status_from=row["status"],
        before=before,
        actor=by.actor,
        actor_name=by.actor_name,
        structure_name=by.structure.name,
    )
    return sent


def _store_in_circuit(
    tx: Any, scope: Any, row: Mapping[str, Any], report: Mapping[str, Any], examined: Examined, by: deposit.Depositor
) -> Mapping[str, Any]:
    """Take the number, and give the invoice to those who validate it."""
    read = examined.read
    goes = storing.route_values(examined.route, read.recipient_siret, read.recipient_name, read.code_service)
    more = {**goes, **storing.sent_values(tx.now, row["original_sha256"]), **storing.search_values({**row, **goes})}
    more["destined_structure_id"] = goes["recipient_structure_id"]
    repository.replace_report(tx, row["invoice_id"], {**report, "own": [finding.stored() for finding in examined.findings]})
    going = validating.begin(examined.circuit, row["status"], examined.roles)
    act = validating.Act("supplier", by.actor, "send", by.actor_name, by.structure.name)
    return validating.carry_out(tx, scope, row, going, act, parties.rows(row, examined.parties), more)


def refused(findings: Sequence[Finding], language: str) -> errors.InvoiceRefused:
    """Return the error that tells every finding of an invoice that cannot go where it says."""
    count = sum(finding.severity == "error" for finding in findings)
    return errors.InvoiceRefused(
        count=count, stage="routing", findings=[finding.shown(language).dump() for finding in findings]
    )


def require_side(sides: Mapping[str, str], side: str) -> None:
    """Raise Forbidden unless the actor has MODIFICATION on that side of the invoice."""
    if sides.get(side) != WRITE:
        raise errors.Forbidden(needed=f"{ESPACE_OF_SIDE[side]}, {WRITE}")


def delete_draft(request: contract.DeleteDraft.Request, scope: Any) -> contract.DeleteDraft.Reply:
    """Delete a draft; its number is free again, and its history keeps that it was."""
    actor = scope.actor.origin
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=request.invoice_id)
    require_side(allowed.check_visible(row, f"invoice {request.invoice_id}"), "supplier")
    circuits.table_of(row).transition(row["status"], "SUPPRIMEE", call="delete")
    with scope.begin() as tx:
        line = history.Line(
            invoice_id=row["invoice_id"],
            actor=actor.reference,
            actor_name=actor.name,
            structure_name=row["supplier_name"],
            action="delete",
            status_from=row["status"],
            status_to="SUPPRIMEE",
            before=storing.digest(tx, row),
        )
        typed = entry_repository.row(tx, row["invoice_id"])
        if typed is not None:
            entry_repository.give_back(tx, row["supplier_structure_id"], typed["given_number"])
        repository.delete_draft(tx, row["invoice_id"], row["version"], row["number"])
        history.append(tx, scope.resources.sealer, row["supplier_structure_id"], [line])
        return tx.answer(contract.DeleteDraft.Reply())


def search_invoices(request: contract.SearchInvoices.Request, scope: Any) -> contract.SearchInvoices.Reply:
    """List invoices of one side, within what the actor may see."""
    allowed = rights.ask(scope)
    within = rights.searchable(allowed, ESPACE_OF_SIDE[request.side], request.structure_id)
    now, host = scope.clock.now(), scope.resources.espaces
    finished = archives.Finished(host)
    with scope.reading() as db:
        found = searching.search(db, request, within, now, finished, circuits.awaiting_supplier(host))
        overdue = _returns_overdue(db, allowed, now) if request.with_returns else 0
    invoices = [
        contract.InvoiceSummary(**views.summary(row, scope), archived=finished.is_archived(row, now)) for row in found.rows
    ]
    return contract.SearchInvoices.Reply(
        invoices=invoices, total=found.total, total_exact=found.exact, next=found.next, previous=found.previous, returns_overdue=overdue
    )


def _returns_overdue(db: Any, allowed: rights.Rights, now: Any) -> int:
    acknowledges = allowed.structures_with(rights.ISSUED, WRITE)
    _, overdue = work_queries.count_unacknowledged(
        db, acknowledges, lifecycle.TO_ACKNOWLEDGE, now - lifecycle.COMPULSORY_AFTER
    )
    return overdue


def get_invoice(request: contract.GetInvoice.Request, scope: Any) -> contract.GetInvoice.Reply:
    """Read one invoice with its history and the moves that the actor may make."""
    if request.invoice_id is None and request.portal_number is None:
        raise errors.Invalid(what="GetInvoice", fields={"invoice_id": ["invoice_id or portal_number"]})
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=request.invoice_id, portal_number=request.portal_number)
        row = as_mandataire(db, scope, allowed, row)
        sides = allowed.check_visible(row, f"invoice {request.invoice_id or request.portal_number}")
        row = queries.with_all_parties(db, row)
        return contract.GetInvoice.Reply(invoice=views.invoice(db, row, sides, request.language, scope))


def as_mandataire(
    db: Any, scope: Any, allowed: rights.Rights, row: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    holds = row is not None and allowed.holds_mandat_of(row["supplier_structure_id"])
    return queries.for_mandataire(db, row, scope.actor.origin.reference, holds)


def document_file(request: contract.DocumentFile.Request, scope: Any) -> contract.DocumentFile.Reply:
    """Tell where a document lies; the readable PDF is made at its first reading, once per language."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = as_mandataire(db, scope, allowed, queries.invoice_row(db, invoice_id=request.invoice_id))
        allowed.check_visible(row, f"invoice {request.invoice_id}")
        documents = queries.documents(db, request.invoice_id)
    found = _chosen(documents, request)
    if found is None and request.kind == "readable":
        found = _as_laid_out(documents) or _readable(scope, row, documents, request.language)
    if found is None:
        raise errors.NotFound(what=f"document {request.document_id or request.kind}")
    return contract.DocumentFile.Reply(document=views.shown_document(found))


def _chosen(documents: Any, request: contract.DocumentFile.Request) -> Mapping[str, Any] | None:
    wanted = [each for each in documents if each["kind"] == request.kind]
    if request.document_id is not None:
        wanted = [each for each in wanted if each["document_id"] == request.document_id]
    elif request.kind == "readable":
        wanted = [each for each in wanted if each["language"] == request.language]
    elif request.kind == "document":
        return None
    return wanted[0] if wanted else None


def _as_laid_out(documents: Any) -> Mapping[str, Any] | None:
    """Return the PDF from which the invoice was entered: what its supplier laid out is what people read."""
    found = next((each for each in documents if each["type"] == "LISIBLE"), None)
    return {**found, "kind": "readable"} if found is not None else None


def _readable(scope: Any, row: Mapping[str, Any], documents: Any, language: str) -> Mapping[str, Any] | None:
    """Return the deposited PDF if the invoice came as one, else make the readable PDF and keep it."""
    original = next((each for each in documents if each["kind"] == "original"), None)
    if original is None:
        return None
    if original["mime"] == "application/pdf":
        return {**original, "kind": "readable"}
    content = checking.stored_file(scope.resources.blobs, original["sha256"])
    answer, pdf = checking.run(scope.resources.engine, {"op": "render", "lang": language}, content)
    if not pdf:
        raise errors.EngineFailed(incident=str(answer.get("error") or answer.get("refused") or scope.correlation_id))
    sha256 = scope.resources.blobs.put(pdf)
    name = f"{_UNSAFE.sub('-', row['number'])}-{language}.pdf"
    with scope.begin() as tx:
        repository.insert_made(
            tx, row["invoice_id"], "readable", language=language, name=name, mime="application/pdf", size=len(pdf), sha256=sha256
        )
    with scope.reading() as db:
        kept = queries.documents(db, row["invoice_id"])
    return next(each for each in kept if each["kind"] == "readable" and each["language"] == language)


def count_work(request: contract.CountWork.Request, scope: Any) -> contract.CountWork.Reply:
    """Count what awaits the actor, by structure and side (R167)."""
    allowed = rights.ask(scope)
    counts: list[contract.WorkCounts] = []
    before = scope.clock.now() - lifecycle.COMPULSORY_AFTER
    awaiting = circuits.awaiting_supplier(scope.resources.espaces)
    with scope.reading() as db:
        acknowledges = allowed.structures_with(ESPACE_OF_SIDE["issued"], WRITE)
        returned = work_queries.count_by_structure(db, acknowledges, lifecycle.TO_ACKNOWLEDGE, before)
        for side in contract.SIDES:
            within = allowed.structures_with(ESPACE_OF_SIDE[side])
            counts += views.work_counts(side, queries.counts(db, side, within), returned if side == "issued" else {}, awaiting)
    return contract.CountWork.Reply(counts=counts)


def anchor_history(scope: Any) -> None:
    """Anchor every chain that grew, and copy what is not yet copied (RS-22)."""
    anchors.make(scope, history.CHAIN, scope.resources.sealer)
    anchors.publish(scope, history.CHAIN, scope.resources.anchors)


def partners_of_structure(
    request: contract.PartnersOfStructure.Request, scope: Any
) -> contract.PartnersOfStructure.Reply:
    """Page through the structures that have sent an invoice to this one (R007)."""
    rights.require_service(scope)
    with scope.reading() as db:
        found = queries.partners(db, request.structure_id, request.after, request.limit)
    return contract.PartnersOfStructure.Reply(structure_ids=found)


def verify_history(request: contract.VerifyHistory.Request, scope: Any) -> contract.VerifyHistory.Reply:
    """Recompute every chain of the history, and compare it with the anchors and their copies."""
    rights.require_service(scope)
    with scope.reading() as db:
        verdict = verification.verify(db, scope.resources.sealer, scope.resources.anchors)
    faults = [
        contract.ChainFault(structure_id=str(each.key or ""), number=each.number, fault=each.fault)
        for each in verdict.faults
    ]
    return contract.VerifyHistory.Reply(chains=verdict.chains, lines=verdict.lines, faults=faults)
