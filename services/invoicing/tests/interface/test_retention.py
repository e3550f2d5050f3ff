"""The end of keeping, through the bus, on both backends and with a clock that tests move (RS-74)."""

import dataclasses
import datetime
import json
import os

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors, invoice_search
from pupitre_contracts import invoicing as contract
from pupitre_contracts import retention as keeping
from pupitre_invoicing import citing, eliminating, retention_rules, verification

pytestmark = pytest.mark.requirement("RS-74")

OPERATOR = Actor.service("operator")
PROPOSER, ARCHIVIST = "Alix Martin", "Noé Archives"
DAY = datetime.date


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture(autouse=True)
def by_hand(stage):
    for timer in ("sweep-files", "announce-waiting"):
        stage.hold(timer)


def go_to(stage, *day):
    wanted = datetime.datetime(*day, 9, tzinfo=datetime.UTC)
    stage.bench.clock.advance(seconds=(wanted - stage.bench.clock.now()).total_seconds())


def ask(stage, call, **values):
    return stage.call(OPERATOR, call, **values)


def proposed(stage, **values):
    return ask(stage, keeping.ProposeElimination, by=PROPOSER, **values).list


def visaed(stage, listed, **values):
    given = {"by": ARCHIVIST, "reference": "AD 2037/12", "digest": listed.digest}
    return ask(stage, keeping.RecordVisa, number=listed.number, **given | values).list


def eliminated(stage, listed):
    return ask(stage, keeping.EliminateInvoices, number=listed.number, by="Zoé").list


def read(stage, listed):
    return ask(stage, keeping.GetElimination, number=listed.number)


def verified(stage):
    scope = stage.scope()
    with scope.reading() as db:
        return verification.verify(db, scope.resources.sealer, scope.resources.anchors, stage.blobs)


def place(stage, sha256):
    return stage.bench.backend.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256


