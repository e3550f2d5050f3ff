"""The end of keeping requests of espaces and what goes with them, on both backends and with a clock that tests move (RS-74)."""

import dataclasses
import datetime
import json

import pytest
import sqlalchemy as sa
from export_people import chief_of
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, structure_export
from pupitre_contracts import invoicing as invoices
from pupitre_contracts import requests as contract
from pupitre_contracts import retention as keeping
from pupitre_espaces import Reaction, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_invoicing import eliminating, retention_rules, verification
from request_people import Desk
from request_plugin import ESPACE, Trials

pytestmark = pytest.mark.requirement("RS-74")

OPERATOR = Actor.service("operator")
PROPOSER, ARCHIVIST = "Alix Martin", "Noé Archives"


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


class Forgetting(Trials):
    """The espace of the tests, which hears that a request of its own is gone."""

    def __init__(self):
        self.told = []

    @hookimpl
    def espace_reactions(self):
        yield Reaction("request.eliminated.v1", lambda event, context: self.told.append((event, context.structure.id)))


@pytest.fixture
def espace():
    return Forgetting()


@pytest.fixture
def plugins(espace):
    return [Source.of(espace)]


@pytest.fixture
def desk(stage):
    for timer in ("sweep-files", "announce-waiting", "pass-time"):
        stage.hold(timer)
    return Desk(stage)


def go_to(stage, *day):
    wanted = datetime.datetime(*day, 9, tzinfo=datetime.UTC)
    stage.bench.clock.advance(seconds=(wanted - stage.bench.clock.now()).total_seconds())


def ask(stage, call, **values):
    return stage.call(OPERATOR, call, **values)


def proposed(stage, **values):
    return ask(stage, keeping.ProposeElimination, by=PROPOSER, **values).list


def visaed(stage, listed):
    return ask(stage, keeping.RecordVisa, number=listed.number, by=ARCHIVIST, reference="AD 2037/12", digest=listed.digest).list


def eliminated(stage, listed):
    return ask(stage, keeping.EliminateInvoices, number=listed.number, by="Zoé").list


def read(stage, listed):
    return ask(stage, keeping.GetElimination, number=listed.number)


def nothing(stage, **values):
    with pytest.raises(errors.NothingExpired):
        proposed(stage, **values)


def faults(stage):
    scope = stage.scope()
    with scope.reading() as db:
        return verification.verify(db, scope.resources.sealer, scope.resources.anchors, stage.blobs).faults


def count(stage, *tables):
    return {name: len(stage.rows(f"SELECT * FROM {name}")) for name in tables}


def refused(desk, **values):
    sent = desk.sent(**values)
    return desk.move(sent, "REJETEE", desk.agent, motive="hors délai")


def claim(desk):
    """A dossier of two pieces, the second of which became an invoice."""
    first = desk.send(desk.piece(documents=[desk.file()]))
    payer = desk.send(desk.next_piece(first), desk.architect)
    return first, desk.move(payer, "TRANSMISE_MOA", desk.agent)


def export(stage):
    values = {"structure_id": stage.supplier.structure_id}
    return stage.call(chief_of(stage, stage.supplier), structure_export.ExportRequests, **values).requests


def test_a_finished_request_goes_with_lines_files_and_records_and_the_history_stays_intact(stage, desk):
    gone = refused(desk, documents=[desk.file()])
    kept = desk.sent(form={"year": 2024, "subject": "attend encore"})
    for key in (str(gone.request_id), str(kept.request_id), "chantier"):
        values = {"espace": ESPACE, "structure_id": stage.supplier.structure_id, "collection": "notes", "key": key}
        stage.call(desk.maker, contract.PutRecord, document={"nom": key}, **values)
    before = count(stage, "history")["history"]
    go_to(stage, 2036, 12, 31)
    nothing(stage)
    go_to(stage, 2037, 1, 1)
    [group] = ask(stage, keeping.ListExpired).groups
    assert (group.identifier, group.year, group.invoices, group.requests, group.gross) == (stage.BUYER, 2026, 0, 1, 0)
    [group] = ask(stage, keeping.ListExpired, side="issued").groups
    assert (group.name, group.requests, group.listed) == ("Fournitures du Quai", 1, 0)
    nothing(stage, structure_id=desk.moe.structure_id)
    listed = proposed(stage, structure_id=stage.body.structure_id)
    assert (listed.invoices, listed.requests, listed.amounts) == (0, 1, [])
    [item] = read(stage, listed).invoices
    assert (item.what, item.kind, item.number, item.invoice_id) == ("request", "essais/aide", gone.number, gone.request_id)
    assert (item.supplier_identifier, item.recipient_siret, item.term_on) == (stage.SELLER, stage.BUYER, datetime.date(2037, 1, 1))
    with pytest.raises(errors.VisaMissing):
        eliminated(stage, listed)
    done = eliminated(stage, visaed(stage, listed))
    assert (done.state, done.eliminated) == ("eliminated", 1)

    for actor in (desk.maker, desk.agent):
        with pytest.raises(errors.NotFound):
            desk.get(gone, actor)
        assert desk.get(kept, actor).number == kept.number
    assert count(stage, "request", "history") == {"request": 1, "history": before + 1}
    for table in ("request_party", "request_document"):
        assert {str(row["request_id"]).replace("-", "") for row in stage.rows(f"SELECT request_id FROM {table}")} == {kept.request_id.hex}
    assert {row["key"] for row in stage.rows("SELECT * FROM record")} == {str(kept.request_id), "chantier"}
    [line] = stage.rows("SELECT * FROM history WHERE action = 'eliminate'")
    assert (line["actor_name"], line["status_from"], line["status_to"], line["after"]) == ("Zoé", "REJETEE", "ELIMINEE", None)
    assert line["before"] == item.state_sha256
    assert faults(stage) == []
    told = read(stage, listed)
    assert (told.invoices[0].files, json.loads(told.certificate)["eliminated_requests"]) == (2, {"essais/aide": 1})
    [event] = stage.rows("SELECT * FROM outbox WHERE type = 'request.eliminated.v1'")
    assert event["subject"] == str(gone.request_id)
    parties = json.loads(event["body"])["parties"]
    assert {(each["role"], each["structure_id"], each["acts"]) for each in parties} == {
        ("demandeur", str(stage.supplier.structure_id), False),
        ("instructeur", str(stage.body.structure_id), False),
    }
    [left] = [each for each in export(stage) if each.request_id in (gone.request_id, kept.request_id)]
    assert left.request_id == kept.request_id


