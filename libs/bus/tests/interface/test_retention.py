import uuid

from pupitre_bus import idempotency, inbox, parked, retention
from pupitre_bus.scope import Scope


def test_an_event_taken_in_is_remembered_for_thirty_days(database, clock):
    old, recent = uuid.uuid4(), uuid.uuid4()
    with database.transaction() as tx:
        inbox.record(tx, "me", [old])
    clock.advance(days=retention.INBOX_DAYS)
    with database.transaction() as tx:
        inbox.record(tx, "me", [recent])
    clock.advance(seconds=1)
    assert retention.forget_old(Scope(database=database, clock=clock)) == 1
    with database.reading() as db:
        assert inbox.seen(db, "me", [old, recent]) == {recent}


def test_an_answer_is_kept_for_thirty_days_and_a_lasting_one_for_good(database, clock):
    for call in ("move_thing", "deposit_thing"):
        with database.transaction() as tx:
            idempotency.reserve(tx, "k", call, "f", "user:zoe")
            idempotency.record(tx, "k", call, "user:zoe", {"number": 1})
    scope = Scope(database=database, clock=clock)
    clock.advance(days=retention.ANSWER_DAYS)
    assert retention.forget_old(scope, ["deposit_thing"]) == 0
    clock.advance(seconds=1)
    assert retention.forget_old(scope, ["deposit_thing"]) == 1
    with database.reading() as db:
        assert idempotency.lookup(db, "k", "move_thing", "f", "user:zoe") is None
        assert idempotency.lookup(db, "k", "deposit_thing", "f", "user:zoe") == {"number": 1}


def test_messages_are_forgotten_when_they_were_handled_at_last_and_never_before(database, clock):
    parked_id, done_id = uuid.uuid4(), uuid.uuid4()
    for each in (parked_id, done_id):
        parked.fail(database, "me", b"body", each, "no luck", permanent=True)
    with database.transaction() as tx:
        parked.done(tx, "me", done_id)
    clock.advance(days=400)
    assert retention.forget_old(Scope(database=database, clock=clock)) == 1
    assert [each.id for each in parked.list(database)] == [parked_id]
