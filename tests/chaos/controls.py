"""The negative controls: one short scenario per broken build, made so that the sound product passes it and the broken one cannot.

They share one installation. Each scenario is judged by one check of its own, which must be clean after the sound build and violated
after the broken one; so they may follow one another on the same databases.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
from pupitre_bus.actors import Keyring
from pupitre_bus.blobs import BlobStore
from pupitre_bus.testing import wait_until

from . import broken, facts, invariants, world
from .clients import Repeating, RpcClient
from .cluster import Servers
from .journal import Journal
from .load import FeedReader

SERVICES = {"identity": 1, "organisation": 1, "invoicing": 1, "ledger": 1}
SECONDS = 120
DEPOSITS = world.SUPPLIERS
#: Within this the broker takes back what a killed consumer held.
RETURN_SECONDS = 5
SLOW_COMMIT = """
CREATE OR REPLACE FUNCTION invoicing.chaos_slow_commit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(CASE WHEN NEW.seq % 2 = 0 THEN 0.3 ELSE 0.01 END); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER chaos_slow_commit AFTER INSERT ON invoicing.outbox
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.type = 'invoice.submitted.v1') EXECUTE FUNCTION invoicing.chaos_slow_commit()
"""


class Controls:
    """The installation, and what the scenarios do on it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.cluster = Servers(folder, services=SERVICES)
        self.journal = Journal(folder / "journal.jsonl")
        self._numbers = 0

    def __enter__(self) -> "Controls":
        self.cluster.__enter__()
        self.reader = facts.Reader(lambda service: self.cluster.database.uri, lambda structure: 1, with_ledger=True)
        self._blobs = BlobStore.from_uri(self.cluster.state / "blobs")
        self._templates = self.cluster.world.templates()
        repeating = Repeating(self.journal, lambda: False)
        keyring = Keyring(self.cluster.keys, "identity")
        self._clients = [RpcClient(self.cluster.bus(), keyring, repeating) for _ in range(DEPOSITS)]
        return self

    def __exit__(self, *error: Any) -> None:
        self.cluster.__exit__(*error)
        self.journal.close()

    def build(self, service: str, build: str) -> None:
        """Run the processes of a service as ``build`` from now on; empty: as the product is."""
        for process in self._processes(service):
            process.stop()
        for name in [name for name in self.cluster.processes if name.startswith(f"{service}.")]:
            self.cluster.run_service(name, build)
        self.all_well()

    def all_well(self) -> None:
        """Wait until every service answers."""
        wait_until(lambda: set(self.cluster.healthy()) == set(SERVICES), SECONDS, 0.1)

    def kill(self, service: str) -> None:
        for process in self._processes(service):
            process.kill()

    def halt(self, service: str) -> None:
        """Kill a service, and leave it down until :meth:`resume`."""
        for process in self._processes(service):
            process.halt()

    def resume(self, service: str) -> None:
        for process in self._processes(service):
            process.start()

    def drafts(self, suppliers: Callable[[int], int]) -> list[tuple[Any, str, Any]]:
        """As many drafts as there are clients: (supplier, number, draft); ``suppliers`` says whose each is."""
        return self._at_once(lambda place: self._draft(place, suppliers(place)))

    def send(self, drafts: list[tuple[Any, str, Any]]) -> "eventlet.greenthread.GreenThread":
        """Begin to send them all at the same time; ``wait()`` until each is acknowledged."""
        return eventlet.spawn(self._at_once, lambda place: self._clients[place].send(*drafts[place], patient=True))

    def settle(self) -> None:
        """Wait until every event has left, and every consumer caught up."""
        names = ("invoicing unpublished", "ledger behind")
        wait_until(lambda: not any(name in self.reader.waiting() for name in names), SECONDS, 0.1)

    def broken_check(self, check: invariants.Check, feed: list[str] | None = None) -> list[str]:
        """What one check says of everything so far."""
        found = self.reader.read()
        found.feed = feed
        found.inboxes.pop("notifications")  # not running here
        if check is invariants.the_chain_is_whole:
            verified = self.cluster.command("verify", check=False)
            found.chain = verified.stdout.strip() if verified.returncode else ""
        return check(found, [])

    @contextlib.contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody can write to a table for the length of the block."""
        with self.cluster.database.connected() as link:
            link.autocommit = False
            with link.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
                yield
            link.rollback()

    @contextlib.contextmanager
    def slow_commits(self) -> Iterator[None]:
        """Of transactions that deposit, every second one takes longer to commit, as on a disk that is busy."""
        self.cluster.database.execute(SLOW_COMMIT)
        try:
            yield
        finally:
            self.cluster.database.execute("DROP TRIGGER chaos_slow_commit ON invoicing.outbox")

    def waiting_for_locks(self) -> int:
        """How many sessions wait for a lock."""
        with self.cluster.database.connected() as link, link.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return cursor.fetchone()[0]

    def _draft(self, place: int, supplier: int) -> tuple[Any, str, Any]:
        self._numbers += 1
        number, member = f"CHAOS-{uuid.uuid4().hex[:9].upper()}", self.cluster.world.suppliers[supplier]
        content = world.invoice_bytes(self._templates[supplier, 0], number)
        draft = self._clients[place].prepare(member, number, self._blobs.put(content), len(content), patient=True)
        return member, number, draft

    def _at_once(self, do: Callable[[int], Any]) -> list[Any]:
        return [thread.wait() for thread in [eventlet.spawn(do, place) for place in range(DEPOSITS)]]

    def _processes(self, service: str) -> list[Any]:
        return [process for name, process in self.cluster.processes.items() if name.startswith(f"{service}.")]


def killed_between(controls: Controls) -> list[str]:
    """Invoicing is killed while its events cannot be written: facts without events, if they are two transactions."""
    drafts = controls.drafts(lambda place: place % world.SUPPLIERS)
    with controls.locked("invoicing.outbox"):
        sending = controls.send(drafts)
        wait_until(lambda: controls.waiting_for_locks() >= world.SUPPLIERS, SECONDS)
        controls.kill("invoicing")
    sending.wait()
    controls.settle()
    return controls.broken_check(invariants.every_invoice_has_its_events)


def published_again(controls: Controls) -> list[str]:
    """An operator has the whole log published again: the consumers know every event already."""
    controls.send(controls.drafts(lambda place: place % world.SUPPLIERS)).wait()
    controls.settle()
    count = len(controls.reader.rows("invoicing", "SELECT 1 FROM outbox"))
    controls.cluster.command("events", "replay", "invoicing", "--from", "1", "--to", str(count))
    controls.settle()
    wait_until(lambda: not controls.cluster.ready("events.ledger"), SECONDS)
    return controls.broken_check(invariants.every_event_has_one_effect)


def effect_held_back(controls: Controls) -> list[str]:
    """The ledger cannot write, and is killed: every missing effect must still be a message, or a try to come."""

    def missing() -> int:
        return before + DEPOSITS - len(controls.reader.rows("ledger", "SELECT 1 FROM entry"))

    def kept() -> int:
        tries = len(controls.reader.rows("ledger", "SELECT 1 FROM parked WHERE state = 'retrying'"))
        return controls.cluster.ready("events.ledger") + tries

    before = len(controls.reader.rows("ledger", "SELECT 1 FROM entry"))
    drafts = controls.drafts(lambda place: place % world.SUPPLIERS)
    with controls.locked("ledger.entry"):
        controls.send(drafts).wait()
        wait_until(lambda: "invoicing unpublished" not in controls.reader.waiting(), SECONDS)
        wait_until(lambda: controls.waiting_for_locks() > 0, SECONDS)
        controls.halt("ledger")
        with contextlib.suppress(AssertionError):
            wait_until(lambda: kept() >= missing(), RETURN_SECONDS, 0.2)
        lost = missing() - kept()
    controls.resume("ledger")
    controls.all_well()
    controls.settle()
    return [f"{lost} effects are missing, and no message or try is left that would bring them"] if lost > 0 else []


def slow_transactions(controls: Controls) -> list[str]:
    """A reader follows the log while some transactions take longer to commit than others."""
    with controls.slow_commits():
        feed = FeedReader(controls.cluster)
        for _ in range(2):
            controls.send(controls.drafts(lambda place: place % world.SUPPLIERS)).wait()
    controls.settle()
    feed.stop()
    return controls.broken_check(invariants.a_reader_of_the_log_saw_all, feed.ids)


def at_once_in_one_chain(controls: Controls) -> list[str]:
    """Several invoices of one supplier are sent at the same time."""
    drafts = controls.drafts(lambda place: 0)
    with controls.slow_commits():
        controls.send(drafts).wait()
    controls.settle()
    return controls.broken_check(invariants.the_chain_is_whole)


#: Build -> (the service that runs as it, the scenario).
SCENARIOS: dict[str, tuple[str, Callable[[Controls], list[str]]]] = {
    "BF-3": ("ledger", effect_held_back),
    "BF-2": ("ledger", published_again),
    "BF-4": ("invoicing", slow_transactions),
    "BF-1": ("invoicing", killed_between),
    "BF-5": ("invoicing", at_once_in_one_chain),
}
assert set(SCENARIOS) == set(broken.BUILDS)


def run_all(folder: Path, say: Callable[[str], None]) -> int:
    """Run every scenario on the sound and on its broken build; 0 when all five were caught and nothing else."""
    verdicts = judge_all(folder, say)
    caught = [build for build, (sound, found) in verdicts.items() if found and not sound]
    say(f"{len(caught)} of {len(SCENARIOS)} caught")
    return 0 if len(caught) == len(SCENARIOS) else 1


def judge_all(folder: Path, say: Callable[[str], None]) -> dict[str, tuple[list[str], list[str]]]:
    """Build -> what its scenario found on the sound product, and what on the build. One part is broken at a time."""
    with Controls(folder) as controls:
        sound = {build: scenario(controls) for build, (_, scenario) in SCENARIOS.items()}
        for build, found in sound.items():
            say(f"{build}: {SCENARIOS[build][1].__name__} on the sound build: {found or 'clean'}")
        verdicts = {}
        before = ""
        for build, (service, scenario) in SCENARIOS.items():
            if before not in ("", service):
                controls.build(before, "")
            controls.build(service, build)
            verdicts[build] = sound[build], scenario(controls)
            say(f"{build}: {scenario.__name__} on the broken build: {verdicts[build][1] or 'NOT CAUGHT'}")
            before = service
    return verdicts
