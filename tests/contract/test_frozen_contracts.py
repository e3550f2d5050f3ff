"""Contracts are promises: what is published stays, and what is written is what others can read."""

import pytest
from pupitre_contracts import catalogue, errors
from support import contracts
from support.contracts import Broken

FROZEN, DESCRIBED = contracts.frozen(), contracts.described()
FIELD = {"type": "String", "required": True}


@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_a_contract_is_what_was_frozen(name):
    assert name in FROZEN, "not frozen yet: make freeze"
    assert DESCRIBED[name] == FROZEN[name], "make freeze accepts what is only wider; anything else is a new version"


@pytest.mark.parametrize("name", sorted(name for name in FROZEN if not name.startswith("examples/")))
def test_what_was_frozen_is_still_promised(name):
    assert name in DESCRIBED


@pytest.mark.parametrize("kind", sorted(catalogue.EVENTS))
def test_an_event_of_the_past_is_still_read_and_written_the_same(kind):
    example = FROZEN[f"examples/{kind}.json"]
    event = catalogue.EVENTS[kind].load(example)
    assert event.dump() == example
    assert event.subject == str(example[event.subject_field])


@pytest.mark.parametrize("kind", sorted(catalogue.EVENTS))
def test_an_event_with_a_field_that_nobody_promised_is_refused(kind):
    with pytest.raises(errors.Invalid):
        catalogue.EVENTS[kind].load({**FROZEN[f"examples/{kind}.json"], "nobody_promised": 1})


@pytest.mark.parametrize("kind", sorted(catalogue.EVENTS))
def test_the_name_of_an_event_says_subject_past_participle_and_version(kind):
    name, _, version = kind.rpartition(".v")
    assert version.isdigit()
    assert name.count(".") == 1
    assert catalogue.EVENTS[kind].subject_field in catalogue.EVENTS[kind].declared


def within(fields, required=True):
    """A field that is a list of messages with these fields."""
    items = {"type": "Nested", "required": False, "fields": fields}
    return {"m": {"type": "List", "required": required, "items": items}}


@pytest.mark.parametrize(
    "before, after, sent, breaks",
    [
        ({"a": FIELD}, {"a": FIELD, "b": {**FIELD, "required": False}}, False, False),
        ({"a": FIELD}, {"a": FIELD, "b": FIELD}, True, False),
        ({"a": FIELD}, {"a": FIELD, "b": FIELD}, False, True),
        ({"a": FIELD}, {}, True, True),
        ({"a": FIELD}, {"a": {**FIELD, "type": "Integer"}}, True, True),
        (within({"a": FIELD}), within({"a": FIELD, "b": {**FIELD, "required": False}}), False, False),
        (within({"a": FIELD}), within({"a": FIELD, "b": FIELD}), False, True),
        (within({"a": FIELD, "b": FIELD}), within({"a": FIELD}), True, True),
        (within({"a": FIELD}), within({"a": {**FIELD, "type": "Integer"}}), True, True),
        (within({"a": FIELD}), within({"a": FIELD}, required=False), True, True),
        (within({"a": FIELD}), {"m": FIELD}, True, True),
    ],
)
def test_only_widening_is_no_break(before, after, sent, breaks):
    assert bool(contracts.broken(before, after, sent=sent)) is breaks


def test_a_broken_promise_is_not_written_over(monkeypatch, tmp_path):
    monkeypatch.setattr(contracts, "GOLDEN", tmp_path)
    assert contracts.freeze()
    kept = {path: path.read_text() for path in tmp_path.rglob("*.json")}
    described = contracts.described()
    del described["events/invoice.moved.v1.json"]["fields"]["number"]
    monkeypatch.setattr(contracts, "described", lambda: described)
    with pytest.raises(Broken, match="number was removed"):
        contracts.freeze()
    assert {path: path.read_text() for path in tmp_path.rglob("*.json")} == kept
