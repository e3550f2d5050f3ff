"""A broker that loses everything, under services that keep working: what they had and what it held is not lost."""

import time
from dataclasses import dataclass

import eventlet
from pupitre_bus import topology
from pupitre_bus.runner import Host
from pupitre_bus.testing import wait_until

from support.bus_world import World
from support.nodes import RabbitMQNode

RESTART_SECONDS = 2


@dataclass
class Wiped:
    """``in_flight`` events were at the broker when it lost its data; ``seconds`` passed from its return to the last effect."""

    in_flight: int
    seconds: float
    restarts: int


def wipe(world: World, node: RabbitMQNode, count: int, seconds: float) -> Wiped:
    """Delete the broker's data when it has confirmed ``count`` events and delivered few of them.

    Asserts that all have their effect, once each, within ``seconds`` after the broker and its queues are there again.
    """
    wiped = False
    world.on_read = lambda event: eventlet.sleep(0 if wiped else 1)
    host = world.start()
    world.publish(range(1, count + 1), books=50)
    wait_until(lambda: world.unpublished() == 0, 120 + count / 10)
    in_flight = count - world.count()
    node.wipe()
    wiped = True
    node.start()
    topology.declare(node.uri, world.bench.subscriptions())
    back, restarts = time.monotonic(), 0
    while world.count() < count:
        assert time.monotonic() - back < seconds, f"{world.count()} of {count} effects within {seconds} s"
        host, restarts = kept_running(world, host, restarts)
        eventlet.sleep(0.1)
    taken = time.monotonic() - back
    wait_until(lambda: world.unpublished() == 0, seconds)
    world.assert_whole(range(1, count + 1))
    return Wiped(in_flight, taken, restarts)


def kept_running(world: World, host: Host, restarts: int) -> tuple[Host, int]:
    """Start the services again when one has ended, as their supervisor does: one that looked before its queues were there."""
    if host.failure() is None:
        return host, restarts
    world.bench.stop(host, kill=True)
    eventlet.sleep(RESTART_SECONDS)
    return world.start(), restarts + 1
