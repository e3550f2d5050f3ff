"""One run: load and faults together, then no more faults, then everything drained and checked."""

import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import eventlet
import sqlalchemy as sa

from . import facts as reading
from . import faults, invariants
from .cluster import Cluster, Embedded, Servers
from .embedded import EmbeddedWorld
from .facts import Facts
from .journal import Attempt, Journal, quantile, read
from .load import FeedReader, Load
from .plan import WIPE, Plan, Step
from .processor import Processor

LOOK_SECONDS = 0.5
#: How often the portal is asked how long each service held its hub in the last minute; and the kernel for processor seconds.
FIGURES_SECONDS = 5.0
DRAIN_SECONDS = 120
#: For how long the broker may tell of messages that have left their queue: three times as long as it takes to count again.
COUNTED_SECONDS = 15.0
#: Clients are at work when a lasting fault begins.
BEFORE_SECONDS = 2.0
DOWN = (sa.exc.SQLAlchemyError, OSError)


@dataclass
class Result:
    """What a run came to. ``drains``: seconds from the end of each lasting fault, and of the load, until nothing
    waited, and from the beginning of each deletion of the broker's data in the midst of work until what had been told by its
    end had its effects; ``under``: what clients saw of each lasting fault."""

    plan: Plan
    violations: list[str]
    facts: Facts
    journal: Path
    stored: int = 0
    seconds: float = 0.0
    injected: Counter = field(default_factory=Counter)
    drains: dict[str, float] = field(default_factory=dict)
    under: dict[str, str] = field(default_factory=dict)
    deposits_ms: tuple[float, float, float] = (0.0, 0.0, 0.0)
    processor: dict[str, float] = field(default_factory=dict)
    gaps_ms: dict[str, tuple[float, float]] = field(default_factory=dict)
    codes: Counter = field(default_factory=Counter)
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        """Processes and servers ended by SIGKILL."""
        return sum(self.kinds_of_kills.values())

    @property
    def kinds_of_kills(self) -> Counter:
        """The same by what was ended: services, broker, database."""
        found: Counter = Counter()
        for kind, count in self.injected.items():
            what, _, verb = kind.partition("-")
            if verb in ("kill", "wipe", "down"):
                found[what] += count
        return found


