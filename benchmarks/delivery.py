"""The long forms of the trials of the bus, on RabbitMQ and PostgreSQL: each stops with an error where a promise is broken.

The machine's servers are used through a virtual host and a database of their own; what is broken is a proxy before them, or a
broker that the trial starts for itself.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pupitre_bus.testing import Bench, Servers, ServerSpace

# The trials are the tests' own.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

#: PUPITRE_BENCH_SHARE=0.05 tries a command at a twentieth of its size; its figures are then of that size.
SHARE = float(os.environ.get("PUPITRE_BENCH_SHARE", "1"))
EVENTS, COPIES, POISONED, IN_FLIGHT = (round(each * SHARE / 100) * 100 for each in (20_000, 10_000, 20_000, 5_400))
AT_ONCE = 3
ROUNDS = max(1, round(20 * SHARE))
SECONDS = 1800


def network() -> Iterator[str]:
    """Six faults of the network and a reset, at the broker and at the database, before, during and after a commit."""
    from support.network_trials import ALL, run_all

    outcomes = []
    with _space() as (space, folder):
        for start in range(0, len(ALL), AT_ONCE):
            slice_ = ALL[start : start + AT_ONCE]
            outcomes += run_all(slice_, space, folder / str(start))
            for outcome in outcomes[start:]:
                calls = f"{outcome.calls} calls, {outcome.failed} failed, longest {outcome.longest:.1f} s"
                yield f"{outcome.case}: {calls}, healed in {outcome.healed:.1f} s"
    longest, healed = max(each.longest for each in outcomes), max(each.healed for each in outcomes)
    yield f"{len(outcomes)} of {len(ALL)} without loss, longest call {longest:.1f} s, healed in {healed:.1f} s at most"


def feed() -> Iterator[str]:
    """Eight writers and a reader of the log from 0."""
    from support import delivery_trials

    with _world() as world:
        figures = delivery_trials.feed(world, EVENTS, seconds=SECONDS)
    yield f"{figures.events} events, 0 missed, 0 out of order, {figures.rate:.0f} events/s"


def copies() -> Iterator[str]:
    """Every event three times, shuffled, to two instances."""
    from support import delivery_trials

    with _world() as world:
        figures = delivery_trials.copies(world, COPIES, seconds=SECONDS)
    yield f"{figures.events} deliveries, {COPIES} effects, {figures.rate:.0f} deliveries/s"


def poison() -> Iterator[str]:
    """One message in a hundred that nobody can read."""
    from support import delivery_trials

    with _world() as world:
        figures = delivery_trials.poison(world, POISONED, seconds=SECONDS)
    yield f"{POISONED // 100} parked, {POISONED - POISONED // 100} effects, 0 restarts, {figures.rate:.0f} messages/s"
    with _world() as world:
        figures = delivery_trials.poison(world, 2_000, rate=100, seconds=SECONDS)
    yield f"at 100 messages/s: commit to effect, 99th percentile {figures.worst * 1000:.0f} ms"


def wipe() -> Iterator[str]:
    """A broker that loses all its data with 5 000 events in flight."""
    from support import broker_trials
    from support.backends import Elsewhere
    from support.bus_world import World
    from support.nodes import RabbitMQNode

    with _space() as (space, folder), RabbitMQNode(folder / "broker") as node:
        with contextlib.closing(Bench(Elsewhere(folder, node.uri, space.database_uri))) as bench:
            figures = broker_trials.wipe(World(bench), node, IN_FLIGHT, seconds=120)
    yield f"{figures.in_flight} events in flight, all had their effect {figures.seconds:.1f} s after the broker was back"


def rolling() -> Iterator[str]:
    """Twenty rolling restarts of every service of a whole installation, under deposits."""
    from support import rolling_trials
    from support.installation import Installation, servers

    with tempfile.TemporaryDirectory() as folder, servers("servers") as variables:
        installation = Installation(Path(folder) / "state", variables)
        try:
            figures = rolling_trials.roll(installation.start(), ROUNDS)
        finally:
            installation.close()
    stops = ", ".join(f"{name} {max(taken):.1f} s" for name, taken in figures.stops.items())
    yield f"{ROUNDS} rounds, {figures.deposits} deposits, each one invoice; {figures.retries} tries repeated, no other error"
    yield f"longest stop: {stops}"


@contextlib.contextmanager
def _space() -> Iterator[tuple[ServerSpace, Path]]:
    space = ServerSpace()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield space, Path(folder)
    finally:
        space.close()


@contextlib.contextmanager
def _world() -> Iterator[Any]:
    from support.bus_world import World

    with _space() as (space, folder), contextlib.closing(Bench(Servers(folder, space))) as bench:
        yield World(bench)
