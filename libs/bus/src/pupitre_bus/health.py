"""Whether a service can work, and the figures to watch."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import eventlet
import eventlet.hubs
from pupitre_contracts import platform

from . import migrations, outbox, parked, topology

if TYPE_CHECKING:
    from .client import Bus
    from .core import Runtime

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.5
LAG_SECONDS = 60
GAP_TICK = 0.01
LEAST_GAP = 0.005
COUNT_AGAIN = 0.005
"""How old the kernel's count of waiting may be when a gap begins: asking for it in every turn of a busy hub would cost a
twentieth of the processor."""
RECENT_SECONDS = 60
STARTED_AT = time.time()
BLOCKED = "blocked: it takes no message, its disk or its memory is short"


class Gap(NamedTuple):
    """For how long, in milliseconds, nothing else could run; ``held`` is without what the process waited for a processor that
    others had."""

    at: float
    gap: float
    held: float


class HubMonitor:
    """Measures how long the hub was held by something that does not yield: the longest that a timer, however often it ticks, can
    have been late. What remains when the kernel's own count of waiting is taken off is this program's doing; the rest is a machine
    with too much to do.
    """

    def __init__(self) -> None:
        self.reset()
        self._stop: Callable[[], None] | None = None

    def start(self) -> None:
        if self._stop is None:
            hub = eventlet.hubs.get_hub()
            self._stop = _watch(hub, self._note) if hasattr(hub, "do_poll") else eventlet.spawn(_tick, self._note).kill

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None

    def reset(self) -> None:
        self.longest = Gap(0.0, 0.0, 0.0)
        self._recent: list[Gap] = []

    def recent(self) -> Gap:
        """The longest of the last minute: gap and held, each for itself."""
        since = time.monotonic() - RECENT_SECONDS
        return _longest([each for each in self._recent if each.at >= since])

    def _note(self, now: float, gap: float, waited: float) -> None:
        """Keep a gap of so many seconds, in which the process waited for a processor for so many."""
        each = Gap(now, gap * 1000, max(0.0, gap - waited) * 1000)
        self.longest = _longest([self.longest, each])
        self._recent.append(each)
        if len(self._recent) > 2000:
            self._recent = [entry for entry in self._recent if entry.at >= now - RECENT_SECONDS][-1000:]


def _watch(hub: Any, note: Callable[[float, float, float], None]) -> Callable[[], None]:
    """Tell of each gap of a hub from within its loop, and return what ends that.

    A timer that becomes due just after the hub has looked at its timers is late by all that runs until it looks again, but for
    what it sleeps meanwhile. A ticker would find the same by waking an idle process a hundred times a second.
    """
    clock, queued = time.monotonic, _queued()
    fire_timers, do_poll, wait = hub.fire_timers, hub.do_poll, hub.wait
    looked_at = counted_at = clock()
    counted = next(queued)
    waited = slept = overslept = asleep = 0.0

    def count(now: float) -> None:
        """Add what was waited in this gap. What may have been waited before it, or asleep, is not taken for that: nothing that was held is
        hidden."""
        nonlocal waited, counted, counted_at, asleep
        before, counted = counted, next(queued)
        waited += max(0.0, counted - before - max(0.0, looked_at - counted_at) - asleep)
        counted_at, asleep = now, 0.0

    def timed_fire(when: float) -> None:
        nonlocal looked_at, waited, slept, overslept
        now = clock()
        gap = now - looked_at - slept
        if gap > LEAST_GAP:
            count(now)
            note(now, gap, waited + overslept)
        looked_at = now
        waited = slept = overslept = 0.0
        fire_timers(when)

    def timed_poll(seconds: float) -> Any:
        nonlocal counted, counted_at, slept, overslept, asleep
        if seconds <= 0:  # a hub with work to do looks without sleeping, hundreds of times a second
            return do_poll(seconds)
        began = clock()
        if began - looked_at > LEAST_GAP:
            count(began)
        try:
            return do_poll(seconds)
        finally:
            woke = clock()
            late = max(0.0, woke - began - seconds)
            slept += woke - began - late
            overslept += late
            asleep += woke - began
            if woke - counted_at > COUNT_AGAIN:
                counted, counted_at, asleep = next(queued), woke, 0.0

    def watched_wait(seconds: float = 0) -> None:
        # Without a file to watch the hub sleeps in another way.
        if hub.listeners[hub.READ] or hub.listeners[hub.WRITE]:
            wait(seconds)
        else:
            hub.do_poll(seconds)

    def stop() -> None:
        hub.fire_timers, hub.do_poll, hub.wait = fire_timers, do_poll, wait
        queued.close()

    hub.fire_timers, hub.do_poll, hub.wait = timed_fire, timed_poll, watched_wait
    return stop


def _tick(note: Callable[[float, float, float], None]) -> None:
    """The same for a hub whose loop cannot be looked into: note how late a ticker wakes."""
    while True:
        began = time.monotonic()
        eventlet.sleep(GAP_TICK)
        now = time.monotonic()
        if now - began - GAP_TICK > LEAST_GAP:
            note(now, now - began - GAP_TICK, 0.0)


def _longest(gaps: list[Gap]) -> Gap:
    return Gap(
        max((each.at for each in gaps), default=0.0),
        max((each.gap for each in gaps), default=0.0),
        max((each.held for each in gaps), default=0.0),
    )


def _queued() -> Iterator[float]:
    """For how many seconds this thread has been ready to run and without a processor; nothing where the kernel does not say."""
    try:
        counts = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    except OSError:
        yield from repeat(0.0)
        return
    try:
        while True:
            yield int(os.pread(counts, 80, 0).split()[1]) / 1e9
    finally:
        os.close(counts)


monitor = HubMonitor()


def health(runtime: "Runtime") -> platform.Health.Reply:
    """Run every check, each within 1.5 s, and gather the figures."""
    metrics = {
        "instance": runtime.instance.rpartition(".")[2][:8],
        **process_figures(runtime.bus),
        "broker_blocked": int(runtime.broker_blocked),
    }
    checks = [_check("broker", lambda: _broker(runtime))]
    if runtime.database is not None:
        checks += [
            _check("database", runtime.database.ping),
            _check("migrations", lambda: _migrations(runtime)),
            _check("relay", lambda: _relay(runtime, metrics)),
            _check("parked", lambda: _parked(runtime, metrics)),
        ]
    metrics.update(_consumption(runtime))
    checks += _resource_checks(runtime)
    return platform.Health.Reply(ok=all(check.ok for check in checks), checks=checks, metrics=metrics)


def process_figures(bus: "Bus | None") -> dict[str, Any]:
    """What is true of this process, whatever services it runs: ``bus`` is the client that its calls go through.

    ``rpc_timeouts`` counts calls without an answer in time, by the service called; ``rpc_refused`` names the services that
    are not called at present because they failed again and again; ``broker_blocked`` is 1 while the broker takes no message.
    """
    recent, longest = monitor.recent(), monitor.longest
    return {
        "started_at": round(STARTED_AT, 3),
        "hub_gap_ms": round(recent.gap, 1),
        "hub_gap_longest_ms": round(longest.gap, 1),
        "hub_held_ms": round(recent.held, 1),
        "hub_held_longest_ms": round(longest.held, 1),
        "rpc_timeouts": dict(bus.timeouts) if bus is not None else {},
        "rpc_refused": bus.refused() if bus is not None else [],
        "broker_blocked": int(bus is not None and bus.blocked),
    }


def _consumption(runtime: "Runtime") -> dict[str, Any]:
    """What waits in the service's queues, and what its consumers hold."""
    figures: dict[str, Any] = {
        "oldest_unacked_ms": int(max((each.oldest_seconds() for each in runtime.consumers), default=0) * 1000)
    }
    if runtime.intake is None:
        return figures
    counts = runtime.depths.counts()
    for figure, queue in (("queue_waiting", topology.event_queue), ("dead_letters", topology.dead_letter_queue)):
        if (name := queue(runtime.name).name) in counts:
            figures[figure] = counts[name]
    return {**figures, "inbox_duplicates": runtime.intake.duplicates}


