import random
import uuid
from datetime import timedelta

import eventlet
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pupitre_bus import inbox, tables, watermarks
from pupitre_bus.errors import ActorMissing
from pupitre_bus.scope import EventMeta, Scope


def scope_of(database, clock, event_id, **means):
    meta = EventMeta(event_id, "elsewhere", "kite.flown.v1", "k", 1, 1, clock.now())
    return Scope(database=database, clock=clock, events=[meta], **means)


def handle(database, clock, things, event_id):
    """Handle an event as the bus does: a duplicate has no effect and is no error."""
    try:
        with scope_of(database, clock, event_id).begin() as tx:
            count = tx.execute(sa.select(sa.func.count()).select_from(things)).scalar_one()
            tx.execute(things.insert().values(name=f"{event_id} {count} {random.random()}"))
    except inbox.Duplicate:
        return False
    return True


def effects(database, things):
    with database.reading() as db:
        return db.execute(sa.select(sa.func.count()).select_from(things)).scalar_one()


@pytest.mark.requirement("RS-04")
def test_events_delivered_three_times_in_any_order_have_one_effect_each(database, clock, things):
    ids = [uuid.uuid4() for _ in range(10)]
    deliveries = ids * 3
    random.Random(7).shuffle(deliveries)
    assert sum(handle(database, clock, things, event_id) for event_id in deliveries) == 10
    assert effects(database, things) == 10


@pytest.mark.requirement("RS-04")
def test_copies_of_an_event_handled_at_once_have_one_effect(database, clock, things):
    event_id = uuid.uuid4()
    pool = eventlet.GreenPool(5)
    outcomes = list(pool.imap(lambda _: handle(database, clock, things, event_id), range(5)))
    assert sorted(outcomes) == [False, False, False, False, True]
    assert effects(database, things) == 1


def test_an_event_whose_handler_failed_is_not_taken_for_handled(database, clock):
    scope = scope_of(database, clock, uuid.uuid4())
    with pytest.raises(ZeroDivisionError), scope.begin():
        1 / 0  # noqa: B018
    assert not scope.recorded
    with scope.begin():
        pass
    assert scope.recorded


def test_an_event_handler_has_one_transaction(database, clock):
    scope = scope_of(database, clock, uuid.uuid4())
    with scope.begin():
        pass
    with pytest.raises(RuntimeError, match="one transaction"), scope.begin():
        pass


def test_what_the_bus_adds_is_in_the_same_transaction(database, clock, things):
    scope = scope_of(
        database, clock, uuid.uuid4(), on_begin=[lambda tx: tx.execute(things.insert().values(name="added"))]
    )
    with pytest.raises(ZeroDivisionError), scope.begin():
        1 / 0  # noqa: B018
    assert effects(database, things) == 0
    with scope.begin():
        pass
    assert effects(database, things) == 1


def test_consumers_do_not_share_an_inbox(database):
    event_id = uuid.uuid4()
    with database.transaction() as tx:
        inbox.record(tx, "one", [event_id])
        inbox.record(tx, "other", [event_id])
        assert inbox.seen(tx, "one", [event_id, uuid.uuid4()]) == {event_id}
        assert inbox.seen(tx, "third", [event_id]) == set()
        assert inbox.seen(tx, "one", []) == set()


def test_the_inbox_is_cleared_of_what_is_old_in_slices(database, clock):
    for _ in range(3):
        with database.transaction() as tx:
            inbox.record(tx, "one", [uuid.uuid4()])
    clock.advance(days=31)
    with database.transaction() as tx:
        inbox.record(tx, "one", [uuid.uuid4()])
        before = tx.now - timedelta(days=30)
        assert [inbox.forget(tx, before, limit=2) for _ in range(3)] == [2, 1, 0]
        assert tx.execute(sa.select(sa.func.count()).select_from(tables.inbox)).scalar_one() == 1


def test_a_scope_without_actor_refuses_to_name_one(database, clock):
    with pytest.raises(ActorMissing):
        _ = Scope(database=database, clock=clock).actor


@settings(max_examples=30)
@given(numbers=st.lists(st.integers(0, 2**62), min_size=1, max_size=8))
def test_a_watermark_never_moves_backwards(database, numbers):
    with database.transaction() as tx:
        tx.execute(tables.watermark.delete())
        reached = 0
        for number in numbers:
            watermarks.set(tx, "one", "elsewhere", number)
            reached = max(reached, number)
            assert watermarks.get(tx, "one", "elsewhere") == reached
        assert watermarks.get(tx, "one", "nowhere") == 0
        assert watermarks.get(tx, "other", "elsewhere") == 0


def test_a_watermark_moved_by_many_ends_at_the_highest(database):
    def move(number):
        with database.transaction() as tx:
            watermarks.set(tx, "one", "elsewhere", number)

    numbers = list(range(1, 21))
    random.Random(3).shuffle(numbers)
    for _ in eventlet.GreenPool(8).imap(move, numbers):
        pass
    with database.reading() as db:
        assert watermarks.get(db, "one", "elsewhere") == 20
