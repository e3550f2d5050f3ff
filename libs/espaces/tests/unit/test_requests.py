"""Kinds of request refuse nonsense when they are made, in their author's test; and what they say of themselves."""

from decimal import Decimal

import marshmallow
import pytest
from espace_kinds import NAME, ROWS, TABLE, Form, a_kind, a_plugin
from pupitre_espaces import (
    Amounts,
    Cadre,
    Completed,
    Finding,
    InvoiceCadre,
    Label,
    Lifecycle,
    MadeFile,
    Payment,
    Role,
    Transition,
)
from pupitre_espaces.lifecycle import AT_ONCE, DRAFT, SYSTEM
from pupitre_espaces.testing import a_host


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"key": "Claim"}, "not kebab-case"),
        ({"roles": ()}, "no roles"),
        ({"cadres": ()}, "no cadres"),
        ({"roles": (Role("claimant", NAME), Role("claimant", NAME))}, "a role twice"),
        ({"cadres": (Cadre("C1", NAME, "nobody"),)}, "unknown roles: nobody"),
        ({"cadres": (Cadre("C1", NAME, "claimant", after={"C7"}),)}, "unknown ones"),
        ({"cadres": (Cadre("C1", NAME, "claimant", after={"C1"}, also=("nobody",)),)}, "unknown roles: nobody"),
        (
            {"cadres": (*a_kind().cadres[1:], Cadre("C1", NAME, "claimant", after={"C1"}, also=("checker",)))},
            "C1 cannot be sent by checker",
        ),
        ({"cadres": (Cadre("C1", NAME, "claimant", unless=({"nobody": None},)),)}, "depends on unknown roles: nobody"),
        (
            {"lifecycles": (Lifecycle("t", [Transition(DRAFT, "DEPOSEE", "stranger", call="send")]),)},
            "unknown role 'stranger'",
        ),
        ({"lifecycles": (Lifecycle("t", ROWS[1:]),)}, "C1 cannot be sent by claimant"),
        ({"payment": None}, "hands over"),
        ({"payment": Payment("claimant", "bank")}, "unknown roles"),
        ({"payment": Payment("claimant", "payer", contract="contract")}, "no field contract"),
        ({"once_per": "month"}, "no field month"),
        ({"frees": {"LOST"}}, "unknown statuses: LOST"),
        ({"form": Form()}, "marshmallow schemas"),
        (
            {"form": type("F", (marshmallow.Schema,), {"x": marshmallow.fields.String()})},
            "not one of pupitre_espaces.forms",
        ),
        ({"prefix": "dem"}, "in capitals"),
        ({"complete": None}, "must be Callable"),
    ],
)
def test_a_kind_that_makes_no_sense_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        a_kind(**changes)


def test_a_kind_tells_who_may_deposit_what_and_from_which_piece():
    kind = a_kind()
    assert [each.code for each in kind.offered_to(["claimant"])] == ["C1"]
    assert [each.code for each in kind.offered_to(["claimant", "checker"], "C1")] == ["C2", "C9"]
    assert kind.awaits(TABLE, DRAFT, "C1") == {"claimant"}
    assert kind.awaits(TABLE, "A_ASSOCIER_MOE", "C1") == {"checker"}
    assert kind.timed()
    with pytest.raises(KeyError):
        kind.cadre("C7")


@pytest.mark.parametrize("also, after, said", [(("claimant",), {"C1"}, "names its maker twice"), (("checker",), (), "comes after no")])
def test_other_makers_are_others_and_deposit_from_a_piece(also, after, said):
    with pytest.raises(ValueError, match=said):
        Cadre("C2", NAME, "claimant", after=after, also=also)


def test_a_cadre_of_two_makers_is_deposited_in_the_role_that_one_has_and_is_work_for_the_first():
    cadre = Cadre("C2", NAME, "payer", after={"C1"}, also=("checker",))
    assert (cadre.makers, cadre.maker_among(["checker", "claimant"])) == (("payer", "checker"), "checker")
    assert cadre.maker_among(["checker", "payer"]) == cadre.maker_among(["claimant"]) == "payer"