class Run:
    """Plays ``plan`` on a new cluster in ``folder``; ``say`` gets a line about each thing that happens."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None] = lambda line: None) -> None:
        self.plan, self.folder, self.say = plan, folder, say
        self.options = plan.options
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(folder / "journal.jsonl")
        self.injected: Counter = Counter()
        self.drains: dict[str, float] = {}
        self.windows: dict[str, tuple[float, float]] = {}
        self.cluster: Cluster = (
            Embedded(folder, self.options.build)
            if self.options.embedded
            else Servers(folder, self.options.build, self.options.proxied, self.options.megabytes or None)
        )
        self.reader: reading.Reader | None = None
        self.load: Load | None = None
        self.feed: FeedReader | None = None
        self._stored = 0
        self._processor = Processor()
        self._gaps: dict[str, tuple[float, float]] = {}
        self._figures: eventlet.greenthread.GreenThread | None = None
        self._watcher: eventlet.greenthread.GreenThread | None = None
        self._converging: list[eventlet.greenthread.GreenThread] = []

    def execute(self) -> Result:
        """Run to the end; the cluster is gone afterwards."""
        try:
            with self.cluster:
                self._prepare()
                began = time.monotonic()
                self._safety(began + self.options.seconds)
                seconds = time.monotonic() - began
                self._liveness()
                facts = self._facts()
                stored = self._stored
            facts.exits = [each for process in self.cluster.processes.values() for each in process.exits]
            return self._result(facts, seconds, stored)
        finally:
            self.journal.close()
            if self.reader is not None:
                self.reader.close()

    def _prepare(self) -> None:
        if isinstance(self.cluster, Servers):
            self.reader = reading.Reader(
                lambda service: self.cluster.database.uri, lambda structure: 1, with_ledger=True
            )
            self.feed = FeedReader(self.cluster)
        else:
            demo = EmbeddedWorld(self.cluster)
            self.cluster.world = demo.world
            self.reader = reading.Reader(self.cluster.database_uri, demo.readers, with_ledger=False)
        self.say("everything is up")
        self.load = Load(self.cluster, self.plan, self.journal)
        self._watcher = eventlet.spawn(self._watch)
        self._processor = Processor()
        self._figures = eventlet.spawn(self._gather)
        self.load.start(self.plan.tasks)

    # safety: faults at random while clients work

    def _safety(self, until: float) -> None:
        began = time.monotonic()
        for step in self.plan.steps:
            if not self._wait_for(step, began, until):
                break
            self._inject(step)
        while not self._finished() and time.monotonic() < until:
            eventlet.sleep(LOOK_SECONDS)
        self.load.stop()

    def _watch(self) -> None:
        while True:
            with contextlib.suppress(*DOWN):
                self._stored, self.load.open_lots = self.reader.stored()
            eventlet.sleep(LOOK_SECONDS)

    def _gather(self) -> None:
        while True:
            self._processor.look(self.cluster.roots())
            for service, (gap, held) in self.cluster.hub_gaps().items():
                longest, longest_held = self._gaps.get(service, (0.0, 0.0))
                self._gaps[service] = max(longest, gap), max(longest_held, held)
            eventlet.sleep(FIGURES_SECONDS)

    def _wait_for(self, step: Step, began: float, until: float) -> bool:
        """Wait for the moment of a step; False when the run is over before."""
        while time.monotonic() < until:
            if self.options.every:
                if time.monotonic() - began >= step.at:
                    return True
                if self._finished():
                    return False
            elif self._stored >= step.at * self.options.invoices or self._finished():
                return True
            eventlet.sleep(0.05)
        return False

    def _finished(self) -> bool:
        return self.load.done and not self.load.open_lots

    def _inject(self, step: Step) -> None:
        self.say(f"{self._stored} stored; fault {step.number}: {step.kind} {step.target}".rstrip())
        self.injected[step.kind] += 1
        began = time.monotonic()
        faults.inject(self.cluster, step)
        if step.kind == WIPE:
            self._converging.append(eventlet.spawn(self._converge, step, began))

    def _converge(self, step: Step, began: float) -> None:
        """Take the time from the beginning of a fault in the midst of work until every event told by its end has its effects."""
        name, missing = f"fault {step.number} {step.kind}", None
        while time.monotonic() - began < DRAIN_SECONDS and missing != {}:
            with contextlib.suppress(*DOWN):
                missing = self.reader.without_effect(missing)
            eventlet.sleep(LOOK_SECONDS)
        self.drains[name] = time.monotonic() - began
        self.say(f"converged after {name} in {self.drains[name]:.1f} s")

    # liveness: no more faults, nobody helps, everything must end

    def _liveness(self) -> None:
        for step, tasks in zip(self.plan.lasting, self.plan.meanwhile, strict=True):
            self.say(f"lasting fault {step.number}: {step.kind} {step.target}".rstrip() + f" for {step.seconds:g} s")
            self.injected[step.kind] += 1
            name = f"{step.number} {step.kind}"
            self.load.start(tasks)
            eventlet.sleep(BEFORE_SECONDS)
            began = self.journal.now()
            with faults.standing(self.cluster, step):
                eventlet.sleep(step.seconds)
                self.windows[name] = began, self.journal.now()
            self.drains[name] = self._drain()
            self.say(f"drained in {self.drains[name]:.1f} s")
        self.drains["the end"] = self._drain()
        for each in self._converging:
            each.wait()
        self.load.end()
        self._watcher.kill()
        self._figures.kill()
        self._processor.look(self.cluster.roots())
        if self.feed is not None:
            self.feed.stop()

    def _drain(self) -> float:
        """Wait until clients know what became of everything and nothing is on its way; return the seconds that it took."""
        began, waiting = time.monotonic(), {"": 1}
        while time.monotonic() - began < DRAIN_SECONDS:
            with contextlib.suppress(*DOWN):
                waiting = self.reader.waiting()
                if not waiting and self.load.done:
                    self._stored, _ = self.reader.stored()
                    return time.monotonic() - began
            eventlet.sleep(LOOK_SECONDS)
        self.say(f"not drained within {DRAIN_SECONDS} s: {waiting}")
        return time.monotonic() - began

    # what it came to

    def _facts(self) -> Facts:
        facts = self.reader.read()
        facts.handed_over = reading.mailbox(self.cluster.state)
        facts.feed = self.feed.ids if self.feed is not None else None
        verified = self.cluster.command("verify", check=False)
        facts.chain = "" if verified.returncode == 0 else verified.stdout.strip() or verified.stderr.strip()
        if isinstance(self.cluster, Servers):
            facts.queues = self._queue_lengths()
        else:
            facts.damaged = self.cluster.damaged()
        return facts

    def _queue_lengths(self) -> dict[str, int]:
        """How many messages each queue still holds when it had time to tell: the broker counts every five seconds only."""
        ends = time.monotonic() + COUNTED_SECONDS
        while any((found := self.cluster.queue_lengths()).values()) and time.monotonic() < ends:
            eventlet.sleep(LOOK_SECONDS)
        return found

    def _result(self, facts: Facts, seconds: float, stored: int) -> Result:
        attempts = read(self.journal.path)
        found = invariants.violations(facts, attempts)
        late = [
            f"{name}: not drained within {DRAIN_SECONDS} s"
            for name, took in self.drains.items()
            if took >= DRAIN_SECONDS
        ]
        deposits = [each.ms for each in attempts if each.kind in ("send", "flux") and each.outcome == "ok"]
        return Result(
            plan=self.plan,
            violations=[*late, *found],
            facts=facts,
            journal=self.journal.path,
            stored=stored,
            seconds=seconds,
            injected=self.injected,
            drains=self.drains,
            under={kind: _under(attempts, *window) for kind, window in self.windows.items()},
            deposits_ms=(quantile(deposits, 0.5), quantile(deposits, 0.99), max(deposits, default=0.0)),
            processor=self._processor.seconds(),
            gaps_ms=self._gaps,
            codes=Counter(each.code for each in attempts if each.code),
            outcomes=self.journal.counts,
        )


def _under(attempts: list[Attempt], began: float, ended: float) -> str:
    """What clients saw of a lasting fault: the attempts that began and ended under it."""
    seen = [each for each in attempts if each.started >= began and each.started + each.ms / 1000 <= ended]
    outcomes = dict(Counter(each.code or each.outcome for each in seen))
    times = [each.ms for each in seen]
    return f"{len(seen)} attempts {outcomes}, p50 {quantile(times, 0.5):.0f} ms, worst {max(times, default=0):.0f} ms"


def folder_for(parent: Path, options: Any) -> Path:
    """A new folder for a run's journal, logs and data."""
    return parent / f"seed-{options.seed}-{uuid.uuid4().hex[:6]}"
