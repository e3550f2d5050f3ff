import json
import uuid
from datetime import timedelta

import eventlet
import pytest
from pupitre_bus import acts, parked
from pupitre_bus.errors import NotFound

EVENT = uuid.UUID("3f0e2f3a-90a2-4c1c-8a1d-1d2f6a3f9b01")


def fail(database, body=b"body", event_id=EVENT, error="no luck", permanent=False):
    return parked.fail(database, "things", body, event_id, error, permanent)


def test_a_message_is_tried_again_after_growing_delays_then_parked(database, clock):
    waits = []
    while (failed := fail(database)).state == "retrying":
        waits.append(int((failed.next_at - clock.now()).total_seconds()))
        assert parked.due(database, clock.now(), 10) == []
        clock.advance(waits[-1])
        assert [due.id for due in parked.due(database, clock.now(), 10)] == [EVENT]
    assert waits == [5, 30, 120, 600, 3600]
    assert (failed.state, failed.attempts, failed.next_at) == ("parked", 6, None)
    clock.advance(days=365)
    assert parked.due(database, clock.now(), 10) == []


@pytest.mark.requirement("RS-07")
def test_a_message_that_waits_for_another_service_is_tried_every_thirty_seconds_until_that_lasts_long(database, clock):
    waits = []
    for _ in range(parked.OUTAGE_ATTEMPTS + 2):
        failed = parked.fail(database, "things", b"body", EVENT, "organisation is away", permanent=False, outage=True)
        waits.append(int((failed.next_at - clock.now()).total_seconds()))
        clock.advance(waits[-1])
    assert waits == [5, *[30] * (parked.OUTAGE_ATTEMPTS - 1), 120, 600]
    assert int((fail(database).next_at - clock.now()).total_seconds()) == 3600
    assert fail(database).state == "parked"


def test_a_permanent_failure_is_parked_at_once(database):
    failed = fail(database, permanent=True)
    assert (failed.state, failed.attempts) == ("parked", 1)


def test_a_parked_message_keeps_its_bytes_its_last_error_and_its_dates(database, clock):
    first = clock.now()
    fail(database, body=b"\0\xff", error="first")
    clock.advance(5)
    fail(database, body=b"\0\xff", error="sec\0nd \ud800" + "x" * 10_000)
    shown = parked.show(database, EVENT)
    assert shown.body == b"\0\xff"
    assert shown.error.startswith("sec\ufffdnd ?xx")
    assert len(shown.error) == 8000
    assert (shown.first_at, shown.last_at) == (first, first + timedelta(seconds=5))
    assert shown.type is None


def test_bytes_that_are_no_event_are_one_message_however_often_they_come(database):
    first, again = fail(database, b"{", None, permanent=True), fail(database, b"{", None, permanent=True)
    assert first.id == again.id
    assert (again.event_id, again.attempts) == (None, 2)
    assert fail(database, b"[", None, permanent=True).id != first.id
    assert len(parked.list(database)) == 2


def test_a_message_handled_at_last_is_done_in_the_transaction_of_its_effect(database, clock):
    fail(database)

    def break_off():
        with database.transaction() as tx:
            parked.done(tx, "things", EVENT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with database.transaction() as tx:
        assert parked.open_ids(tx, "things") == {EVENT}
        parked.done(tx, "things", EVENT)
        assert parked.open_ids(tx, "things") == set()
    assert parked.show(database, EVENT).state == "done"
    clock.advance(5)
    assert parked.due(database, clock.now(), 10) == []


def test_an_operator_can_send_a_message_up_the_ladder_again(database, clock):
    fail(database, permanent=True)
    assert parked.retry(database, EVENT).state == "retrying"
    assert [due.id for due in parked.due(database, clock.now(), 10)] == [EVENT]
    failed = fail(database)
    assert (failed.state, failed.attempts) == ("retrying", 2)
    assert failed.next_at == clock.now() + timedelta(seconds=5)


def test_a_message_already_done_is_not_run_again(database):
    fail(database)
    with database.transaction() as tx:
        parked.done(tx, "things", EVENT)
    assert parked.retry(database, EVENT).state == "done"


def test_a_message_that_is_not_there_cannot_be_shown_or_retried(database):
    for ask in (parked.show, parked.retry):
        with pytest.raises(NotFound):
            ask(database, uuid.uuid4())


def test_failed_messages_are_listed_latest_first_and_by_state(database, clock):
    ids = [uuid.uuid4() for _ in range(3)]
    for number, event_id in enumerate(ids):
        fail(database, event_id=event_id, permanent=number == 1)
        clock.advance(1)
    assert [failed.id for failed in parked.list(database)] == ids[::-1]
    assert [failed.id for failed in parked.list(database, state="parked")] == [ids[1]]
    assert len(parked.list(database, limit=1)) == 1
    with database.reading() as db:
        assert parked.counts(db) == {"retrying": 2, "parked": 1}


def test_failures_recorded_at_once_are_all_counted(database):
    for _ in eventlet.GreenPool(4).imap(lambda _: fail(database), range(4)):
        pass
    assert parked.show(database, EVENT).attempts == 4


def event(type_):
    attributes = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/pupitre/things", "type": type_, "subject": "s"}
    times = {"time": "2026-03-01T09:05:07.645393Z", "datacontenttype": "application/json", "feedseq": 1, "subjectversion": 1}
    return json.dumps({**attributes, **times, "data": {}}).encode()


def test_all_parked_messages_of_a_type_are_retried_together_and_it_is_written_down_by_whom(database, clock, monkeypatch):
    monkeypatch.setattr(parked, "SLICE", 2)
    made = [fail(database, event("thing.made.v1"), uuid.uuid4(), permanent=True).id for _ in range(5)]
    lost = fail(database, event("thing.lost.v1"), uuid.uuid4(), permanent=True).id
    waiting = fail(database, event("thing.made.v1"), uuid.uuid4()).id
    assert {each.id for each in parked.list(database, types=["thing.lost.v1"])} == {lost}

    assert sorted(parked.retry_all(database, "zoe@desk", ["thing.made.v1"])) == sorted(made)
    assert {each.id for each in parked.due(database, clock.now(), 10)} == set(made)
    with database.reading() as db:
        assert parked.counts(db) == {"retrying": 6, "parked": 1}
        assert [(each.who, each.act) for each in acts.on(db, str(made[0]))] == [("zoe@desk", "retry")]
        assert acts.on(db, str(waiting)) == []
        assert len(acts.latest(db)) == 5
    assert parked.retry_all(database, "zoe@desk") == [lost]


def test_a_consumer_is_handed_an_event_once_and_again_when_it_was_done(database, clock):
    def hand_over():
        with database.transaction() as tx:
            return parked.hand_over(tx, "things", EVENT, b"body", "replayed")

    assert [hand_over(), hand_over()] == [True, False]
    [waiting] = parked.due(database, clock.now(), 10)
    assert (waiting.id, waiting.body, waiting.attempts, waiting.error) == (EVENT, b"body", 0, "replayed")
    with database.transaction() as tx:
        parked.done(tx, "things", EVENT)
    assert hand_over() is True
