"""The rows of a valideur, for any espace."""

import pytest
from pupitre_espaces import Lifecycle, Transition, validation
from pupitre_espaces.lifecycle import DRAFT, NoPassage


def a_table(**changes):
    values = {"statement": validation.HOLDER, "then": [("A_VALIDER_2", {"second"}), ("DEPOSEE", ())], "days": 15}
    return Lifecycle(
        "x",
        [
            Transition(DRAFT, "A_VALIDER_1", "maker", call="send"),
            *validation.passages_of(1, "first", "maker", **(values | changes)),
        ],
    )


@pytest.mark.parametrize("agreed", ["VALIDEE_1", "ABSENCE_VALIDATION_1_HORS_DELAI"])
@pytest.mark.parametrize("named, target", [({"first"}, "DEPOSEE"), ({"first", "second"}, "A_VALIDER_2")])
def test_after_an_accord_or_silence_comes_the_first_that_fits(agreed, named, target):
    assert [row.target for row in a_table().at_once(agreed, named=named)] == [target]


def test_without_days_silence_is_never_acceptance():
    table = a_table(days=0)
    assert table.after("A_VALIDER_1") is None
    assert "ABSENCE_VALIDATION_1_HORS_DELAI" not in table.statuses


def test_rows_are_for_the_cadres_that_they_are_made_for():
    table = a_table(cadres={"C1"})
    assert table.find("A_VALIDER_1", "VALIDEE_1", ["first"], "C1").statement == validation.HOLDER
    with pytest.raises(NoPassage):
        table.find("A_VALIDER_1", "VALIDEE_1", ["first"], "C2")


def test_nobody_but_the_valideur_answers_and_nobody_but_the_maker_corrects():
    table = a_table()
    assert table.awaits("A_VALIDER_1") == {"first"}
    assert table.awaits("ERREUR_FOURNISSEUR_SUR_VALIDEUR") == {"maker"}
    assert table.find("ERREUR_FOURNISSEUR_SUR_VALIDEUR", "A_VALIDER_1", ["maker"]).corrects == {"first"}
