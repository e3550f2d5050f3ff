"""Storing the delay of an invoice: its events are kept, and the invoice's own columns say where they lead (for lists and timers)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from . import model, payment_delay
from .tables import delay_event

#: Columns of an invoice that follow from its delay's events.
NO_DELAY = {
    "delay_days": None,
    "delay_started_on": None,
    "due_on": None,
    "delay_state": None,
    "delay_ended_on": None,
}


def opening(tx: Any, invoices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Start the delay of invoices that are made available now, and return the columns of each, in their order."""
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    columns, events = [], []
    for each in invoices:
        if not payment_delay.is_owed(each["kind"], each["cadre"]):
            columns.append(NO_DELAY)
            continue
        event = payment_delay.start(day, rules.days_of(each["recipient_siret"], day))
        events.append((each["invoice_id"], event))
        columns.append(_columns(payment_delay.replay([event])))
    _keep(tx, [_row(tx, invoice_id, 1, event) for invoice_id, event in events])
    return columns


def follow(tx: Any, row: Mapping[str, Any], status_to: str) -> dict[str, Any]:
    """Keep what a change of status does to the delay of an invoice, and return the columns that change by it."""
    events = events_of(tx, row["invoice_id"])
    delay = payment_delay.replay(events)
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    event = payment_delay.follow(delay, row["status"], status_to, day, rules)
    return _added(tx, row["invoice_id"], events, event)


def reopen(tx: Any, row: Mapping[str, Any], goes: Mapping[str, Any]) -> dict[str, Any]:
    """Start the delay of a recycled invoice afresh at its right recipient, where the rules say so."""
    events = events_of(tx, row["invoice_id"])
    delay = payment_delay.replay(events)
    if delay is None or delay.state != "ENDED":
        return {}
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    return _added(tx, row["invoice_id"], events, payment_delay.start(day, rules.days_of(goes["recipient_siret"], day)))


def events_of(db: Any, invoice_id: uuid.UUID) -> list[payment_delay.Event]:
    """Return the events of an invoice's delay, in their order."""
    return [payment_delay.Event(**row) for row in db.execute(_EVENTS, {"this": invoice_id}).mappings()]


def _added(
    tx: Any, invoice_id: uuid.UUID, events: list[payment_delay.Event], event: payment_delay.Event | None
) -> dict[str, Any]:
    if event is None:
        return {}
    _keep(tx, [_row(tx, invoice_id, len(events) + 1, event)])
    return _columns(payment_delay.replay([*events, event]))


def _columns(delay: payment_delay.Delay) -> dict[str, Any]:
    return {
        "delay_days": delay.days,
        "delay_started_on": delay.started_on,
        "due_on": delay.due_on,
        "delay_state": delay.state,
        "delay_ended_on": delay.ended_on,
    }


def _row(tx: Any, invoice_id: uuid.UUID, number: int, event: payment_delay.Event) -> dict[str, Any]:
    return {"invoice_id": invoice_id, "number": number, "at": tx.now, **{name: getattr(event, name) for name in _FIELDS}}


def _keep(tx: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(_INSERT, rows)


_FIELDS = tuple(payment_delay.Event.__dataclass_fields__)
_INSERT = delay_event.insert()
_EVENTS = (
    sa.select(*(delay_event.c[name] for name in _FIELDS))
    .where(delay_event.c.invoice_id == sa.bindparam("this"))
    .order_by(delay_event.c.number)
)
