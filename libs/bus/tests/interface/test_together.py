"""Events that a handler takes several at a time: each has its effect once, in order, whatever becomes of its neighbours."""

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import envelope, events, intake, outbox, parked
from pupitre_bus.errors import Permanent
from pupitre_bus.testing import wait_until
from support.bus_world import World
from support.delivery_trials import injecting

MOST = 8


def consumer_of(world, host):
    return next(each for each in host.runtime(world.reader).consumers if each.prefetch_count == events.PREFETCH_TOGETHER)


def settled(world, host):
    """Whether nothing is held here or on its way any more."""
    return not consumer_of(world, host).in_flight and world.unpublished() == 0


@pytest.fixture
def world(bench, monkeypatch):
    """A reader that takes exactly eight at a time from its queue, once a first event has passed: the rest wait for company."""
    monkeypatch.setattr(events, "TOGETHER", MOST)
    monkeypatch.setattr(events, "GATHER_SECONDS", 600)
    return World(bench, together=True)


@pytest.fixture
def primed(world):
    """The world after its first event, page 1, which found everybody idle and went alone."""
    world.host = world.start()
    world.publish([1])
    wait_until(lambda: world.count() == 1 and settled(world, world.host))
    return world


def test_an_event_alone_does_not_wait_for_company(primed):
    assert primed.groups == [[1]]
    primed.assert_whole([1])


@pytest.mark.requirement("RS-04")
def test_those_behind_it_are_taken_together_in_order_and_acknowledged(primed):
    primed.publish(range(2, 2 + 2 * MOST))
    primed.wait_for(1 + 2 * MOST)
    assert primed.groups == [[1], [*range(2, 2 + MOST)], [*range(2 + MOST, 2 + 2 * MOST)]]
    assert primed.read() == [*range(1, 2 + 2 * MOST)]
    wait_until(lambda: settled(primed, primed.host))
    primed.assert_whole(range(1, 2 + 2 * MOST))


@pytest.mark.requirement("RS-06")
@pytest.mark.parametrize("error, state", [(Permanent("never"), parked.PARKED), (ValueError("not now"), parked.RETRYING)])
def test_a_bad_event_among_others_fails_alone_and_they_have_their_effect_once(primed, error, state):
    def read(event):
        if event.number == 5:
            raise error

    primed.on_read = read
    primed.publish(range(2, 2 + MOST))
    wait_until(lambda: primed.letters(state) and primed.count() == MOST)
    (letter,) = primed.letters()
    assert (letter.attempts, b'"number":5' in letter.body) == (1, True)
    assert primed.read() == [1, 2, 3, 4, 6, 7, 8, 9]
    assert primed.groups[1:] == [[*range(2, 2 + MOST)], *([n] for n in range(2, 2 + MOST))]
    wait_until(lambda: settled(primed, primed.host))


@pytest.mark.requirement("RS-06")
def test_bytes_that_are_no_event_are_parked_and_their_neighbours_stay_together(primed):
    with injecting(primed) as inject:
        inject(b"not an event")
    primed.publish(range(2, 1 + MOST))
    wait_until(lambda: primed.letters(parked.PARKED) and primed.count() == MOST)
    assert primed.letters()[0].body == b"not an event"
    assert primed.groups == [[1], [*range(2, 1 + MOST)]]
    wait_until(lambda: settled(primed, primed.host))


