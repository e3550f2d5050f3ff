"""What the portal lends to plugins: their own espace and structure, in the visitor's name, and nothing of anybody else's."""

import uuid

import pytest
from portal_world import EVIL, NOW, SUPPLIER, TERMS, TOWN, a_summary, an_invoice, rights
from pupitre_contracts import errors, flux_report, habilitations, invoice_parties, invoicing, organisation
from pupitre_contracts import requests as calls
from pupitre_espaces import Card, Html, Label, Manifest, Page, PageContent, PortRefused, hookimpl
from request_world import REQUEST, Aides, a_party, a_request
from request_world import a_summary as a_request_summary

PAGE = "/espaces/aides/essai"


class Curious(Aides):
    """An espace whose page does with the ports what a test says, and keeps what came of it."""

    def __init__(self):
        super().__init__()
        self.does, self.got = (lambda ports: None), []

    @hookimpl
    def espace_manifest(self):
        return Manifest("aides", Label("Aides", "Aid"), Label("Aides", "Aid"))

    @hookimpl
    def espace_pages(self, context):
        def render(request):
            self.got.append(self.does(request.context.ports))
            return PageContent("Essai", Html("<p>fait</p>"))

        return [Page("essai", Label("Essai", "Trial"), render)]

    @hookimpl
    def espace_cards(self, context):
        count = context.ports.requests.count(to_do=True)
        return [Card(Label(f"Attendent : {count}", f"Waiting: {count}"), Label("Oui", "Yes"))]

    @hookimpl
    def espace_waits(self, context):
        return [] if context.ports.invoices.count("issued") else [Label(f"Plus tard {EVIL}", "Later")]


def a_record(**changes):
    values = {"collection": "notes", "key": "une", "document": {"n": 1}, "version": 3, "changed_at": NOW, "changed_by": "Ada"}
    return calls.RecordEntry(**(values | changes))


def a_flux(number, structure_id=SUPPLIER, **changes):
    values = {
        "flux_id": uuid.UUID(int=90),
        "numero_flux": number,
        "structure_id": structure_id,
        "syntaxe_flux": "IN_DP_E1_UBL_INVOICE",
        "code_interface": "FSO1117A",
        "file_name": "lot.zip",
        "state": "IN_INTEGRE_PARTIEL",
        "state_at": NOW,
        "deposited_at": NOW,
        "total": 2,
        "accepted": 1,
        "refused": 1,
        "errors": [],
    }
    return invoicing.Flux(**(values | changes))


@pytest.fixture
def espace():
    return Curious()


@pytest.fixture
def plugins(espace):
    return [espace]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides", "factures-emises"))]}
    bus.answers |= {
        calls.GetRecord: {"record": a_record()},
        calls.PutRecord: {"record": a_record(version=4)},
        calls.DeleteRecord: {},
        calls.SearchRecords: {"records": [a_record()]},
        calls.SearchRequests: {"requests": [a_request_summary(form={"year": 2025, "amount": "12.50"})], "total": 7},
        calls.GetRequest: {"request": a_request()},
        calls.CountRequests: {"counts": []},
    }


@pytest.fixture
def through(browser, espace):
    """Do something through the ports of a page; return what came of it and the answer of the portal."""

    def do(does, address=PAGE):
        espace.does = does
        answer = browser.get(address)
        return (espace.got.pop() if espace.got else None), answer

    return do


