"""What callers get to see: contract messages made of stored rows, in the reader's language."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pupitre_contracts import errors, flux_report
from pupitre_contracts import invoicing as contract
from pupitre_espaces.lifecycle import BEFORE, Transition

from . import catalogue, circuits, delays, model, party_queries, payment_delay, queries
from .lifecycle import LABELS, TO_DO, UNTREATED
from .messages import Finding
from .motives import MOTIVES
from .rights import WRITE


def summary(row: Mapping[str, Any], scope: Any) -> dict[str, Any]:
    """Return the fields of an InvoiceSummary, its delay counted from today."""
    label_fr, label_en = circuits.label(scope.resources.espaces, row)
    values = {name: row[name] for name in contract.InvoiceSummary.declared if name in row}
    left = payment_delay.days_left(row, model.civil_date(scope.clock.now()))
    values["days_left"] = left
    if left is not None and left <= scope.resources.payment.warn_days:
        values["delay_alert"] = "late" if left < 0 else "soon"
    values["in_validation"] = circuits.in_validation(row) or None
    if values["recipient_structure_id"] is None:
        values["recipient_structure_id"] = row["destined_structure_id"]
    return {**values, "status_label_fr": label_fr, "status_label_en": label_en}


def invoice(db: Any, row: Mapping[str, Any], sides: Mapping[str, str], language: str, scope: Any) -> contract.Invoice:
    """Return the whole invoice as an actor sees it from ``sides`` (side: his profile there)."""
    stored = queries.content(db, row["invoice_id"])
    interest = payment_delay.interest_on(row, model.civil_date(scope.clock.now()), scope.resources.payment)
    return contract.Invoice(
        **summary(row, scope),
        format=stored["format"],
        profile=stored["profile"],
        content=stored["content"],
        report=report(stored["report"], language),
        documents=[shown_document(each) for each in queries.documents(db, row["invoice_id"])],
        history=[_history_entry(line) for line in queries.history_lines(db, row["invoice_id"])],
        moves=list(moves(row, sides)),
        receipt_sha256=row["receipt_sha256"],
        receipt_at=row["receipt_at"],
        delay_events=[contract.DelayEvent(**_fields_of(each)) for each in delays.events_of(db, row["invoice_id"])],
        interest=contract.Interest(**_fields_of(interest)) if interest is not None else None,
        parties=[party(each) for each in row["parties"]] if row.get("parties") else None,
        **_in_circuit(db, row, sides, scope),
    )


def party(row: Mapping[str, Any]) -> contract.InvoiceParty:
    """Return one who validates an invoice."""
    values = {name: row[name] for name in contract.InvoiceParty.declared if name in row}
    return contract.InvoiceParty(**values, sees=row["seen_by_id"] is not None)


def _in_circuit(db: Any, row: Mapping[str, Any], sides: Mapping[str, str], scope: Any) -> dict[str, Any]:
    """Return what an actor may do with an invoice that others validate, and whether its plugin is away."""
    if not circuits.in_validation(row):
        return {}
    circuit = circuits.of_row(scope.resources.espaces, row)
    if circuit is None:
        return {"plugin_away": True}
    writers = [side for side, profile in sides.items() if profile == WRITE]
    allowed = circuit.table.allowed(row["status"], writers, "move", circuit.cadre.code)
    before = party_queries.status_before(db, row) if any(each.target == BEFORE for each in allowed) else None
    return {"role_moves": [_role_move(circuit, each, before or row["status"]) for each in allowed]}


def _role_move(circuit: circuits.Circuit, each: Transition, before: str) -> contract.RequestMove:
    label = each.label or circuit.table.label(before if each.target == BEFORE else each.target)
    statement = each.statement
    return contract.RequestMove(
        to=each.target,
        role=each.who,
        label_fr=label.fr,
        label_en=label.en,
        motive_required=each.motive == "required",
        motives=[contract.CodedMotive(code=one.code, label_fr=one.label.fr, label_en=one.label.en) for one in each.motives],
        statement_fr=statement.fr if statement is not None else None,
        statement_en=statement.en if statement is not None else None,
        corrects=sorted(each.corrects),
        documents=each.documents,
    )


def _fields_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def moves(row: Mapping[str, Any], sides: Mapping[str, str]) -> Iterable[contract.Move]:
    """Return what an actor with these profiles may do with a sent invoice: the moves of MoveInvoice, and DEPOSEE where
    RecycleInvoice would send it again."""
    writers = [side for side, profile in sides.items() if profile == WRITE]
    if circuits.in_validation(row):
        return
    for each in circuits.table_of(row).allowed(row["status"], writers):
        if each.call not in ("move", "recycle"):
            continue
        label_fr, label_en = LABELS[each.target]
        yield contract.Move(
            to=each.target,
            label_fr=label_fr,
            label_en=label_en,
            motive_required=each.motive == "required",
            side=each.who,
            mandat_refused=each.condition == "mandat-refused",
            motives=[
                contract.CodedMotive(code=code, label_fr=french, label_en=english)
                for code, (french, english) in MOTIVES.get(each.target, {}).items()
            ],
        )


def explanation(row: Mapping[str, Any], judged: Any) -> dict[str, str]:
    """Return why a message that the invoice has overtaken changed nothing, in both languages; nothing for one that was carried
    out."""
    if judged.transition is not None:
        return {}
    (asked_fr, asked_en), (now_fr, now_en) = (LABELS.get(status, (status, status)) for status in (judged.to, row["status"]))
    return {
        "explanation_fr": f"Rien n'a changé : la facture est au statut « {now_fr} », le message « {asked_fr} » arrive trop tard. "
        "Il est gardé dans l'historique.",
        "explanation_en": f"Nothing changed: the invoice is at “{now_en}”, the message “{asked_en}” comes too late. "
        "It is kept in the history.",
    }


def in_words(error: errors.PupitreError, language: str) -> str:
    """Return an error's text with the names of statuses instead of their codes."""
    details = dict(error.details)
    for name in ("status_from", "status_to", "allowed"):
        if isinstance(details.get(name), str):
            codes = details[name].split(", ")
            details[name] = ", ".join(LABELS.get(code, (code, code))[language == "en"] for code in codes)
    return type(error)(**details).message(language)