@pytest.mark.requirement("RS-04")
def test_copies_among_those_taken_together_have_one_effect(primed):
    database = primed.bench.database(primed.writer)
    with database.reading() as db:
        (first,) = outbox.feed(db, 0, 10).events
    database.close()
    copy = first.replace(str(envelope.decode(first).id).encode(), b"7b0c5d0e-6f5c-4a43-9a3e-0d6f6f1f9b11").replace(
        b'"number":1', b'"number":2'
    )
    with injecting(primed) as inject:
        for _ in range(MOST // 2):
            inject(first)
            inject(copy)
    primed.wait_for(2)
    wait_until(lambda: settled(primed, primed.host))
    assert primed.read() == [1, 2]
    assert primed.host.runtime(primed.reader).intake.duplicates == MOST - 1
    assert primed.letters() == []


@pytest.mark.requirement("RS-05")
@pytest.mark.faults
def test_a_process_killed_between_their_commit_and_their_acknowledgement_repeats_no_effect(primed, monkeypatch):
    monkeypatch.setattr(consumer_of(primed, primed.host), "ack_all", lambda messages: None)
    primed.publish(range(2, 2 + MOST))
    primed.wait_for(1 + MOST)
    primed.bench.stop(primed.host, kill=True)
    monkeypatch.setattr(events, "GATHER_SECONDS", 0)
    second = primed.start()
    wait_until(lambda: second.runtime(primed.reader).intake.duplicates == MOST, timeout=20)
    wait_until(lambda: settled(primed, second))
    primed.assert_whole(range(1, 2 + MOST))


@pytest.mark.requirement("RS-05")
def test_a_stop_gives_back_those_that_wait_for_company(primed, monkeypatch):
    primed.publish(range(2, 5))
    wait_until(lambda: len(consumer_of(primed, primed.host).in_flight) == 3)
    with eventlet.Timeout(10):
        primed.bench.stop(primed.host)
    assert primed.read() == [1]
    monkeypatch.setattr(events, "GATHER_SECONDS", 0)
    second = primed.start()
    primed.wait_for(4)
    wait_until(lambda: settled(primed, second))
    assert primed.read() == [1, 2, 3, 4]
    primed.assert_whole(range(1, 5))


def test_a_service_that_was_ended_at_once_looks_no_more_at_what_waited(primed, monkeypatch):
    put_off, spawn_after = [], eventlet.spawn_after

    def held(seconds, function, *values):
        return put_off.append(function) if function.__name__ == "_gathered" else spawn_after(seconds, function, *values)

    monkeypatch.setattr(eventlet, "spawn_after", held)
    primed.publish(range(2, 5))
    wait_until(lambda: len(consumer_of(primed, primed.host).in_flight) == 3)
    primed.bench.stop(primed.host, kill=True)
    (look_again,) = put_off
    look_again()
    assert put_off == [look_again], "it would look again and again for ever"


def test_what_was_missed_is_caught_up_with_together(primed):
    primed.bench.first_look_seconds = 30  # the queue waits for the log, however slow the machine
    primed.bench.stop(primed.host)
    primed.bench.start(primed.Writer)
    primed.publish(range(2, 3 + MOST))
    wait_until(lambda: primed.unpublished() == 0, timeout=30)
    primed.bench.start(primed.Reader)
    primed.wait_for(2 + MOST)
    assert primed.groups == [[1], [*range(2, 2 + MOST)], [2 + MOST]]
    primed.assert_whole(range(1, 3 + MOST))


@pytest.mark.faults
def test_a_handler_that_never_ends_with_several_is_tried_with_each(primed, monkeypatch):
    monkeypatch.setattr(intake, "TOGETHER_SECONDS", 0.3)
    monkeypatch.setattr(intake, "HANDLER_SECONDS", 0.3)
    primed.on_read = lambda event: event.number == 3 and eventlet.sleep(60)
    primed.publish(range(2, 2 + MOST), books=MOST)
    wait_until(lambda: primed.count() == MOST and primed.letters(parked.RETRYING))
    (letter,) = primed.letters()
    assert "Timeout" in letter.error
    assert 3 not in primed.read()


@pytest.mark.requirement("RS-06")
@pytest.mark.faults
def test_while_the_database_is_down_they_wait_together(primed, monkeypatch):
    tries = []

    def down(*_):
        tries.append(1)
        raise sa.exc.OperationalError("select", {}, Exception("the database is down"))

    with monkeypatch.context() as patched:
        patched.setattr("pupitre_bus.parked.settled_among", down)
        primed.publish(range(2, 2 + MOST))
        wait_until(lambda: len(tries) >= 3)
        assert len(tries) < 10
    primed.wait_for(1 + MOST)
    assert primed.groups == [[1], [*range(2, 2 + MOST)]]
    wait_until(lambda: settled(primed, primed.host))
    primed.assert_whole(range(1, 2 + MOST))