class TestRecords:
    def test_documents_are_those_of_the_espace_and_the_structure(self, through, bus):
        got, _ = through(lambda ports: ports.records.get("notes", "une"))
        assert (got.collection, got.key, dict(got.document), got.version, got.changed_by) == ("notes", "une", {"n": 1}, 3, "Ada")
        asked = bus.requests(calls.GetRecord)[0]
        assert (asked.espace, asked.structure_id, asked.collection, asked.key) == ("aides", SUPPLIER, "notes", "une")
        assert bus.calls[-1][4] == "token-invoicing"

    def test_a_document_is_written_with_its_version_and_forgotten(self, through, bus):
        got, _ = through(lambda ports: ports.records.put("notes", "une", {"n": 2}, version=3))
        assert got.version == 4
        asked = bus.requests(calls.PutRecord)[0]
        assert (asked.espace, asked.structure_id, asked.document, asked.version) == ("aides", SUPPLIER, {"n": 2}, 3)
        through(lambda ports: ports.records.put("notes", "une", {}))
        assert bus.requests(calls.PutRecord)[1].version is None
        through(lambda ports: ports.records.delete("notes", "une"))
        assert bus.requests(calls.DeleteRecord)[0].key == "une"

    def test_documents_are_searched(self, through, bus):
        got, _ = through(lambda ports: ports.records.search("notes", "x*", limit=1000, after="a"))
        assert [each.key for each in got] == ["une"]
        asked = bus.requests(calls.SearchRecords)[0]
        assert (asked.text, asked.limit, asked.after) == ("x*", 200, "a")

    def test_a_document_of_another_structure_is_none_or_refused(self, through, bus):
        bus.answers[calls.GetRecord] = errors.NotFound(what="record")
        assert through(lambda ports: ports.records.get("notes", "leur"))[0] is None
        bus.answers[calls.GetRecord] = errors.Forbidden(needed="aides")
        got, answer = through(lambda ports: ports.records.get("notes", "leur"))
        assert got is None
        assert answer.status_code == 403

    def test_a_conflict_has_a_stable_code_and_words(self, through, bus):
        bus.answers[calls.PutRecord] = errors.Conflict(what="record")

        def put(ports):
            with pytest.raises(PortRefused) as refused:
                ports.records.put("notes", "une", {}, version=1)
            return refused.value

        got, _ = through(put)
        assert got.code == "conflict"
        english, _ = through(put, f"{PAGE}?lang=en")
        assert str(english) != str(got)

    def test_what_reads_only_may_not_be_written(self, through, bus):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",), profile="CONSULTATION")]}
        bus.answers[calls.PutRecord] = errors.Forbidden(needed="aides, MODIFICATION")
        _, answer = through(lambda ports: ports.records.put("notes", "une", {}))
        assert answer.status_code == 403


class TestRequests:
    def test_requests_are_found_with_what_was_typed(self, through, bus):
        got, _ = through(lambda ports: ports.requests.search(kind="aide", status="REJETEE", text="A*", to_do=True, limit=5))
        asked = bus.requests(calls.SearchRequests)[0]
        assert (asked.espace, asked.structure_id, asked.kind, asked.status, asked.text) == ("aides", SUPPLIER, "aide", "REJETEE", "A*")
        assert (asked.to_do, asked.limit, asked.with_form) == (True, 5, True)
        [view] = got
        assert (view.number, view.kind, view.form["year"], str(view.form["amount"])) == (f"A-1 {EVIL}", "aide", 2025, "12.50")
        assert view.party("instructeur").structure.siret == "21750001600019"
        assert view.status_label.en == "Made available"

    def test_they_are_counted(self, through, bus):
        assert through(lambda ports: ports.requests.count(to_do=True))[0] == 7
        assert bus.requests(calls.SearchRequests)[0].limit == 1

    def test_one_is_read(self, through):
        assert through(lambda ports: ports.requests.get(REQUEST))[0].id == REQUEST

    def test_of_one_come_the_lines_and_all_who_have_a_role_in_their_order(self, through, bus):
        two = [a_party("instructeur", structure_id=uuid.uuid4(), identifier=each) for each in ("1", "2")]
        bus.answers[calls.GetRequest] = {"request": a_request(parties=[a_party(), *two])}
        found = through(lambda ports: ports.requests.get(REQUEST))[0]
        assert [str(line["volume"]) for line in found.lines] == ["12.50"]
        assert [(each.structure.siret, each.place) for each in found.holders("instructeur")] == [("1", 1), ("2", 2)]
        assert found.party("instructeur") == found.holders("instructeur")[0]
        hidden = a_request(lines=[], lines_hidden=True)
        bus.answers[calls.GetRequest] = {"request": hidden}
        assert through(lambda ports: ports.requests.get(REQUEST))[0].lines == ()
        assert [each.lines for each in through(lambda ports: ports.requests.search())[0]] == [()]

    def test_one_of_another_structure_is_none(self, through, bus):
        bus.answers[calls.GetRequest] = errors.NotFound(what="request")
        assert through(lambda ports: ports.requests.get(REQUEST))[0] is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"parties": [a_party(structure_id=TOWN)]},
            {"roles": ["instructeur"]},
            {"espace": "autre", "parties": [a_party(espace="autre")]},
        ],
    )
    def test_one_that_the_user_sees_elsewhere_is_none_here(self, through, bus, changes):
        """The user may have another structure, or another espace, in which he sees it: this page is not of it."""
        bus.answers[calls.GetRequest] = {"request": a_request(**changes)}
        assert through(lambda ports: ports.requests.get(REQUEST))[0] is None


