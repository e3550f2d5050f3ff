"""What each fault of a plan does to a cluster. Each returns when its part that must be waited for is over."""

import contextlib
from collections.abc import Callable, Iterator

import eventlet
from pupitre_bus.testing import wait_until

from .cluster import Cluster, Servers
from .plan import MODES, QUEUE, Step

LATENCY_MS = 150
#: The product's own patience with a queue is 15 s.
DECLARED_SECONDS = 60


def inject(cluster: Cluster, step: Step) -> None:
    """Do it. What lasts, lasts ``step.seconds`` and is over at the return; a killed server is back and answers."""
    with standing(cluster, step):
        if step.kind in _LASTS or _is_network(step):
            eventlet.sleep(step.seconds)


@contextlib.contextmanager
def standing(cluster: Cluster, step: Step) -> Iterator[None]:
    """The fault for the length of a block."""
    if step.kind.startswith("service-"):
        with _service(cluster, step):
            yield
        return
    assert isinstance(cluster, Servers), f"{step.kind} needs servers"
    if _is_network(step):
        side, _, mode = step.kind.partition("-")
        with cluster.proxies[side].fault(mode, LATENCY_MS if mode == "latency" else None):
            yield
        return
    if step.kind == QUEUE:
        _hang(cluster, step.target)
        yield
        return
    if step.kind == "broker-alarm":
        cluster.broker.alarm()
        try:
            yield
        finally:
            cluster.broker.alarm(False)
        return
    side, _, verb = step.kind.partition("-")
    if verb == "down":
        node = cluster.nodes[side]
        node.kill()
        try:
            yield
        finally:
            node.start()
        return
    if verb == "full":
        cluster.database.fill()
        try:
            yield
        finally:
            cluster.database.free()
            cluster.database.start()  # it may have ended itself
        return
    _AT_ONCE[verb](cluster, side)
    yield


@contextlib.contextmanager
def _service(cluster: Cluster, step: Step) -> Iterator[None]:
    process = cluster.processes[step.target]
    if step.kind == "service-freeze":
        process.freeze()
        try:
            yield
        finally:
            process.thaw()
        return
    process.kill() if step.kind == "service-kill" else process.terminate()
    yield


def _wipe(cluster: Servers, side: str) -> None:
    """The broker's data are gone. It is the product that declares the topology anew: nothing is done for it here."""
    node = cluster.nodes[side]
    _without_queues(cluster, True)
    node.wipe()
    node.start()
    wait_until(cluster.has_its_queues, DECLARED_SECONDS, 0.2)
    _without_queues(cluster, False)


def _hang(cluster: Servers, target: str) -> None:
    """A queue answers nothing any more; nobody but the product replaces it, after some time."""
    _without_queues(cluster, True)  # it is away for a moment then
    cluster.broker.hang(f"events.{target.partition('.')[0]}")
    eventlet.spawn_after(DECLARED_SECONDS, _without_queues, cluster, False)


def _without_queues(cluster: Servers, missing: bool) -> None:
    for process in cluster.processes.values():
        process.without_queues(missing)


_AT_ONCE: dict[str, Callable[[Servers, str], None]] = {
    "kill": lambda cluster, side: cluster.nodes[side].restart(kill=True),
    "restart": lambda cluster, side: cluster.nodes[side].restart(),
    "drop": lambda cluster, side: cluster.nodes[side].cut_connections(),
    "wipe": _wipe,
}
_LASTS = ("service-freeze", "broker-alarm", "broker-down", "database-down")


def _is_network(step: Step) -> bool:
    return step.kind.partition("-")[2] in MODES
