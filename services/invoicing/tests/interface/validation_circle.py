"""The two firms that validate invoices of a plugin's cadres, and their people; the fixtures of the tests of validation."""

import datetime

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import invoice_parties
from pupitre_contracts import invoicing as contract
from pupitre_espaces.discovery import Source
from pupitre_invoicing import validating
from support.endorsing_espace import HOLDER, KEY, Endorsing

EMITTED, RECEIVED = "factures-emises", "factures-recues"
FIRST, SECOND = "90000005000014", "90000006000011"
X9, X12 = {"code": "X9", "cadre": None}, {"code": "X12", "cadre": None}


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def plugins():
    return [Source.of(Endorsing())]


@pytest.fixture
def circle(stage):
    """The two firms that validate, and their people; the test says when the platform looks at what waits."""
    stage.hold("wake-invoices")
    return Circle(stage)


class Circle:
    def __init__(self, stage):
        self.stage = stage
        self.first = self.structure(FIRST, "Gros Œuvre SA")
        self.second = self.structure(SECOND, "Mandataire SARL")
        self.holder = stage.world.user((self.first, KEY, "MODIFICATION"), name="Tito Titulaire")
        self.watcher = stage.world.user((self.first, KEY, "CONSULTATION"), name="Vera Voit")
        self.colleague = stage.world.user((self.first, EMITTED, "MODIFICATION"), name="Sans espace")
        self.agent = stage.world.user((self.second, KEY, "MODIFICATION"), name="Marion Mandataire")

    def structure(self, siret, name, **values):
        made = self.stage.world.structure(siret, name, **values)
        kept = type(made)(**{**made.values, "espaces": [*made.espaces, KEY]})
        self.stage.world.structures[made.structure_id] = kept
        return kept

    def draft(self, number="F-1", cadre=X9, named=((HOLDER, FIRST),), **changes):
        reply = self.stage.prepare(self.stage.file(number, cadre=cadre, **changes), parties=of(named))
        assert reply.invoice is not None, reply.report.findings
        return reply.invoice

    def sent(self, number="F-1", **changes):
        return self.stage.send(self.draft(number, **changes))

    def wake(self, days=0):
        self.stage.bench.clock.advance(days=days)
        validating.wake(self.stage.scope())

    def work(self, actor, **values):
        return self.stage.call(actor, invoice_parties.SearchInvoicesOfRole, espace=KEY, **values)


def of(named):
    return [contract.NamedParty(role=role, identifier=identifier) for role, identifier in named]


def rules(report):
    return {(each.rule, each.severity) for each in report.findings}
