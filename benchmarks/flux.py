"""Invoices a second by flux, end to end, embedded and one process per service: deposit, checks, storing, events, every mail out.

Each figure comes with the processor seconds of every process, which vary less than the clock on a machine that does other things;
without what the processes spend idle, they do not depend on how long it takes either. As many invoices again say which stage of
their way the processor works on, once the figures are taken: looking costs a few hundredths.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import eventlet
import requests
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.installation import Installation, servers, until
from support.machine import UBL, Machine, tar_gz
from support.story import Story

from . import stages

INVOICES = int(os.environ.get("PUPITRE_BENCH_INVOICES", "500"))
WARM = 40
SINGLES, AT_ONCE = 40, 4
LOT = 500
#: Mails that an invoice of the demonstration calls for.
MAILS = 4
IDLE_SECONDS = 10
LONGEST = 900
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> Iterator[str]:
    """Deposit ``INVOICES`` invoices in lots of 500 and wait for the last mail, on each bus."""
    for backend in ("embedded", "servers"):
        with tempfile.TemporaryDirectory() as folder, servers(backend) as variables:
            samples = Path(folder) / "samples"
            samples.mkdir()
            looked_at = {"PYTHONPATH": str(stages.SAMPLER), "BENCHMARK_SAMPLES": str(samples)}
            installation = Installation(Path(folder) / "state", variables, looked_at)
            try:
                installation.start()
                yield from (f"{backend}: {line}" for line in _measured(installation, samples))
            finally:
                installation.close()


def _measured(installation: Installation, samples: Path) -> Iterator[str]:
    story = Story(installation)
    machine = story.machine
    _settle(machine, story, "CHAUFFE", WARM)  # the workers compile their rules, and every statement is compiled
    _all_told(installation, 0, WARM)
    before = mails(installation)
    resting = processor(installation)
    time.sleep(IDLE_SECONDS)
    rested = processor(installation)
    yield "idle: " + _shares(resting, rested, IDLE_SECONDS)
    probe = Probe(installation)
    begun, used, served = time.perf_counter(), processor(installation), _servers(installation)
    _settle(machine, story, "BANC", INVOICES)
    stored = time.perf_counter() - begun
    _all_told(installation, before, INVOICES)
    told, spent = time.perf_counter() - begun, processor(installation)
    yield (
        f"{INVOICES / stored:.1f} invoices/s stored, {INVOICES / told:.1f} with every mail out"
        f" ({told:.1f} s, {mails(installation) - before} mails)"
    )
    yield "processor ms per invoice: " + _costs(used, spent)
    if served:
        yield "processor ms per invoice of the servers, RabbitMQ whoever uses it: " + _costs(served, _servers(installation))
    idle = {name: (rested[name] - resting.get(name, 0)) / IDLE_SECONDS * told for name in rested}
    yield "without what they spend idle: " + _costs({k: used.get(k, 0) + idle.get(k, 0) for k in spent}, spent)
    yield f"/livez meanwhile: {probe.close()}"
    pids, before = installation.pids() + _engines(installation), mails(installation)
    stages.begin(pids)
    _settle(machine, story, "ETAPES", INVOICES)
    _all_told(installation, before, INVOICES)
    found = stages.taken(pids, samples, lambda noted: until(noted, 30, "what the processes noted"))
    yield from stages.table(found, INVOICES)


def _all_told(installation: Installation, before: int, invoices: int) -> None:
    begun = time.perf_counter()
    while mails(installation) - before < MAILS * invoices and time.perf_counter() - begun < LONGEST:
        time.sleep(0.2)


def singles() -> Iterator[str]:
    """Deposit, confirm and send invoices one by one on the pages, ``AT_ONCE`` people at a time."""
    for backend in ("embedded", "servers"):
        with tempfile.TemporaryDirectory() as folder, servers(backend) as variables:
            installation = Installation(Path(folder) / "state", variables)
            try:
                story = Story(installation.start())
                visitor = story.visitor(story.supplier)
                story.sent(visitor, "CHAUFFE")
                begun, used = time.perf_counter(), processor(installation)
                pool = eventlet.GreenPool(AT_ONCE)
                list(pool.imap(lambda n, story=story, visitor=visitor: story.sent(visitor, f"SEUL{n}"), range(SINGLES)))
                taken = time.perf_counter() - begun
                yield f"{backend}: {SINGLES / taken:.1f} invoices/s deposited, confirmed and sent ({SINGLES}, {AT_ONCE} at once)"
                yield f"{backend}: processor ms per invoice: {_costs(used, processor(installation), SINGLES)}"
            finally:
                installation.close()


def _settle(machine: Machine, story: Story, prefix: str, count: int) -> None:
    lots = [
        {f"{prefix}{n}.xml": story.invoice(f"{prefix}{n}") for n in range(start, min(count, start + LOT))}
        for start in range(0, count, LOT)
    ]
    flux = [machine.deposit(tar_gz(lot), "lot.tar.gz", UBL) for lot in lots]
    for numero in flux:
        outcome = machine.settled(numero, LONGEST)
        assert outcome["etatCourantDepotFlux"] == "IN_INTEGRE", outcome


def mails(installation: Installation) -> int:
    """How many mails lie in the Maildir."""
    with os.scandir(installation.state / "mail" / "new") as found:  # asked all the time, and what is measured needs the processor
        return sum(1 for _ in found)


class Probe:
    """Asks for ``/livez`` all the time: an answer that is late shows, from outside, a hub that was held or starved."""

    def __init__(self, installation: Installation) -> None:
        self._taken: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(f"{installation.base_url}/livez",))
        self._thread.start()

    def _run(self, address: str) -> None:
        with requests.Session() as session:
            while not self._done.wait(0.05):
                started = time.perf_counter()
                session.get(address, timeout=60)
                self._taken.append(time.perf_counter() - started)

    def close(self) -> str:
        self._done.set()
        self._thread.join()
        taken = sorted(self._taken)
        return f"median {taken[len(taken) // 2] * 1000:.0f} ms, longest {taken[-1] * 1000:.0f} ms, {len(taken)} asked"


def processor(installation: Installation) -> dict[str, float]:
    """Seconds of processor so far, by what the process is: a service's name, "engine", or "main"."""
    used: dict[str, float] = {}
    for pid in installation.pids() + _engines(installation):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        name = "engine" if b"pupitre_invoicing.engine" in words else words[-2].decode() if b"serve" in words else "main"
        used[name] = used.get(name, 0) + (int(fields[11]) + int(fields[12])) / _TICKS
    return used


