"""A queue that the broker calls running and that answers nothing: the others get their events, and it is replaced without an operator."""

import itertools

import eventlet
import pytest
from pupitre_bus import Service, health, outbox, topology
from pupitre_bus.relay import Relay
from pupitre_bus.testing import Bench, wait_until
from pupitre_contracts.message import Event, fields
from support.backends import Elsewhere
from support.bus_world import World
from support.nodes import rabbitmq_node

pytestmark = [pytest.mark.faults, pytest.mark.rabbitmq]

SECONDS = 90
MARKS = itertools.count(1)


class BellRung(Event):
    name, version, owner, subject_field = "bell.rung", 1, "tower", "of"

    of = fields.String(required=True)


class DoorOpened(Event):
    name, version, owner, subject_field = "door.opened", 1, "tower", "of"

    of = fields.String(required=True)


class Tower(Service):
    name = "tower"


HEARD = {"ringer": (BellRung,), "porter": (DoorOpened,)}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with rabbitmq_node(tmp_path_factory.mktemp("broker")) as made:
        yield made


@pytest.fixture
def bench(node, tmp_path):
    made = Bench(Elsewhere(tmp_path / "here", node.uri))
    yield made
    made.close()


@pytest.fixture
def quick(monkeypatch):
    """Who keeps the topology loses patience sooner: nothing else than the queue that hangs is slow here."""
    monkeypatch.setattr(topology, "SILENCE_SECONDS", 2.0)


@pytest.mark.requirement("RS-02")
def test_events_that_a_hanging_queue_does_not_hear_pass_and_its_own_leave_when_it_is_replaced(node, bench, quick):
    bench.migrate(Tower)
    topology.declare(node.uri, HEARD)
    database = bench.database("tower")
    relay = Relay(database, node.uri, lambda kind: True)
    thread = eventlet.spawn(relay.run)

    def publish(*events):
        with database.transaction() as tx:
            for event in events:
                tx.publish(event)

    def waiting():
        with database.reading() as db:
            return outbox.backlog(db).count

    publish(BellRung(of="church"), DoorOpened(of="barn"))
    wait_until(lambda: waiting() == 0, SECONDS)
    node.hang("events.ringer")
    publish(BellRung(of="church"), *(DoorOpened(of=f"house {number}") for number in range(5)))
    publish(DoorOpened(of="church"))  # behind the bell of the same subject: its turn comes after it
    wait_until(lambda: relay.aside == [BellRung.type], SECONDS)
    publish(*(DoorOpened(of=f"house {number}") for number in range(5)))
    wait_until(lambda: waiting() == 2, SECONDS)
    assert topology.mend(node.uri, HEARD) == ["events.ringer"]
    wait_until(lambda: waiting() == 0, SECONDS)
    assert relay.aside == []
    assert topology.mend(node.uri, HEARD) == []
    relay.stop()
    thread.wait()
    database.close()


@pytest.mark.requirement("RS-07")
def test_whoever_keeps_the_topology_replaces_it_and_its_consumer_catches_up(node, bench, quick):
    world, over = World(bench, str(next(MARKS))), []
    host = world.start()
    world.publish([1])
    world.wait_for(1)
    keeper = eventlet.spawn(topology.keep, node.uri, lambda: bool(over), bench.subscriptions())
    node.hang(f"events.{world.reader}")
    world.publish(range(2, 31), books=7)
    world.wait_for(30, SECONDS)
    wait_until(lambda: world.unpublished() == 0, SECONDS)
    world.assert_whole(range(1, 31))
    wait_until(lambda: all(each.connected for each in host.runtime(world.reader).consumers), SECONDS)
    world.publish([31])
    world.wait_for(31, SECONDS)
    assert host.failure() is None
    over.append(True)
    keeper.wait()


@pytest.mark.requirement("RS-71")
def test_a_service_names_the_queue_that_does_not_answer(node, bench):
    world = World(bench, str(next(MARKS)))
    runtime = world.start().runtime(world.writer)
    world.publish([1])
    world.wait_for(1)
    node.hang(f"events.{world.reader}")
    world.publish([2])
    wait_until(lambda: runtime.relay.aside, SECONDS)
    told = health.health(runtime)
    [relay] = [each for each in told.checks if each.name == "relay"]
    assert f"events.{world.reader}" in relay.detail
    assert told.metrics["relay_aside"] == 1


def test_a_queue_that_is_slow_once_is_not_replaced(node, bench, quick, monkeypatch):
    topology.declare(node.uri, HEARD)
    answers, asked = topology._answers, itertools.count()
    monkeypatch.setattr(
        topology, "_answers", lambda uri, name: answers(uri, name) and (name != "events.porter" or next(asked) > 0)
    )
    assert topology.mend(node.uri, HEARD) == []
    assert next(asked) > 1
