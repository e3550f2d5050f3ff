"""Any sequence of acts and days on invoices that others validate: their recipient knows nothing before they are handed over, and history,
events, time and those who are asked stay of one mind."""

import shutil
import tempfile
import uuid

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from invoice_desk import Desk, as_move
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_espaces.discovery import Source
from pupitre_invoicing import (
    archives,
    circuits,
    lifecycle,
    party_tables,
    queries,
    rights,
    searching,
    tables,
    use_cases,
    validating,
    verification,
)
from support.endorsing_espace import AGENT, CONDITION, HOLDER, KEY, TWO_LEVELS, Endorsing

PEOPLE = ("writer", "reader", "agent", "holder", "watcher", "second", "stranger")
TARGETS = sorted({*TWO_LEVELS.statuses, *CONDITION.statuses, "@before", "MANDATEE", "SUSPENDUE"})
MOTIVES = st.sampled_from([None, "TRAVAUX_NON_FAITS", "MAUVAIS_VALIDEUR", "MONTANT"])


class LifeOfValidation(RuleBasedStateMachine):
    """Acts are tried by whoever, whether or not the table or his rights allow them."""

    invoices = Bundle("invoices")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.desk = Desk(self.folder, plugins=[Source.of(Endorsing())])
        self.first = self.desk.structure("90000005000014", "Gros Œuvre", public=False)
        self.other = self.desk.structure("90000006000011", "Mandataire", public=False)
        self.desk.holder = self.desk.user((self.first, KEY, "MODIFICATION"))
        self.desk.watcher = self.desk.user((self.first, KEY, "CONSULTATION"))
        self.desk.second = self.desk.user((self.other, KEY, "MODIFICATION"))
        self.count = 0

    def teardown(self) -> None:
        self.desk.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(target=invoices, cadre=st.sampled_from(["X9", "X12"]), both=st.booleans())
    def deposit(self, cadre, both):
        self.count += 1
        named = {HOLDER: self.first, AGENT: self.other} if both else {HOLDER: self.first}
        return self.desk.sent(f"F-{self.count}", cadre=cadre, named={AGENT: self.other} if cadre == "X12" else named)

    @rule(
        invoice=invoices,
        who=st.sampled_from(PEOPLE),
        to=st.sampled_from(TARGETS),
        code=MOTIVES,
        stated=st.booleans(),
        anew=st.sampled_from([None, "first", "other"]),
    )
    def move(self, invoice, who, to, code, stated, anew):
        before, lines = self.desk.row(invoice), len(self.desk.rows(tables.history))
        values = {"stated": stated, **({"motive_code": code} if code else {})}
        if anew:
            values["parties"] = [contract.NamedParty(role=HOLDER, identifier=getattr(self, anew).siret)]
        try:
            reply = as_move(self.desk, getattr(self.desk, who), invoice, to, **values)
        except errors.PupitreError:
            assert self.desk.row(invoice) == before
            assert len(self.desk.rows(tables.history)) == lines
            return
        assert who not in ("reader", "watcher", "stranger")
        now = self.desk.row(invoice)
        if reply.outcome == "done":
            assert now["version"] == before["version"] + 1
        if circuits.in_validation(before) and not circuits.in_validation(now):
            assert now["deposited_at"] == self.desk.clock.now()

    @rule(days=st.integers(1, 20))
    def wait(self, days):
        self.desk.clock.advance(days=days)
        scope = self.desk.scope(self.desk.writer)
        validating.wake(scope)
        with self.desk.database.reading() as db:
            due = [row for row in self.desk.rows(tables.invoice) if row["wakes_at"] is not None]
            assert all(row["wakes_at"] > self.desk.clock.now() for row in due), db

    @invariant()
    def the_recipient_knows_nothing_before_it_is_handed_over(self):
        handed = {row["invoice_id"] for row in self.desk.rows(tables.invoice) if not circuits.in_validation(row)}
        submitted = {uuid.UUID(event["invoice_id"]) for event in self.desk.told("invoice.submitted.v1")}
        assert submitted == handed
        assert {uuid.UUID(event["invoice_id"]) for event in self.desk.told("invoice.moved.v1")} == handed
        request = contract.SearchInvoices.Request(side="received")
        agent = self.desk.scope(self.desk.agent)
        allowed = rights.ask(agent)
        with self.desk.database.reading() as db:
            within, finished = rights.searchable(allowed, rights.RECEIVED, None), archives.Finished(agent.resources.espaces)
            found = searching.search(db, request, within, self.desk.clock.now(), finished)
            assert {row["invoice_id"] for row in found.rows} == handed
            for row in self.desk.rows(tables.invoice):
                seen = allowed.sides(queries.invoice_row(db, invoice_id=row["invoice_id"]))
                assert ("recipient" in seen) is (row["invoice_id"] in handed)
                assert (row["delay_started_on"] is not None) is (row["invoice_id"] in handed)
                assert (row["recipient_structure_id"] is None) is (row["invoice_id"] not in handed)
                assert (row["destined_structure_id"] is None) is (row["invoice_id"] in handed)
        counts = self.desk.call(use_cases.count_work, contract.CountWork, self.desk.agent).counts
        assert sum(each.total for each in counts) == len(handed)

    @invariant()
    def who_is_asked_is_who_the_table_waits_for(self):
        named: dict[uuid.UUID, list] = {}
        for party in self.desk.rows(party_tables.invoice_party):
            named.setdefault(party["invoice_id"], []).append(party)
        for row in self.desk.rows(tables.invoice):
            circuit = circuits.of_row(self.desk.resources.espaces, row) if circuits.in_validation(row) else None
            waits = circuit.awaits(row["status"]) if circuit else frozenset()
            for party in named[row["invoice_id"]]:
                assert party["acts"] is (party["role"] in waits)
                assert not party["acts"] or party["seen_by_id"] == party["structure_id"]
                assert party["due_at"] == (row["answer_due_at"] if party["acts"] else None)
                assert party["recipient_structure_id"] == row["recipient_structure_id"]
            if circuit is None:
                assert row["status"] in lifecycle.INVOICE.statuses
                assert row["answer_due_at"] is row["wakes_at"] is None

    @invariant()
    def the_events_are_what_the_history_says(self):
        told: dict[uuid.UUID, list] = {}
        for kind in ("invoice.passed.v1", "invoice.moved.v1"):
            for event in self.desk.told(kind):
                if kind == "invoice.passed.v1" or (event["status_from"] in lifecycle.INVOICE.statuses and event["status_to"] != "DEPOSEE"):
                    step = (event.get("status_from"), event["status_to"], event.get("motive"))
                    told.setdefault(uuid.UUID(event["invoice_id"]), []).append(step)
        steps: dict[uuid.UUID, list] = {}
        for line in sorted(self.desk.rows(tables.history), key=lambda line: line["number"]):
            if line["action"] != "late":
                steps.setdefault(line["invoice_id"], []).append((line["status_from"], line["status_to"], line["motive"]))
        assert told == steps
        for row in self.desk.rows(tables.invoice):
            assert steps[row["invoice_id"]][-1][1] == row["status"]

    @invariant()
    def the_history_is_whole(self):
        with self.desk.database.reading() as db:
            assert verification.verify(db, self.desk.sealer).faults == []


LifeOfValidation.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestLifeOfValidation = LifeOfValidation.TestCase