def age(stage):
    """Have every file be as old as the test's clock makes its invoice."""
    old = (datetime.datetime.now(datetime.UTC) - 2 * citing.MINIMUM_AGE).timestamp()
    for path in (stage.bench.backend.folder / "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))


def test_the_term_is_ten_years_from_the_end_of_the_year_of_the_last_act(stage):
    early, late = stage.sent("F-1"), stage.sent("F-2")
    stage.sent("F-3", credit_note=True)
    go_to(stage, 2027, 1, 15)
    stage.move(late, "MISE_EN_PAIEMENT", stage.agent)
    stage.prepare(stage.file("BROUILLON"))
    go_to(stage, 2036, 12, 31)
    assert ask(stage, keeping.ListExpired).groups == []
    with pytest.raises(errors.NothingExpired):
        proposed(stage)
    go_to(stage, 2037, 1, 1)
    [group] = ask(stage, keeping.ListExpired).groups
    assert (group.structure_id, group.identifier, group.name) == (stage.body.structure_id, stage.BUYER, "Commune d'Exempleville")
    assert (group.year, group.currency, group.invoices, group.gross, group.held, group.listed) == (2026, "EUR", 2, 0, 0, 0)
    go_to(stage, 2038, 1, 1)
    found = ask(stage, keeping.ListExpired, side="issued", structure_id=stage.supplier.structure_id).groups
    assert [(each.year, each.invoices, each.name) for each in found] == [(2026, 2, "Fournitures du Quai"), (2027, 1, "Fournitures du Quai")]
    listed = proposed(stage, year=2026, structure_id=stage.body.structure_id)
    assert early.portal_number in [each.portal_number for each in read(stage, listed).invoices]
    assert {each.term_on for each in read(stage, listed).invoices} == {DAY(2037, 1, 1)}
    assert [each.listed for each in ask(stage, keeping.ListExpired).groups] == [2, 0]


def test_a_structure_that_keeps_longer_keeps_the_whole_invoice(stage):
    stage.sent("F-1")
    own = [{"identifier": stage.BUYER[:9], "from": DAY(2020, 1, 1), "years": 30}]
    resources = stage.host.runtime("invoicing").resources
    resources.retention = dataclasses.replace(retention_rules.packaged(), structures=own)
    go_to(stage, 2056, 12, 31)
    assert ask(stage, keeping.ListExpired, side="issued").groups == []
    go_to(stage, 2057, 1, 1)
    assert [each.invoices for each in ask(stage, keeping.ListExpired, side="issued").groups] == [1]


def test_an_elimination_takes_everything_but_the_history_which_stays_intact(stage):
    invoice, kept = stage.sent("F-1"), stage.sent("F-2")
    original = invoice.documents[0].sha256
    before = len(stage.rows("SELECT * FROM history"))
    age(stage)
    go_to(stage, 2037, 1, 1)
    resources = stage.host.runtime("invoicing").resources
    ask(stage, keeping.PlaceHold, portal_number=kept.portal_number, reason="litige", by="Zoé")
    listed = visaed(stage, proposed(stage))
    done = eliminated(stage, listed)
    assert (done.state, done.eliminated, done.invoices, done.eliminated_by) == ("eliminated", 1, 1, "Zoé")

    for actor in (stage.writer, stage.agent):
        with pytest.raises(errors.NotFound):
            stage.get(invoice, actor)
        assert stage.get(kept, actor).number == "F-2"
    left = {name: len(stage.rows(f"SELECT * FROM {name}")) for name in ("invoice", "invoice_content", "document", "history")}
    assert left == {"invoice": 1, "invoice_content": 1, "document": 1, "history": before + 1}
    [line] = stage.rows("SELECT * FROM history WHERE action = 'eliminate'")
    assert (line["actor"], line["actor_name"], line["status_to"], line["after"]) == ("service:operator", "Zoé", "ELIMINEE", None)
    assert (line["motive"], line["comment"]) == (f"visa AD 2037/12, {ARCHIVIST}", f"bordereau n° 1, SHA-256 {listed.digest}")
    assert verified(stage).faults == []

    assert not place(stage, original).exists()
    [item] = read(stage, listed).invoices
    assert (item.number, item.files, item.files_left, item.original_sha256) == ("F-1", 1, 1, original)
    age(stage)
    citing.sweep(stage.scope())
    assert read(stage, listed).invoices[0].files_left == 0
    assert stage.blobs.get(kept.documents[0].sha256)
    told = read(stage, listed)
    statement = json.loads(told.certificate)
    assert (statement["visa_by"], statement["proposed_by"], statement["eliminated"]) == (ARCHIVIST, PROPOSER, 1)
    assert statement["digest"] == statement["eliminated_digest"] == listed.digest
    assert resources.sealer.check(b"pupitre-elimination-certificate-v1\n" + told.certificate.encode(), told.seal)


def test_other_systems_are_told_of_each_invoice(stage):
    invoice = stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    eliminated(stage, visaed(stage, proposed(stage)))
    [told] = stage.rows("SELECT * FROM outbox WHERE type = 'invoice.eliminated.v1'")
    assert told["subject"] == str(invoice.invoice_id)


def test_a_visa_needs_a_second_person_and_the_list_that_was_seen(stage):
    stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = proposed(stage)
    for same in (PROPOSER, "  alix   MARTIN "):
        with pytest.raises(errors.VisaByProposer):
            visaed(stage, listed, by=same)
    with pytest.raises(errors.ListChanged):
        visaed(stage, listed, digest="0" * 64)
    for name in ("by", "reference"):
        with pytest.raises(errors.Invalid):
            visaed(stage, listed, **{name: " "})
    with pytest.raises(errors.VisaMissing):
        eliminated(stage, listed)
    assert visaed(stage, listed).state == "visa"
    with pytest.raises(errors.ListClosed):
        visaed(stage, listed)
    assert len(stage.rows("SELECT * FROM invoice")) == 1


def test_an_invoice_that_changed_since_keeps_the_whole_list(stage):
    first, second = stage.sent("F-1"), stage.sent("F-2")
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    stage.move(second, "SERVICE_FAIT", stage.agent)
    with pytest.raises(errors.ListChanged, match="F-2"):
        eliminated(stage, listed)
    assert stage.get(first, stage.writer).number == "F-1"
    with pytest.raises(errors.NothingExpired):
        proposed(stage)
    ask(stage, keeping.WithdrawElimination, number=listed.number, by=PROPOSER)
    with pytest.raises(errors.ListClosed):
        eliminated(stage, listed)
    assert [each.number for each in read(stage, proposed(stage)).invoices] == ["F-1"]


def test_a_list_that_was_tampered_with_is_refused_and_shows(stage):
    stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    database = stage.bench.database("invoicing")
    with database.transaction(stage.scope()) as tx:
        tx.execute(sa.text("UPDATE elimination_item SET recipient_name = 'Autre'"))
    database.close()
    with pytest.raises(errors.ListChanged):
        eliminated(stage, listed)
    assert [each.fault for each in verified(stage).faults] == [f"elimination-list-altered {listed.number}"]


def test_a_longer_duration_stops_a_list_that_was_proposed_before(stage):
    stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    own = [{"identifier": stage.SELLER, "from": DAY(2020, 1, 1), "years": 12}]
    resources = stage.host.runtime("invoicing").resources
    resources.retention = dataclasses.replace(retention_rules.packaged(), structures=own)
    with pytest.raises(errors.ListChanged, match="2039-01-01"):
        eliminated(stage, listed)


@pytest.mark.parametrize("on", ["invoice", "supplier", "body"])
def test_a_hold_stops_a_list_and_what_is_held_is_not_proposed(stage, on):
    invoice = stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    held = {"portal_number": invoice.portal_number} if on == "invoice" else {"structure_id": getattr(stage, on).structure_id}
    hold = ask(stage, keeping.PlaceHold, **held, reason="contrôle", by="Zoé").hold
    assert [each.held for each in ask(stage, keeping.ListExpired).groups] == [1]
    with pytest.raises(errors.UnderHold):
        eliminated(stage, listed)
    assert stage.get(invoice, stage.agent).number == "F-1"
    ask(stage, keeping.WithdrawElimination, number=listed.number, by=PROPOSER)
    with pytest.raises(errors.NothingExpired):
        proposed(stage)
    assert [each.number for each in ask(stage, keeping.ListHolds).holds] == [hold.number]
    ask(stage, keeping.ReleaseHold, number=hold.number, reason="classé", by="Zoé")
    with pytest.raises(errors.HoldReleased):
        ask(stage, keeping.ReleaseHold, number=hold.number, reason="encore", by="Zoé")
    assert ask(stage, keeping.ListHolds).holds == []
    assert [each.release_reason for each in ask(stage, keeping.ListHolds, ended=True).holds] == ["classé"]
    assert eliminated(stage, visaed(stage, proposed(stage))).state == "eliminated"


def test_a_hold_names_one_thing_that_exists(stage):
    with pytest.raises(errors.NotFound):
        ask(stage, keeping.PlaceHold, portal_number=4711, reason="x", by="Zoé")
    for wrong in ({}, {"portal_number": 1, "structure_id": stage.body.structure_id}):
        with pytest.raises(errors.Invalid):
            ask(stage, keeping.PlaceHold, **wrong, reason="x", by="Zoé")


def test_it_goes_on_where_it_was_stopped_and_a_hold_stops_the_rest(stage, monkeypatch):
    monkeypatch.setattr(eliminating, "SLICE", 2)
    invoices = [stage.sent(f"F-{number}") for number in range(5)]
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    assert (eliminated(stage, listed).state, eliminated(stage, listed).eliminated) == ("eliminating", 4)
    hold = ask(stage, keeping.PlaceHold, portal_number=invoices[-1].portal_number, reason="litige", by="Zoé").hold
    with pytest.raises(errors.UnderHold):
        eliminated(stage, listed)
    assert verified(stage).faults == []
    ask(stage, keeping.WithdrawElimination, number=listed.number, by=PROPOSER)
    assert json.loads(read(stage, listed).certificate)["eliminated"] == 4
    ask(stage, keeping.ReleaseHold, number=hold.number, reason="classé", by="Zoé")
    again = visaed(stage, proposed(stage))
    assert (again.invoices, eliminated(stage, again).state) == (1, "eliminated")
    with pytest.raises(errors.ListClosed):
        eliminated(stage, again)
    assert verified(stage).faults == []


def test_a_flux_goes_with_the_last_of_its_invoices(stage, make_lot, make_file, ended):
    files = {"a.xml": make_file("F-1"), "b.xml": make_file("F-2"), "c.xml": make_file("F-3", verdict="invalid")}
    flux = stage.deposit_flux(make_lot(files))
    assert ended(flux).state == "IN_INTEGRE_PARTIEL"
    age(stage)
    archive = stage.rows("SELECT sha256 FROM flux")[0]["sha256"]
    second = stage.rows("SELECT portal_number FROM invoice WHERE number = 'F-2'")[0]["portal_number"]
    hold = ask(stage, keeping.PlaceHold, portal_number=second, reason="litige", by="Zoé").hold
    go_to(stage, 2037, 1, 1)
    eliminated(stage, visaed(stage, proposed(stage)))
    assert stage.flux(flux).accepted == 2
    assert place(stage, archive).exists()
    assert verified(stage).faults == []
    ask(stage, keeping.ReleaseHold, number=hold.number, reason="classé", by="Zoé")
    listed = visaed(stage, proposed(stage))
    eliminated(stage, listed)
    with pytest.raises(errors.NotFound):
        stage.flux(flux)
    assert read(stage, listed).invoices[0].files == 3
    assert not any(path.is_file() for path in place(stage, archive).parents[2].glob("??/??/*"))
    assert verified(stage).faults == []


def test_a_file_that_something_else_cites_stays(stage):
    stage.sent("F-1")
    original = stage.rows("SELECT sha256 FROM document")[0]["sha256"]
    stage.world.kept = {original}
    age(stage)
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    eliminated(stage, listed)
    assert place(stage, original).exists()
    assert read(stage, listed).invoices[0].files_left == 1


def test_lists_are_found_and_who_did_what_is_written_down(stage):
    stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = proposed(stage)
    assert (listed.digest, [(each.currency, each.gross) for each in listed.amounts]) == (listed.digest, [("EUR", 120)])
    eliminated(stage, visaed(stage, listed))
    assert [each.state for each in ask(stage, keeping.ListEliminations).lists] == ["eliminated"]
    acts = [(row["who"], row["act"]) for row in stage.rows("SELECT * FROM operator_act ORDER BY number")]
    assert acts == [(PROPOSER, "propose elimination"), (ARCHIVIST, "visa of elimination"), ("Zoé", "eliminate")]
    with pytest.raises(errors.NotFound):
        ask(stage, keeping.GetElimination, number=99)


def test_a_number_that_was_used_is_seen_in_the_list_only(stage):
    """Nothing of an eliminated invoice is found any more by who could read it: not by search, not by its number."""
    invoice = stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    eliminated(stage, visaed(stage, proposed(stage)))
    for actor, side in ((stage.writer, "issued"), (stage.agent, "received")):
        assert stage.call(actor, contract.SearchInvoices, side=side).invoices == []
        with pytest.raises(errors.NotFound):
            stage.call(actor, invoice_search.OriginalFiles, invoice_ids=[invoice.invoice_id])
