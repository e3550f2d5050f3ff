"""Invoices that are typed: drafts that are kept however incomplete they are, by whoever may deposit for their structure (R162, B.4)."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoicing_entry as calls

from . import (
    circuits,
    currencies,
    deposit,
    entry_invoice,
    entry_repository,
    entry_rules,
    entry_views,
    history,
    messages,
    model,
    parties,
    party_queries,
    queries,
    repository,
    rights,
    routing,
    scanning,
    storing,
    typed,
    vat_rates,
)
from .currencies import EUR
from .entry_fields import located
from .messages import Finding
from .use_cases import require_side

_SIRET = re.compile(r"\d{14}")
UNCONFIRMED_REPORT = {"verdict": "invalid", "stage": "routing", "format": None, "profile": None, "findings": [], "terms": {}}
DESIGNATION_LENGTH, TYPE_LENGTH = 100, 30


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry that was looked at: as it is kept, as it reads, where it goes, and what is wrong."""

    typed: dict[str, Any]
    read: typed.Read
    route: routing.Route | None
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def save_entry(request: calls.SaveEntry.Request, scope: Any) -> calls.SaveEntry.Reply:
    """Keep what was typed as a new draft, or in place of what the draft held at that version."""
    allowed = rights.ask(scope)
    row = kept = None
    if request.invoice_id is None:
        if request.structure_id is None:
            raise errors.Invalid(what="SaveEntry", fields={"structure_id": ["structure_id or invoice_id"]})
        allowed.require_deposit(request.structure_id)
    else:
        row, kept = draft(scope, allowed, request.invoice_id, request.version)
    structure_id = row["supplier_structure_id"] if row is not None else request.structure_id
    by = deposit.depositor(scope, structure_id, allowed, scope.actor.origin, request.language)
    looked = look_at(scope, by.structure, request.entry.dump())
    _check_files(request, scope, row)
    with scope.begin() as tx:
        number = (kept or {}).get("given_number")
        if row is None:
            row = create(tx, scope, by, looked, request.deposit_mode)
        else:
            _change(tx, scope, row, kept, by, looked, number)
        invoice_id = row["invoice_id"]
        entry_repository.change_documents(tx, invoice_id, request.document_changes or [])
        entry_repository.join(tx, invoice_id, [_document(each) for each in request.documents or []])
        return tx.answer(calls.SaveEntry.Reply(state=shown(tx, scope, invoice_id, by.structure, looked, request.language)))


def get_entry(request: calls.GetEntry.Request, scope: Any) -> calls.GetEntry.Reply:
    """Read a draft with what is wrong with it now: what a recipient demands may have changed since it was kept."""
    allowed = rights.ask(scope)
    row, kept = draft(scope, allowed, request.invoice_id, None, side_needed="read")
    by = deposit.depositor(scope, row["supplier_structure_id"], allowed, scope.actor.origin, request.language)
    looked = look_at(scope, by.structure, kept["typed"])
    with scope.reading() as db:
        return calls.GetEntry.Reply(state=shown(db, scope, row["invoice_id"], by.structure, looked, request.language))


def copy_invoice(request: calls.CopyInvoice.Request, scope: Any) -> calls.CopyInvoice.Reply:
    """Make a draft of an invoice, whether it was typed or deposited."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = _original(db, scope, allowed, request)
        kept = entry_repository.row(db, row["invoice_id"])
        content = queries.content(db, row["invoice_id"])["content"]
    found = entry_invoice.copy_of_entry(kept["typed"]) if kept is not None else entry_invoice.copy_of_invoice(content)
    if row.get("parties"):
        found["cadre"] = row["cadre"]
        found["parties"] = [{"role": each["role"], "identifier": each["identifier"]} for each in row["parties"]]
    allowed.require_deposit(row["supplier_structure_id"])
    by = deposit.depositor(scope, row["supplier_structure_id"], allowed, scope.actor.origin, request.language)
    found["issue_date"] = model.civil_date(scope.clock.now()).isoformat()
    looked = look_at(scope, by.structure, calls.Entry.load(found).dump())
    with scope.begin() as tx:
        made = create(tx, scope, by, looked, "SAISIE_PORTAIL")
        return tx.answer(calls.CopyInvoice.Reply(state=shown(tx, scope, made["invoice_id"], by.structure, looked, request.language)))


def _original(db: Any, scope: Any, allowed: rights.Rights, request: calls.CopyInvoice.Request) -> Mapping[str, Any]:
    if request.invoice_id is not None:
        row = queries.invoice_row(db, invoice_id=request.invoice_id)
        held = row is not None and allowed.holds_mandat_of(row["supplier_structure_id"])
        row = queries.for_mandataire(db, row, scope.actor.origin.reference, held)
        if "supplier" not in allowed.check_visible(row, f"invoice {request.invoice_id}"):
            raise errors.NotFound(what=f"invoice {request.invoice_id}")
        return row
    if request.structure_id is None:
        raise errors.Invalid(what="CopyInvoice", fields={"invoice_id": ["invoice_id or structure_id"]})
    allowed.require(request.structure_id, rights.ISSUED, rights.WRITE)
    row = queries.latest_sent(db, request.structure_id, request.recipient_siret)
    if row is None:
        raise errors.NotFound(what="invoice")
    return row


def draft(
    scope: Any, allowed: rights.Rights, invoice_id: uuid.UUID, version: int | None, side_needed: str = "write"
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the rows of a draft that was typed, as its supplier sees it. Raises NotFound for what is none or is another's, Conflict
    when it is at another version, TransitionForbidden once it is sent."""
    what = f"invoice {invoice_id}"
    with scope.reading() as db:
        row = queries.invoice_row(db, invoice_id=invoice_id)
        sides = allowed.check_visible(row, what)
        kept = entry_repository.row(db, invoice_id)
    if "supplier" not in sides or kept is None:
        raise errors.NotFound(what=what)
    if side_needed == "write":
        require_side(sides, "supplier")
    if row["status"] != "BROUILLON":
        raise errors.TransitionForbidden(status_from=row["status"], status_to="BROUILLON", allowed="aucun / none")
    if version is not None and row["version"] != version:
        raise errors.Conflict(what=f"invoice {row['number'] or invoice_id}")
    return row, kept