def test_an_espace_hears_that_a_request_of_its_own_is_gone_for_each_who_saw_it(stage, desk, espace):
    gone = refused(desk)
    go_to(stage, 2037, 1, 1)
    eliminated(stage, visaed(stage, proposed(stage)))
    wait_until(lambda: len(espace.told) == 2, timeout=30)
    assert {(structure, tuple(event.roles)) for event, structure in espace.told} == {
        (str(stage.supplier.structure_id), ("demandeur",)),
        (str(stage.body.structure_id), ("instructeur",)),
    }
    for event, _ in espace.told:
        assert dict(event.data) == {
            "request_id": gone.request_id,
            "espace": ESPACE,
            "kind": "aide",
            "number": gone.number,
            "portal_number": gone.portal_number,
            "maker_structure_id": str(stage.supplier.structure_id),
        }


def test_a_list_of_requests_that_was_tampered_with_shows(stage, desk):
    refused(desk)
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    database = stage.bench.database("invoicing")
    with database.transaction(stage.scope()) as tx:
        tx.execute(sa.text("UPDATE elimination_item SET what = 'invoice'"))
    database.close()
    with pytest.raises(errors.ListChanged):
        eliminated(stage, listed)
    assert [each.fault for each in faults(stage)] == [f"elimination-list-altered {listed.number}"]


def test_a_dossier_goes_whole_with_its_invoice_and_not_before_all_of_it(stage, desk):
    first, over = claim(desk)
    assert desk.get(first, desk.maker).status == "ASSOCIEE"
    [invoice] = stage.rows("SELECT * FROM invoice")
    go_to(stage, 2037, 1, 1)
    listed = proposed(stage)
    found = read(stage, listed).invoices
    assert [each.what for each in found] == ["invoice", "request", "request"]
    assert (listed.invoices, listed.requests, [each.gross for each in listed.amounts]) == (1, 2, [120])
    assert {each.number for each in found} == {"P-1", "P-2"}
    assert invoice["number"] == "P-2"
    eliminated(stage, visaed(stage, listed))
    tables = ("invoice", "invoice_content", "document", "request", "request_party", "request_document", "reminder")
    assert count(stage, *tables) == dict.fromkeys(tables, 0)
    assert faults(stage) == []
    lines = stage.rows("SELECT * FROM history WHERE action = 'eliminate'")
    assert {(str(line["structure_id"]).replace("-", ""), str(line["invoice_id"]).replace("-", "")) for line in lines} == {
        (stage.supplier.structure_id.hex, first.request_id.hex),
        (desk.moe.structure_id.hex, over.request_id.hex),
        (stage.supplier.structure_id.hex, over.invoice_id.hex),
    }


def test_a_request_waits_for_its_invoice_and_the_invoice_for_its_request(stage, desk):
    _, over = claim(desk)
    go_to(stage, 2028, 3, 1)
    invoice = desk.call(desk.agent, invoices.GetInvoice, invoice_id=over.invoice_id).invoice
    stage.move(invoice, "MISE_EN_PAIEMENT", desk.agent)
    go_to(stage, 2038, 12, 31)
    assert ask(stage, keeping.ListExpired).groups == []
    nothing(stage)
    go_to(stage, 2039, 1, 1)
    groups = ask(stage, keeping.ListExpired, structure_id=stage.body.structure_id).groups
    assert {(each.identifier, each.year, each.invoices, each.requests) for each in groups} == {
        (stage.BUYER, 2028, 1, 2),
        (desk.MOE, 2028, 0, 1),
        (stage.SELLER, 2028, 0, 1),
    }
    nothing(stage, year=2026)
    assert (proposed(stage, year=2028).requests, faults(stage)) == (2, [])


