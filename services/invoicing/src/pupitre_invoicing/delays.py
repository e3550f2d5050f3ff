"""Storing the delay of an invoice: its events are kept, and the invoice's own columns say where they lead (for lists and timers)."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from . import model, payment_delay
from .payment_rules import PaymentRules
from .tables import delay_event

#: Columns of an invoice that follow from its delay's events.
NO_DELAY = {
    "delay_days": None,
    "delay_started_on": None,
    "due_on": None,
    "delay_state": None,
    "delay_ended_on": None,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a delay: the columns of its invoice, and the events to be kept once the invoice itself is changed. Of two that
    change one invoice at once, the loser must meet its version, not the number of an event."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()


def opening(tx: Any, invoices: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Start the delay of invoices that are made available now, one change for each, in their order."""
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    return [_opened(tx, each, rules, day) for each in invoices]


def _opened(tx: Any, row: Mapping[str, Any], rules: PaymentRules, day: datetime.date) -> Change:
    if not payment_delay.is_owed(row["kind"], row["cadre"]):
        return Change(NO_DELAY)
    return _added(tx, row["invoice_id"], [], payment_delay.start(day, rules.days_of(row["recipient_siret"], day)))


def follow(tx: Any, row: Mapping[str, Any], status_to: str) -> Change:
    """Say what a change of status does to the delay of an invoice."""
    events = events_of(tx, row["invoice_id"])
    delay = payment_delay.replay(events)
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    return _added(tx, row["invoice_id"], events, payment_delay.follow(delay, row["status"], status_to, day, rules))


def reopen(tx: Any, row: Mapping[str, Any], goes: Mapping[str, Any]) -> Change:
    """Start the delay of a recycled invoice afresh at its right recipient, where the rules say so."""
    events = events_of(tx, row["invoice_id"])
    delay = payment_delay.replay(events)
    if delay is None or delay.state != "ENDED":
        return Change()
    rules, day = tx.scope.resources.payment, model.civil_date(tx.now)
    return _added(tx, row["invoice_id"], events, payment_delay.start(day, rules.days_of(goes["recipient_siret"], day)))


def keep(tx: Any, *changes: Change) -> None:
    """Write the events of changes whose invoices are written."""
    rows = [dict(row) for change in changes for row in change.events]
    if rows:
        tx.execute(_INSERT, rows)


def keep_event(tx: Any, of: uuid.UUID, number: int, event: payment_delay.Event) -> None:
    """Write one event of what has its delay from its events alone."""
    tx.execute(_INSERT, [_row(tx, of, number, event)])


def taken_over(tx: Any, invoice_id: uuid.UUID, events: Sequence[payment_delay.Event]) -> Change:
    """Return the delay of an invoice that goes on from what happened before it was there."""
    rows = [_row(tx, invoice_id, number, event) for number, event in enumerate(events, 1)]
    return Change(_columns(payment_delay.replay(events)), rows)


def events_of(db: Any, invoice_id: uuid.UUID) -> list[payment_delay.Event]:
    """Return the events of an invoice's delay, in their order."""
    return [payment_delay.Event(**row) for row in db.execute(_EVENTS, {"this": invoice_id}).mappings()]


def _added(
    tx: Any, invoice_id: uuid.UUID, events: list[payment_delay.Event], event: payment_delay.Event | None
) -> Change:
    if event is None:
        return Change()
    return Change(_columns(payment_delay.replay([*events, event])), [_row(tx, invoice_id, len(events) + 1, event)])


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


_FIELDS = tuple(payment_delay.Event.__dataclass_fields__)
_INSERT = delay_event.insert()
_EVENTS = (
    sa.select(*(delay_event.c[name] for name in _FIELDS))
    .where(delay_event.c.invoice_id == sa.bindparam("this"))
    .order_by(delay_event.c.number)
)
