"""The délai global de paiement as events, not as a counter (B.6): what starts, interrupts, resumes and ends it, and the interest
that lateness costs (B.7). Pure rules over days; figures come from :mod:`payment_rules`.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from .lifecycle import ORDERED
from .payment_rules import PaymentRules

Kind = Literal["START", "INTERRUPT", "RESUME", "END"]
State = Literal["RUNNING", "INTERRUPTED", "PAID", "ENDED"]

#: The new delay after the buyer has everything, unless more is left of a longer one (R. 2192-29).
RESUMED_DAYS = 30
#: What each status does to the delay; the others leave it as it is.
INTERRUPTS, RESUMES, RECYCLES, PAYS = "SUSPENDUE", "COMPLETEE", "A_RECYCLER", "MISE_EN_PAIEMENT"
ENDS = {"MISE_EN_PAIEMENT": "paid", "REJETEE": "rejected", "ABANDONNEE": "abandoned"}
#: Kinds and cadres that nobody owes money for.
_UNPAYABLE_KINDS, _PAID_CADRES = frozenset({"AVOIR"}), frozenset({"A2"})
_CENT = Decimal("0.01")
_DAYS_OF_YEAR = 365


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a delay on a day. ``effect`` is False for an interruption that the law gives no effect, and ``reason`` says
    why; ``due_on`` is the due date from then on, None while interrupted. ``balance``: days that were left."""

    kind: Kind
    on: datetime.date
    days: int
    due_on: datetime.date | None
    balance: int | None = None
    effect: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """Where a delay stands after its events. ``interruptible``: the one interruption with effect is still to be had."""

    days: int
    started_on: datetime.date
    due_on: datetime.date | None
    state: State = "RUNNING"
    balance: int | None = None
    interruptible: bool = True
    ended_on: datetime.date | None = None


def is_owed(kind: str, cadre: str) -> bool:
    """Tell whether an invoice asks for a payment at all: credit notes and invoices already paid have no delay."""
    return kind not in _UNPAYABLE_KINDS and cadre not in _PAID_CADRES


def start(day: datetime.date, days: int) -> Event:
    """The invoice is available to the recipient: calendar days run from there (R. 2192-12)."""
    return Event("START", day, days, day + datetime.timedelta(days=days))


def replay(events: Iterable[Event]) -> Delay | None:
    """Return where a delay stands after its events; None before the first."""
    delay: Delay | None = None
    for event in events:
        if event.kind == "START":
            delay = Delay(event.days, event.on, event.due_on)
        elif event.kind == "END":
            state: State = "PAID" if event.reason == "paid" else "ENDED"
            delay = replace(delay, state=state, ended_on=event.on)
        elif not event.effect:
            continue
        elif event.kind == "INTERRUPT":
            delay = replace(delay, state="INTERRUPTED", due_on=None, balance=event.balance, interruptible=False)
        else:
            delay = replace(delay, state="RUNNING", due_on=event.due_on, balance=None)
    return delay


def follow(delay: Delay | None, status_from: str, status_to: str, day: datetime.date, rules: PaymentRules) -> Event | None:
    """Return what a change of status does to a delay; None: nothing."""
    if delay is None or delay.state in ("PAID", "ENDED"):
        return None
    if status_to in ENDS:
        return Event("END", day, delay.days, delay.due_on, reason=ENDS[status_to])
    if status_to == RECYCLES:
        return Event("END", day, delay.days, delay.due_on, reason="recycled") if rules.restart_after_recycling else None
    if status_to == INTERRUPTS:
        return interrupted(delay, status_from, day)
    if status_to == RESUMES and delay.state == "INTERRUPTED":
        return resumed(delay, day)
    return None


def resumed(delay: Delay, day: datetime.date) -> Event:
    """The buyer has everything: thirty days, or what was left of a longer delay (R. 2192-29)."""
    new = max(RESUMED_DAYS, delay.balance or 0) if delay.days > RESUMED_DAYS else RESUMED_DAYS
    return Event("RESUME", day, delay.days, day + datetime.timedelta(days=new))


def interrupted(delay: Delay, status_from: str, day: datetime.date) -> Event:
    """The buyer may interrupt once, before the payment order, and while there is something to interrupt (R. 2192-27, -28)."""
    reason = None
    if not delay.interruptible:
        reason = "second"
    elif status_from in ORDERED:
        reason = "ordered"
    elif delay.due_on is not None and day > delay.due_on:
        reason = "expired"
    if reason is not None:
        return Event("INTERRUPT", day, delay.days, delay.due_on, effect=False, reason=reason)
    return Event("INTERRUPT", day, delay.days, None, balance=(delay.due_on - day).days)


@dataclass(frozen=True, slots=True)
class Interest:
    """What lateness costs until a day included, estimated: amounts in euros, the rate in per cent a year."""

    base: Decimal
    rate: Decimal | None
    days: int
    interest: Decimal | None
    indemnity: Decimal
    until: datetime.date
    final: bool


def interest_on(row: Any, today: datetime.date, rules: PaymentRules) -> Interest | None:
    """Return the moratory interest of an invoice that is late, or was paid late; None for any other, and outside the euro.

    Interest runs from the day after the due date to the day of payment included, at the rate of the semester in which it began, on
    the amount due (R. 2192-31): amount x rate x days / 365. The indemnity is owed once (D. 2192-35).
    """
    due_on, paid = row["due_on"], row["delay_state"] == "PAID"
    if due_on is None or row["delay_state"] not in ("RUNNING", "PAID") or row["currency"] != "EUR":
        return None
    base = row["due"] if row["due"] is not None else row["gross"]
    until = row["delay_ended_on"] if paid else today
    days = (until - due_on).days
    if days <= 0 or not base or base <= 0:
        return None
    began = due_on + datetime.timedelta(days=1)
    rate = rules.rate_on(began)
    interest = None
    if rate is not None:
        interest = (base * rate / 100 * days / _DAYS_OF_YEAR).quantize(_CENT, ROUND_HALF_UP)
    return Interest(base, rate, days, interest, rules.indemnity_on(began), until, paid)


def days_left(row: Any, today: datetime.date) -> int | None:
    """Return the days left to pay in time, negative when late; None while nothing runs."""
    return (row["due_on"] - today).days if row["delay_state"] == "RUNNING" else None
