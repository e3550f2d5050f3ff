"""What must hold once the faults have stopped and all is drained. Each check returns its violations as sentences; none is well.

An operation whose outcome is unknown is resolved here: its effect may be there once or not at all, never in half and never twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

from . import ledger
from .facts import Facts
from .journal import FAILED, OK, Attempt, operations

SHOWN = 5
#: A loaded machine may answer a little after its time-out.
SLACK_MS = 4000
FINAL_FLUX = "IN_INTEGRE"

Check = Callable[[Facts, list[Attempt]], list[str]]


def violations(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Every violation that any check finds."""
    return [found for check in CHECKS for found in check(facts, attempts)]


def acknowledged_is_stored(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """What a client was told is done, is there; the file of a flux that was accepted has its outcome."""
    stored = Counter(number for number, _, _ in facts.invoices)
    lost = []
    for operation in operations(attempts).values():
        if operation.outcome == OK and operation.kind in ("send", "flux"):
            lost += [number for number in operation.numbers if not stored[number]]
            if operation.kind == "flux" and operation.answer not in facts.flux:
                lost.append(f"flux {operation.answer}")
    return _told("acknowledged but not stored", lost)


def acknowledged_moves_are_in_the_history(facts: Facts, attempts: list[Attempt]) -> list[str]:
    ids = {number: key for number, key, _ in facts.invoices}
    lost = [
        f"{operation.numbers[0]} to {operation.to}"
        for operation in operations(attempts).values()
        if operation.outcome == OK
        and operation.kind == "move"
        and not facts.moves[ids.get(operation.numbers[0], ""), operation.to]
    ]
    return _told("moves acknowledged but not in the history", lost)


def nothing_is_stored_twice(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """One invoice per number, one deposit and one move of each kind per invoice."""
    numbers = Counter(number for number, _, _ in facts.invoices)
    moves = [f"{key} to {status}" for (key, status), count in facts.moves.items() if count > 1]
    return [
        *_told("stored twice", [number for number, count in numbers.items() if count > 1]),
        *_told("deposited twice in the history", [key for key, count in facts.deposits.items() if count > 1]),
        *_told("moved twice in the history", moves),
    ]


def nothing_comes_from_nowhere(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Every stored invoice was asked for, and what was refused is not there."""
    asked, refused = set(), set()
    for operation in operations(attempts).values():
        if operation.kind in ("send", "flux"):
            (refused if operation.outcome == FAILED else asked).update(operation.numbers)
    stored = {number for number, _, _ in facts.invoices if number.startswith("CHAOS-")}
    return [
        *_told("stored though nobody deposited it", stored - asked - refused),
        *_told("stored though it was refused", stored & refused - asked),
    ]


def every_flux_is_whole(facts: Facts, attempts: list[Attempt]) -> list[str]:
    told = []
    for number, (is_open, state, outcomes) in facts.flux.items():
        if is_open or state != FINAL_FLUX or set(outcomes) != {"accepted"}:
            told.append(f"{number} {state} {dict(outcomes)}")
    return _told("flux that did not end well", told)


def every_invoice_has_its_events(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Three events of a deposit, one of each move: neither fewer nor more."""
    submitted = Counter(row.invoice_id for row in facts.events["invoicing"] if row.type == "invoice.submitted.v1")
    moved = Counter(row.invoice_id for row in facts.events["invoicing"] if row.type == "invoice.moved.v1")
    moves: Counter = Counter()
    for (key, _), count in facts.moves.items():
        moves[key] += count
    wrong = [
        f"{number}: {submitted[key]} submitted, {moved[key]} moved"
        for number, key, _ in facts.invoices
        if submitted[key] != 1 or moved[key] != 2 + moves[key]
    ]
    return _told("invoices without exactly their events", wrong)


def every_event_left(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Nothing waits in an outbox, and each log is numbered from 1 without gap; each subject's versions are, too."""
    found = []
    for source, rows in facts.events.items():
        found += _told(f"{source}: unpublished events", [row.id for row in rows if not row.published])
        numbers = sorted(row.feed_seq for row in rows if row.feed_seq is not None)
        if numbers != list(range(1, len(rows) + 1)):
            gaps = [str(number + 1) for number, following in pairwise([0, *numbers]) if following != number + 1]
            found += _told(
                f"{source}: the log's numbers are not 1 to {len(rows)}, first faults", gaps or ["unnumbered events"]
            )
        versions: dict[str, list[int]] = {}
        for row in sorted(rows, key=lambda row: row.feed_seq or 0):
            versions.setdefault(row.subject, []).append(row.subject_version)
        disordered = [subject for subject, seen in versions.items() if seen != list(range(1, len(seen) + 1))]
        found += _told(f"{source}: subjects whose events are not in order", disordered)
    return found


def every_event_has_one_effect(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Per consumer: each event that it hears is in its inbox, and its effect is there exactly once."""
    found = []
    for consumer, inbox in facts.inboxes.items():
        heard_types = {event.type for event in ledger.subscriptions()[consumer]}
        heard = [row for rows in facts.events.values() for row in rows if row.type in heard_types]
        found += _told(f"{consumer}: events without effect", [row.id for row in heard if row.id not in inbox])
        if consumer == ledger.NAME:
            found += _told(f"{consumer}: events run twice", [row.id for row in heard if facts.entries[row.id] > 1])
            found += _told(
                f"{consumer}: events recorded without effect", [row.id for row in heard if not facts.entries[row.id]]
            )
            stored = [key for _, key, _ in facts.invoices]
            found += _told(
                f"{consumer}: invoices not heard of once",
                [key for key in stored if facts.entries_of_invoices[key] != 1],
            )
        else:
            wrong = [
                f"{row.id} ({row.type}): {facts.mails[row.id]} of {row.mails}"
                for row in heard
                if row.mails is not None and facts.mails[row.id] != row.mails
            ]
            found += _told(f"{consumer}: events without exactly their mails", wrong)
    return found


def every_mail_was_handed_over_once(facts: Facts, attempts: list[Attempt]) -> list[str]:
    handed = Counter(facts.handed_over)
    return [
        *_told("mails not sent", [f"{count} {state}" for state, count in facts.mail_states.items() if state != "sent"]),
        *_told("mails written but not in the mailbox", facts.mail_ids - set(handed)),
        *_told("mails in the mailbox that were never written", set(handed) - facts.mail_ids),
        *_told("mails in the mailbox twice", [mail for mail, count in handed.items() if count > 1]),
    ]


def the_chain_is_whole(facts: Facts, attempts: list[Attempt]) -> list[str]:
    return [f"history: {facts.chain}"] if facts.chain else []


def nothing_is_parked(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """The harness sends no event that a sound consumer cannot take: a dead letter is a loss."""
    held = [f"{name}: {count}" for name, count in facts.queues.items() if count]
    return [*_told("dead letters", facts.parked), *_told("messages left in the broker", held)]


def a_reader_of_the_log_saw_all(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """Who follows the log while it is written sees every event once, in the log's order."""
    if facts.feed is None:
        return []
    log = [row.id for row in sorted(facts.events["invoicing"], key=lambda row: row.feed_seq or 0)]
    if facts.feed == log:
        return []
    seen = Counter(facts.feed)
    missed = [key for key in log if key not in seen]
    twice = [key for key, count in seen.items() if count > 1]
    return [
        *_told("events that a reader of the log missed", missed),
        *_told("events that a reader of the log saw twice", twice),
        *([] if missed or twice else ["a reader of the log saw its events in another order"]),
    ]


def every_process_ended_as_asked(facts: Facts, attempts: list[Attempt]) -> list[str]:
    return _told(
        "unexpected ends of processes", [f"{each.name}: code {each.code}" for each in facts.exits if not each.expected]
    )


def every_request_ended_in_time(facts: Facts, attempts: list[Attempt]) -> list[str]:
    late = [
        f"{each.operation} {each.ms:.0f} ms of {each.limit_ms:.0f}"
        for each in attempts
        if each.ms > each.limit_ms + SLACK_MS
    ]
    return _told("requests longer than their time-out", late)


def no_client_was_refused(facts: Facts, attempts: list[Attempt]) -> list[str]:
    """What the clients of the harness ask is right, so a refusal is a fault of the product."""
    refused = [f"{each.operation}: {each.code} {each.answer}" for each in attempts if each.outcome == FAILED]
    return _told("refused", refused)


def every_database_is_sound(facts: Facts, attempts: list[Attempt]) -> list[str]:
    return [f"{service}: integrity check says {finding}" for service, finding in facts.damaged.items()]


CHECKS: tuple[Check, ...] = (
    acknowledged_is_stored,
    acknowledged_moves_are_in_the_history,
    nothing_is_stored_twice,
    nothing_comes_from_nowhere,
    every_flux_is_whole,
    every_invoice_has_its_events,
    every_event_left,
    every_event_has_one_effect,
    every_mail_was_handed_over_once,
    the_chain_is_whole,
    nothing_is_parked,
    a_reader_of_the_log_saw_all,
    every_process_ended_as_asked,
    every_request_ended_in_time,
    no_client_was_refused,
    every_database_is_sound,
)


def _told(what: str, found: Iterable[str]) -> list[str]:
    """One sentence with the number and the first few; none when there is nothing to tell."""
    listed = sorted(found)
    if not listed:
        return []
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return [f"{len(listed)} {what}: {', '.join(listed[:SHOWN])}{more}"]