def test_a_dossier_with_an_unfinished_piece_is_kept_whole(stage, desk):
    first = desk.send(desk.piece())
    unfinished = desk.next_piece(first, number="P-3")
    desk.move(desk.send(desk.next_piece(first), desk.architect), "TRANSMISE_MOA", desk.agent)
    desk.send(desk.piece("P-9"))
    go_to(stage, 2037, 1, 1)
    nothing(stage)
    desk.call(desk.architect, contract.DeleteRequest, request_id=unfinished.request_id, version=unfinished.version)
    listed = visaed(stage, proposed(stage))
    assert {each.number for each in read(stage, listed).invoices} == {"P-1", "P-2"}
    database = stage.bench.database("invoicing")
    with database.transaction(stage.scope()) as tx:
        tx.execute(sa.text("UPDATE request SET dossier_id = (SELECT dossier_id FROM request WHERE number = 'P-1') WHERE number = 'P-9'"))
    database.close()
    with pytest.raises(errors.ListChanged, match="P-9"):
        eliminated(stage, listed)


@pytest.mark.parametrize("on", ["request", "invoice", "maker", "party"])
def test_a_hold_keeps_all_that_goes_together(stage, desk, on):
    first, _ = claim(desk)
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    [invoice] = stage.rows("SELECT portal_number FROM invoice")
    held = {
        "request": {"request_number": first.portal_number},
        "invoice": {"portal_number": invoice["portal_number"]},
        "maker": {"structure_id": stage.supplier.structure_id},
        "party": {"structure_id": desk.moe.structure_id},
    }[on]
    hold = ask(stage, keeping.PlaceHold, **held, reason="litige", by="Zoé").hold
    assert all(each.held == each.invoices + each.requests for each in ask(stage, keeping.ListExpired).groups)
    with pytest.raises(errors.UnderHold):
        eliminated(stage, listed)
    assert count(stage, "request", "invoice") == {"request": 2, "invoice": 1}
    ask(stage, keeping.WithdrawElimination, number=listed.number, by=PROPOSER)
    nothing(stage)
    ask(stage, keeping.ReleaseHold, number=hold.number, reason="classé", by="Zoé")
    assert eliminated(stage, visaed(stage, proposed(stage))).state == "eliminated"
    assert faults(stage) == []


def test_a_hold_names_a_request_that_exists_and_nothing_else(stage, desk):
    sent = desk.sent()
    with pytest.raises(errors.NotFound):
        ask(stage, keeping.PlaceHold, request_number=4711, reason="x", by="Zoé")
    with pytest.raises(errors.Invalid):
        ask(stage, keeping.PlaceHold, request_number=sent.portal_number, portal_number=1, reason="x", by="Zoé")
    with pytest.raises(errors.Forbidden):
        stage.call(desk.maker, keeping.PlaceHold, request_number=sent.portal_number, reason="x", by="Zoé")


def test_what_goes_together_is_never_cut_by_a_slice_and_goes_on_where_it_was_stopped(stage, desk, monkeypatch):
    monkeypatch.setattr(eliminating, "SLICE", 1)
    claim(desk)
    refused(desk)
    stage.sent("F-1")
    go_to(stage, 2037, 1, 1)
    listed = visaed(stage, proposed(stage))
    assert (listed.invoices, listed.requests) == (2, 3)
    assert eliminated(stage, listed).eliminated == 3
    assert count(stage, "request", "invoice") == {"request": 1, "invoice": 1}
    assert faults(stage) == []
    assert (eliminated(stage, listed).eliminated, eliminated(stage, listed).state) == (4, "eliminated")
    assert faults(stage) == []


def test_a_party_that_keeps_longer_keeps_all_that_goes_together(stage, desk):
    claim(desk)
    own = [{"identifier": desk.MOE[:9], "from": datetime.date(2020, 1, 1), "years": 30}]
    resources = stage.host.runtime("invoicing").resources
    resources.retention = dataclasses.replace(retention_rules.packaged(), structures=own)
    go_to(stage, 2056, 12, 31)
    nothing(stage)
    go_to(stage, 2057, 1, 1)
    assert {each.term_on.year for each in read(stage, proposed(stage)).invoices} == {2037, 2057}


def test_without_its_plugin_a_request_is_kept(stage, desk, monkeypatch):
    refused(desk)
    go_to(stage, 2037, 1, 1)
    host = stage.host.runtime("invoicing").resources.espaces
    monkeypatch.setattr(type(host), "kinds", lambda self: {})
    nothing(stage)
    assert faults(stage) == []
