"""A process that runs invoicing on the embedded backend in a folder, with a fake organisation and engine, and does one thing to a request
of an espace; it may be told to die by SIGKILL in the middle of it.

``python requests_to_kill.py FOLDER HOURS POINT WHAT [KIND]``: ``HOURS`` is how late it is, ``POINT`` where it dies (``never``: it does
not), ``WHAT`` is ``draft``, ``send`` or ``pass-time``. What was done is printed as one line of JSON.
"""

import datetime
import importlib.util
import itertools
import json
import os
import signal
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import pupitre_bus.patch  # noqa: F401  first of all
from pupitre_bus import database, settings, testing
from pupitre_bus.blobs import BlobStore
from pupitre_bus.clock import FrozenClock
from pupitre_bus.sealing import KeySealer
from pupitre_bus.write_once import WriteOnce
from pupitre_contracts import requests as contract
from pupitre_espaces import Cadre, Lifecycle, Payment, RequestKind, Role, Transition, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, DRAFT, SYSTEM
from pupitre_invoicing import request_files, request_timers
from pupitre_invoicing import resources as means
from pupitre_invoicing.service import InvoicingService
from request_people import Desk
from request_plugin import RECEIVED, Form, Line, Trials, both, complete

_spec = importlib.util.spec_from_file_location("invoicing_stage", Path(__file__).with_name("conftest.py"))
conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(conftest)

BEGIN = datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC)
KEY = "une-seule-fois"
#: Where the process can die. ``files``: the files are written, no row is; ``rows``: all rows are written but the events;
#: ``events``: these too, and nothing is committed; ``committed``: before anybody is answered, and the relay sees it.
POINTS = ("files", "rows", "events", "committed")
AT_ONCE_KIND, LATER_KIND = "livraison", "attente"


def _kind(key: str, *rows: Transition) -> RequestKind:
    return RequestKind(
        key=key,
        label=both(key),
        roles=(
            Role("demandeur", both("Demandeur"), structure_types=frozenset({"private"})),
            Role("instructeur", both("Instructeur"), espace=RECEIVED, structure_types=frozenset({"public"}), has_service=True),
        ),
        cadres=(Cadre("A21", both("Demande"), "demandeur", needs=("instructeur",)),),
        lifecycles=(Lifecycle(f"{key}-1", [Transition(DRAFT, "DEPOSEE", "demandeur", call="send", delay="start"), *rows], kind=key),),
        form=Form,
        line=Line,
        complete=complete,
        prefix=key[:3].upper(),
        payment=Payment("demandeur", "instructeur"),
    )


class HandingOver(Trials):
    """Kinds that become invoices as they are sent, and ten days later."""

    @hookimpl
    def espace_requests(self):
        yield _kind(AT_ONCE_KIND, Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE, hand_over=True))
        yield _kind(LATER_KIND, Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AFTER, days=10, remind=(3,), hand_over=True))


def stage_in(folder: Path, hours: float) -> "conftest.Stage":
    """The service in a folder; those who act have the same ids in every process."""
    ids = itertools.count(1)
    conftest.uuid = SimpleNamespace(uuid4=lambda: uuid.UUID(int=next(ids)), UUID=uuid.UUID)
    backend = testing.Embedded(folder)
    bench = testing.Bench(backend, FrozenClock(BEGIN + datetime.timedelta(hours=hours)))
    bench.settings = settings.load("pupitre_invoicing", environ={"PUPITRE_STATE": str(folder)})
    blobs, engine = BlobStore.from_uri(folder / "blobs"), conftest.FakeEngine()

    class Killed(InvoicingService):
        @staticmethod
        def build_resources(found: object) -> means.Resources:
            return means.Resources(
                blobs=blobs,
                engine=engine,
                espaces=Host("invoicing", discover=False, plugins=[Source.of(HandingOver())]),
                workers=2,
                sealer=KeySealer.from_file(Path(backend.keys) / "invoicing.key"),
                anchors=WriteOnce.from_uri(backend.folder / "anchors"),
            )

    world = conftest.World()
    bench.fake_service("organisation", world.replies())
    bench.fake_service("identity", world.replies_of_identity())
    return conftest.Stage(bench, world, engine, blobs, Killed)


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Have this process die at a point of the next transaction that publishes something."""
    if point == "files":
        stored = request_files.stored
        request_files.stored = lambda *given, **named: die(stored(*given, **named))
    transaction = database.Transaction
    append = transaction.append_events

    def append_events(self: database.Transaction) -> bool:
        publishes = bool(self._events)
        if publishes and point == "rows":
            die()
        appended = append(self)
        if publishes and point == "events":
            die()
        return appended

    # Only what published something wakes the relay, the moment after its commit.
    wake = database.Database.wake
    transaction.append_events = append_events
    database.Database.wake = die if point == "committed" else wake


def main(folder: Path, hours: float, point: str, what: str, kind: str) -> None:
    if what == "pass-time" and point != "never":
        # The timer of the service itself may be the first to make the passage.
        arm(point)
    stage = stage_in(folder, hours)
    desk = Desk(stage)
    if what == "draft":
        documents = [desk.file(), desk.file("l.pdf", b"%PDF-1.4 l", line=2)]
        draft = desk.draft(kind=kind, lines=[{"volume": "2,5"}, {"volume": "4"}], documents=documents)
        print(json.dumps({"request_id": str(draft.request_id), "version": draft.version}), flush=True)
    elif what == "send":
        draft = json.loads(sys.stdin.readline())
        if point != "never":
            arm(point)
        values = {"request_id": uuid.UUID(draft["request_id"]), "version": draft["version"], "idempotency_key": KEY}
        answers = [desk.call(desk.maker, contract.SendRequest, **values).request.dump() for _ in range(2)]
        print(json.dumps(answers, default=str), flush=True)
    else:
        request_timers.pass_time(stage.scope())
        print("{}", flush=True)
    waiting = "SELECT id FROM outbox WHERE published_at IS NULL"
    testing.wait_until(lambda: not stage.rows(waiting), timeout=120)
    stage.bench.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:6])
