"""How long an event takes from the commit that made it to the handler that heard it, on each bus."""

import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import eventlet
from pupitre_bus import Service, on_event
from pupitre_bus.testing import Absent, Bench, Embedded, Servers, ServerSpace, wait_until
from pupitre_contracts import organisation

EVENTS = 200
PAUSE = 0.25
"""Between two events of an idle bus: longer than the relay gathers behind a round."""
RATE, SECONDS, WRITERS = 300, 10, 4


class Source(Service):
    """Publishes as organisation does."""

    name = "organisation"


class Listener(Service):
    """Notes when it hears."""

    name = "notifications"
    heard: dict[str, float] = {}

    @on_event(organisation.EspaceOpened)
    def espace_opened(self, event, scope):
        self.heard[event.espace] = time.perf_counter()


def measure() -> Iterator[str]:
    """Publish events on both buses: now and then, each after the one before was heard, and at a pace."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"embedded: {_latencies(Bench(Embedded(Path(folder))))}"
        try:
            space = ServerSpace()
        except Absent as absent:
            yield f"servers: not measured, no {absent}"
            return
        try:
            yield f"servers: {_latencies(Bench(Servers(Path(folder) / 'servers', space)))}"
        finally:
            space.close()


def _latencies(bench: Bench) -> str:
    try:
        database = bench.start(Source, Listener).runtime("organisation").database
        idle = _told([_one(database, PAUSE) for _ in range(EVENTS)])
        following = _told([_one(database) for _ in range(EVENTS)])
        taken, rate = _at_a_pace(database)
    finally:
        bench.close()
    return (
        f"commit to handler, {EVENTS} events, idle: {idle}; each right after the one before: {following};"
        f" {len(taken)} events, {rate:.0f} a second: {_told(taken)}"
    )


def _told(taken: list[float]) -> str:
    late = sorted(taken)[int(len(taken) * 0.95)]
    return f"median {statistics.median(taken) * 1000:.1f} ms, 95th percentile {late * 1000:.1f} ms"


def _at_a_pace(database) -> tuple[list[float], float]:
    """The latencies of events committed at RATE a second, or as near to it as this machine comes, and the rate reached."""
    committed: dict[str, float] = {}
    started = time.perf_counter()

    def commit(number: int) -> None:
        eventlet.sleep(max(0, started + number / RATE - time.perf_counter()))
        name = uuid.uuid4().hex
        _commit(database, name)
        committed[name] = time.perf_counter()

    for _ in eventlet.GreenPool(WRITERS).imap(commit, range(RATE * SECONDS)):
        pass
    rate = len(committed) / (time.perf_counter() - started)
    wait_until(lambda: committed.keys() <= Listener.heard.keys(), timeout=600, every=0.05)
    return [Listener.heard[name] - at for name, at in committed.items()], rate


def _one(database, pause: float = 0) -> float:
    eventlet.sleep(pause)
    name = uuid.uuid4().hex
    _commit(database, name)
    committed = time.perf_counter()
    wait_until(lambda: name in Listener.heard, every=0.001)
    return Listener.heard[name] - committed


def _commit(database, name: str) -> None:
    with database.transaction() as tx:
        tx.publish(
            organisation.EspaceOpened(structure_id=uuid.uuid4(), espace=name, structure_name="Banc", opened_by="benchmark")
        )
