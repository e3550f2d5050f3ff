"""The short way through a message says what marshmallow says, of every contract and of whatever is put into one."""

import datetime
import decimal
import functools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from pupitre_contracts import catalogue, errors, fields
from pupitre_contracts.message import Message

MOMENT = datetime.datetime(2026, 9, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
#: What fits few fields or none.
ODD = st.sampled_from(
    [
        None, "", "1", "fr", "2026-09-01", "2026-09-01T12:00:00Z", "pas une date", b"octets", 0, 1, -3, 2**70, 1.5, float("nan"), True,
        decimal.Decimal("1E+3"), decimal.Decimal("-0.10"), decimal.Decimal("NaN"), datetime.date(2026, 9, 1), MOMENT,
        MOMENT.replace(tzinfo=None), uuid.UUID(int=7), str(uuid.UUID(int=7)), uuid.UUID(int=7).hex, [], [None], ["a"], (), {}, {"a": 1},
        {"amount": "1"}, object,
    ]
)


def _messages() -> Iterator[type[Message]]:
    """Every contract, and the messages inside them."""
    waiting: list[type[Message]] = list(catalogue.EVENTS.values())
    for call in catalogue.CALLS:
        waiting += [call.Request, call.Reply]
    met = set()
    while waiting:
        message = waiting.pop()
        if message not in met:
            met.add(message)
            yield message
            inner = (getattr(field, "inner", field) for field in message.declared.values())
            waiting += [field.message for field in inner if isinstance(field, fields.Nested)]


quickly = settings(max_examples=12, derandomize=True, deadline=None)
ALL = sorted(_messages(), key=lambda message: message.__qualname__)


#: Of these, a field with rules of its own gets those that it takes.
SAMPLES = ("Contrat de nettoyage.pdf", "a.csv", "ab" * 32, "0f" * 32, 1, 2, 3_999_999)


def _fitting(field: Any) -> st.SearchStrategy:
    """Values that the field is for."""
    if field.validators and not isinstance(field, fields.Choice):
        taken = [value for value in SAMPLES if _takes(field, value)]
        assert taken, f"{field.name}: none of the samples is fit for its rules, add one"
        return st.sampled_from(taken)
    if isinstance(field, fields.Choice):
        return st.sampled_from(field.choices)
    if isinstance(field, fields.List):
        return st.lists(_fitting(field.inner), max_size=2)
    if isinstance(field, fields.Nested):
        return _values(field.message).map(lambda values: field.message(**values))
    return {
        fields.String: st.text(max_size=5),
        fields.Integer: st.integers(),
        fields.Boolean: st.booleans(),
        fields.UUID: st.uuids(),
        fields.Date: st.dates(),
        fields.Money: st.decimals(-(10**9), 10**9, places=3),
        fields.Instant: st.datetimes(datetime.datetime(1000, 1, 2), timezones=st.just(MOMENT.tzinfo)),  # noqa: DTZ001
        fields.Dict: st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        fields.Raw: st.integers(),
    }[type(field)]


def _takes(field: Any, value: Any) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


@functools.cache
def _values(message: type[Message]) -> st.SearchStrategy:
    needed = {name: _fitting(field) for name, field in message.declared.items() if field.required}
    others = {name: _fitting(field) | st.none() for name, field in message.declared.items() if not field.required}
    return st.fixed_dictionaries(needed, optional=others)


def _outcome(way: Any, values: Any) -> Any:
    try:
        return way(values)
    except errors.Invalid as error:
        return error.details
    except Exception as error:  # a value no field knows what to do with: the same on either way
        return type(error)


def _same(message: type[Message], short: Any, long: Any, values: Any) -> bool:
    """Compare both ways; return whether the short one was enough."""
    found = short(values)
    judged = _outcome(long, values)
    if found is None:
        return False
    assert found == judged, message
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in judged.items()}
    assert list(found) == list(judged) == list(message.declared)
    return True


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.__qualname__)
@quickly
@given(data=st.data())
def test_both_ways_give_the_same_message(message, data):
    values = data.draw(_values(message))
    assert _same(message, message._plain.made, message._made, values), "what fits takes the short way"
    whole = message(**values)
    written = whole.dump()
    assert written == {name: value for name, value in message.schema.dump(whole).items() if value is not None}
    assert _same(message, message._plain.read, message._checked, written)
    assert message.load(written) == whole


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.__qualname__)
@quickly
@given(data=st.data())
def test_nothing_passes_by_the_short_way_that_marshmallow_refuses_or_changes(message, data):
    values = data.draw(_values(message))
    names = [*message.declared, "no_such_field"]
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3)):
        values[name] = data.draw(ODD)
    _same(message, message._plain.made, message._made, values)
    _same(message, message._plain.read, message._checked, values)
