"""Each check is clean on a sound record, and sees the one thing that was doctored in it."""

import copy
import dataclasses
from collections import Counter

import pytest

from chaos import invariants
from chaos.facts import EventRow, Facts
from chaos.journal import FAILED, OK, UNKNOWN, Attempt, Journal, operations, quantile, read
from chaos.processes import Exit

INVOICE, FLUX_INVOICE = "CHAOS-000000001", "CHAOS-000000002"


def attempt(kind, number, outcome=OK, to="", **over):
    values = {"key": f"{kind}-{number}-{to}", "started": 0.0, "ms": 20.0, "limit_ms": 10_000.0, **over}
    return Attempt(f"{kind}:{number}:{to}", kind, outcome=outcome, numbers=(number,), to=to, **values)


ATTEMPTS = [
    attempt("prepare", INVOICE),
    attempt("send", INVOICE, UNKNOWN, code="service-timeout"),
    attempt("send", INVOICE),
    attempt("move", INVOICE, to="MANDATEE"),
    attempt("flux", FLUX_INVOICE, answer="CPP1"),
]


def sound() -> Facts:
    """One invoice sent alone and moved once, one that came in a flux, and all that follows."""
    events = [
        EventRow("s1", 1, "invoice.submitted.v1", "i1", 1, True, None, "i1"),
        EventRow("d1", 2, "invoice.moved.v1", "i1", 2, True, 0, "i1"),
        EventRow("a1", 3, "invoice.moved.v1", "i1", 3, True, 2, "i1"),
        EventRow("m1", 4, "invoice.moved.v1", "i1", 4, True, 1, "i1"),
        EventRow("s2", 5, "invoice.submitted.v1", "i2", 1, True, None, "i2"),
        EventRow("d2", 6, "invoice.moved.v1", "i2", 2, True, 0, "i2"),
        EventRow("a2", 7, "invoice.moved.v1", "i2", 3, True, 2, "i2"),
        EventRow("f1", 8, "flux.processed.v1", "f1", 1, True, 1),
    ]
    mails = {f"mail-{n}" for n in range(6)}
    return Facts(
        invoices=[(INVOICE, "i1", "MANDATEE"), (FLUX_INVOICE, "i2", "MISE_A_DISPOSITION")],
        deposits=Counter(i1=1, i2=1),
        moves=Counter({("i1", "MANDATEE"): 1}),
        events={"invoicing": events, "organisation": []},
        inboxes={"notifications": {"d1", "a1", "m1", "d2", "a2", "f1"}, "ledger": {"s1", "s2"}},
        mails=Counter(a1=2, m1=1, a2=2, f1=1),
        mail_states=Counter(sent=6),
        mail_ids=mails,
        handed_over=sorted(mails),
        entries=Counter(s1=1, s2=1),
        entries_of_invoices=Counter(i1=1, i2=1),
        flux={"CPP1": (False, "IN_INTEGRE", Counter(accepted=1))},
        queues={"events.notifications": 0},
        feed=[row.id for row in events],
        exits=[Exit("invoicing.1", -9, True, 3.0)],
    )


def changed(facts: Facts, at: int, **values) -> Facts:
    facts.events["invoicing"][at] = dataclasses.replace(facts.events["invoicing"][at], **values)
    return facts


def without(facts: Facts, at: int) -> Facts:
    del facts.events["invoicing"][at]
    return facts


def with_(facts: Facts, **values) -> Facts:
    return dataclasses.replace(facts, **values)


def doctored(change):
    facts = copy.deepcopy(sound())
    return change(facts) or facts


