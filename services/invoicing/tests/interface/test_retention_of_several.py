"""A request of which several structures have one role reaches its term for each of them, and leaves nobody's rows behind."""

import datetime

import pytest
from circulars import OTHER, Circulars, circular
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors
from pupitre_contracts import retention as keeping
from pupitre_espaces.discovery import Source
from request_people import Desk
from request_plugin import ESPACE

pytestmark = pytest.mark.requirement("RS-74")
OPERATOR = Actor.service("operator")


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def plugins():
    return [Source.of(Circulars())]


def test_it_counts_with_each_of_them_and_goes_whole(stage):
    for timer in ("sweep-files", "announce-waiting"):
        stage.hold(timer)
    stage.hold("pass-time")
    desk = Desk(stage)
    second = stage.world.structure(OTHER, "Menuiserie Claire")
    joiner = stage.world.user((second, ESPACE, "MODIFICATION"), name="Claire")
    signed = desk.move(desk.send(circular(desk, documents=[desk.file(line=1)])), "SIGNEE", joiner)
    gone = desk.move(signed, "ABANDONNEE", desk.maker)
    stage.bench.clock.advance(seconds=(datetime.datetime(2037, 1, 1, 9, tzinfo=datetime.UTC) - stage.bench.clock.now()).total_seconds())

    groups = stage.call(OPERATOR, keeping.ListExpired).groups
    assert {(each.name, each.requests) for each in groups} == {
        ("Atelier du Plan", 1), ("Menuiserie Claire", 1), ("Commune d'Exempleville", 1)
    }
    listed = stage.call(OPERATOR, keeping.ProposeElimination, by="Alix", structure_id=second.structure_id).list
    assert (listed.requests, listed.invoices) == (1, 0)
    visa = {"number": listed.number, "reference": "AD 2037/12", "digest": listed.digest}
    stage.call(OPERATOR, keeping.RecordVisa, by="Noé", **visa)
    assert stage.call(OPERATOR, keeping.EliminateInvoices, number=listed.number, by="Zoé").list.state == "eliminated"
    for actor in (desk.architect, joiner, desk.maker):
        with pytest.raises(errors.NotFound):
            desk.get(gone, actor)
    assert [len(stage.rows(f"SELECT * FROM {table}")) for table in ("request", "request_party", "request_document")] == [0, 0, 0]
