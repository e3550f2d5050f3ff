"""The relay when nobody listens, when a queue is missing, and when another one leads."""

from types import SimpleNamespace

import eventlet
import kombu
import pytest
import sqlalchemy as sa
from pupitre_bus import Service, connection, envelope, outbox, tables, topology
from pupitre_bus.consumer import body_of
from pupitre_bus.relay import Relay, _windows
from pupitre_bus.testing import wait_until
from pupitre_contracts.message import Event, fields


class BellRung(Event):
    name, version, owner, subject_field = "bell.rung", 1, "tower", "bell"

    bell = fields.String(required=True)


class DoorOpened(Event):
    name, version, owner, subject_field = "door.opened", 1, "tower", "door"

    door = fields.String(required=True)


class Tower(Service):
    name = "tower"


@pytest.fixture
def tower(bench):
    bench.backend.services.add("tower")
    bench.migrate(Tower)
    topology.declare(bench.backend.amqp_uri, {"tower": ()})
    database = bench.database("tower")
    yield database
    database.close()


@pytest.fixture
def relay(bench, tower):
    relays = []

    def start(is_heard):
        made = Relay(tower, bench.backend.amqp_uri, is_heard)
        relays.append(made)
        eventlet.spawn(made.run)
        return made

    yield start
    for made in relays:
        made.stop()


def ring(database, count=1):
    with database.transaction() as tx:
        for _ in range(count):
            tx.publish(BellRung(bell="great"))


def waiting(database):
    with database.reading() as db:
        return outbox.backlog(db).count


def test_an_event_that_nobody_must_hear_is_published_without_a_queue(tower, relay):
    relay(lambda event_type: False)
    ring(tower, 3)
    wait_until(lambda: waiting(tower) == 0)


@pytest.mark.requirement("RS-02")
def test_an_event_that_somebody_must_hear_waits_for_its_queue(bench, tower, relay):
    made = relay(lambda event_type: True)
    ring(tower, 3)
    wait_until(lambda: made.last_error)
    assert waiting(tower) == 3
    with connection.connect(bench.backend.amqp_uri) as link:
        queue = kombu.Queue("listener", kombu.Exchange("tower.events", type="topic"), BellRung.type)(link.channel())
        queue.declare()
        wait_until(lambda: waiting(tower) == 0)
        assert queue.queue_declare(passive=True).message_count == 3
        queue.delete()


@pytest.mark.requirement("RS-02")
def test_an_event_that_cannot_leave_holds_back_what_follows_about_its_subject_and_nothing_else(bench, tower, relay):
    """They are published together: a bell that somebody must hear and has no queue, doors that nobody must hear."""
    with tower.transaction() as tx:
        for event in (DoorOpened(door="west"), BellRung(bell="great"), DoorOpened(door="great"), DoorOpened(door="east")):
            tx.publish(event)
    made = relay(lambda event_type: event_type == BellRung.type)
    wait_until(lambda: made.last_error)
    with tower.reading() as db:
        held = db.execute(sa.select(tables.outbox.c.feed_seq).where(tables.outbox.c.published_at.is_(None))).scalars().all()
    assert sorted(held) == [2, 3]
    with connection.connect(bench.backend.amqp_uri) as link:
        queue = kombu.Queue("listener", kombu.Exchange("tower.events", type="topic"), "#")(link.channel())
        queue.declare()
        wait_until(lambda: waiting(tower) == 0)
        numbers = []
        while (message := queue.get(no_ack=True)) is not None:
            numbers.append(envelope.decode(body_of(message)).feed_seq)
        queue.delete()
    assert numbers == [2, 3]


def test_no_window_holds_two_events_of_one_subject_and_all_are_in_order():
    rows = [SimpleNamespace(subject=subject, number=number) for number, subject in enumerate("aabacbaa")]
    windows = _windows(rows)
    assert sorted(row.number for window in windows for row in window) == list(range(len(rows)))
    for window in windows:
        assert len({row.subject for row in window}) == len(window)
    for subject in "abc":
        numbers = [row.number for window in windows for row in window if row.subject == subject]
        assert numbers == sorted(numbers)


@pytest.mark.requirement("RS-02")
def test_of_two_relays_one_leads_and_the_other_takes_over(tower, relay):
    first = relay(lambda event_type: False)
    wait_until(lambda: first.leading)
    second = relay(lambda event_type: False)
    ring(tower)
    wait_until(lambda: waiting(tower) == 0)
    assert not second.leading
    first.stop()
    wait_until(lambda: second.leading)
    ring(tower)
    wait_until(lambda: waiting(tower) == 0)
