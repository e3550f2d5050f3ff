"""Requests and replies are strict JSON both ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pupitre_bus import wire
from pupitre_contracts import errors

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON))
def test_what_is_sent_is_what_arrives(value):
    assert wire.load(wire.dump(value)) == value


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"a": NaN}', b'{"a": 1e400, "b": Infinity}', b"\xff", b"[" * 100_000]
)
def test_anything_else_is_refused(body):
    with pytest.raises(wire.Malformed):
        wire.load(body)


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800"])
def test_the_sender_is_refused_what_the_receiver_would_refuse(value):
    with pytest.raises(errors.Invalid):
        wire.dump({"a": value})


def test_a_deadline_passes():
    assert not wire.is_late({wire.DEADLINE: wire.deadline(60)})
    assert wire.is_late({wire.DEADLINE: wire.deadline(-1)})
    assert not wire.is_late({})