def _servers(installation: Installation) -> dict[str, float]:
    """Seconds of processor of RabbitMQ, and of PostgreSQL's processes of this installation's database."""
    database = sa.make_url(installation.servers.get("PUPITRE_DATABASE_URI", "sqlite://")).database
    used: dict[str, float] = {}
    for path in Path("/proc").iterdir() if database else ():
        try:
            program, fields = (path / "comm").read_text(), (path / "stat").read_text().rpartition(")")[2].split()
            mine = database.encode() in (path / "cmdline").read_bytes()
        except OSError:
            continue
        name = "postgresql" if program.startswith("postgres") and mine else "rabbitmq" if program.startswith("beam") else None
        if name is not None:
            used[name] = used.get(name, 0) + (int(fields[11]) + int(fields[12])) / _TICKS
    return used


def _engines(installation: Installation) -> list[int]:
    """The worker processes, whose environment does not name the installation: children of its processes."""
    owners, found = set(installation.pids()), []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            except OSError:
                continue
            if parent in owners and int(path.name) not in owners:
                found.append(int(path.name))
    return found


def _costs(before: dict[str, float], after: dict[str, float], count: int = INVOICES) -> str:
    spent = {name: after[name] - before.get(name, 0) for name in after}
    total = sum(spent.values())
    shown = sorted(spent.items(), key=lambda item: -item[1])
    return f"{total / count * 1000:.1f} in all (" + ", ".join(f"{k} {v / count * 1000:.1f}" for k, v in shown) + ")"


def _shares(before: dict[str, float], after: dict[str, float], seconds: float) -> str:
    return ", ".join(f"{name} {(after[name] - before.get(name, 0)) / seconds * 100:.1f} %" for name in sorted(after))