class TestInvoices:
    def test_invoices_are_those_of_the_structure(self, through, bus):
        got, _ = through(lambda ports: ports.invoices.search("issued", number="F*", status="REJETEE", engagement="E-88", limit=3))
        asked = bus.requests(invoicing.SearchInvoices)[0]
        assert (asked.side, asked.structure_id, asked.number, asked.statuses) == ("issued", SUPPLIER, "F*", ["REJETEE"])
        assert (asked.engagement, asked.page_size) == ("E-88", 3)
        assert (got[0].number, got[0].status_label.fr, str(got[0].gross)) == (
            a_summary().number,
            "Mise à disposition du destinataire",
            "1234.56",
        )
        assert through(lambda ports: ports.invoices.count("received"))[0] == 60

    def test_those_that_the_structure_validates_are_those_of_this_espace(self, through, bus):
        bus.answers[invoice_parties.SearchInvoicesOfRole] = {"invoices": [], "total": 7}
        assert through(lambda ports: ports.invoices.count("validating", status="A_VALIDER_1"))[0] == 7
        assert through(lambda ports: ports.invoices.search("validating", number="F-1", engagement="E-88"))[0] == ()
        counted, searched = bus.requests(invoice_parties.SearchInvoicesOfRole)
        assert (counted.structure_id, counted.statuses) == (SUPPLIER, ["A_VALIDER_1"])
        assert (counted.espace, searched.number, searched.engagement) == (searched.espace, "F-1", "E-88")
        assert not bus.requests(invoicing.SearchInvoices)

    def test_a_side_that_is_not_open_is_refused(self, through, bus):
        bus.answers[invoicing.SearchInvoices] = errors.Forbidden(needed="factures-recues")
        assert through(lambda ports: ports.invoices.count("received"))[1].status_code == 403


    def test_one_is_read_with_when_it_came(self, through, bus):
        found = an_invoice(supplier_structure_id=SUPPLIER)
        bus.answers[invoicing.GetInvoice] = {"invoice": found}
        got, _ = through(lambda ports: ports.invoices.get(found.invoice_id))
        assert (got.id, got.number, got.portal_number, got.supplier_siret) == (
            found.invoice_id,
            found.number,
            found.portal_number,
            found.supplier_identifier,
        )
        came = [each.at for each in found.history if each.status_to == "MISE_A_DISPOSITION"]
        assert got.received_at == (came[-1] if came else found.deposited_at)
        bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(supplier_structure_id=TOWN, recipient_structure_id=TOWN)}
        assert through(lambda ports: ports.invoices.get(found.invoice_id))[0] is None
        bus.answers[invoicing.GetInvoice] = errors.NotFound(what="invoice")
        assert through(lambda ports: ports.invoices.get(found.invoice_id))[0] is None


def a_line(user, name, profile="MODIFICATION", standing="VALIDE", **changes):
    values = {"structure_id": SUPPLIER, "structure_identifier": "1", "structure_name": "S", "user_email": "a@b.example", "espace": "aides"}
    who = {"user_id": uuid.UUID(int=user), "user_name": name, "profile": profile, "standing": standing}
    return habilitations.HabilitationLine(**(values | who | changes))


class TestMembers:
    def test_members_are_those_who_have_the_espace_and_may_act_in_all_of_it(self, through, bus):
        lines = [
            a_line(3, "Zoé"),
            a_line(1, "Ada", structure_service_id=uuid.UUID(int=9)),
            a_line(2, "Bo", "CONSULTATION"),
            a_line(2, "Bo", structure_service_id=uuid.UUID(int=9)),
            a_line(4, "Cléo", standing="EN_COURS"),
        ]
        bus.answers[habilitations.ListHabilitations] = {"habilitations": lines, "total": 5}
        got, _ = through(lambda ports: ports.members.all())
        assert [(each.name, each.may_act) for each in got] == [("Ada", False), ("Bo", False), ("Zoé", True)]
        asked = bus.requests(habilitations.ListHabilitations)[0]
        assert (asked.structure_id, asked.espace) == (SUPPLIER, "aides")

    def test_who_manages_no_users_is_refused_by_organisation(self, through, bus):
        bus.answers[habilitations.ListHabilitations] = errors.Forbidden(needed="GP")
        assert through(lambda ports: ports.members.all())[1].status_code == 403


