"""What a reaction reads of invoices and flux: those of the structure for which it is called, as far as that one has them open."""

import functools

import pytest
from pupitre_bus.testing import wait_until
from pupitre_espaces import PortRefused
from pupitre_espaces.discovery import Source
from pupitre_invoicing import reaction_ports
from request_people import Desk
from support.endorsing_espace import KEY, Endorsing
from test_reactions import SUBMITTED, Follower, opened
from validation_circle import Circle


@pytest.fixture
def seen():
    return []


@pytest.fixture
def plugins(seen):
    follower = Follower(events=(SUBMITTED,), react=lambda event, context: look(event, context, seen))
    return [Source.of(follower), Source.of(Endorsing())]


def look(event, context, seen):
    seen.append((context.structure.id, read_all(context.ports)))


def lent(stage, structure, espace="suivi"):
    """Return the ports of a reaction that is called for a structure now."""
    scope = stage.scope()
    scope.see([structure.structure_id])
    return reaction_ports.lent(scope, espace, stage.world.structures[structure.structure_id])[0]


def read_all(ports):
    found = {}
    for name, ask in (
        *((side, functools.partial(ports.invoices.search, side)) for side in ("issued", "received", "validating")),
        ("flux", ports.flux.search),
    ):
        try:
            found[name] = ask()
        except PortRefused as refused:
            found[name] = refused.code
    return found


def test_each_structure_reads_its_own_side(stage, seen):
    opened(stage, stage.body, "suivi")
    opened(stage, stage.supplier, "suivi")
    sent = stage.sent("F-1", engagement="BC-1")
    wait_until(lambda: len(seen) == 2, timeout=30)
    read = dict(seen)
    for structure, side, others in ((stage.supplier, "issued", "received"), (stage.body, "received", "issued")):
        [view] = read[str(structure.structure_id)][side]
        assert (view.id, view.number, view.supplier_name, view.engagement) == (sent.invoice_id, "F-1", stage.supplier.name, "BC-1")
        assert view.status_label.fr != view.status_label.en
        assert read[str(structure.structure_id)][others] in ((), "forbidden")

def test_the_invoice_of_another_structure_is_not_there(stage):
    stage.sent("F-1", engagement="BC-1")
    moe = Desk(stage).moe
    opened(stage, moe, "factures-emises", "factures-recues", "suivi")
    ports = lent(stage, moe)
    assert read_all(ports) == {"issued": (), "received": (), "validating": (), "flux": ()}
    for side in ("issued", "received", "validating"):
        assert ports.invoices.count(side) == 0
        assert ports.invoices.search(side, number="F-1") == ports.invoices.search(side, number="*", limit=200) == ()
    assert lent(stage, stage.supplier).invoices.count("issued", status="MISE_A_DISPOSITION") == 1

def test_who_validates_an_invoice_reads_it_in_the_espace_where_he_does_and_nobody_else(stage):
    stage.hold("wake-invoices")
    circle = Circle(stage)
    sent = circle.sent()
    [view] = lent(stage, circle.first, KEY).invoices.search("validating")
    assert (view.id, view.status) == (sent.invoice_id, "A_VALIDER_1")
    assert lent(stage, circle.first, KEY).invoices.count("validating", status="A_VALIDER_1") == 1
    for structure, espace in ((circle.first, "suivi"), (circle.second, KEY), (stage.body, KEY)):
        assert lent(stage, structure, espace).invoices.search("validating") == ()
    assert lent(stage, stage.body, KEY).invoices.count("received") == 0, "its recipient does not have it yet"


@pytest.mark.parametrize("closed, side", [("factures-emises", "issued"), ("factures-recues", "received")])
def test_what_the_structure_has_not_open_is_refused(stage, closed, side):
    stage.sent("F-1")
    now = stage.world.structures[stage.body.structure_id]
    left = [each for each in now.espaces if each != closed]
    stage.world.structures[stage.body.structure_id] = type(now)(**now.values | {"espaces": left})
    invoices = lent(stage, stage.body).invoices
    with pytest.raises(PortRefused) as refused:
        invoices.search(side)
    assert (refused.value.code, closed in str(refused.value)) == ("forbidden", True)
    with pytest.raises(PortRefused):
        invoices.count(side)
    other = "received" if side == "issued" else "issued"
    assert invoices.count(other) == (1 if other == "received" else 0)

def test_a_side_that_there_is_not_and_a_file_to_be_checked_are_refused(stage):
    ports = lent(stage, stage.body)
    for side in ("both", "supplier"):
        with pytest.raises(PortRefused) as refused:
            ports.invoices.search(side)
        assert refused.value.code == "invalid"
    with pytest.raises(PortRefused) as refused:
        ports.flux.check("a.xml", b"<Invoice/>")
    assert refused.value.code == "no-port"

def test_the_flux_of_the_structure_and_their_faults_are_read_and_those_of_others_are_not(stage, ended):
    good = ended(stage.deposit_flux(stage.file("F-1"), file_name="bon.xml"))
    bad = ended(stage.deposit_flux(stage.file(recipient="11111111111111"), file_name="faux.xml"))
    flux = lent(stage, stage.supplier).flux
    found = flux.search()
    assert [(each.numero, each.file_name, each.accepted, each.refused) for each in found] == [
        (bad.numero_flux, "faux.xml", 0, 1),
        (good.numero_flux, "bon.xml", 1, 0),
    ]
    assert (flux.search(limit=1), flux.search(after=bad.numero_flux)) == (found[:1], found[1:])
    assert flux.search(after=good.numero_flux) == flux.search(after="CPP-none") == ()
    assert flux.faults(good.numero_flux) == ()
    [fault] = flux.faults(bad.numero_flux)
    assert (fault.rule, fault.file) == ("PUP-ROUTING-RECIPIENT-UNKNOWN", "faux.xml")
    assert fault.message
    moe = Desk(stage).moe
    opened(stage, moe, "factures-emises")
    theirs = lent(stage, moe).flux
    assert theirs.search() == theirs.search(after=bad.numero_flux) == ()
    for each in found:
        with pytest.raises(PortRefused) as refused:
            theirs.faults(each.numero)
        assert refused.value.code == "not-found"
