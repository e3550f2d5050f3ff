import datetime
import decimal
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts import catalogue, errors, invoicing
from pupitre_contracts.message import Message, fields, nested


class Line(Message):
    amount = fields.Money(required=True)


class Bill(Message):
    items = nested(Line, many=True, required=True)
    first = nested(Line)
    at = fields.Instant()
    page = fields.Integer(load_default=1, strict=True)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**18), max_value=10**18))
def test_an_amount_survives_the_journey_exactly(amount):
    assert Line.load(Line(amount=amount).dump()).amount == amount


@pytest.mark.parametrize("wrong", [1.5, True, "NaN", "Infinity", "1,5", "1e400", None])
def test_an_amount_that_is_not_an_exact_decimal_is_refused(wrong):
    with pytest.raises(errors.Invalid):
        Line(amount=wrong)


def test_nested_messages_are_read_back_as_messages():
    at = datetime.datetime(2026, 9, 1, 12, tzinfo=datetime.UTC)
    bill = Bill(items=[Line(amount=decimal.Decimal("1.10"))], first=Line(amount=2), at=at)
    again = Bill.load(bill.dump())
    assert again == bill
    assert again.items[0].amount == decimal.Decimal("1.10")
    assert again.page == 1


def test_a_naive_moment_is_refused():
    with pytest.raises(errors.Invalid) as refused:
        Bill(items=[], at=datetime.datetime(2026, 9, 1))  # noqa: DTZ001  the point of this test
    assert refused.value.details["fields"]


def test_an_unknown_field_is_refused_by_name():
    with pytest.raises(errors.Invalid) as refused:
        Bill.load({"items": [], "colour": "blue"})
    assert "colour" in refused.value.details["fields"]


def test_a_message_cannot_be_changed():
    with pytest.raises(AttributeError):
        Line(amount=1).amount = 2


def test_an_error_travels_with_its_details_and_both_languages():
    error = errors.load(errors.DuplicateInvoice(number="F1").dump())
    assert isinstance(error, errors.DuplicateInvoice)
    assert "F1" in error.message("fr") and "F1" in error.message("en")


def test_an_unknown_error_code_becomes_internal():
    assert isinstance(errors.load({"code": "from-the-future"}), errors.Internal)


@pytest.mark.parametrize("error", errors.ALL.values(), ids=lambda error: error.code)
def test_every_error_speaks_both_languages(error):
    assert error.fr and error.en and 400 <= error.status < 600


@pytest.mark.parametrize("event", catalogue.EVENTS.values(), ids=lambda event: event.type)
def test_every_event_has_an_owner_a_subject_and_a_text(event):
    assert event.owner in catalogue.SERVICES
    assert event.declared[event.subject_field].required
    assert event.__doc__


@pytest.mark.parametrize("call", catalogue.CALLS, ids=lambda call: call.__name__)
def test_every_call_says_what_it_does(call):
    assert call.__doc__ and call.Request and call.Reply


def test_call_names_become_method_names():
    assert invoicing.MoveInvoice.method == "move_invoice"
    assert invoicing.MoveInvoice.Request(invoice_id=uuid.uuid4(), version=1, to="REJETEE").to == "REJETEE"