class TestFlux:
    def test_flux_are_listed_after_the_last_one_seen(self, through, bus):
        lots = [a_flux(f"CPP{number}") for number in range(5)]
        bus.answers[invoicing.SearchFlux] = lambda request: {"flux": lots[(request.page - 1) * 2 : request.page * 2], "total": 5}
        assert [each.numero for each in through(lambda ports: ports.flux.search(limit=2))[0]] == ["CPP0", "CPP1"]
        assert [each.numero for each in through(lambda ports: ports.flux.search(limit=2, after="CPP2"))[0]] == ["CPP3", "CPP4"]
        assert through(lambda ports: ports.flux.search(limit=2, after="CPP4"))[0] == ()
        assert through(lambda ports: ports.flux.search(limit=2, after="zut"))[0] == ()
        assert {each.structure_id for each in bus.requests(invoicing.SearchFlux)} == {SUPPLIER}

    def test_faults_are_those_of_one_flux_of_the_structure(self, through, bus):
        fault = invoicing.FluxError(technical=False, code="D-SRV", rule="R", message="Faux", number="F-1", file="a.xml")
        file = flux_report.FluxFile(position=1, file_name="a.xml", outcome="refused", errors=[fault])
        reply = {"files": [file], "total": 1, "codes": []}
        bus.answers[flux_report.ReadFluxReport] = {"flux": a_flux("CPP1"), **reply}
        [got] = through(lambda ports: ports.flux.faults("CPP1"))[0]
        assert (got.code, got.number, got.file, got.message) == ("D-SRV", "F-1", "a.xml", "Faux")
        bus.answers[flux_report.ReadFluxReport] = {"flux": a_flux("CPP1", structure_id=TOWN), **reply}
        assert through(lambda ports: ports.flux.faults("CPP1"))[1].status_code == 404

    def test_a_file_is_judged_and_not_deposited(self, through, bus, blobs):
        finding = invoicing.Finding(rule="BR-01", severity="error", message="Faux")
        report = invoicing.Report(verdict="invalid", stage="schematron", findings=[finding], terms=TERMS)
        bus.answers[invoicing.CheckFile] = {"report": report}
        got, _ = through(lambda ports: ports.flux.check("../f.xml", b"<Invoice/>"))
        assert (got.verdict, got.stage, got.findings) == ("invalid", "schematron", (("BR-01", "error", "Faux", ""),))
        assert got.terms["BT-1"] == "F-2026-1"
        asked = bus.requests(invoicing.CheckFile)[0]
        assert (asked.name, asked.content_type) == ("f.xml", "application/xml")
        assert list(blobs.kept.values()) == [b"<Invoice/>"]


def test_a_service_that_is_away_is_said_and_no_fault_of_the_plugin(through, bus, app):
    bus.down.add("invoicing")
    for _ in range(6):
        _, answer = through(lambda ports: ports.requests.count())
        assert answer.status_code == 503
        assert "facturation" in answer.get_data(as_text=True)
    assert app.extensions["pupitre"].espaces.problems() == []


def test_cards_are_lent_the_ports_too(browser, bus):
    assert "Attendent : 7" in browser.get("/").get_data(as_text=True)
    bus.answers[calls.SearchRequests] = errors.Unavailable(service="invoicing")
    assert browser.get("/").status_code == 200


def test_an_espace_may_say_that_its_requests_come_later(browser, bus):
    assert browser.get("/espaces/aides/demandes").status_code == 200
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 0}
    bus.calls.clear()
    page = browser.get("/espaces/aides/demandes").get_data(as_text=True)
    assert "Plus tard &lt;script&gt;" in page
    assert not bus.requests(calls.SearchRequests)
    bus.answers[invoicing.SearchInvoices] = errors.Unavailable(service="invoicing")
    assert "Plus tard" not in browser.get("/espaces/aides/demandes").get_data(as_text=True)
