"""Forms: one input has one list of problems, whoever reads it."""

from datetime import date
from decimal import Decimal

import marshmallow
import pytest
from espace_kinds import Form, Line
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces import Label, forms

NAME = Label("Nom", "Name")


class Free(marshmallow.Schema):
    text = forms.text(NAME, pattern="[A-Z]{3}[0-9]{3}")
    price = forms.money(NAME)
    balance = forms.money(NAME, least=None)
    note = forms.text(NAME, longest=2000, rows=4)


@pytest.mark.parametrize(
    "raw, value",
    [
        ({"volume": "1 200,5"}, Decimal("1200.5")),
        ({"volume": "12.50"}, Decimal("12.50")),
        ({"volume": 3}, Decimal(3)),
        ({"volume": "1\u202f000"}, Decimal(1000)),
    ],
)
def test_numbers_are_read_as_people_write_them(raw, value):
    values, _ = forms.read(Line, raw)
    assert values["volume"] == value


@pytest.mark.parametrize("volume", ["a", "1,234", "-1", "NaN", "Infinity", "1e50", "12 €", "1,2,3", True, [], {}])
def test_what_is_no_such_number_is_said_with_its_remedy(volume):
    values, findings = forms.read(Line, {"volume": volume, "fuel": "GNR"}, line=4)
    [finding] = findings
    assert (finding.rule, finding.term) == ("form-format", "4.volume")
    assert finding.message.fr.startswith("Ligne 4, Volume (hl) :")
    assert "volume" not in values


def test_dates_are_read_in_both_orders():
    assert forms.read(Line, {"on": "2024-03-05"})[0]["on"] == date(2024, 3, 5)
    assert forms.read(Line, {"on": "5/3/2024"})[0]["on"] == date(2024, 3, 5)
    assert [each.term for each in forms.read(Line, {"on": "31/02/2024"})[1] if each.rule == "form-format"] == ["on"]


def test_what_is_needed_and_missing_is_named_and_an_attestation_must_be_ticked():
    assert {each.term for each in forms.read(Form, {"subject": "  "})[1]} == {"subject", "honest"}
    assert {each.term for each in forms.read(Form, {"subject": "x", "honest": False})[1]} == {"honest"}
    assert forms.read(Form, {"subject": "x", "honest": "on"}) == ({"subject": "x", "honest": True}, ())


def test_what_the_espace_works_out_is_never_typed():
    values, _ = forms.read(Line, {"amount": "1000000", "volume": "1", "fuel": "GNR"})
    assert "amount" not in values
    assert "amount" not in forms.json_schema(Line)["properties"]


def test_a_pattern_holds_for_all_of_a_text():
    assert forms.read(Free, {"text": "ABC123"})[1] == ()
    for wrong in ("ABC1234", "abc123", "ABC123\nx"):
        assert [each.term for each in forms.read(Free, {"text": wrong})[1]] == ["text"]
    assert [each.term for each in forms.read(Free, {"note": "x" * 2001})[1]] == ["note"]


def test_an_unknown_choice_and_an_unknown_name():
    assert [each.term for each in forms.read(Line, {"volume": "1", "fuel": "EAU", "zut": "1"})[1]] == ["fuel"]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_an_amount_that_is_written_is_read_again(amount):
    written = forms.dump(Free, {"balance": amount})
    assert isinstance(written["balance"], str)
    assert forms.read(Free, written) == ({"balance": amount}, ())


def test_a_field_of_another_make_is_refused():
    class Foreign(marshmallow.Schema):
        x = marshmallow.fields.String()

    with pytest.raises(ValueError, match="not one of pupitre_espaces"):
        forms.describe(Foreign)


def test_a_form_describes_itself_for_pages_and_programs():
    volume, fuel, _, amount = forms.describe(Line)
    assert (volume.shape, volume.needed, volume.worked_out) == ("number", True, False)
    assert fuel.choices["GNR"].en == "Gas oil"
    assert amount.worked_out
    schema = forms.json_schema(Line)
    assert schema["required"] == ["volume", "fuel"]
    assert schema["properties"]["fuel"]["enum"] == ["GNR"]


def test_what_was_kept_is_loaded_again_with_what_the_espace_worked_out():
    class Kept(marshmallow.Schema):
        volume = forms.number(Label("Volume", "Volume"), needed=True)
        amount = forms.money(Label("Montant", "Amount"), worked_out=True)
        on = forms.day(Label("Jour", "Day"))

    values = {"volume": Decimal("2.5"), "amount": Decimal("25.00"), "on": date(2024, 3, 15)}
    assert forms.load(Kept, forms.dump(Kept, values)) == values
    assert forms.load(Kept, {"volume": "douze", "amount": "25.00", "gone": 1, "on": None}) == {"amount": Decimal("25.00")}
