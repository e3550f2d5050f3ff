"""What a broken network may cost a service: time, never an event. Each case breaks one link at one moment of one write."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import eventlet
import greenlet
import sqlalchemy as sa
from pupitre_bus.testing import Bench, ServerSpace, wait_until
from pupitre_contracts import errors

from support.backends import Behind
from support.bus_world import World
from support.fault_proxy import RESET, FaultProxy

#: Each fault with its amount: 400 ms, 20 000 bytes per second.
FAULTS = {"latency": 400, "rate": 20_000, "blackhole": None, "cut-up": None, "cut-down": None, "refuse": None, RESET: None}
SERVERS = ("broker", "database")
MOMENTS = ("before", "during", "after")
#: How long a fault lasts: longer than any call may.
FAULT_SECONDS = 8
#: What no call may exceed.
CALL_SECONDS = 7
HEAL_SECONDS = 60


@dataclass(frozen=True)
class Case:
    """``fault`` strikes between the services and ``server`` at the ``moment`` of a commit."""

    fault: str
    server: str
    moment: str

    def __str__(self) -> str:
        return f"{self.fault} before the {self.server}, {self.moment} the commit"


@dataclass
class Outcome:
    """``longest`` is the longest call and ``healed`` the time from the end of the fault to the last effect, in seconds."""

    case: Case
    calls: int = 0
    failed: int = 0
    longest: float = 0.0
    healed: float = 0.0


ALL = tuple(Case(*each) for each in itertools.product(FAULTS, SERVERS, MOMENTS))


def run_all(cases: Iterable[Case], space: ServerSpace, folder: Path) -> list[Outcome]:
    """Run ``cases`` side by side, since they do little else than wait. Raises AssertionError naming the case that failed."""

    def one(numbered: tuple[int, Case]) -> Outcome:
        number, case = numbered
        try:
            return run(case, space, folder / str(number), str(number))
        except (AssertionError, eventlet.Timeout) as failure:
            raise AssertionError(f"{case}: {failure}") from failure

    cases = list(cases)
    return list(eventlet.GreenPool(len(cases)).imap(one, enumerate(cases)))


def run(case: Case, space: ServerSpace, folder: Path, mark: str) -> Outcome:
    """Break the network at the case's moment, go on calling, heal it, and assert that nothing is lost or there twice."""
    direct = space.amqp_uri if case.server == "broker" else space.database_uri
    with FaultProxy.before(direct) as proxy:
        bench = Bench(Behind(folder, space, proxy, case.server))
        try:
            return _Trial(case, World(bench, mark), proxy).run()
        finally:
            proxy.set("pass")
            bench.close()
            bench.backend.close()


class _Trial:
    def __init__(self, case: Case, world: World, proxy: FaultProxy) -> None:
        self._case, self._world, self._proxy = case, world, proxy
        self._outcome = Outcome(case)
        self._struck = False
        self._committing: greenlet.greenlet | None = None

    def run(self) -> Outcome:
        world = self._world
        host = world.start()
        sa.event.listen(host.runtime(world.writer).database.writer, "commit", self._on_commit)
        bus = world.caller()
        world.write(bus, 1, 1)
        world.wait_for(1)
        world.on_write = self._on_write
        written = 1
        until = time.monotonic() + FAULT_SECONDS
        while time.monotonic() < until:  # the first of these calls meets the fault at its moment, the others live with it
            written += 1
            self._call(bus, written)
            eventlet.sleep(0.3)
        assert self._struck, "the fault never struck"
        self._proxy.set("pass")
        healed = time.monotonic()
        for number in range(2, written + 1):
            world.write(bus, number, 1, seconds=HEAL_SECONDS)
        world.wait_for(written, HEAL_SECONDS)
        self._outcome.healed = time.monotonic() - healed
        wait_until(lambda: world.unpublished() == 0, HEAL_SECONDS)
        world.assert_whole(range(1, written + 1))
        assert host.failure() is None
        assert self._outcome.longest <= CALL_SECONDS, f"a call took {self._outcome.longest:.1f} s"
        return self._outcome

    def _call(self, bus, number: int) -> None:
        started = time.monotonic()
        try:
            bus.call(self._world.WritePages, first=number, count=1, books=1, idempotency_key=f"{number}+1")
        except errors.PupitreError:
            self._outcome.failed += 1
        self._outcome.calls += 1
        self._outcome.longest = max(self._outcome.longest, time.monotonic() - started)

    def _on_write(self, moment: str) -> None:
        if moment == "during":
            self._committing = greenlet.getcurrent()
        elif moment == self._case.moment:
            self._strike()

    def _on_commit(self, connection: sa.Connection) -> None:
        """Called when COMMIT is about to be sent."""
        if self._committing is greenlet.getcurrent() and self._case.moment == "during":
            self._strike()
        self._committing = None

    def _strike(self) -> None:
        if not self._struck:
            self._struck = True
            fault = self._case.fault
            self._proxy.reset() if fault == RESET else self._proxy.set(fault, FAULTS[fault])
