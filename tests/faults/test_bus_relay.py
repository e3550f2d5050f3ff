"""The relay and its publisher while the way to the broker, or the broker itself, is ill: every wait ends, and nothing stays behind."""

import itertools
import time

import eventlet
import kombu
import pytest
from pupitre_bus import connection, relay
from pupitre_bus.publisher import Publisher, PublishFailed
from pupitre_bus.testing import Bench, wait_until
from support import broker_trials
from support.backends import Behind, Elsewhere
from support.bus_world import World
from support.fault_proxy import RESET, FaultProxy
from support.nodes import rabbitmq_node

pytestmark = [pytest.mark.faults, pytest.mark.rabbitmq]

#: A wait of the publisher ends by itself within 6 s: the faults last longer.
FAULT_SECONDS = 7.5
#: The relay's longest pause and a new connection (RS-02). Here they are summed up; by the clock they are measured by
#: `benchmarks network`, on a machine that does nothing else.
HEALED_SECONDS = 2
#: What stops at all is told from what ends: much longer than any wait of the product.
PATIENCE_SECONDS = 30
MARKS = itertools.count(1)
WAYS = ("blackhole", "cut-up", "cut-down", "refuse", RESET)


def endure(world, begin, end, heals_itself=False):
    """Publish before, during and after a fault; what was committed during it leaves by itself once it is over."""
    uri, queue = world.bench.backend.amqp_uri, f"beside.{world.writer}"
    with connection.connect(uri) as link:
        kombu.Queue(queue, durable=False, auto_delete=False)(link.channel()).queue_declare()
    publisher = Publisher(uri)
    host = world.start()
    world.publish([1])
    world.wait_for(1)
    publisher.publish(b"before", exchange="", routing_key=queue, content_type="application/x")

    begin()
    started = time.monotonic()
    world.publish([2, 3, 4])
    try:
        publisher.publish(b"during", exchange="", routing_key=queue, content_type="application/x")
        assert heals_itself
    except PublishFailed:
        assert not heals_itself
    assert time.monotonic() - started < PATIENCE_SECONDS
    if not heals_itself:
        eventlet.sleep(started + FAULT_SECONDS - time.monotonic())
        assert world.unpublished() == 3

    end()
    publisher.publish(b"after", exchange="", routing_key=queue, content_type="application/x")
    wait_until(lambda: world.unpublished() == 0, PATIENCE_SECONDS)
    world.wait_for(4)
    world.assert_whole(range(1, 5))
    assert host.failure() is None
    publisher.close()
    with connection.connect(uri) as link:
        link.channel().queue_delete(queue)


@pytest.mark.postgres
@pytest.mark.requirement("RS-02")
def test_whatever_happens_on_the_way_to_the_broker_publishing_answers_in_time_and_goes_on_after(server_space, tmp_path):
    def one(way):
        with FaultProxy.before(server_space.amqp_uri) as proxy:
            bench = Bench(Behind(tmp_path / way, server_space, proxy))
            try:
                world = World(bench, way.replace("-", ""))
                begin = proxy.reset if way == RESET else lambda: proxy.set(way)
                endure(world, begin, lambda: proxy.set("pass"), heals_itself=way == RESET)
            except AssertionError as failure:
                raise AssertionError(f"{way}: {failure}") from failure
            finally:
                proxy.set("pass")
                bench.close()
                bench.backend.close()

    list(eventlet.GreenPool(len(WAYS)).imap(one, WAYS))


@pytest.mark.requirement("RS-02")
def test_the_longest_pause_of_the_relay_leaves_time_for_a_new_connection():
    assert relay.LONGEST_BACKOFF <= HEALED_SECONDS / 2


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A broker that these tests may fill, kill and wipe."""
    with rabbitmq_node(tmp_path_factory.mktemp("broker")) as made:
        yield made


@pytest.fixture
def world(node, tmp_path):
    bench = Bench(Elsewhere(tmp_path / "here", node.uri))
    yield World(bench, str(next(MARKS)))
    bench.close()


@pytest.mark.requirement("RS-02")
def test_a_broker_whose_disk_is_full_stops_nobody_and_gets_all_when_it_has_room(node, world):
    endure(world, node.alarm, lambda: node.alarm(False))


def test_what_is_committed_while_the_broker_restarts_leaves_when_it_is_back(node, world):
    host = world.start()
    world.publish(range(1, 11))
    world.wait_for(10)
    node.kill()
    world.publish(range(11, 21))
    assert world.unpublished() == 10
    node.start()
    world.wait_for(20)
    world.assert_whole(range(1, 21))
    assert host.failure() is None


@pytest.mark.requirement("RS-07")
def test_what_a_broker_held_when_it_lost_all_its_data_is_fetched_from_the_source(node, world):
    """The short form of `python -m benchmarks wipe`; a minute passes before a consumer looks by itself."""
    outcome = broker_trials.wipe(world, node, count=300, seconds=50)
    assert outcome.in_flight > 100
