"""Payment delays, mass processing and returns through the bus, on both backends and with a clock that tests move."""

import dataclasses
import datetime
import uuid
from decimal import Decimal

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import payment_rules, reminders, work_queries

RECEIVED = "factures-recues"
DAY = datetime.date


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


def go_to(stage, *day):
    wanted = datetime.datetime(*day, 9, tzinfo=datetime.UTC)
    stage.bench.clock.advance(seconds=(wanted - stage.bench.clock.now()).total_seconds())


def process(stage, moves, actor=None, **values):
    wanted = [contract.WantedMove(**each) for each in moves]
    return stage.call(actor or stage.agent, contract.ProcessInvoices, moves=wanted, **values).lines


def test_v20_thirty_days_a_suspension_and_its_completion_seen_by_both_sides(stage):
    stage.hold("announce-waiting")
    go_to(stage, 2027, 3, 1)
    invoice = stage.sent()
    assert (invoice.due_on, invoice.days_left) == (DAY(2027, 3, 31), 30)
    go_to(stage, 2027, 3, 11)
    suspended = stage.move(invoice, "SUSPENDUE", stage.agent, motive="pièce absente")
    assert (suspended.delay_state, suspended.due_on) == ("INTERRUPTED", None)
    go_to(stage, 2027, 3, 21)
    stage.move(suspended, "COMPLETEE", stage.writer, comment="voici")
    for actor, side in ((stage.writer, "issued"), (stage.agent, "received")):
        seen = stage.get(invoice, actor)
        assert (seen.due_on, seen.days_left, seen.delay_state) == (DAY(2027, 4, 20), 30, "RUNNING")
        assert [event.kind for event in seen.delay_events] == ["START", "INTERRUPT", "RESUME"]
        [listed] = stage.call(actor, contract.SearchInvoices, side=side).invoices
        assert (listed.due_on, listed.days_left) == (DAY(2027, 4, 20), 30)


def test_v20_a_hospital_keeps_the_balance_of_its_fifty_days(stage):
    stage.hold("announce-waiting")
    resources = stage.host.runtime("invoicing").resources
    row = {"identifier": stage.BUYER, "from": DAY(2020, 1, 1), "kind": "health"}
    resources.payment = dataclasses.replace(payment_rules.packaged(), recipients=[row])
    go_to(stage, 2027, 3, 1)
    invoice = stage.sent()
    assert invoice.due_on == DAY(2027, 4, 20)
    go_to(stage, 2027, 3, 6)
    suspended = stage.move(invoice, "SUSPENDUE", stage.agent, motive="pièce absente")
    assert suspended.delay_events[-1].balance == 45
    go_to(stage, 2027, 3, 16)
    assert stage.move(suspended, "COMPLETEE", stage.writer, comment="voici").due_on == DAY(2027, 4, 30)


def test_v21_interest_and_indemnity_of_a_late_payment(stage):
    stage.hold("announce-waiting")
    rates = [{"from": DAY(2024, 1, 1), "refi": "4.50"}]
    resources = stage.host.runtime("invoicing").resources
    resources.payment = dataclasses.replace(payment_rules.packaged(), rates=rates)
    go_to(stage, 2027, 3, 21)
    totals = {"net": "10000.00", "vat": "2000.00", "gross": "12000.00", "due": "12000.00"}
    invoice = stage.sent(totals=totals)
    assert invoice.due_on == DAY(2027, 4, 20)
    go_to(stage, 2027, 5, 20)
    for actor in (stage.writer, stage.agent):
        late = stage.get(invoice, actor)
        assert (late.delay_alert, late.days_left, late.interest.final) == ("late", -30, False)
    paid = stage.move(invoice, "MISE_EN_PAIEMENT", stage.agent).interest
    assert (paid.interest, paid.indemnity, paid.days, paid.final) == (Decimal("123.29"), Decimal("40.00"), 30, True)


