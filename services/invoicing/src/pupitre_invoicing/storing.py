"""Storing an invoice: its rows, its history and its events, all in the transaction that the caller opened."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pupitre_bus.search_texts import search_key

from . import (
    delays,
    history,
    lifecycle,
    model,
    parties,
    party_queries,
    queries,
    refusals,
    repository,
    routing,
    validating,
)
from .checking import Judgement
from .deposit import Depositor, Examined, File
from .lifecycle import INVOICE_KIND as LIFECYCLE
from .messages import Finding
from .telling import digest, publish_sending


def number_finding(
    db: Any, structure_id: uuid.UUID, number: str, invoice_id: uuid.UUID | None = None
) -> tuple[Finding, ...]:
    """Return the finding that says that the number is taken, if it is; the unique index has the last word at
    sending."""
    first = queries.first_of_numbers(db, structure_id, [model.number_key(number)]).get(model.number_key(number))
    if first is None or first["invoice_id"] == invoice_id:
        return ()
    return (refusals.number_taken(number, first),)


def store_draft(
    tx: Any,
    sealer: history.Sealer,
    by: Depositor,
    examined: Examined,
    judgement: Judgement,
    file: File,
    deposit_mode: str,
    more: tuple[Finding, ...],
) -> Mapping[str, Any]:
    """Keep a draft with its file and report, and return its row."""
    values = values_of(tx, by, examined, file, deposit_mode) | made_by(by.actor, by.actor_name) | {"status": "BROUILLON", "version": 1}
    row = _store(tx, values, examined, judgement, file, more)
    if examined.parties:
        party_queries.replace(tx, [row["invoice_id"]], parties.rows(row, examined.parties))
    line = history.Line(
        invoice_id=row["invoice_id"],
        actor=by.actor,
        actor_name=by.actor_name,
        structure_name=by.structure.name,
        action="prepare",
        status_to="BROUILLON",
        after=digest(tx, row),
    )
    history.append(tx, sealer, by.structure.structure_id, [line])
    return row


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """An invoice that is sent at once."""

    invoice_id: uuid.UUID
    examined: Examined
    judgement: Judgement
    file: File

    @property
    def number(self) -> str:
        return self.examined.read.number.strip()


def store_sent(
    tx: Any,
    sealer: history.Sealer,
    by: Depositor,
    invoices: Sequence[Sent],
    deposit_mode: str,
    numero_flux: str,
) -> None:
    """Store invoices that are sent at once (flux): deposited, then made available. Raises DuplicateInvoice, and then none
    of them is stored."""
    rows, ways = [], []
    act = validating.Act("supplier", by.actor, "send", by.actor_name, by.structure.name)
    for each in invoices:
        values = values_of(tx, by, each.examined, each.file, deposit_mode) | sent_values(tx.now, each.file.sha256)
        values |= {"invoice_id": each.invoice_id, "status": "MISE_A_DISPOSITION", "version": 2, "numero_flux": numero_flux}
        values |= made_by(by.actor, by.actor_name)
        going = validating.begin(each.examined.circuit, None, each.examined.roles) if each.examined.circuit is not None else None
        ways.append(going)
        # Rows of one statement have the same columns.
        values |= {"destined_structure_id": None, **validating.NO_TIME}
        rows.append(values if going is None else values | validating.columns(going, values["recipient_structure_id"], tx.now))
    started = delays.opening(tx, [values for values in rows if values["recipient_structure_id"] is not None])
    opened = iter(started)
    rows = [values | (next(opened).columns if values["recipient_structure_id"] is not None else delays.NO_DELAY) for values in rows]
    named = {
        values["invoice_id"]: validating.parties_after(going, parties.rows(values, each.examined.parties), values, act, tx.now)
        for values, each, going in zip(rows, invoices, ways, strict=True)
        if going is not None
    }
    # Those who validate are written first: an invoice is seen by them.
    if named:
        party_queries.replace(tx, list(named), [row for each in named.values() for row in each])
    portal_numbers = repository.insert_invoices(tx, rows)
    delays.keep(tx, *started)
    repository.insert_contents(tx, [content_of(each.invoice_id, each.examined, each.judgement, ()) for each in invoices])
    files = [{"invoice_id": each.invoice_id, **_file(each.file)} for each in invoices]
    repository.insert_originals(tx, files)
    lines: list[history.Line] = []
    for values, going in zip(rows, ways, strict=True):
        row = values | {"portal_number": portal_numbers[values["invoice_id"]]}
        after = history.state_digest(row, [row["original_sha256"]])
        if going is not None:
            lines += validating.lines(going, row, act, None, after)
            validating.publish(tx, going, row, named[row["invoice_id"]], act)
            continue
        lines += sending_lines(
            row, after, status_from=None, before=None, actor=by.actor, actor_name=by.actor_name, structure_name=by.structure.name
        )
        publish_sending(tx, row, None, by.actor)
    history.append(tx, sealer, by.structure.structure_id, lines)


def sent_values(now: datetime.datetime, sha256: str) -> dict[str, Any]:
    """Return what sending sets: the deposit's moment and its receipt (RS-23)."""
    return {"deposited_at": now, "status_at": now, "receipt_sha256": sha256, "receipt_at": now}


