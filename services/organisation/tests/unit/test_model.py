import datetime

import pytest
from pupitre_contracts.errors import Invalid
from pupitre_organisation import model


def test_days_begin_at_midnight_in_france():
    assert model.today(datetime.datetime(2024, 6, 30, 21, 59, tzinfo=datetime.UTC)) == datetime.date(2024, 6, 30)
    assert model.today(datetime.datetime(2024, 6, 30, 22, 0, tzinfo=datetime.UTC)) == datetime.date(2024, 7, 1)
    assert model.today(datetime.datetime(2024, 12, 31, 22, 59, tzinfo=datetime.UTC)) == datetime.date(2024, 12, 31)


@pytest.mark.requirement("R081")
@pytest.mark.parametrize(
    "active, starts, ends, expected",
    [
        (True, 14, None, True),
        (True, 15, 15, True),
        (True, 16, None, False),
        (True, 1, 14, False),
        (False, 1, None, False),
    ],
)
def test_a_service_takes_invoices_from_its_first_day_to_its_last(active, starts, ends, expected):
    day = datetime.date(2024, 3, 15)
    ends_on = day.replace(day=ends) if ends else None
    assert model.in_service(active, day.replace(day=starts), ends_on, day) is expected


@pytest.mark.parametrize("text", ["", "  ", "x" * 11, "a\nb", "a\0b"])
def test_texts_that_no_form_would_show_are_refused(text):
    with pytest.raises(Invalid):
        model.checked_text("name", text, 10)


def test_a_text_that_may_be_left_out_is_none_when_empty():
    assert model.checked_text("label", " ", 10, required=False) is None
    assert model.checked_text("label", " Été ", 10, required=False) == "Été"