@pytest.mark.parametrize(
    "parties, fits",
    [
        ({}, True),
        ({"moa": {}}, True),
        ({"moa": {"with_moa": None}}, True),
        ({"moa": {"with_moa": False}}, False),
        ({"payer": {"with_moa": False}}, False),
        ({"moa": {"with_moa": True}, "payer": {"with_moa": False}}, True),
    ],
)
def test_what_the_parties_publish_decides_whether_a_cadre_is_offered(parties, fits):
    none = {"with_moa": False}
    assert Cadre("C2", NAME, "claimant", unless=({"moa": none}, {"moa": None, "payer": none})).fits(parties) is fits


@pytest.mark.parametrize("amounts", [("1.00", "0.20", "1.21"), ("1.001", "0.20", "1.201"), ("NaN", "0.00", "0.00")])
def test_amounts_are_exact_to_the_cent_and_add_up(amounts):
    with pytest.raises(ValueError):
        Amounts(*map(Decimal, amounts))


@pytest.mark.parametrize("name", ["", " a.pdf", "../a.pdf"])
def test_a_made_file_has_the_name_of_a_file_and_a_bounded_size(name):
    with pytest.raises(ValueError):
        MadeFile(name, "application/pdf", b"x")
    with pytest.raises(ValueError):
        MadeFile("a.pdf", "application/pdf", b"x" * 5_000_001)


def test_what_completes_a_draft_holds_values_of_the_right_types():
    with pytest.raises(ValueError, match="holds Finding"):
        Completed({}, findings=["wrong"])
    with pytest.raises(ValueError, match="at most 2000 lines"):
        Completed({}, lines=({},) * 2001)


def test_two_kinds_of_one_key_leave_the_espace_without_kinds_and_it_is_named():
    host = a_host(a_plugin(a_kind(), a_kind()), "invoicing")
    assert host.kinds() == {}
    assert [each.kind for each in host.problems()] == ["wrong-answer"]


def test_the_kinds_of_a_plugin_are_asked_for_once():
    host = a_host(a_plugin(a_kind()), "portal")
    assert list(host.kinds()) == [("essai", "claim")]
    assert host.kinds()["essai", "claim"] is host.kinds()["essai", "claim"]


PRELUDE = [Transition(None, "A_VALIDER_1", "supplier"), Transition("A_VALIDER_1", "DEPOSEE", "checker")]


@pytest.mark.parametrize(
    "rows, needs, said",
    [
        (PRELUDE[1:], (), "no beginning"),
        (PRELUDE[:1], (), "never hands over"),
        ([*PRELUDE, Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE)], (), "the portal's own"),
        ([*PRELUDE, Transition("A_VALIDER_1", "REFUSEE_1", "stranger")], (), "unknown role 'stranger'"),
        (PRELUDE, ("stranger",), "needs unknown roles"),
    ],
)
def test_a_prelude_that_makes_no_sense_is_refused(rows, needs, said):
    with pytest.raises(ValueError, match=said):
        InvoiceCadre("X9", NAME, (Role("checker", NAME),), Lifecycle("p", rows), needs)


def test_a_prelude_says_how_it_begins_and_what_the_recipient_does_not_see():
    cadre = InvoiceCadre("X9", NAME, (Role("checker", NAME),), Lifecycle("p", PRELUDE), ("checker",))
    assert cadre.begins.target == "A_VALIDER_1"
    assert cadre.statuses == {"A_VALIDER_1"}


def test_a_finding_of_the_library_names_its_field():
    assert Finding("x", "error", Label("a", "b"), Label("a", "b"), term="3.volume").term == "3.volume"


def test_who_always_has_a_role_has_it_with_the_cadres_that_name_it_or_with_all():
    checker, payer = Role("checker", NAME, always="1"), Role("payer", NAME, always="2", structure_types={"public"})
    kind = a_kind(roles=(Role("claimant", NAME), checker, payer, Role("watcher", NAME, always="3")))
    assert [each.key for each in kind.held("C1")] == ["checker", "watcher"]
    assert [each.key for each in kind.held("C2")] == ["payer", "watcher"]