DOCTORED = {
    "an acknowledged invoice is gone": (
        "acknowledged but not stored: CHAOS-000000001",
        lambda f: f.invoices.pop(0) and None,
    ),
    "an acknowledged flux is gone": ("acknowledged but not stored: flux CPP1", lambda f: f.flux.clear()),
    "an acknowledged move is gone": ("moves acknowledged but not in the history", lambda f: f.moves.clear()),
    "an invoice is stored twice": ("stored twice", lambda f: f.invoices.append((INVOICE, "i3", "MANDATEE"))),
    "a deposit is in the history twice": ("deposited twice", lambda f: f.deposits.update(i1=1)),
    "a move is in the history twice": ("moved twice", lambda f: f.moves.update({("i1", "MANDATEE"): 1})),
    "an invoice came from nowhere": (
        "nobody deposited it: CHAOS-000000009",
        lambda f: f.invoices.append(("CHAOS-000000009", "i9", "MANDATEE")),
    ),
    "a flux stays open": (
        "did not end well",
        lambda f: with_(f, flux={"CPP1": (True, "EN_COURS", Counter(pending=1))}),
    ),
    "a file of a flux was refused": (
        "did not end well",
        lambda f: with_(f, flux={"CPP1": (False, "IN_INTEGRE_PARTIEL", Counter(accepted=1, refused=1))}),
    ),
    "an invoice has no event": ("without exactly their events", lambda f: without(f, 0)),
    "an event was written twice": (
        "without exactly their events",
        lambda f: f.events["invoicing"].append(f.events["invoicing"][0]),
    ),
    "an event never left": ("unpublished events: m1", lambda f: changed(f, 3, published=False)),
    "the log has a gap": ("first faults: 4", lambda f: changed(f, 3, feed_seq=40)),
    "an event has no number": ("first faults: unnumbered", lambda f: changed(f, 7, feed_seq=None)),
    "events of a subject are swapped": (
        "not in order: i1",
        lambda f: changed(changed(f, 1, feed_seq=3), 2, feed_seq=2),
    ),
    "a consumer missed an event": (
        "notifications: events without effect: m1",
        lambda f: f.inboxes["notifications"].discard("m1"),
    ),
    "a consumer ran an event twice": ("ledger: events run twice: s1", lambda f: f.entries.update(s1=1)),
    "an effect was rolled back, its record kept": (
        "recorded without effect: s2",
        lambda f: f.entries.pop("s2") and None,
    ),
    "a mail is missing": ("a1 (invoice.moved.v1): 1 of 2", lambda f: f.mails.subtract(a1=1)),
    "a mail was written twice": ("m1 (invoice.moved.v1): 2 of 1", lambda f: f.mails.update(m1=1)),
    "a mail was not sent": ("mails not sent: 1 pending", lambda f: f.mail_states.update(pending=1)),
    "a mail is not in the mailbox": ("not in the mailbox: mail-0", lambda f: f.handed_over.remove("mail-0")),
    "a mail is in the mailbox twice": ("in the mailbox twice: mail-0", lambda f: f.handed_over.append("mail-0")),
    "the mailbox has a mail of nobody": ("never written: mail-9", lambda f: f.handed_over.append("mail-9")),
    "a chain is broken": ("history: line 3", lambda f: with_(f, chain="line 3: link-broken")),
    "a message is parked": ("dead letters: ledger parked", lambda f: f.parked.append("ledger parked: poison")),
    "a queue is not empty": ("left in the broker: dead.ledger: 1", lambda f: f.queues.update({"dead.ledger": 1})),
    "a reader missed an event": ("reader of the log missed: m1", lambda f: f.feed.remove("m1")),
    "a reader saw an event twice": ("reader of the log saw twice: m1", lambda f: f.feed.append("m1")),
    "a reader saw another order": ("in another order", lambda f: f.feed.reverse()),
    "a process died by itself": (
        "unexpected ends of processes: portal.1: code 1",
        lambda f: f.exits.append(Exit("portal.1", 1, False, 3.0)),
    ),
    "a database is damaged": ("integrity check says", lambda f: with_(f, damaged={"invoicing": "row 3 missing"})),
}


def test_a_sound_record_violates_nothing():
    assert invariants.violations(sound(), ATTEMPTS) == []


@pytest.mark.parametrize("what", DOCTORED, ids=lambda what: what.replace(" ", "-"))
def test_a_check_sees_that(what):
    told, change = DOCTORED[what]
    assert any(told in found for found in invariants.violations(doctored(change), ATTEMPTS))


def test_every_check_was_seen_to_fail():
    facts = [(doctored(change), ATTEMPTS) for _, change in DOCTORED.values()]
    journals = [
        (sound(), [attempt("send", INVOICE, FAILED, code="conflict")]),
        (sound(), [attempt("send", INVOICE, ms=15_000)]),
    ]
    silent = [check.__name__ for check in invariants.CHECKS if not any(check(*each) for each in [*facts, *journals])]
    assert silent == []


def test_a_refusal_of_a_right_request_is_told():
    attempts = [*ATTEMPTS, attempt("move", INVOICE, FAILED, to="REJETEE", code="conflict")]
    assert any("refused" in found for found in invariants.violations(sound(), attempts))


def test_a_request_beyond_its_limit_is_told():
    attempts = [*ATTEMPTS, attempt("send", "CHAOS-000000003", UNKNOWN, ms=15_000)]
    assert any("longer than their time-out" in found for found in invariants.violations(sound(), attempts))


@pytest.mark.parametrize("stored", [True, False])
def test_what_is_unknown_may_be_done_or_not(stored):
    """Unknown is never counted as done, and never as a loss."""
    attempts = [each for each in ATTEMPTS if each.kind != "flux"] + [
        attempt("flux", FLUX_INVOICE, UNKNOWN, code="Timeout")
    ]
    facts = sound()
    if not stored:
        facts.invoices.pop()
        facts.flux.clear()
        facts.events["invoicing"] = facts.events["invoicing"][:4]
        facts.feed = facts.feed[:4]
        facts.mail_ids, facts.handed_over, facts.mail_states = {"a", "b", "c"}, ["a", "b", "c"], Counter(sent=3)
    assert invariants.violations(facts, attempts) == []


def test_a_refused_deposit_that_is_stored_is_told():
    attempts = [each for each in ATTEMPTS if each.kind != "flux"] + [attempt("flux", FLUX_INVOICE, FAILED, code="422")]
    assert any("stored though it was refused" in found for found in invariants.violations(sound(), attempts))


def test_the_journal_gives_back_what_was_written(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    for each in ATTEMPTS:
        journal.write(each)
    journal.close()
    assert read(journal.path) == ATTEMPTS
    assert journal.counts == {OK: 4, FAILED: 0, UNKNOWN: 1}


def test_what_is_known_in_the_end_is_the_best_of_all_attempts():
    found = operations([attempt("send", INVOICE, UNKNOWN), attempt("send", INVOICE), attempt("send", INVOICE, UNKNOWN)])
    [operation] = found.values()
    assert (operation.outcome, operation.attempts) == (OK, 3)


def test_a_quantile_is_a_value_that_was_seen():
    assert quantile([], 0.99) == 0
    assert quantile([5, 1, 3], 0.5) == 3
    assert quantile(range(100), 0.99) == 99
