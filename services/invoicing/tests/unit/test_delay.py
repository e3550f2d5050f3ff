"""The délai global de paiement and what lateness costs: the worked checks, and the rules of interruption."""

import dataclasses
import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_desk import Desk, as_move
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import moves, payment_delay, payment_rules

DAY = datetime.date
RULES = payment_rules.packaged()
HOSPITAL = "90000005000010"


def rules_with_a_hospital():
    return dataclasses.replace(RULES, recipients=[{"identifier": HOSPITAL, "from": DAY(2013, 5, 1), "kind": "health"}])


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, rules=rules_with_a_hospital())


def go_to(desk, day):
    wanted = datetime.datetime.combine(day, datetime.time(9), datetime.UTC)
    desk.clock.advance(seconds=(wanted - desk.clock.now()).total_seconds())


def test_v20_of_a_body_at_thirty_days(desk):
    invoice = desk.sent("F-1")
    assert desk.row(invoice)["due_on"] == DAY(2026, 3, 31)
    go_to(desk, DAY(2026, 3, 11))
    suspended = as_move(desk, desk.agent, invoice, "SUSPENDUE", motive="pièce absente").invoice
    assert (suspended.delay_state, suspended.due_on, suspended.days_left) == ("INTERRUPTED", None, None)
    go_to(desk, DAY(2026, 3, 21))
    completed = as_move(desk, desk.writer, invoice, "COMPLETEE", comment="voici").invoice
    assert (completed.due_on, completed.days_left, completed.delay_alert) == (DAY(2026, 4, 20), 30, None)


def test_v20_of_a_hospital_at_fifty_days(desk):
    hospital = desk.structure(HOSPITAL, "Centre hospitalier")
    agent = desk.user((hospital, "factures-recues", "MODIFICATION"))
    invoice = desk.sent("F-1", recipient=hospital)
    assert desk.row(invoice)["due_on"] == DAY(2026, 4, 20)
    go_to(desk, DAY(2026, 3, 6))
    interrupted = as_move(desk, agent, invoice, "SUSPENDUE", motive="pièce absente").invoice.delay_events[-1]
    assert interrupted.balance == 45
    go_to(desk, DAY(2026, 3, 16))
    assert as_move(desk, desk.writer, invoice, "COMPLETEE", comment="voici").invoice.due_on == DAY(2026, 4, 30)


def test_v21_what_lateness_costs(tmp_path):
    desk = Desk(tmp_path, at=datetime.datetime(2024, 3, 21, 9, tzinfo=datetime.UTC))
    invoice = desk.sent("F-1", "12000.00")
    assert desk.row(invoice)["due_on"] == DAY(2024, 4, 20)
    go_to(desk, DAY(2024, 5, 20))
    paid = as_move(desk, desk.agent, invoice, "MISE_EN_PAIEMENT").invoice.interest
    assert (paid.days, paid.rate, paid.interest, paid.indemnity) == (30, Decimal("12.50"), Decimal("123.29"), Decimal("40.00"))
    assert (paid.base, paid.final, paid.until) == (Decimal("12000.00"), True, DAY(2024, 5, 20))


def test_a_second_suspension_has_no_effect_on_the_delay_and_says_so(desk):
    invoice = desk.sent("F-1")
    for number, actor, to in ((1, desk.agent, "SUSPENDUE"), (2, desk.writer, "COMPLETEE"), (3, desk.agent, "SUSPENDUE")):
        go_to(desk, DAY(2026, 3, 1 + number))
        reply = as_move(desk, actor, invoice, to, motive="pièce absente" if to == "SUSPENDUE" else None)
    last = reply.invoice.delay_events[-1]
    assert (last.kind, last.effect, last.reason) == ("INTERRUPT", False, "second")
    assert (reply.invoice.delay_state, reply.invoice.due_on) == ("RUNNING", DAY(2026, 4, 2))


@pytest.mark.parametrize("days, reason", [(0, None), (30, None), (31, "expired")])
def test_what_has_expired_is_not_interrupted(days, reason):
    delay = payment_delay.replay([payment_delay.start(DAY(2026, 3, 1), 30)])
    event = payment_delay.follow(delay, "MISE_A_DISPOSITION", "SUSPENDUE", DAY(2026, 3, 1) + datetime.timedelta(days), RULES)
    assert (event.reason, event.effect) == (reason, reason is None)


def test_after_the_payment_order_nothing_interrupts(desk):
    invoice = desk.sent("F-1")
    as_move(desk, desk.agent, invoice, "MANDATEE")
    reply = as_move(desk, desk.agent, invoice, "SUSPENDUE", motive="mandat refusé", mandat_refused=True)
    assert (reply.invoice.delay_events[-1].reason, reply.invoice.delay_state) == ("ordered", "RUNNING")