def look_at(scope: Any, structure: Any, entry: Mapping[str, Any]) -> Looked:
    """Read an entry, add it up, route it, and tell what is wrong with it, with one call for the recipient."""
    found = {**entry, "recipient_siret": re.sub(r"\s", "", entry.get("recipient_siret") or "")}
    found |= _origin_of(scope, structure, found)
    today = model.civil_date(scope.clock.now())
    read = typed.read(found, today)
    host = scope.resources.espaces
    circuit = circuits.of_cadre(host, found["cadre"], today)
    rates = vat_rates.rates(entry_views.territory_of(structure), read.values["issue_date"] or today)
    issued = read.values["issue_date"]
    findings = entry_rules.check(
        found, read, rates, {*model.ACCEPTED_CADRES, *host.cadres()}, currencies.accepted(issued or today)
    )
    if issued is not None and issued > today:
        late = messages.finding("PUP-ISSUE-DATE", location="issue_date", issued=issued.isoformat(), deposited=today.isoformat())
        findings.append(late)
    findings += [*model.check_depositor(structure.name, structure.active), *_paid(found, read)]
    goes, named = _destination(found), parties.typed(found)
    validators = parties.of_circuit(circuit, named).values()
    resolved = deposit.recipients(scope, [(goes.siret, goes.code_service), *((each, None) for each in validators)])
    known = {siret: each.structure for (siret, _), each in resolved.items()}
    findings += parties.judge(circuit, found["cadre"], named, known, structure.structure_id)[1]
    route = None
    if found["recipient_siret"]:
        route = routing.route(goes, resolved.get((goes.siret, goes.code_service or "")))
        findings += located(route.findings, ())
    return Looked(found, read, route, tuple(findings))


