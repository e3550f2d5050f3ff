"""Invoices that others validate on the desk, days that go on, the délai of a claim, proposed numbers, and who is paid."""

from types import SimpleNamespace

import pytest
from espace_kinds import NAME, Short, a_plugin
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces import (
    Cadre,
    Completed,
    InvoiceCadre,
    Lifecycle,
    Manifest,
    Payment,
    RequestKind,
    Role,
    Transition,
    hookimpl,
)
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, BEFORE, DRAFT, SENT_FROM, SYSTEM
from pupitre_espaces.passages import effect_on_delay
from pupitre_espaces.testing import a_structure
from pupitre_espaces.testing_desk import Desk

SELLER, FIRST, SECOND = (a_structure(id=each, name=each) for each in ("seller", "first", "second"))


def rows(start, end):
    return [
        Transition(start, "A_VALIDER_1", "supplier", call="move" if start is None else "send"),
        Transition("A_VALIDER_1", "PRISE_EN_COMPTE_MOE", "first", keeps_time=True),
        Transition("A_VALIDER_1", "VALIDEE_1", "first"),
        *(
            Transition(each, "ABSENCE_VALIDATION_1_HORS_DELAI", SYSTEM, call=AFTER, days=10)
            for each in ("A_VALIDER_1", "PRISE_EN_COMPTE_MOE")
        ),
        Transition("VALIDEE_1", "A_VALIDER_2", SYSTEM, call=AT_ONCE, if_named={"second"}),
        Transition("VALIDEE_1", end, SYSTEM, call=AT_ONCE),
        Transition("A_VALIDER_2", end, "second"),
    ]


def an_invoice_cadre():
    return InvoiceCadre(
        "X9", NAME, (Role("first", NAME), Role("second", NAME)), Lifecycle("x9", rows(None, "DEPOSEE")), ("first",)
    )


@pytest.fixture
def desk():
    plugin = SimpleNamespace()
    plugin.espace_manifest = hookimpl(lambda: Manifest("essai", NAME, NAME))
    plugin.espace_cadres = hookimpl(lambda: [an_invoice_cadre()])
    return Desk(plugin)


def test_an_invoice_that_one_validates_goes_to_its_recipient(desk):
    invoice = desk.issue("X9", SELLER, parties={"first": FIRST})
    assert (invoice.status, invoice.awaits) == ("A_VALIDER_1", {"first"})
    assert desk.move(invoice, "first", "VALIDEE_1").status == "DEPOSEE"


def test_an_invoice_on_which_a_second_is_named_waits_for_him(desk):
    invoice = desk.issue("X9", SELLER, parties={"first": FIRST, "second": SECOND})
    desk.move(invoice, "first", "VALIDEE_1")
    assert (invoice.status, invoice.awaits) == ("A_VALIDER_2", {"second"})
    assert desk.move(invoice, "second", "DEPOSEE").status == "DEPOSEE"


@pytest.mark.parametrize("day_taken", [None, 3, 9])
def test_taking_note_of_a_request_wins_no_time(desk, day_taken):
    invoice = desk.issue("X9", SELLER, parties={"first": FIRST})
    if day_taken:
        desk.pass_days(day_taken)
        desk.move(invoice, "first", "PRISE_EN_COMPTE_MOE")
    desk.pass_days(10 - (day_taken or 0))
    assert invoice.status in ("A_VALIDER_1", "PRISE_EN_COMPTE_MOE")
    desk.pass_days(1)
    assert invoice.status == "ABSENCE_VALIDATION_1_HORS_DELAI"