def _check(name: str, run: Any) -> platform.Check:
    limit = eventlet.Timeout(CHECK_SECONDS)
    try:
        detail = run()
        return platform.Check(name=name, ok=True, **({"detail": detail} if detail else {}))
    except eventlet.Timeout as fired:
        if fired is not limit:
            raise
        return platform.Check(name=name, ok=False, detail="no answer in time")
    except _Unwell as unwell:
        return platform.Check(name=name, ok=False, detail=str(unwell))
    except Exception as error:
        log.warning("check %s failed", name, exc_info=error)
        return platform.Check(name=name, ok=False, detail=type(error).__name__)
    finally:
        limit.cancel()


class _Unwell(Exception):
    """A check's verdict, in words fit for an operator."""


def _broker(runtime: "Runtime") -> None:
    if runtime.broker_blocked:
        raise _Unwell(BLOCKED)
    if not all(consumer.connected for consumer in runtime.consumers):
        raise _Unwell("not connected")


def _migrations(runtime: "Runtime") -> None:
    package = runtime.service_class.package
    if package is None or runtime.migrated:
        return
    runtime.migrated = migrations.check(package, runtime.deployment.database_uri(runtime.name), runtime.name)
    if not runtime.migrated:
        raise _Unwell("run `pupitre migrate`")