def report(stored: Mapping[str, Any], language: str) -> contract.Report:
    """Return a stored report, its findings in ``language``."""
    own, found = stored["own"], stored["findings"]
    refused = stored["verdict"] == "valid" and any(each["severity"] == "error" for each in own)
    return contract.Report(
        verdict="invalid" if refused else stored["verdict"],
        stage="routing" if refused else stored["stage"],
        format=stored["format"],
        profile=stored["profile"],
        findings=[Finding(**each).shown(language) for each in (*own, *found)],
        terms=stored["terms"],
    )


def shown_document(row: Mapping[str, Any]) -> contract.Document:
    return contract.Document(**{name: row[name] for name in contract.Document.declared})


def _history_entry(line: Mapping[str, Any]) -> contract.HistoryEntry:
    return contract.HistoryEntry(**{name: line[name] for name in contract.HistoryEntry.declared})


def work_counts(
    side: str, counts: Mapping[uuid.UUID, Mapping[str, int]], returned: Mapping[uuid.UUID, tuple[int, int]],
    awaiting: Collection[str] = (),
) -> list[contract.WorkCounts]:
    """Return what waits in each structure; ``returned`` counts what is to be acknowledged there, and for how many it is compulsory,
    ``awaiting`` are statuses of validation that wait for the supplier."""
    return [
        contract.WorkCounts(
            structure_id=structure_id,
            side=side,
            to_do=sum(by_status.get(status, 0) for status in (*TO_DO[side], *((UNTREATED, *awaiting) if side == "issued" else ()))),
            drafts=by_status.get("BROUILLON", 0),
            total=sum(by_status.values()),
            returned=returned.get(structure_id, (0, 0))[0],
            returned_overdue=returned.get(structure_id, (0, 0))[1],
        )
        for structure_id, by_status in counts.items()
    ]


def flux(
    row: Mapping[str, Any], outcomes: Mapping[str, int], refused: Iterable[Mapping[str, Any]], language: str
) -> contract.Flux:
    """Return a flux with its errors: those of the flux itself, then those of each refused file."""
    technical = [_flux_error(Finding(**each), language, technical=True) for each in row["errors"]]
    return contract.Flux(
        **{name: row[name] for name in contract.Flux.declared if name in row and name != "errors"},
        total=sum(outcomes.values()) if row["listed"] else None,
        accepted=outcomes.get("accepted", 0),
        refused=outcomes.get("refused", 0) + outcomes.get("incident", 0),
        errors=technical + [error for item in refused for error in _item_errors(item, language)],
    )


def flux_file(item: Mapping[str, Any], language: str) -> flux_report.FluxFile:
    """Return a file of a flux with the errors that refused it."""
    return flux_report.FluxFile(
        position=item["position"],
        file_name=item["file_name"],
        outcome="refused" if item["outcome"] == "incident" else item["outcome"],
        number=item["number"],
        supplier_identifier=item["supplier_identifier"],
        recipient_siret=item["recipient_siret"],
        invoice_id=item["invoice_id"],
        portal_number=item["portal_number"],
        errors=list(_item_errors(item, language)),
    )


def _item_errors(item: Mapping[str, Any], language: str) -> Iterable[contract.FluxError]:
    for each in item["errors"]:
        if each["severity"] == "error":
            about = {
                "number": item["number"],
                "supplier_identifier": item["supplier_identifier"],
                "recipient_siret": item["recipient_siret"],
            }
            yield _flux_error(Finding(**each), language, technical=False, file=item["file_name"], **about)


def _flux_error(finding: Finding, language: str, **values: Any) -> contract.FluxError:
    shown = finding.shown(language)
    return contract.FluxError(
        code=shown.code,
        code_label=catalogue.label(shown.code, language),
        rule=shown.rule,
        term=shown.term,
        field=shown.field,
        value=shown.value,
        location=shown.location,
        message=shown.message,
        remedy=shown.remedy,
        first_invoice_id=uuid.UUID(finding.first_invoice_id) if finding.first_invoice_id else None,
        first_flux=finding.first_flux,
        **values,
    )
