"""The searches of received invoices and of work lists by compatible clients, and the search under /api/v1."""

import datetime
import uuid
from decimal import Decimal

import pytest
from machine_world import BEARER, NUMERO
from portal_world import SUPPLIER, TOWN, a_summary
from pupitre_contracts import errors, invoicing, organisation

ISSUED = "factures/v1/rechercher/fournisseur"
RECEIVED = "factures/v1/rechercher/recipiendaire"


def test_received_invoices_have_their_paging_at_the_top_and_the_members_that_clients_require(machine, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary(due=Decimal("5.00"))], "total": 31}
    paging = {"nbResultatsParPage": 10, "pageResultatDemandee": 2}
    found = machine.ask(RECEIVED, {"typeDemandePaiement": "FACTURE", "paramRecherche": paging})
    assert {name: found[name] for name in ("pageCourante", "pages", "nbResultatsParPage", "total")} == {
        "pageCourante": 2, "pages": 4, "nbResultatsParPage": 10, "total": 31}
    [invoice] = found["listeFactures"]
    needed = ["idFacture", "codeFournisseur", "idDestinataire", "codeDestinataire", "typeIdentifiantFournisseur",
              "designationFournisseur", "numeroFacture", "montantTTC", "statut"]
    assert [name for name in needed if name not in invoice] == []
    assert (invoice["idFacture"], invoice["montantAPayer"]) == (77, Decimal("5.00"))
    [request] = bus.requests(invoicing.SearchInvoices)
    assert (request.side, request.structure_id, request.page, request.page_size) == ("received", SUPPLIER, 2, 10)


def test_every_criterion_of_received_invoices_reaches_invoicing(machine, bus):
    machine.ask(RECEIVED, {
        "numeroFacture": "F*", "listeTypeFacture": ["AVOIR", "FACTURE"], "statutCourant": ["REJETEE"], "cadreFacturation": "A1",
        "periodeDateDepotDu": "2026-01-15", "periodeDateFactureAu": "2026-01-31", "periodeDateHeureEtatCourantAu": "2026-07-01T23:59:59",
        "montantHTMin": 1, "montantTTCMax": 2, "montantApayerMin": 3, "numeroMarche": "M-1", "numeroBonCommande": "E-1",
        "listeFournisseurs": [{"idFournisseur": 2}]})
    [request] = bus.requests(invoicing.SearchInvoices)
    assert (request.number, request.kinds, request.statuses, request.cadre) == ("F*", ["AVOIR", "FACTURE"], ["REJETEE"], "A1")
    assert (request.issued_to, request.net_min, request.gross_max, request.due_min) == (datetime.date(2026, 1, 31), 1, 2, 3)
    assert (request.contract, request.engagement, request.counterpart_ids) == ("M-1", "E-1", [TOWN])


def test_all_structures_of_a_siren_are_searched_when_it_is_asked(machine, bus):
    machine.ask(RECEIVED, {"listeFournisseurs": [{"idFournisseur": 2}], "rechercheSirenFournisseur": True})
    first, second = bus.requests(organisation.FindStructures)[:2]
    assert (first.portal_numbers, second.identifiers) == ([2], ["217500016*"])


def test_a_service_is_searched_by_its_portal_number_and_one_that_is_none_finds_nothing(machine, bus):
    service = organisation.StructureService(
        structure_service_id=uuid.UUID(int=5), portal_number=12, code="VOIRIE", label="Voirie", active=True,
        starts_on=datetime.date(2024, 1, 1), requires_engagement=False)
    town = bus.answers[organisation.GetStructure]["structure"]
    bus.answers[organisation.GetStructure] = {"structure": type(town)(**{**town.values, "services": [service]})}
    machine.ask(RECEIVED, {"idServiceExecutant": 12})
    assert bus.requests(invoicing.SearchInvoices)[0].structure_service_ids == [uuid.UUID(int=5)]
    assert machine.ask(RECEIVED, {"idServiceExecutant": 13})["total"] == 0
    assert len(bus.requests(invoicing.SearchInvoices)) == 1


def test_issued_invoices_are_searched_by_origin_by_valideur_and_by_the_account_that_made_them(machine, bus):
    machine.ask(ISSUED, {"numeroFactureOrigine": "F-0*", "idStructureValideur": "2", "idUtilisateurCreateur": [9, 12]})
    [asked] = bus.requests(invoicing.SearchInvoices)
    assert (asked.origin, asked.valideur_ids, asked.creators) == ("F-0*", [TOWN], [f"technical:{uuid.UUID(int=9)}"])
    machine.ask(RECEIVED, {"idStructureValideur": 2, "idUtilisateurCreateur": [9]})
    asked = bus.requests(invoicing.SearchInvoices)[-1]
    assert (asked.valideur_ids, asked.creators) == ([TOWN], None)


def test_a_valideur_or_a_creator_that_nobody_knows_finds_nothing(machine, bus):
    assert machine.ask(ISSUED, {"idUtilisateurCreateur": 12})["parametresRetour"]["total"] == 0
    bus.answers[organisation.FindStructures] = {"structures": [], "total": 0}
    assert machine.ask(ISSUED, {"idStructureValideur": 3})["listeFactures"] == []
    assert machine.ask(RECEIVED, {"idStructureValideur": 3})["total"] == 0
    assert not bus.requests(invoicing.SearchInvoices)


