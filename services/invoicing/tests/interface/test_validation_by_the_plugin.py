"""The cadres of Factures à valider, as that plugin brings them, on both backends: A9 with silence that accepts, A12 without (B.5)."""

import datetime

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_espaces import discovery
from pupitre_invoicing import validating

PLUGIN, KEY = "pupitre-espace-factures-a-valider", "factures-a-valider"
FIRST, SECOND = "valideur-1", "valideur-2"
A9, A12 = {"code": "S3", "cadre": "A9"}, {"code": "S6", "cadre": "A12"}


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def plugins():
    found = [each for each in discovery.installed() if each.distribution == PLUGIN]
    assert found, "make setup installs it"
    return found


@pytest.fixture
def people(stage):
    """The holder of the contract and the mandataire of the group, with somebody who validates for each."""
    stage.hold("wake-invoices")
    found = {}
    for siret, name in (("90000005000014", "Gros Œuvre SA"), ("90000006000011", "Mandataire SARL")):
        structure = stage.world.structure(siret, name)
        found[siret] = stage.world.user((structure, KEY, "MODIFICATION"), name=name)
    return found


def sent(stage, people, number, cadre, *roles):
    named = [contract.NamedParty(role=role, identifier=siret) for role, siret in zip(roles, people, strict=False)]
    return stage.send(stage.prepare(stage.file(number, cadre=cadre), parties=named).invoice)


def after(stage, days):
    stage.bench.clock.advance(days=days)
    validating.wake(stage.scope())


@pytest.mark.requirement("R171", "R172")
def test_the_titulaire_of_an_a9_ticks_and_it_goes_to_the_recipient(stage, people):
    holder = people["90000005000014"]
    invoice = sent(stage, people, "S-1", A9, FIRST)
    assert invoice.status == "A_VALIDER_1"
    with pytest.raises(errors.Invalid):
        stage.move(invoice, "VALIDEE_1", holder)
    done = stage.move(invoice, "VALIDEE_1", holder, stated=True, comment="Bon pour accord")
    assert (done.status, stage.get(invoice, stage.agent).delay_days) == ("MISE_A_DISPOSITION", 30)
    assert any("Bon pour accord" in (line.comment or "") for line in done.history)


def test_silence_accepts_an_a9_level_by_level_and_never_an_a12(stage, people):
    both, joint = sent(stage, people, "S-1", A9, FIRST, SECOND), sent(stage, people, "C-1", A12, FIRST)
    after(stage, 16)
    assert stage.get(both, stage.writer).status == "A_VALIDER_2"
    after(stage, 16)
    assert stage.get(both, stage.agent).status == "MISE_A_DISPOSITION"
    after(stage, 400)
    assert stage.get(joint, stage.writer).status == "A_VALIDER_1"


@pytest.mark.requirement("R173")
def test_the_mandataire_of_an_a12_refuses_and_the_cotraitant_is_not_paid(stage, people):
    invoice = sent(stage, people, "C-1", A12, FIRST)
    holder = people["90000005000014"]
    with pytest.raises(errors.MotiveMissing):
        stage.move(invoice, "REFUSEE_1", holder)
    assert stage.move(invoice, "REFUSEE_1", holder, motive="hors marché").status == "REFUSEE_1"
    with pytest.raises(errors.NotFound):
        stage.get(invoice, stage.agent)