def a_kind(**changes):
    table = Lifecycle(
        "works",
        [
            Transition(DRAFT, "DEPOSEE", "maker", call="send", cadres={"P1"}, delay="start"),
            Transition(
                DRAFT, "MISE_A_DISPOSITION", "checker", call="send", cadres={"P2"}, hand_over=True, delay="start"
            ),
            Transition("DEPOSEE", "ASSOCIEE", SYSTEM, call=SENT_FROM, by={"P2"}, awaited=False),
            Transition("DEPOSEE", "A_COMPLETER", "checker", motive="required", delay="interrupt"),
            Transition("A_COMPLETER", BEFORE, "maker", delay="resume"),
        ],
    )
    values = {
        "key": "works",
        "label": NAME,
        "roles": tuple(Role(each, NAME) for each in ("maker", "partner", "checker")),
        "cadres": (
            Cadre("P1", NAME, "maker", needs=("checker",), may_name=("partner",)),
            Cadre("P2", NAME, "checker", after={"P1"}),
        ),
        "lifecycles": (table,),
        "form": Short,
        "complete": lambda draft: Completed(
            draft.form, number=f"{draft.dossier[0].number}-EA" if draft.dossier else ""
        ),
        "numbering": "typed",
        "has_dossier": True,
        "payment": Payment("maker", "checker", due="due", instead=("partner",)),
    }
    return RequestKind(**(values | changes))


def test_the_delay_is_the_dossier_s_and_starts_once():
    desk = Desk(a_plugin(a_kind()))
    first = desk.send(desk.save("works", "P1", SELLER, number="S-1", parties={"checker": FIRST}))
    assert first.awaits == {"checker"}  # for his move; the piece that may follow is awaited of nobody
    for _ in range(2):
        desk.move(first, "checker", "A_COMPLETER", motive="une pièce manque")
        desk.move(first, "maker", BEFORE)
    next_piece = desk.send(desk.save("works", "P2", FIRST, previous=first))
    assert [what for what, _ in first.delay] == ["start", "interrupt", "resume"] == desk.delay_of(next_piece)
    assert (next_piece.delay, next_piece.handed_over) == ([], True)


def test_a_number_that_nobody_typed_is_the_proposed_one():
    desk = Desk(a_plugin(a_kind()))
    first = desk.send(desk.save("works", "P1", SELLER, number="S-1", parties={"checker": FIRST}))
    assert desk.save("works", "P2", FIRST, previous=first).number == "S-1-EA"
    assert desk.save("works", "P2", FIRST, previous=first, number="mine").number == "mine"
    assert desk.errors(desk.save("works", "P1", SELLER, parties={"checker": FIRST})) == ["number-missing number"]


def test_who_is_named_to_be_paid_himself_is_paid():
    payment = a_kind().payment
    assert payment.paid({"maker", "checker"}) == "maker"
    assert payment.paid({"maker", "partner"}) == "partner"


@pytest.mark.parametrize(
    "payment, said",
    [
        (Payment("maker", "checker", due="other"), "no field other"),
        (Payment("maker", "checker", instead=("x",)), "unknown roles"),
    ],
)
def test_a_payment_names_what_is_there(payment, said):
    with pytest.raises(ValueError, match=said):
        a_kind(payment=payment)


@pytest.mark.parametrize(
    "so_far, what, effect",
    [
        ([], "start", "start"),
        (["start"], "start", ""),
        (["start", "end"], "start", "start"),
        ([], "interrupt", ""),
        (["start"], "interrupt", "interrupt"),
        (["start", "interrupt"], "interrupt", ""),
        (["start", "interrupt", "resume"], "interrupt", ""),
        (["start", "interrupt", "end", "start"], "interrupt", "interrupt"),
        (["start"], "resume", ""),
        (["start", "interrupt"], "resume", "resume"),
        ([], "end", ""),
        (["start", "interrupt"], "end", "end"),
        (["start", "end"], "end", ""),
        (["start"], "", ""),
    ],
)
def test_what_a_passage_really_does_to_the_delay(so_far, what, effect):
    assert effect_on_delay(so_far, what) == effect


@given(st.lists(st.sampled_from(["", "start", "interrupt", "resume", "end"])))
def test_a_delay_never_runs_twice_at_once(asked):
    done = []
    for each in asked:
        done += [effect] if (effect := effect_on_delay(done, each)) else []
    for lives in "".join(f"{each} " for each in done).split("end "):
        assert lives.split() == ["start", "interrupt", "resume"][: len(lives.split())]