@pytest.mark.requirement("R167")
@pytest.mark.parametrize("who, side", [("fournisseur", "issued"), ("recipiendaire", "received")])
def test_the_work_lists_are_those_of_the_pages(machine, bus, who, side):
    found = machine.ask(f"factures/v1/rechercher/atraiter/{who}", {"idStructure": 1})
    assert found["parametresRetour"]["total"] == 1
    [request] = bus.requests(invoicing.SearchInvoices)
    assert (request.side, request.work, request.structure_id) == (side, True, SUPPLIER)


@pytest.mark.parametrize("who", ["fournisseur", "recipiendaire"])
def test_without_the_espace_a_search_is_refused(machine, bus, who):
    bus.answers[invoicing.SearchInvoices] = errors.Forbidden(needed="factures-recues")
    answer = machine.post(f"factures/v1/rechercher/{who}", {})
    assert (answer.status_code, answer.json["codeRetour"]) == (403, 20001)


def own(http, query, **headers):
    return http.get(f"/api/v1/factures/{query}", headers={"Authorization": f"Bearer {BEARER}"} | headers)


#: What /api/v1 is asked, and what invoicing is.
QUERIES = {
    "number=F*": {"number": "F*"},
    "text=quai": {"text": "quai"},
    "supplier=Duv*": {"supplier": "Duv*"},
    "recipient=217*": {"recipient": "217*"},
    "code_service=VOIRIE": {"code_service": "VOIRIE"},
    "engagement=E-1": {"engagement": "E-1"},
    "contract=M-1": {"contract": "M-1"},
    f"numero_flux={NUMERO}": {"numero_flux": NUMERO},
    "origin=F-1&valideur=90000005000014&creator=user:1": {"origin": "F-1", "valideur": "90000005000014", "creator": "user:1"},
    "statuses=REJETEE,MANDATEE&statuses=SUSPENDUE": {"statuses": ["REJETEE", "MANDATEE", "SUSPENDUE"]},
    "kinds=AVOIR": {"kinds": ["AVOIR"]},
    "cadre=A1": {"cadre": "A1"},
    "deposit_mode=UPLOAD_API": {"deposit_mode": "UPLOAD_API"},
    "issued_from=2026-02-01": {"issued_from": datetime.date(2026, 2, 1)},
    "issued_to=2026-02-01": {"issued_to": datetime.date(2026, 2, 1)},
    "deposited_from=2026-01-01": {"deposited_from": datetime.datetime(2025, 12, 31, 23, tzinfo=datetime.UTC)},
    "deposited_to=2026-01-01T10:00:00Z": {"deposited_to": datetime.datetime(2026, 1, 1, 10, tzinfo=datetime.UTC)},
    "status_from=2026-01-01": {"status_from": datetime.datetime(2025, 12, 31, 23, tzinfo=datetime.UTC)},
    "status_to=2026-01-01T10:00:00Z": {"status_to": datetime.datetime(2026, 1, 1, 10, tzinfo=datetime.UTC)},
    **{f"{name}=1000.50": {name: Decimal("1000.50")} for name in ("net_min", "net_max", "gross_min", "gross_max", "due_min", "due_max")},
    "archived=true": {"archived": True},
    "sort=due&descending=false&limit=7&after=x": {"order_by": "due", "descending": False, "page_size": 7, "after": "x"},
}


@pytest.mark.requirement("R270")
@pytest.mark.parametrize("query", QUERIES)
def test_each_criterion_of_the_own_api_is_asked(http, bus, query):
    answer = own(http, f"recues?{query}")
    assert answer.status_code == 200, answer.text
    [request] = bus.requests(invoicing.SearchInvoices)
    assert (request.side, request.structure_id) == ("received", SUPPLIER)
    assert request.values.items() >= QUERIES[query].items()


def test_a_page_tells_the_rows_the_total_and_what_comes_next(http, bus):
    bus.answers[invoicing.SearchInvoices] = {
        "invoices": [a_summary(archived=True, vat_eur=Decimal("38.11"))], "total": 10_000, "total_exact": False, "next": "suite"}
    found = own(http, "emises").json
    assert (found["total"], found["total_exact"], found["next"]) == (10_000, False, "suite")
    [row] = found["invoices"]
    assert (row["number"], row["gross"], row["vat_eur"], row["archived"]) == ("F-2026-1", "1234.56", "38.11", True)


@pytest.mark.parametrize("query, field", [
    ("issued_from=hier", "issued_from"), ("gross_min=dix", "gross_min"), ("archived=peut-etre", "archived"), ("sort=x", "sort"),
    ("limit=0", "limit"), ("limit=1001", "limit"), ("descending=1", "descending"), ("deposited_to=31.12.2026", "deposited_to")])
def test_what_makes_no_sense_is_refused_by_its_name(http, bus, query, field):
    answer = own(http, f"emises?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert list(answer.json["details"]["fields"]) == [field]
    assert not bus.requests(invoicing.SearchInvoices)


def test_nobody_searches_without_a_token_and_no_side_is_made_up(http, bus):
    answer = http.get("/api/v1/factures/emises")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert own(http, "autres").status_code == 404
    assert not bus.requests(invoicing.SearchInvoices)
