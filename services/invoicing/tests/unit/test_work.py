"""Mass processing, what came back to the supplier, and what is announced: the use cases on a SQLite file."""

import datetime
import uuid

import pytest
from invoice_desk import Desk, as_move
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import mass, reminders, returns, tables, use_cases


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def process(desk, moves, actor=None, key=None):
    wanted = [contract.WantedMove(**each) for each in moves]
    return desk.call(mass.process_invoices, contract.ProcessInvoices, actor or desk.agent, key=key, moves=wanted).lines


def returned(desk, actor=None):
    return desk.call(returns.list_returns, contract.ListReturns, actor or desk.writer)


def acknowledge(desk, actor=None, **values):
    return desk.call(returns.acknowledge_returns, contract.AcknowledgeReturns, actor or desk.writer, **values).acknowledged


def in_synthese(desk):
    request = {"side": "issued", "work": True}
    return {each.number for each in desk.call(use_cases.search_invoices, contract.SearchInvoices, desk.writer, **request).invoices}


def test_of_ten_two_are_suspended_and_eight_paid_each_with_its_line(desk):
    ids = [desk.sent(f"F-{number}") for number in range(10)]
    suspend = [{"invoice_id": each, "to": "SUSPENDUE", "motive": "bon absent"} for each in ids[:2]]
    pay = [{"invoice_id": each, "to": "MISE_EN_PAIEMENT"} for each in ids[2:]]
    lines = process(desk, suspend + pay)

    assert [line.outcome for line in lines] == ["done"] * 10
    assert [line.number for line in lines] == [f"F-{number}" for number in range(10)]
    assert [desk.row(each)["status"] for each in ids] == ["SUSPENDUE"] * 2 + ["MISE_EN_PAIEMENT"] * 8


def test_a_refused_line_says_why_and_leaves_the_others_alone(desk):
    good, bare, ended, foreign = (desk.sent(f"F-{number}", recipient=to) for number, to in enumerate([None, None, None, desk.other]))
    as_move(desk, desk.agent, ended, "MISE_EN_PAIEMENT")
    lines = process(
        desk,
        [
            {"invoice_id": good, "to": "MANDATEE"},
            {"invoice_id": bare, "to": "REJETEE"},
            {"invoice_id": ended, "to": "MANDATEE"},
            {"invoice_id": foreign, "to": "MANDATEE"},
            {"invoice_id": uuid.uuid4(), "to": "MANDATEE"},
            {"invoice_id": bare, "to": "MANDATEE", "version": 1},
            {"invoice_id": bare, "to": "SUPPRIMEE"},
        ],
    )
    assert [(line.outcome, line.code) for line in lines] == [
        ("done", None),
        ("refused", "invoicing.motive-missing"),
        ("late", None),
        ("refused", "not-found"),
        ("refused", "not-found"),
        ("refused", "conflict"),
        ("refused", "invoicing.transition-forbidden"),
    ]
    assert all(line.reason_fr and line.reason_en for line in lines[1:])
    assert "Supprimée" in lines[6].reason_fr
    assert "SUPPRIMEE" not in lines[6].reason_fr + lines[6].reason_en
    assert lines[3].number is None, "a foreign invoice keeps its number to itself"
    assert desk.row(foreign)["status"] == "MISE_A_DISPOSITION"


def test_who_only_consults_processes_nothing(desk):
    invoice = desk.sent("F-1")
    for actor, code in ((desk.watcher, "forbidden"), (desk.writer, "forbidden"), (desk.stranger, "not-found")):
        assert [line.code for line in process(desk, [{"invoice_id": invoice, "to": "MANDATEE"}], actor)] == [code]
    assert desk.row(invoice)["status"] == "MISE_A_DISPOSITION"


@pytest.mark.parametrize("count", [0, 501])
def test_at_least_one_move_and_at_most_five_hundred(desk, count):
    with pytest.raises(errors.Invalid):
        process(desk, [{"invoice_id": uuid.uuid4(), "to": "MANDATEE"}] * count)


def test_a_call_that_broke_off_goes_on_where_it_stopped(desk, monkeypatch):
    ids, key = [desk.sent(f"F-{number}") for number in range(4)], str(uuid.uuid4())
    wanted = [{"invoice_id": each, "to": "SERVICE_FAIT"} for each in ids]
    made, whole = mass._line, []

    def dying(scope, allowed, guards, place, each):
        if place == 2:
            raise RuntimeError("the process was killed")
        whole.append(place)
        return made(scope, allowed, guards, place, each)

    monkeypatch.setattr(mass, "_line", dying)
    with pytest.raises(RuntimeError):
        process(desk, wanted, key=key)
    monkeypatch.setattr(mass, "_line", made)
    assert [line.outcome for line in process(desk, wanted, key=key)] == ["done"] * 4
    assert [line.outcome for line in process(desk, wanted, key=key)] == ["done"] * 4
    assert len(desk.rows(tables.history, tables.history.c.action == "move")) == 4
    with pytest.raises(errors.IdempotencyMismatch):
        process(desk, [{**each, "to": "MANDATEE"} for each in wanted], key=key)


SEARCHES = (("issued", True), ("received", True), ("issued", False))


def listed_with_returns(desk, **request):
    return desk.call(use_cases.search_invoices, contract.SearchInvoices, desk.writer, **request).returns_overdue


