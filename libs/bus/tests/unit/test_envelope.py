import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_bus import envelope
from pupitre_bus.errors import Invalid
from pupitre_bus.outbox import OutboxRow

ROW = OutboxRow(
    seq=1,
    id=uuid.UUID("3f0e2f3a-90a2-4c1c-8a1d-1d2f6a3f9b01"),
    feed_seq=7,
    source="invoicing",
    type="invoice.submitted.v1",
    subject="42",
    subject_version=3,
    body='{"number":"F-1"}',
    correlation_id="c-1",
    actor="user:u-1",
    occurred_at=datetime(2026, 11, 21, 9, 30, 0, 5, tzinfo=UTC),
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


def encoded(data):
    return let_in(replace(ROW, body=envelope.write_data(ROW.type, data)))


def let_in(row):
    envelope.refuse_unfit(row)
    return envelope.encode(row)


def changed(**attributes):
    raw = json.loads(envelope.encode(ROW)) | attributes
    return json.dumps({name: value for name, value in raw.items() if value is not ...}).encode()


@given(st.dictionaries(texts, values))
def test_data_comes_back_as_it_was_sent(data):
    assert envelope.decode(encoded(data)).data == data


def test_every_attribute_comes_back_as_it_was_sent():
    event = envelope.decode(envelope.encode(ROW))
    assert (event.id, event.source, event.type, event.subject) == (ROW.id, ROW.source, ROW.type, ROW.subject)
    assert (event.feed_seq, event.subject_version) == (7, 3)
    assert (event.time, event.correlation_id, event.actor) == (ROW.occurred_at, "c-1", "user:u-1")


def test_the_bytes_are_a_cloudevent_in_structured_mode():
    assert json.loads(envelope.encode(ROW)) == {
        "specversion": "1.0",
        "id": "3f0e2f3a-90a2-4c1c-8a1d-1d2f6a3f9b01",
        "source": "/pupitre/invoicing",
        "type": "invoice.submitted.v1",
        "subject": "42",
        "time": "2026-11-21T09:30:00.000005Z",
        "datacontenttype": "application/json",
        "feedseq": 7,
        "subjectversion": 3,
        "correlationid": "c-1",
        "actor": "user:u-1",
        "data": {"number": "F-1"},
    }


@pytest.mark.requirement("RS-08")
@pytest.mark.parametrize(
    "data",
    [
        {"__type__": "date", "__value__": "x"},
        {"a": [{"__type__": "uuid", "__value__": "00000000-0000-0000-0000-000000000000"}]},
        {"a": "\u2028\ud7ff\U0001f4a9 é \\u0000"},
    ],
)
def test_a_payload_that_imitates_a_type_stays_what_it_is(data):
    assert envelope.decode(encoded(data)).data == data


def deep(levels):
    return {"a": deep(levels - 1)} if levels > 1 else {}


@pytest.mark.requirement("RS-08")
@pytest.mark.parametrize(
    "data",
    [
        {"a": "\0"},
        {"\0": 1},
        {"a": "\ud800"},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 10**400},
        {"a": 2**63},
        {1: "a"},
        {"a": (1, 2)},
        {"a": b"bytes"},
        {"a": uuid.UUID(int=1)},
        {"a": "x" * 65536},
        deep(33),
    ],
    ids=lambda data: repr(data)[:20],
)
def test_what_a_consumer_would_refuse_is_refused_at_the_producer(data):
    with pytest.raises(Invalid):
        encoded(data)


@given(
    st.fixed_dictionaries({name: st.text(max_size=4) | st.text(min_size=1020) for name in ("subject", "type", "source")}),
    st.one_of(st.none(), st.text()),
    st.dictionaries(texts, values) | st.builds(lambda size: {"a": "é" * size}, st.integers(32_000, 33_000)),
)
def test_what_is_let_in_is_what_a_consumer_takes(attributes, actor, data):
    row = replace(ROW, **attributes, actor=actor, body=envelope.write_data(ROW.type, data))
    try:
        event = envelope.decode(envelope.encode(row))
    except (envelope.Malformed, UnicodeError):
        with pytest.raises(Invalid):
            envelope.refuse_unfit(row)
    else:
        envelope.refuse_unfit(row)
        assert (event.subject, event.type, event.source, event.actor) == (row.subject, row.type, row.source, actor)


def test_the_deepest_payload_allowed_passes():
    assert envelope.decode(encoded(deep(32))).data == deep(32)


@pytest.mark.parametrize("field", ["subject", "type", "correlation_id", "actor", "source"])
@pytest.mark.parametrize("text", ["", "a\nb", "a\0b", "\ud800", "x" * 1025])
def test_an_attribute_that_cannot_travel_is_refused_at_the_producer(field, text):
    with pytest.raises(Invalid):
        let_in(replace(ROW, **{field: text}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"null",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 5000,
        b"\x80\x04K*.",
        envelope.encode(ROW)[:-1],
        envelope.encode(ROW) + b"{}",
        envelope.encode(ROW).replace(b'"F-1"', b"NaN"),
        envelope.encode(ROW).replace(b'"F-1"', b"-Infinity"),
        envelope.encode(ROW).replace(b'"F-1"', b"1e400"),
        envelope.encode(ROW).replace(b'"F-1"', b'"\\u0000"'),
        envelope.encode(ROW).replace(b'"F-1"', b'"\\ud800"'),
        envelope.encode(ROW).replace(b'"F-1"', b'1,"number":2'),
        envelope.encode(ROW).replace(b'"F-1"', b'"' + b"x" * 65536 + b'"'),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bytes_that_are_not_an_event_are_malformed(body):
    with pytest.raises(envelope.Malformed):
        envelope.decode(body)


@pytest.mark.parametrize(
    "attributes",
    [
        {"specversion": "0.3"},
        {"id": "not a uuid"},
        {"id": "{3F0E2F3A-90A2-4C1C-8A1D-1D2F6A3F9B01}"},
        {"source": "elsewhere"},
        {"source": "/pupitre/"},
        {"time": "2026-11-21"},
        {"time": "2026-11-21T09:30:00"},
        {"datacontenttype": "text/xml"},
        {"data": []},
        {"data": ...},
        {"feedseq": "7"},
        {"feedseq": True},
        {"feedseq": 0},
        {"subjectversion": ...},
        {"type": ...},
        {"subject": 5},
        {"actor": None},
    ],
    ids=str,
)
def test_an_event_with_a_wrong_attribute_is_malformed(attributes):
    with pytest.raises(envelope.Malformed):
        envelope.decode(changed(**attributes))


def test_an_unknown_extension_is_tolerated():
    assert envelope.decode(changed(traceparent="00-ab")).id == ROW.id


@given(st.binary(max_size=200) | st.builds(lambda value: json.dumps(value).encode(), values))
def test_any_other_bytes_are_malformed_and_never_another_error(body):
    with pytest.raises(envelope.Malformed):
        envelope.decode(body)
