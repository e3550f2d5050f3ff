"""Fields of forms: what pages are told of them, and what is read."""

from datetime import date

import marshmallow
import pytest
from pupitre_espaces import Cadre, Label, Lifecycle, RequestKind, Role, Transition, forms

NAME = Label("Champ", "Field")
PAGE = forms.Guide("calcul", Label("Le calcul", "The sum"))


class Form(marshmallow.Schema):
    account = forms.text(NAME, suggests=forms.BANK_DETAILS)
    rank = forms.text(NAME, worked_out=True)
    last_day = forms.day(NAME, worked_out=True)
    first_day = forms.day(NAME)
    costs = forms.money(NAME, guide=PAGE)


FIELDS = {each.name: each for each in forms.describe(Form)}


def test_a_field_tells_the_page_what_to_offer_and_which_page_helps():
    assert FIELDS["account"].suggests == "bank-details"
    assert FIELDS["rank"].suggests == ""
    assert FIELDS["costs"].guide == PAGE
    assert FIELDS["account"].guide is None


def test_any_text_is_read_where_one_is_suggested():
    values, findings = forms.read(Form, {"account": "Compte courant"})
    assert (values, findings) == ({"account": "Compte courant"}, ())


def test_a_day_and_a_text_that_are_worked_out_are_never_typed():
    typed = {"last_day": "2024-03-15", "first_day": "15/03/2024", "rank": "A"}
    values, findings = forms.read(Form, typed)
    assert (values, findings) == ({"first_day": date(2024, 3, 15)}, ())
    assert set(forms.json_schema(Form)["properties"]) == {"account", "first_day", "costs"}
    assert forms.dump(Form, {"last_day": date(2025, 3, 15), "rank": "B"}) == {"last_day": "2025-03-15", "rank": "B"}


def test_nothing_unknown_is_suggested():
    with pytest.raises(ValueError, match="suggest"):
        forms.text(NAME, suggests="phone-numbers")


def test_lines_come_after_the_form_only_where_there_are_lines():
    given = {
        "key": "demande",
        "label": NAME,
        "roles": [Role("maker", NAME)],
        "cadres": [Cadre("X1", NAME, maker="maker")],
        "lifecycles": [Lifecycle("demande", [Transition("BROUILLON", "DEPOSEE", "maker", call="send")])],
        "form": Form,
    }
    assert RequestKind(**given, line=Form, lines_after_form=True).lines_after_form
    with pytest.raises(ValueError, match="no lines"):
        RequestKind(**given, lines_after_form=True)