def test_what_came_back_waits_until_it_is_acknowledged_and_is_compulsory_after_seven_days(desk):
    ids = [desk.sent(f"F-{number}") for number in range(3)]
    for each, to in zip(ids, ("REJETEE", "SUSPENDUE", "A_RECYCLER"), strict=True):
        as_move(desk, desk.agent, each, to, motive="pièce absente")
    assert ({each.number for each in returned(desk).invoices}, returned(desk).overdue) == ({"F-0", "F-1"}, 0)
    desk.clock.advance(days=7, seconds=1)
    assert (returned(desk).total, returned(desk).overdue) == (2, 2)
    assert [listed_with_returns(desk, side=side, with_returns=asked) for side, asked in SEARCHES] == [2, 2, 0]

    assert acknowledge(desk, invoice_ids=[ids[0]]) == 1
    assert acknowledge(desk, invoice_ids=[ids[0]]) == 0
    assert acknowledge(desk) == 1
    assert (returned(desk).total, returned(desk).overdue) == (0, 0)
    lines = desk.rows(tables.history, tables.history.c.action == "acknowledge")
    assert {line["invoice_id"] for line in lines} == set(ids[:2])
    assert in_synthese(desk) == {"F-0", "F-1", "F-2"}, "acknowledging takes nothing out of the Synthèse"

    as_move(desk, desk.writer, ids[1], "COMPLETEE", comment="voici")
    as_move(desk, desk.agent, ids[1], "SUSPENDUE", motive="encore")
    assert returned(desk).total == 1, "what comes back again is acknowledged again"


def test_only_the_supplier_with_modification_acknowledges_and_treats(desk):
    invoice = desk.sent("F-1")
    as_move(desk, desk.agent, invoice, "REJETEE", motive="faux")
    assert returned(desk, desk.reader).total == 0
    for actor, refusal in ((desk.reader, errors.Forbidden), (desk.agent, errors.Forbidden), (desk.stranger, errors.NotFound)):
        with pytest.raises(refusal):
            acknowledge(desk, actor, invoice_ids=[invoice])
        with pytest.raises(refusal):
            desk.call(returns.treat_rejection, contract.TreatRejection, actor, invoice_id=invoice)
    assert acknowledge(desk, desk.stranger) == 0


def test_a_rejected_invoice_leaves_the_synthese_when_its_supplier_is_done_with_it(desk):
    rejected, suspended = desk.sent("F-1"), desk.sent("F-2")
    as_move(desk, desk.agent, rejected, "REJETEE", motive="faux")
    as_move(desk, desk.agent, suspended, "SUSPENDUE", motive="pièce absente")
    counts = desk.call(use_cases.count_work, contract.CountWork, desk.writer).counts[0]
    assert (in_synthese(desk), counts.to_do, counts.total) == ({"F-1", "F-2"}, 2, 2)

    for _ in range(2):
        treated = desk.call(returns.treat_rejection, contract.TreatRejection, desk.writer, invoice_id=rejected).invoice
    assert (treated.status, treated.history[-1].action) == ("REJETEE", "treat-rejection")
    assert len(desk.rows(tables.history, tables.history.c.action == "treat-rejection")) == 1
    assert in_synthese(desk) == {"F-2"}
    with pytest.raises(errors.TransitionForbidden):
        desk.call(returns.treat_rejection, contract.TreatRejection, desk.writer, invoice_id=suspended)


def announced(desk):
    reminders.announce(desk.scope(desk.agent))
    return [(event["number"], event["about"]) for event in desk.told("invoice.reminded.v1")]


def test_the_end_of_a_delay_is_announced_seven_days_before_and_on_its_day_once_each(desk):
    desk.sent("F-1")
    desk.clock.advance(days=22)
    assert announced(desk) == []
    desk.clock.advance(days=1)
    assert announced(desk) == [("F-1", "due-soon")]
    assert announced(desk) == [("F-1", "due-soon")]
    desk.clock.advance(days=7)
    assert announced(desk) == [("F-1", "due-soon"), ("F-1", "due-now")]
    desk.clock.advance(days=60)
    assert len(announced(desk)) == 2


def test_after_a_standstill_the_latest_alone_is_said_and_nothing_of_what_does_not_run(desk):
    desk.sent("F-1")
    for number, to in enumerate(("SUSPENDUE", "MISE_EN_PAIEMENT", "REJETEE")):
        as_move(desk, desk.agent, desk.sent(f"X-{number}"), to, motive="pièce absente")
    desk.clock.advance(days=90)
    assert announced(desk) == [("F-1", "due-now")]


def test_a_new_due_date_is_announced_anew(desk):
    invoice = desk.sent("F-1")
    desk.clock.advance(days=25)
    assert announced(desk) == [("F-1", "due-soon")]
    as_move(desk, desk.agent, invoice, "SUSPENDUE", motive="pièce absente")
    as_move(desk, desk.writer, invoice, "COMPLETEE", comment="voici")
    assert len(announced(desk)) == 1
    desk.clock.advance(days=24)
    assert announced(desk) == [("F-1", "due-soon")] * 2


def test_a_draft_that_stays_is_announced_after_seven_days_and_weekly_afterwards(desk):
    invoice = desk.sent("F-1")
    with desk.scope(desk.writer).begin() as tx:
        tx.execute(tables.invoice.update().where(tables.invoice.c.invoice_id == invoice).values(status="BROUILLON", delay_state=None))
    told = []
    for _ in range(22):
        desk.clock.advance(days=1)
        told.append(len(announced(desk)))
    assert told == [0] * 6 + [1] * 7 + [2] * 7 + [3] * 2
    assert desk.told("invoice.reminded.v1")[0]["about"] == "draft-unsent"
    assert datetime.date.fromisoformat(desk.told("invoice.reminded.v1")[0]["since"]) == datetime.date(2026, 3, 1)