def _relay(runtime: "Runtime", metrics: dict[str, Any]) -> str | None:
    with runtime.database.reading() as db:
        backlog = outbox.backlog(db)
    lag = (runtime.clock.now() - backlog.oldest).total_seconds() if backlog.oldest is not None else 0
    metrics.update(
        outbox_waiting=backlog.count, outbox_lag_ms=int(max(0, lag) * 1000), relay_leading=runtime.relay.leading
    )
    if backlog.oldest is not None:
        metrics["outbox_oldest_at"] = backlog.oldest.timestamp()
    silent = runtime.silent_queues()
    metrics["relay_aside"] = len(runtime.relay.aside)
    why = f"of {', '.join(silent)} one does not answer" if silent else _kind(runtime.relay.last_error)
    if lag > LAG_SECONDS:
        raise _Unwell(f"{backlog.count} events wait, the oldest for {lag:.0f} s: {why}")
    return why if silent else None


def _kind(error: str | None) -> str:
    """The class of the relay's last error: its text may hold addresses and accounts, and stays in the log."""
    return error.partition(":")[0] if error else "no leader"


def _parked(runtime: "Runtime", metrics: dict[str, Any]) -> str | None:
    """Failed messages are an operator's work, not a reason to take the service out of rotation."""
    with runtime.database.reading() as db:
        counts = parked.counts(db)
    metrics.update(parked=counts.get(parked.PARKED, 0), retrying=counts.get(parked.RETRYING, 0))
    waiting = counts.get(parked.PARKED, 0)
    return f"{waiting} parked messages" if waiting else None


def _resource_checks(runtime: "Runtime") -> list[platform.Check]:
    """What the service's own resources report: ``resources.health()`` returns (name, ok, detail) triples, if it
    exists.
    """
    report = getattr(runtime.resources, "health", None)
    if report is None:
        return []
    found: list[platform.Check] = []

    def gather() -> None:
        for name, ok, detail in report():
            found.append(platform.Check(name=name, ok=ok, **({"detail": detail} if detail else {})))

    verdict = _check("resources", gather)
    return found if verdict.ok else [*found, verdict]


def log_gaps(longest_ms: float = 100) -> None:
    """Log, each minute and for ever, a gap beyond ``longest_ms``."""
    while True:
        eventlet.sleep(RECENT_SECONDS)
        recent = monitor.recent()
        if recent.gap > longest_ms:
            log.warning("the hub was held for %.0f ms in the last minute, %.0f ms of them by this process", recent.gap, recent.held)