@pytest.mark.parametrize("restarts", [True, False])
def test_a_recycled_invoice_starts_afresh_at_the_right_recipient_unless_configured_otherwise(tmp_path, restarts):
    desk = Desk(tmp_path, rules=dataclasses.replace(RULES, restart_after_recycling=restarts))
    invoice = desk.sent("F-1")
    as_move(desk, desk.agent, invoice, "A_RECYCLER", motive="pas pour nous")
    go_to(desk, DAY(2026, 3, 20))
    again = desk.call(
        moves.recycle_invoice,
        contract.RecycleInvoice,
        desk.writer,
        invoice_id=invoice,
        version=desk.row(invoice)["version"],
        recipient_siret=desk.other.siret,
    ).invoice
    assert (again.status, again.delay_state) == ("MISE_A_DISPOSITION", "RUNNING")
    assert again.due_on == (DAY(2026, 4, 19) if restarts else DAY(2026, 3, 31))


@pytest.mark.parametrize("changes", [{"kind": "AVOIR"}, {"cadre": "A2"}])
def test_what_nobody_owes_has_no_delay(desk, changes):
    invoice = desk.sent("F-1", **changes)
    assert desk.row(invoice)["delay_state"] is None
    assert as_move(desk, desk.agent, invoice, "MISE_EN_PAIEMENT").invoice.delay_events == []


@pytest.mark.parametrize("left, alert", [(8, None), (7, "soon"), (0, "soon"), (-1, "late")])
def test_the_last_seven_days_and_lateness_are_alerts(desk, left, alert):
    invoice = desk.sent("F-1")
    go_to(desk, DAY(2026, 3, 31) - datetime.timedelta(days=left))
    shown = as_move(desk, desk.agent, invoice, "SERVICE_FAIT").invoice
    assert (shown.days_left, shown.delay_alert) == (left, alert)
    assert (shown.interest is not None) == (left < 0)


def test_a_rejected_invoice_costs_no_interest(desk):
    invoice = desk.sent("F-1")
    go_to(desk, DAY(2026, 6, 1))
    rejected = as_move(desk, desk.agent, invoice, "REJETEE", motive="faux").invoice
    assert (rejected.delay_state, rejected.interest, rejected.days_left) == ("ENDED", None, None)


@pytest.mark.parametrize(
    "day, rate",
    [("2016-06-30", None), ("2022-12-31", "8.00"), ("2023-03-01", "10.50"), ("2024-06-30", "12.50"), ("2024-07-01", "12.25")],
)
def test_the_rate_is_that_of_the_first_day_of_the_semester(day, rate):
    assert RULES.rate_on(DAY.fromisoformat(day)) == (Decimal(rate) if rate else None)


def test_a_siret_goes_before_its_siren_and_rows_hold_from_their_date():
    rows = [
        {"identifier": "900000050", "from": DAY(2020, 1, 1), "kind": "public-company"},
        {"identifier": HOSPITAL, "from": DAY(2025, 1, 1), "kind": "health"},
    ]
    rules = dataclasses.replace(RULES, recipients=rows)
    assert rules.days_of(HOSPITAL, DAY(2019, 1, 1)) == 30
    assert rules.days_of(HOSPITAL, DAY(2024, 1, 1)) == 60
    assert rules.days_of(HOSPITAL, DAY(2026, 1, 1)) == 50
    assert rules.days_of("90000005000028", DAY(2026, 1, 1)) == 60


@pytest.mark.parametrize(
    "text, fault",
    [
        ("default = 'x'\ndelays = []", "margins"),
        ("default = ", "Invalid value"),
        ('default = "x"\ndelays = [{kind = "x", days = 30}]', "from"),
        ('default = "x"\ndelays = [{kind = "x", from = 2020-01-01, days = "30"}]', "days"),
    ],
)
def test_a_wrong_file_of_rules_says_where_and_why(tmp_path, text, fault):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(payment_rules.WrongRules, match=fault):
        payment_rules.load(str(path))
    with pytest.raises(payment_rules.WrongRules, match="absent"):
        payment_rules.load(str(tmp_path / "absent.toml"))


@given(
    days=st.sampled_from([30, 50, 60]),
    steps=st.lists(st.tuples(st.sampled_from(["SUSPENDUE", "COMPLETEE"]), st.integers(0, 90)), max_size=8),
)
def test_a_delay_is_interrupted_at_most_once_and_resuming_never_shortens_what_was_left(days, steps):
    day = DAY(2026, 1, 1)
    events, status = [payment_delay.start(day, days)], "MISE_A_DISPOSITION"
    for to, later in steps:
        day += datetime.timedelta(days=later)
        before = payment_delay.replay(events)
        event = payment_delay.follow(before, status, to, day, RULES)
        status = to
        if event is None:
            continue
        events.append(event)
        if event.kind == "RESUME":
            assert (event.due_on - day).days >= max(30, before.balance if days > 30 else 0)
    assert sum(event.kind == "INTERRUPT" and event.effect for event in events) <= 1