def record_sending(
    tx: Any,
    sealer: history.Sealer,
    row: Mapping[str, Any],
    *,
    status_from: str | None,
    before: str | None,
    actor: str,
    actor_name: str | None,
    structure_name: str | None,
) -> None:
    """Write the history and the events of an invoice that has just been sent: DEPOSEE, then MISE_A_DISPOSITION by the
    system."""
    lines = sending_lines(
        row,
        digest(tx, row),
        status_from=status_from,
        before=before,
        actor=actor,
        actor_name=actor_name,
        structure_name=structure_name,
    )
    history.append(tx, sealer, row["supplier_structure_id"], lines)
    publish_sending(tx, row, status_from, actor)


def sending_lines(
    row: Mapping[str, Any],
    after: str,
    *,
    status_from: str | None,
    before: str | None,
    actor: str,
    actor_name: str | None,
    structure_name: str | None,
) -> list[history.Line]:
    """Return the two lines of the history that say an invoice was sent; ``after`` is the digest of its state."""
    deposited = history.Line(
        invoice_id=row["invoice_id"],
        actor=actor,
        actor_name=actor_name,
        structure_name=structure_name,
        action="send",
        status_from=status_from,
        status_to="DEPOSEE",
        before=before,
        after=after,
    )
    available = history.Line(
        invoice_id=row["invoice_id"],
        actor="service:invoicing",
        action="route",
        status_from="DEPOSEE",
        status_to="MISE_A_DISPOSITION",
        before=after,
        after=after,
    )
    return [deposited, available]


def _store(
    tx: Any, values: dict[str, Any], examined: Examined, judgement: Judgement, file: File, more: tuple[Finding, ...]
) -> Mapping[str, Any]:
    invoice_id = values["invoice_id"]
    repository.insert_invoice(tx, values)
    repository.insert_contents(tx, [content_of(invoice_id, examined, judgement, more)])
    repository.insert_originals(tx, [{"invoice_id": invoice_id, **_file(file)}])
    return queries.invoice_row(tx, invoice_id=invoice_id)


def content_of(
    invoice_id: uuid.UUID, examined: Examined, judgement: Judgement, more: tuple[Finding, ...]
) -> dict[str, Any]:
    """Return what is kept of what was read in an invoice's file, with the report."""
    return {
        "invoice_id": invoice_id,
        "format": judgement.format,
        "profile": judgement.profile,
        "content": {name: value for name, value in examined.read.content.items() if value is not None},
        "report": judgement.stored((*more, *examined.findings)),
    }


def _file(file: File) -> dict[str, Any]:
    return {"name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256}


def values_of(tx: Any, by: Depositor, examined: Examined, file: File, deposit_mode: str) -> dict[str, Any]:
    """Return the columns of a new invoice, but its status and version."""
    read = examined.read
    values = {
        "invoice_id": uuid.uuid4(),
        "lifecycle": lifecycle.in_force(LIFECYCLE, model.civil_date(tx.now)).name,
        "number": read.number.strip(),
        "number_key": model.number_key(read.number),
        "kind": read.kind,
        "cadre": read.cadre,
        "issue_date": read.issue_date,
        "created_at": tx.now,
        "status_at": tx.now,
        "supplier_structure_id": by.structure.structure_id,
        "supplier_identifier": by.structure.identifier,
        "supplier_name": by.structure.name,
        "engagement": read.engagement,
        "contract": read.contract,
        "currency": read.currency,
        "net": storable(read.net),
        "vat": storable(read.vat),
        "vat_eur": storable(read.vat_eur),
        "gross": storable(read.gross),
        "due": storable(read.due),
        "deposit_mode": deposit_mode,
        "original_sha256": file.sha256,
        "search_origin": origin_key(each.get("number") for each in read.content.get("preceding") or ()),
    }
    values |= route_values(examined.route, read.recipient_siret, read.recipient_name, read.code_service)
    return values | search_values(values)


def route_values(route: routing.Route, siret: str | None, name: str | None, code_service: str | None) -> dict[str, Any]:
    """Return the columns that say where an invoice goes."""
    structure, service = route.structure, route.structure_service
    return {
        "recipient_structure_id": structure.structure_id if structure is not None else None,
        "recipient_siret": siret,
        "recipient_name": structure.name if structure is not None else name,
        "structure_service_id": service.structure_service_id if service is not None else None,
        "code_service": service.code if service is not None else code_service,
    }


def search_values(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the columns that searches compare: the key of each text, and all texts together."""
    keys = {column: search_key(values[name]) for column, name in _SEARCHED.items() if values.get(name)}
    return {**dict.fromkeys(_SEARCHED), **keys, "searched": "\n".join([*keys.values(), *_identifiers(values)])}


def made_by(actor: str, name: str | None) -> dict[str, str | None]:
    """Return the columns that say who made an invoice: they never change."""
    return {"created_by": actor, "search_creator": search_key(name) or None}


def origin_key(numbers: Iterable[str | None]) -> str | None:
    """Return what searches compare of the invoices that an invoice names, one a line."""
    return "\n".join(dict.fromkeys(key for each in numbers if (key := search_key(each)))) or None


_SEARCHED = {
    "search_number": "number",
    "search_supplier": "supplier_name",
    "search_recipient": "recipient_name",
    "search_service": "code_service",
    "search_engagement": "engagement",
    "search_contract": "contract",
}


def _identifiers(values: Mapping[str, Any]) -> list[str]:
    return [search_key(values[name]) for name in ("supplier_identifier", "recipient_siret") if values.get(name)]


def storable(amount: Decimal | None) -> Decimal | None:
    """Return an amount as the table keeps it; one that it cannot keep is left out, and PUP-AMOUNT has refused the
    invoice."""
    if amount is None or abs(amount) > model.LARGEST_AMOUNT:
        return None
    return amount.quantize(Decimal("0.01"))