@pytest.mark.requirement("R165")
def test_many_moves_are_reported_line_by_line_and_once_per_key(stage):
    ids = [stage.sent(f"F-{number}").invoice_id for number in range(4)]
    watcher = stage.world.user((stage.body, RECEIVED, "CONSULTATION"))
    wanted = [{"invoice_id": each, "to": "SERVICE_FAIT"} for each in ids[:3]] + [{"invoice_id": ids[3], "to": "REJETEE"}]
    assert {line.code for line in process(stage, wanted, watcher)} == {"forbidden"}
    assert {line.code for line in process(stage, wanted, stage.stranger)} == {"not-found"}

    key = str(uuid.uuid4())
    reports = [[line.dump() for line in process(stage, wanted, idempotency_key=key)] for _ in range(2)]
    assert reports[0] == reports[1]
    assert [line["outcome"] for line in reports[0]] == ["done"] * 3 + ["refused"]
    assert reports[0][3]["code"] == "invoicing.motive-missing"
    assert len(stage.rows("SELECT * FROM history WHERE action = 'move'")) == 3
    with pytest.raises(errors.Invalid):
        process(stage, [])


def test_returns_are_counted_listed_acknowledged_and_done_with(stage):
    invoice = stage.move(stage.sent(), "REJETEE", stage.agent, motive="faux")

    def counted():
        [count] = stage.call(stage.writer, contract.CountWork).counts
        return count.to_do, count.returned, count.returned_overdue

    assert counted() == (1, 1, 0)
    assert stage.call(stage.reader, contract.ListReturns).total == 0
    with pytest.raises(errors.Forbidden):
        stage.call(stage.reader, contract.AcknowledgeReturns, invoice_ids=[invoice.invoice_id])
    with pytest.raises(errors.NotFound):
        stage.call(stage.stranger, contract.TreatRejection, invoice_id=invoice.invoice_id)
    stage.bench.clock.advance(days=8)
    assert counted() == (1, 1, 1)
    assert stage.call(stage.writer, contract.AcknowledgeReturns).acknowledged == 1
    assert counted() == (1, 0, 0)
    stage.call(stage.writer, contract.TreatRejection, invoice_id=invoice.invoice_id)
    assert counted() == (0, 0, 0)
    assert [found.number for found in stage.call(stage.writer, contract.SearchInvoices, side="issued", work=True).invoices] == []
    assert [line.action for line in stage.get(invoice, stage.agent).history][-2:] == ["acknowledge", "treat-rejection"]


def test_the_end_of_a_delay_is_announced_once(stage):
    stage.hold("announce-waiting")
    stage.sent()
    stage.bench.clock.advance(days=23)
    for _ in range(2):
        reminders.announce(stage.scope())
    told = [data for kind, data in stage.bench.told("invoicing") if kind == "invoice.reminded.v1"]
    assert [(each["about"], each["number"]) for each in told] == [("due-soon", "F-1")]


def test_what_was_moved_while_its_end_was_to_be_announced_is_looked_at_again(stage, monkeypatch):
    stage.hold("announce-waiting")
    invoice = stage.sent()
    stage.bench.clock.advance(days=23)
    read = work_queries.drafts_to_announce

    def suspended_meanwhile(*values):
        if stage.get(invoice, stage.agent).status != "SUSPENDUE":
            stage.move(invoice, "SUSPENDUE", stage.agent, motive="pièce absente")
        return read(*values)

    monkeypatch.setattr(work_queries, "drafts_to_announce", suspended_meanwhile)
    reminders.announce(stage.scope())
    assert stage.rows("SELECT * FROM reminder") == []
    assert "invoice.reminded.v1" not in [kind for kind, _ in stage.bench.told("invoicing")]


def test_an_invoice_outside_the_euro_is_late_like_any_other_and_has_no_interest_on_either_side(stage):
    stage.hold("announce-waiting")
    go_to(stage, 2027, 3, 21)
    invoice = stage.sent(currency="USD")
    go_to(stage, 2027, 5, 20)
    for actor in (stage.writer, stage.agent):
        late = stage.get(invoice, actor)
        assert (late.delay_alert, late.days_left, late.currency, late.interest) == ("late", -30, "USD", None)
    assert stage.move(invoice, "MISE_EN_PAIEMENT", stage.agent).interest is None
