"""The délai global de paiement of a request (B.6): that of the claim, which is the dossier's where the kind has dossiers.

Each passage may act on it; what it really does follows from what was done before (`passages.effect_on_delay`). The events are those of
invoices, kept under the id of the request whose passage made them; an invoice that takes the claim over takes them with it.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_espaces import passages

from . import delays, model, payment_delay, request_parties
from .payment_delay import Event
from .request_kinds import Known
from .request_tables import request
from .tables import delay_event

_DONE = {"START": "start", "INTERRUPT": "interrupt", "RESUME": "resume", "END": "end"}


def of_claim(db: Any, row: Mapping[str, Any]) -> list[Event]:
    """Return the events of the claim to which a request belongs, in their order."""
    pieces = sa.select(request.c.request_id).where(request.c.dossier_id == row["dossier_id"])
    mine = delay_event.c.invoice_id == row["request_id"]
    if row["dossier_id"] is not None:
        mine = sa.or_(mine, delay_event.c.invoice_id.in_(pieces))
    columns = [delay_event.c[name] for name in Event.__dataclass_fields__]
    order = (delay_event.c.at, delay_event.c.on, delay_event.c.number)
    return [Event(**each) for each in db.execute(sa.select(*columns).where(mine).order_by(*order)).mappings()]


def follow(tx: Any, known: Known, row: Mapping[str, Any], made: Sequence[passages.Passage]) -> None:
    """Keep what passages of a request do to the délai of its claim."""
    if not any(each.row.delay for each in made):
        return
    claim, own = of_claim(tx, row), len(delays.events_of(tx, row["request_id"]))
    for each in made:
        done = [_DONE[event.kind] for event in claim if event.effect]
        what = passages.effect_on_delay(done, each.row.delay)
        if what:
            event = _event(tx, known, row, claim, each, what)
            own += 1
            delays.keep_event(tx, row["request_id"], own, event)
            claim.append(event)


def hand_over(tx: Any, row: Mapping[str, Any], invoice_id: uuid.UUID) -> delays.Change | None:
    """Return the délai of an invoice that takes the claim over, with the day on which it began; None for a claim without one."""
    running: list[Event] = []
    for event in of_claim(tx, row):
        running = [event] if event.kind == "START" else [*running, event]
    if not running or running[-1].kind == "END":
        return None
    return delays.taken_over(tx, invoice_id, running)


def _event(
    tx: Any, known: Known, row: Mapping[str, Any], claim: Sequence[Event], passage: passages.Passage, what: str
) -> Event:
    day, rules = model.civil_date(tx.now), tx.scope.resources.payment
    delay = payment_delay.replay(claim)
    if what == "start":
        payment = known.kind.payment
        payer = request_parties.of_role(row["parties"], payment.payer) if payment is not None else None
        return payment_delay.start(day, rules.days_of(payer["identifier"] if payer is not None else None, day))
    if what == "interrupt":
        return payment_delay.interrupted(delay, passage.source, day)
    if what == "resume":
        return payment_delay.resumed(delay, day)
    return Event("END", day, delay.days, delay.due_on, reason=payment_delay.ENDS.get(passage.target, "rejected"))
