"""Any sequence of acts by anybody on requests: forward by the table only, and work, history and events stay of one mind."""

import contextlib
import shutil
import sys
import tempfile
import uuid
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from invoice_desk import Desk as InvoiceDesk
from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_espaces.lifecycle import DRAFT
from pupitre_invoicing import (
    request_kinds,
    request_moving,
    request_reading,
    request_saving,
    request_sending,
    request_tables,
    request_timers,
    tables,
    verification,
)
from support.fake_engine import FakeEngine

# The espace of these tests is that of the tests through the bus.
sys.path.insert(0, str(Path(__file__).parents[1] / "interface"))
from request_plugin import ESPACE, SUPPORT, Trials

PEOPLE = ("maker", "reader", "agent", "architect", "helper", "stranger")
TARGETS = sorted({row.target for kind in Trials().espace_requests() for table in kind.lifecycles for row in table.transitions})


class Blobs:
    """Files are not the subject: each has a name."""

    def put(self, content):
        return uuid.uuid5(uuid.NAMESPACE_OID, content.hex()).hex * 2


class Desk(InvoiceDesk):
    """The people of a dossier, on one SQLite file and without a bus."""

    def __init__(self, folder):
        super().__init__(folder)
        self.resources.blobs, self.resources.engine, self.resources.platform_siret = Blobs(), FakeEngine(), ""
        self.resources.espaces = Host("invoicing", discover=False, plugins=[Source.of(Trials())])
        self.moe = self.structure("90000005000010", "Atelier du Plan", public=False)
        self.support = self.structure(SUPPORT, "Support")
        self.maker = self.user((self.supplier, ESPACE, "MODIFICATION"))
        self.reader = self.user((self.supplier, ESPACE, "CONSULTATION"))
        self.architect = self.user((self.moe, ESPACE, "MODIFICATION"))
        self.helper = self.user((self.support, ESPACE, "MODIFICATION"))

    def ask(self, call, request, who, **values):
        return self.call(call, request, getattr(self, who), **values).request

    def platform(self):
        """The scope of the service's own work."""
        scope = self.scope(Actor.service("invoicing"))
        scope.see_all()
        return scope

    def row_of(self, request_id):
        [found] = [row for row in self.rows(request_tables.request) if row["request_id"] == request_id]
        return found