def _origin_of(scope: Any, structure: Any, entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the date of the invoice that an avoir corrects, where it was sent through the portal and none was typed."""
    number = (entry.get("origin_number") or "").strip()
    if entry.get("kind") != "AVOIR" or not number or (entry.get("origin_date") or "").strip():
        return {}
    with scope.reading() as db:
        issued = queries.issue_date_of(db, structure.structure_id, number)
    return {"origin_date": issued.isoformat()} if issued is not None else {}


def _paid(entry: Mapping[str, Any], read: typed.Read) -> list[Finding]:
    """A2 says that everything is paid already (section C)."""
    if entry.get("cadre") != "A2" or not read.sums.due:
        return []
    return [messages.finding("PUP-CADRE-PAID", location="prepaid", cadre="A2", due=f"{read.sums.due:f}")]


def _destination(entry: Mapping[str, Any]) -> routing.Destination:
    siret = entry["recipient_siret"]
    code_service, engagement = ((entry.get(name) or "").strip() or None for name in ("code_service", "engagement"))
    return routing.Destination(siret, code_service, engagement)


def create(tx: Any, scope: Any, by: deposit.Depositor, looked: Looked, deposit_mode: str) -> Mapping[str, Any]:
    """Write a new draft without a file."""
    values = {
        "invoice_id": uuid.uuid4(),
        "lifecycle": storing.LIFECYCLE,
        "status": "BROUILLON",
        "version": 1,
        "created_at": tx.now,
        "status_at": tx.now,
        "supplier_structure_id": by.structure.structure_id,
        "supplier_identifier": by.structure.identifier,
        "supplier_name": by.structure.name,
        "deposit_mode": deposit_mode,
        "original_sha256": "",
        **storing.made_by(by.actor, by.actor_name),
        **columns(tx, looked, by.structure, None),
    }
    repository.insert_invoice(tx, values)
    invoice_id = values["invoice_id"]
    stub = {**UNCONFIRMED_REPORT, "own": [finding.stored() for finding in looked.findings]}
    repository.insert_content(tx, invoice_id, format=None, profile=None, content={}, report=stub)
    entry_repository.insert(tx, invoice_id, looked.typed, by.actor_name)
    row = queries.invoice_row(tx, invoice_id=invoice_id)
    append(tx, scope, row, by, "prepare", status_to="BROUILLON", before=None)
    return row


def _change(
    tx: Any, scope: Any, row: Mapping[str, Any], kept: Mapping[str, Any], by: deposit.Depositor, looked: Looked, number: str | None
) -> None:
    """Put another entry in a draft's place; one that was confirmed goes back to being typed."""
    invoice_id = row["invoice_id"]
    before = storing.digest(tx, row)
    repository.change_draft(tx, row, {"original_sha256": "", **columns(tx, looked, by.structure, number)})
    party_queries.replace(tx, [invoice_id], [])
    entry_repository.change(tx, invoice_id, typed=looked.typed, confirmed=False, saved_at=tx.now, saved_by=by.actor_name)
    stub = {**UNCONFIRMED_REPORT, "own": [finding.stored() for finding in looked.findings]}
    repository.replace_report(tx, invoice_id, stub)
    if kept["confirmed"]:
        entry_repository.drop_written(tx, invoice_id)
        append(tx, scope, queries.invoice_row(tx, invoice_id=invoice_id), by, "reopen", status_to=None, before=before)


def append(
    tx: Any, scope: Any, row: Mapping[str, Any], by: deposit.Depositor, action: str, *, status_to: str | None, before: str | None
) -> None:
    """Write a line of history about a draft. What is typed leaves none until it is confirmed: a page saves itself while one types."""
    line = history.Line(
        invoice_id=row["invoice_id"],
        actor=by.actor,
        actor_name=by.actor_name,
        structure_name=by.structure.name,
        action=action,
        status_to=status_to,
        before=before,
        after=storing.digest(tx, row),
    )
    history.append(tx, scope.resources.sealer, row["supplier_structure_id"], [line])


def columns(tx: Any, looked: Looked, structure: Any, given_number: str | None) -> dict[str, Any]:
    """Return what lists show of an entry."""
    entry, sums = looked.typed, looked.read.sums
    number = (entry.get("number") or "").strip() or (given_number if entry.get("generate_number") else None) or ""
    texts = {name: (entry.get(name) or "").strip() or None for name in ("engagement", "contract", "code_service", "recipient_siret")}
    values = {
        "number": number,
        "number_key": model.number_key(number),
        "kind": entry["kind"],
        "cadre": entry.get("cadre") or "A1",
        "issue_date": looked.read.values["issue_date"] or model.civil_date(tx.now),
        "engagement": texts["engagement"],
        "contract": texts["contract"],
        "currency": typed.currency_of(entry),
        "net": storing.storable(sums.net),
        "vat": storing.storable(sums.tax),
        "vat_eur": storing.storable(looked.read.tax_eur) if typed.currency_of(entry) != EUR else None,
        "gross": storing.storable(sums.gross),
        "due": storing.storable(sums.due),
        "search_origin": storing.origin_key([entry.get("origin_number") if entry["kind"] == "AVOIR" else None]),
    }
    route = looked.route or routing.Route(None, None, ())
    values |= storing.route_values(route, texts["recipient_siret"], None, texts["code_service"])
    names = {"supplier_name": structure.name, "supplier_identifier": structure.identifier}
    return values | storing.search_values(values | names)


def shown(
    db: Any, scope: Any, invoice_id: uuid.UUID, structure: Any, looked: Looked, language: str
) -> calls.EntryState:
    """Return a draft as it is kept, with what was found, a number that is taken among it."""
    row = queries.invoice_row(db, invoice_id=invoice_id)
    kept = entry_repository.row(db, invoice_id)
    findings = [*looked.findings, *_number_taken(db, row)]
    return entry_views.state(db, row, kept, looked.read, findings, structure, scope, language)


def _number_taken(db: Any, row: Mapping[str, Any]) -> list[Finding]:
    if not row["number"]:
        return []
    return located(storing.number_finding(db, row["supplier_structure_id"], row["number"], row["invoice_id"]), ())


def _document(each: Any) -> dict[str, Any]:
    return {name: each.values[name] for name in calls.NewEntryDocument.declared}


def _check_files(request: calls.SaveEntry.Request, scope: Any, row: Mapping[str, Any] | None) -> None:
    """Raise Invalid for files that an invoice cannot have (H.8)."""
    new = request.documents or []
    if not new:
        return
    stored = 0
    if row is not None:
        removed = {each.document_id for each in request.document_changes or [] if each.remove}
        with scope.reading() as db:
            stored = sum(each["size"] for each in queries.documents(db, row["invoice_id"]) if each["document_id"] not in removed)
    faults = model.check_documents(new, stored)
    for each in new:
        if not faults.get(each.name) and (found := scanning.content_faults(scope, each)):
            faults[each.name] = found
        if len(each.designation or "") > DESIGNATION_LENGTH or len(each.type or "") > TYPE_LENGTH:
            faults.setdefault(each.name, []).append(messages.TEXTS["designation-long"])
    if faults:
        raise errors.Invalid(what="documents", fields=faults)
