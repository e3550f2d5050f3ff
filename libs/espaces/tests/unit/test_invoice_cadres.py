"""Cadres of invoices with validation: what a plugin may say, and the way an invoice takes through a prelude."""

import pytest
from pupitre_espaces import InvoiceCadre, Label, Lifecycle, Role, Transition, passages
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, SYSTEM

FIRST, SECOND = Role("first", Label("Premier", "First")), Role("second", Label("Second", "Second"))
ROWS = (
    Transition(None, "A_VALIDER_1", "supplier"),
    Transition("A_VALIDER_1", "VALIDEE_1", "first"),
    Transition("A_VALIDER_1", "REFUSEE_1", "first", motive="required", tells=["recipient"]),
    Transition("A_VALIDER_1", "ABSENCE_VALIDATION_1_HORS_DELAI", SYSTEM, call=AFTER, days=15),
    Transition("ABSENCE_VALIDATION_1_HORS_DELAI", "DEPOSEE", SYSTEM, call=AT_ONCE),
    Transition("VALIDEE_1", "A_VALIDER_2", SYSTEM, call=AT_ONCE, if_named=["second"]),
    Transition("VALIDEE_1", "DEPOSEE", SYSTEM, call=AT_ONCE),
    Transition("A_VALIDER_2", "DEPOSEE", "second"),
)


def cadre(rows=ROWS, name="two-levels", **values):
    given = {"roles": [FIRST, SECOND], "needs": ["first"], **values}
    return InvoiceCadre("X9", Label("Deux niveaux", "Two levels"), prelude=Lifecycle(name, rows), **given)


@pytest.mark.parametrize(
    "named, way", [(["first"], ["VALIDEE_1", "DEPOSEE"]), (["first", "second"], ["VALIDEE_1", "A_VALIDER_2"])]
)
def test_a_second_level_is_there_only_when_somebody_is_named_for_it(named, way):
    table = cadre().prelude
    row = table.find("A_VALIDER_1", "VALIDEE_1", ["first"])
    made = passages.follow(table, "A_VALIDER_1", None, row, "X9", named)
    assert [each.target for each in made] == way


def test_an_invoice_goes_on_under_the_prelude_that_it_was_sent_under():
    older = Lifecycle("one-level", (*ROWS[:2], Transition("VALIDEE_1", "DEPOSEE", SYSTEM, call=AT_ONCE)))
    found = cadre(earlier=[older])
    assert found.table("one-level") is older
    assert found.table("two-levels") is found.prelude
    with pytest.raises(KeyError):
        found.table("three-levels")
    assert found.role("second") is SECOND
    with pytest.raises(KeyError):
        found.role("third")


@pytest.mark.parametrize(
    "values, why",
    [
        ({"rows": (*ROWS, Transition("VALIDEE_1", "REFUSEE_2", "third"))}, "unknown role 'third'"),
        ({"rows": (*ROWS, Transition("A_VALIDER_2", "REFUSEE_2", "second", tells=["first"]))}, "told anyway"),
        ({"rows": (*ROWS, Transition("A_VALIDER_2", "REFUSEE_2", "second", corrects=["third"]))}, "corrects"),
        ({"rows": (*ROWS, Transition("DEPOSEE", "SUSPENDUE", "second"))}, "the portal's own"),
        ({"rows": ROWS[1:]}, "no beginning"),
        ({"rows": ROWS[:4]}, "never hands over"),
        ({"roles": [FIRST, SECOND, Role("recipient", Label("x", "x"))]}, "are the portal's"),
        ({"roles": [FIRST, SECOND, FIRST]}, "twice"),
        ({"needs": ["third"]}, "needs unknown"),
        ({"earlier": [Lifecycle("two-levels", ROWS)]}, "one name"),
        (
            {"rows": (*ROWS, Transition("DEPOSEE2", "REFUSEE_2", SYSTEM, call=AT_ONCE, if_named=["third"]))},
            "depends on unknown",
        ),
    ],
)
def test_a_cadre_that_makes_no_sense_says_why(values, why):
    with pytest.raises(ValueError, match=why):
        cadre(**values)


def test_a_prelude_that_goes_in_a_circle_by_itself_is_refused():
    circle = (
        Transition("VALIDEE_1", "A_VALIDER_1", SYSTEM, call=AT_ONCE),
        Transition("A_VALIDER_1", "VALIDEE_1", SYSTEM, call=AT_ONCE),
    )
    with pytest.raises(ValueError, match="circle"):
        cadre(rows=(ROWS[0], *circle, Transition("X", "DEPOSEE", "first")), needs=[])


def test_only_what_the_platform_makes_at_once_depends_on_who_is_named():
    with pytest.raises(ValueError, match="if_named"):
        Transition("A_VALIDER_1", "VALIDEE_1", "first", if_named=["second"])