class LifeOfRequests(RuleBasedStateMachine):
    """Acts are tried by whoever, whether or not the table or his rights allow them."""

    requests = Bundle("requests")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.desk = Desk(self.folder)
        self.count = 0

    def teardown(self):
        self.desk.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def state(self):
        kept = (request_tables.request, request_tables.request_party, tables.history, tables.delay_event)
        return [self.desk.rows(table) for table in kept]

    @rule(target=requests, kind=st.sampled_from(["aide", "marche"]), at_once=st.booleans())
    def draft(self, kind, at_once):
        self.count += 1
        named = contract.NamedParty
        parties = {
            "aide": [named(role="instructeur", identifier=self.desk.body.siret)],
            "marche": [named(role="moe", identifier=self.desk.moe.siret), named(role="moa", identifier=self.desk.body.siret)],
        }
        form = {"aide": {"year": 2000 + self.count % 3 + 1, "subject": "x"}, "marche": {"net": "100.00", "vat": "20.00"}}
        draft = self.desk.ask(
            request_saving.save_request,
            contract.SaveRequest,
            "maker",
            structure_id=self.desk.supplier.structure_id,
            espace=ESPACE,
            kind=kind,
            cadre={"aide": "A21", "marche": "A4"}[kind],
            number=f"P-{self.count % 5}",
            form=form[kind],
            lines=[{"volume": "1"}] if kind == "aide" else [],
            parties=parties[kind],
        ).request_id
        if at_once:
            self.send(draft, "maker")
        return draft

    @rule(target=requests, previous=requests, at_once=st.booleans())
    def piece(self, previous, at_once):
        self.count += 1
        before = self.state()
        try:
            draft = self.desk.ask(
                request_saving.save_request,
                contract.SaveRequest,
                "architect",
                structure_id=self.desk.moe.structure_id,
                espace=ESPACE,
                kind="marche",
                cadre="A7",
                previous_id=previous,
                number=f"S-{self.count}",
                form={"net": "100.00", "vat": "20.00"},
            ).request_id
        except errors.PupitreError:
            assert self.state() == before
            return previous
        if at_once:
            self.send(draft, "architect")
        return draft

    @rule(request=requests, who=st.sampled_from(PEOPLE))
    def send_draft(self, request, who):
        self.send(request, who)

    def send(self, request, who):
        before, row = self.state(), self.desk.row_of(request)
        try:
            sent = self.desk.ask(request_sending.send_request, contract.SendRequest, who, request_id=request, version=row["version"])
        except errors.PupitreError:
            assert self.state() == before
            return
        assert (row["status"], who) in ((DRAFT, "maker"), (DRAFT, "architect"))
        assert sent.status != DRAFT

    @rule(request=requests, who=st.sampled_from(PEOPLE), to=st.sampled_from(TARGETS), motive=st.sampled_from([None, "parce que"]))
    def move(self, request, who, to, motive):
        before, row = self.state(), self.desk.row_of(request)
        values = {"request_id": request, "version": row["version"], "to": to, "motive": motive, "stated": True}
        if motive and row["kind"] == "aide" and to == "SUSPENDUE":
            values["motive_code"] = "PIECE"
        try:
            moved = self.desk.ask(request_moving.move_request, contract.MoveRequest, who, **values)
        except errors.PupitreError:
            assert self.state() == before
            return
        known = request_kinds.of(self.desk.platform(), row)
        rows = [each for each in known.table.transitions if each.source == row["status"] and each.call == "move" and each.target == to]
        assert rows, "only what the table has is made"
        assert motive or rows[0].motive != "required"
        assert moved.version == row["version"] + 1

    @rule(request=requests, pick=st.integers(0, 5))
    def work(self, request, pick):
        """Somebody who may do something does it."""
        possible = []
        for who in PEOPLE:
            with contextlib.suppress(errors.PupitreError):
                seen = self.desk.ask(request_reading.get_request, contract.GetRequest, who, request_id=request)
                possible += [(who, each) for each in seen.moves]
        if possible:
            who, each = possible[pick % len(possible)]
            values = {"version": self.desk.row_of(request)["version"], "to": each.to, "stated": True}
            if each.motive_required:
                values |= {"motive": "parce que"} | ({"motive_code": "PIECE"} if each.motives else {})
            moved = self.desk.ask(request_moving.move_request, contract.MoveRequest, who, request_id=request, **values)
            assert (each.to in (moved.status, "@before"), moved.history[-1].action) == (True, "move")

    @rule(days=st.sampled_from([1, 4, 8, 40]))
    def pass_days(self, days):
        self.desk.clock.advance(days * 86400)
        request_timers.pass_time(self.desk.platform())
        now = self.desk.clock.now()
        assert not [row for row in self.desk.rows(request_tables.request) if row["due_at"] is not None and row["due_at"] <= now]

    @invariant()
    def work_is_whose_move_is_awaited(self):
        parties = self.desk.rows(request_tables.request_party)
        for row in self.desk.rows(request_tables.request):
            known = request_kinds.of(self.desk.platform(), row)
            mine = {each["role"]: each for each in parties if each["request_id"] == row["request_id"]}
            awaited = known.kind.awaits(known.table, row["status"], row["cadre"])
            assert {role for role, each in mine.items() if each["acts"]} == awaited & set(mine)
            assert {each["status"] for each in mine.values()} == {row["status"]}
            assert set(mine) == {each["role"] for each in row["parties"] if each["sees"]}

    @invariant()
    def history_is_whole_and_says_what_the_events_say(self):
        with self.desk.database.reading() as db:
            assert verification.verify(db, self.desk.sealer).faults == []
        ours = {row["request_id"] for row in self.desk.rows(request_tables.request)}
        lines = [
            (str(line["invoice_id"]), line["status_from"], line["status_to"])
            for line in self.desk.rows(tables.history)
            if line["invoice_id"] in ours and line["action"] not in ("prepare", "delete")
        ]
        events = self.desk.told(contract.RequestMoved.type)
        told = [(event["request_id"], event["status_from"], event["status_to"]) for event in events]
        assert sorted(told) == sorted(lines)

    @invariant()
    def a_claim_becomes_one_invoice(self):
        became = [row["invoice_id"] for row in self.desk.rows(request_tables.request) if row["invoice_id"] is not None]
        assert sorted(became, key=str) == sorted((row["invoice_id"] for row in self.desk.rows(tables.invoice)), key=str)


LifeOfRequests.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestLifeOfRequests = LifeOfRequests.TestCase
