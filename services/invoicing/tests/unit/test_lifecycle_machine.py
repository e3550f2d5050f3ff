"""Any sequence of acts by anybody: the lifecycle only goes forward, and delay, history and events stay of one mind."""

import shutil
import tempfile
import uuid

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from invoice_desk import Desk, as_move
from pupitre_bus import tables as platform
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import delays, lifecycle, mass, moves, payment_delay, returns, tables, verification

PEOPLE = ("writer", "reader", "agent", "watcher", "other_agent", "stranger")
TARGETS = sorted(lifecycle.INVOICE.statuses)
MOTIVES = st.sampled_from([None, "  ", "pièce absente"])


class LifeOfInvoices(RuleBasedStateMachine):
    """Acts are tried by whoever, whether or not the table or his rights allow them."""

    invoices = Bundle("invoices")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.desk = Desk(self.folder)
        self.count = 0

    def teardown(self) -> None:
        self.desk.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(target=invoices, kind=st.sampled_from(["FACTURE", "AVOIR"]))
    def deposit(self, kind):
        self.count += 1
        return self.desk.sent(f"F-{self.count}", kind=kind)

    @rule(invoice=invoices, who=st.sampled_from(PEOPLE), to=st.sampled_from(TARGETS), motive=MOTIVES, stated=st.booleans())
    def move(self, invoice, who, to, motive, stated):
        before = self.desk.row(invoice)
        lines = len(self.desk.rows(tables.history))
        try:
            reply = as_move(self.desk, getattr(self.desk, who), invoice, to, motive=motive, mandat_refused=stated)
        except errors.PupitreError:
            assert self.desk.row(invoice) == before
            assert len(self.desk.rows(tables.history)) == lines
            return
        self._check(before, self.desk.row(invoice), reply.outcome, to, motive, stated)
        assert len(self.desk.rows(tables.history)) == lines + 1

    @rule(invoice=invoices, who=st.sampled_from(PEOPLE), key=st.uuids())
    def repeat(self, invoice, who, key):
        """The same key twice: one effect, one answer."""
        version = self.desk.row(invoice)["version"]
        values = {"invoice_id": invoice, "version": version, "to": "SERVICE_FAIT"}
        answers = []
        for _ in range(2):
            try:
                reply = self.desk.call(
                    moves.move_invoice, contract.MoveInvoice, getattr(self.desk, who), key=str(key), **values
                )
                answers.append(reply.dump())
            except errors.PupitreError as error:
                answers.append(error.code)
        assert answers[0] == answers[1]

    @rule(invoice=invoices, who=st.sampled_from(PEOPLE), to=st.sampled_from(["body", "other"]))
    def recycle(self, invoice, who, to):
        before = self.desk.row(invoice)
        values = {"invoice_id": invoice, "version": before["version"], "recipient_siret": getattr(self.desk, to).siret}
        try:
            self.desk.call(moves.recycle_invoice, contract.RecycleInvoice, getattr(self.desk, who), **values)
        except errors.PupitreError:
            assert self.desk.row(invoice) == before
            return
        now = self.desk.row(invoice)
        assert (before["status"], who, now["status"]) == ("A_RECYCLER", "writer", "MISE_A_DISPOSITION")
        kept = ("number", "gross", "net", "vat", "due", "issue_date", "deposited_at", "original_sha256", "cadre", "kind")
        assert all(now[name] == before[name] for name in kept)

    @rule(
        chosen=st.lists(st.tuples(invoices, st.sampled_from(TARGETS), MOTIVES), min_size=1, max_size=4),
        who=st.sampled_from(PEOPLE),
        key=st.uuids(),
    )
    def process(self, chosen, who, key):
        """Mass processing is as many moves, and its key gives the same report and no second effect."""
        wanted = [contract.WantedMove(invoice_id=each, to=to, motive=motive) for each, to, motive in chosen]
        reports = []
        for _ in range(2):
            lines = self.desk.call(
                mass.process_invoices, contract.ProcessInvoices, getattr(self.desk, who), key=str(key), moves=wanted
            ).lines
            reports.append(([line.dump() for line in lines], len(self.desk.rows(tables.history))))
        assert reports[0] == reports[1]
        assert [line["invoice_id"] for line in reports[0][0]] == [str(each) for each, _, _ in chosen]

    @rule(invoice=invoices, who=st.sampled_from(PEOPLE))
    def acknowledge(self, invoice, who):
        before = self.desk.row(invoice)
        try:
            self.desk.call(
                returns.acknowledge_returns, contract.AcknowledgeReturns, getattr(self.desk, who), invoice_ids=[invoice]
            )
        except errors.PupitreError:
            assert who != "writer"
        assert (self.desk.row(invoice)["status"], self.desk.row(invoice)["version"]) == (before["status"], before["version"])

    @rule(invoice=invoices, who=st.sampled_from(PEOPLE))
    def treat(self, invoice, who):
        try:
            self.desk.call(returns.treat_rejection, contract.TreatRejection, getattr(self.desk, who), invoice_id=invoice)
        except errors.PupitreError:
            return
        assert who == "writer"
        assert self.desk.row(invoice)["status"] == "REJETEE"

    @rule(days=st.integers(1, 40))
    def wait(self, days):
        self.desk.clock.advance(days=days)

    @staticmethod
    def _check(before, now, outcome, to, motive, stated):
        if outcome == "late":
            assert dict(now) == dict(before)
            return
        assert now["version"] == before["version"] + 1
        assert now["status"] == to
        ladder = lifecycle.LADDER
        if before["status"] in ladder and to in ladder:
            assert ladder.index(to) > ladder.index(before["status"])
        assert before["status"] not in lifecycle.INVOICE.final
        if to in (*lifecycle.RETURNS, "ABANDONNEE"):
            assert (motive or "").strip()
            assert now["last_motive"]
        if before["status"] in lifecycle.ORDERED and to in lifecycle.RETURNS:
            assert stated

    @invariant()
    def the_delay_is_what_its_events_say(self):
        for row in self.desk.rows(tables.invoice):
            with self.desk.database.reading() as db:
                events = delays.events_of(db, row["invoice_id"])
            delay = payment_delay.replay(events)
            columns = (row["delay_days"], row["delay_started_on"], row["due_on"], row["delay_state"], row["delay_ended_on"])
            if delay is None:
                assert columns == (None,) * 5
                assert row["kind"] == "AVOIR"
                continue
            assert columns == (delay.days, delay.started_on, delay.due_on, delay.state, delay.ended_on)
            if row["status"] == "MISE_EN_PAIEMENT":
                assert delay.state == "PAID"
            elif row["status"] in ("REJETEE", "ABANDONNEE", "A_RECYCLER"):
                assert delay.state == "ENDED"
            elif row["status"] == "SUSPENDUE":
                assert delay.state in ("INTERRUPTED", "RUNNING")
            else:
                assert delay.state == "RUNNING"

    @invariant()
    def the_events_are_what_the_history_says(self):
        lines = self.desk.rows(tables.history)
        steps: dict[uuid.UUID, list] = {}
        for line in sorted(lines, key=lambda line: line["number"]):
            if line["action"] in ("send", "route", "move", "recycle"):
                steps.setdefault(line["invoice_id"], []).append((line["status_from"], line["status_to"], line["motive"]))
        told: dict[uuid.UUID, list] = {}
        for event in self.desk.told():
            told.setdefault(uuid.UUID(event["invoice_id"]), []).append(
                (event.get("status_from"), event["status_to"], event.get("motive"))
            )
        assert told == steps
        for row in self.desk.rows(tables.invoice):
            assert steps[row["invoice_id"]][-1][1] == row["status"]

    @invariant()
    def the_history_is_whole(self):
        with self.desk.database.reading() as db:
            assert verification.verify(db, self.desk.sealer).faults == []

    @invariant()
    def no_key_is_left_half_answered(self):
        assert [row for row in self.desk.rows(platform.idempotency) if row["reply"] is None] == []


LifeOfInvoices.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestLifeOfInvoices = LifeOfInvoices.TestCase
