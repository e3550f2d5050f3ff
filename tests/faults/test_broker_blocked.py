"""A broker whose disk is full takes no message and refuses none: callers learn it at once, and are served as soon as it has room (F11)."""

import itertools

import eventlet
import pytest
from pupitre_bus import health
from pupitre_bus.client import _NoAnswerComes
from pupitre_bus.publisher import Blocked, Publisher
from pupitre_bus.testing import Bench, wait_until
from pupitre_contracts import errors
from support.backends import Elsewhere
from support.bus_world import World
from support.nodes import rabbitmq_node

pytestmark = [pytest.mark.faults, pytest.mark.rabbitmq]

#: No caller of these tests ends because its time is over: what ends sooner was told why.
PATIENT = 40
MARKS = itertools.count(1)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with rabbitmq_node(tmp_path_factory.mktemp("broker")) as made:
        yield made


@pytest.fixture
def world(node, tmp_path):
    bench = Bench(Elsewhere(tmp_path / "here", node.uri))
    yield World(bench, str(next(MARKS)))
    node.alarm(False)
    bench.close()


def assert_whole(world, count):
    world.wait_for(count)
    wait_until(lambda: world.unpublished() == 0, PATIENT)  # an event may arrive before its confirm does
    world.assert_whole(range(1, count + 1))


def write(world, bus, number, key=None):
    return bus.call(world.WritePages, first=number, count=1, idempotency_key=key or str(number), timeout=PATIENT)


@pytest.mark.requirement("RS-02")
def test_calls_under_an_alarm_are_refused_at_once_and_pass_as_soon_as_it_is_over(node, world):
    host, bus = world.start(), world.caller()
    write(world, bus, 1)
    node.alarm()
    for _ in range(8):  # more than a breaker takes for a service that is down
        with pytest.raises(errors.Unavailable) as refused:
            write(world, bus, 2)
        assert isinstance(refused.value.__cause__, Blocked)
    assert bus._bus.blocked and bus._bus.refused() == []
    assert health.process_figures(bus._bus)["broker_blocked"] == 1
    node.alarm(False)
    wait_until(lambda: not bus._bus.blocked, PATIENT)
    write(world, bus, 2)
    assert health.process_figures(bus._bus)["broker_blocked"] == 0
    assert_whole(world, 2)
    assert host.failure() is None


@pytest.mark.requirement("RS-09")
def test_a_call_whose_answer_the_broker_does_not_take_is_given_up_before_its_time(node, world):
    held = eventlet.event.Event()
    world.on_write = lambda when: held.wait() if when == "before" else None
    host, bus = world.start(), world.caller()
    asked = eventlet.spawn(write, world, bus, 1)
    wait_until(lambda: host.runtime(world.writer).consumers[0].in_flight, PATIENT)
    node.alarm()
    with pytest.raises(errors.TimedOut) as given_up:
        asked.wait()
    assert isinstance(given_up.value.__cause__, _NoAnswerComes)
    held.send(None)
    node.alarm(False)
    wait_until(lambda: not bus._bus.blocked, PATIENT)
    assert write(world, bus, 1).last == 1  # under its key: done once, whichever attempt it was
    assert_whole(world, 1)
    assert host.failure() is None


@pytest.mark.requirement("RS-71")
def test_a_service_says_that_its_broker_is_blocked(node, world):
    host = world.start()
    runtime = host.runtime(world.writer)
    world.publish([1])
    world.wait_for(1)
    node.alarm()
    world.publish([2])
    wait_until(lambda: runtime.broker_blocked, PATIENT)
    told = health.health(runtime)
    [broker] = [each for each in told.checks if each.name == "broker"]
    assert (broker.ok, broker.detail) == (False, health.BLOCKED)
    assert told.metrics["broker_blocked"] == 1
    node.alarm(False)
    wait_until(lambda: health.health(runtime).ok, PATIENT)
    assert_whole(world, 2)


def test_a_publisher_takes_no_confirm_of_before_the_alarm_for_one_of_after_it(node):
    """What the broker had begun to read is confirmed when it has room: on a channel that nobody uses any more."""
    publisher = Publisher(node.uri)
    message = {"exchange": "", "content_type": "application/x", "mandatory": False}
    publisher.publish(b"before", routing_key="nowhere", **message)
    before = publisher._connection
    node.alarm()
    for _ in range(2):
        with pytest.raises(Blocked):
            publisher.publish(b"under it", routing_key="nowhere", **message)
    assert publisher._connection is before, "what ends the alarm is said on the connection that was told of it"
    node.alarm(False)
    wait_until(lambda: not publisher.blocked, PATIENT)
    publisher.publish(b"after", routing_key="nowhere", **message)
    assert publisher._connection is not before
    publisher.close()
