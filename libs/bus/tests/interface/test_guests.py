"""Guests of a service: each has its own turn, inbox and ladder."""

import datetime
import uuid

import pytest
from pupitre_bus import guests, inbox, parked
from pupitre_bus.scope import EventMeta

NOW = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)


def meta(number: int) -> EventMeta:
    return EventMeta(uuid.UUID(int=number), "elsewhere", "kite.flown.v1", "k", number, number, NOW, b"{}")


def test_an_event_is_handed_on_once_and_waits_in_its_place(database, clock):
    with database.transaction() as tx:
        assert guests.hand_on(tx, "keeper", [("a", meta(2)), ("b", meta(2)), ("a", meta(1))]) == 3
        assert guests.hand_on(tx, "keeper", [("a", meta(2))]) == 0
    clock.advance(1)
    with database.reading() as db:
        assert parked.consumers_due(db, "keeper", clock.now()) == ["keeper:a", "keeper:b"]
    assert [each.event_id.int for each in parked.due(database, clock.now(), 10, "keeper:a")] == [2, 1]
    assert parked.due(database, clock.now(), 10, "keeper") == []
    assert parked.list(database) == []
    assert {each.state for each in parked.list(database, "waiting")} == {"waiting"}


def test_who_serves_guests_hears_of_an_event_when_it_is_handed_on_for_good(database):
    heard = []
    database.on_handed_on(lambda: heard.append("handed on"))
    with database.transaction() as tx:
        guests.hand_on(tx, "keeper", [("a", meta(1)), ("b", meta(1))])
        assert heard == []
    assert heard == ["handed on"]
    with database.transaction() as tx:
        guests.hand_on(tx, "keeper", [("a", meta(1))])
    assert heard == ["handed on"], "there was nothing new"


def test_what_a_guest_has_taken_leaves_a_trace_only_where_it_failed(database, clock):
    with database.transaction() as tx:
        guests.hand_on(tx, "keeper", [("a", meta(1)), ("a", meta(2))])
    clock.advance(1)
    first, second = parked.due(database, clock.now(), 10, "keeper:a")
    failed = parked.fail(database, "keeper:a", second.body, second.event_id, "boom", permanent=False, id=second.id)
    assert (failed.state, failed.attempts) == ("retrying", 1)
    for each in (first, second):
        with database.transaction() as tx:
            inbox.record(tx, "keeper:a", [each.event_id])
            parked.taken(tx, "keeper:a", each.id)
    assert [(each.id, each.state) for each in parked.list(database)] == [(second.id, "done")]
    with database.transaction() as tx:
        assert guests.hand_on(tx, "keeper", [("a", meta(1)), ("a", meta(2))]) == 0
        inbox.forget_ids(tx, "keeper", [first.event_id, second.event_id])
        assert guests.hand_on(tx, "keeper", [("a", meta(1)), ("a", meta(2))]) == 2


def test_a_service_serves_guests_by_one_method():
    class Twice:
        @guests.for_guests
        def one(self): ...

        @guests.for_guests
        def two(self): ...

    with pytest.raises(TypeError, match="one and two"):
        guests.method_of(Twice)
    assert guests.method_of(object) is None
