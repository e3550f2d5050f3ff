"""Depositing a flux and searching issued invoices through the compatible routes."""

import base64
import dataclasses
import datetime
import hashlib
import json
import re
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from machine_world import NUMERO, Machine, a_flux
from portal_world import SUPPLIER, TOWN, a_summary
from pupitre_contracts import errors, invoicing, organisation
from pupitre_invoicing import queries
from pupitre_organisation import model
from pupitre_portal.api import criteria

SEARCH, DEPOSIT = "factures/v1/rechercher/fournisseur", "factures/v1/deposer/flux"
PARIS = ZoneInfo("Europe/Paris")


def asked(machine, bus, **body):
    machine.ask(SEARCH, body)
    return bus.requests(invoicing.SearchInvoices)[-1]


def test_a_deposit_answers_with_its_number_and_the_day_it_is_in_france(machine, bus, blobs):
    found = machine.ask(DEPOSIT, {
        "idUtilisateurCourant": 0, "fichierFlux": base64.b64encode(b"<Invoice/>").decode(), "nomFichier": "../f.xml",
        "syntaxeFlux": "IN_DP_E2_CII_FACTURX", "avecSignature": False})
    assert found == {"codeRetour": 0, "libelle": "GCU_MSG_01_000", "numeroFluxDepot": NUMERO, "dateDepot": "2026-01-15",
                     "syntaxeFlux": "IN_DP_E2_CII_FACTURX"}
    [request] = bus.requests(invoicing.DepositFlux)
    assert blobs.kept[request.sha256] == b"<Invoice/>"
    assert (request.structure_id, request.size, request.file_name) == (SUPPLIER, 10, "f.xml")
    assert request.syntaxe_flux == "IN_DP_E2_CII_FACTURX"


def test_a_file_in_base64_broken_into_lines_is_taken(machine, blobs):
    assert machine.deposit(fichierFlux="PEludm\r\n9pY2\n UvPg==").status_code == 200
    assert list(blobs.kept.values()) == [b"<Invoice/>"]


@pytest.mark.parametrize("wrong", ["", None, 42, [], "not base64 !", "PGE", "PGEvPg==PGEvPg==", "é"])
def test_what_is_no_file_is_refused_in_words_and_kept_nowhere(machine, bus, blobs, wrong):
    answer = machine.deposit(fichierFlux=wrong)
    assert (answer.status_code, answer.json["codeRetour"]) == (200, 20002)
    assert "base64" in answer.json["libelle"]
    assert not blobs.kept
    assert not bus.requests(invoicing.DepositFlux)


@pytest.mark.parametrize("missing", [{"nomFichier": None}, {"syntaxeFlux": None}, {"syntaxeFlux": 7}])
def test_a_member_left_out_is_for_invoicing_to_judge(machine, bus, missing):
    machine.deposit(**missing)
    [request] = bus.requests(invoicing.DepositFlux)
    assert request.file_name == ("fichier" if "nomFichier" in missing else "f.xml")
    assert request.syntaxe_flux == {None: "", 7: "7"}.get(missing.get("syntaxeFlux", ""), "IN_DP_E1_UBL_INVOICE")


def test_the_limit_is_the_files_and_not_that_of_its_encoding(machine, blobs):
    assert machine.deposit(b"x" * 300_000).status_code == 200
    blobs.kept.clear()
    for size in (300_001, 2_000_000):
        answer = machine.deposit(b"x" * size)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/json")
        assert answer.json == {"codeRetour": 20001, "libelle": "GDP_MSG_11.022"}
    assert not blobs.kept


def test_the_same_key_and_body_give_the_same_flux(machine, bus):
    """The portal passes on one key and one request; the bus answers them with the first reply."""
    first = {}

    def deposit(request):
        key = bus.keys(invoicing.DepositFlux)[-1]
        if key not in first:
            first[key] = request, a_flux(numero_flux=f"CPP001110000000000000000{len(first) + 1}")
        asked_first, flux = first[key]
        return {"flux": flux} if asked_first == request else errors.IdempotencyMismatch()

    bus.answers[invoicing.DepositFlux] = deposit
    numbers = [machine.deposit(headers={"Idempotency-Key": "order-17"}).json["numeroFluxDepot"] for _ in range(2)]
    assert numbers == ["CPP0011100000000000000001"] * 2
    other = machine.deposit(nomFichier="other.xml", headers={"Idempotency-Key": "order-17"})
    assert (other.status_code, other.json["codeRetour"]) == (422, 20002)
    assert machine.deposit(headers={"Idempotency-Key": "order-18"}).json["numeroFluxDepot"].endswith("2")


def test_a_key_that_is_being_worked_on_is_to_be_tried_again(machine, bus):
    bus.answers[invoicing.DepositFlux] = errors.IdempotencyInProgress()
    answer = machine.deposit(headers={"Idempotency-Key": "order-17"})
    assert (answer.status_code, answer.json["codeRetour"]) == (409, 20002)
    assert "en cours" in answer.json["libelle"]


@pytest.mark.requirement("RS-23")
def test_the_receipt_tells_the_hash_of_the_file_and_the_instant(machine):
    receipt = machine.deposit(fichierFlux="PEludm9pY2UvPg==").headers["Pupitre-Receipt"]
    said, at = receipt.split("; ")
    assert said == f"sha256={hashlib.sha256(b'<Invoice/>').hexdigest()}"
    assert datetime.datetime.fromisoformat(at.removeprefix("at=")).tzinfo is not None


def test_deposits_without_a_key_are_two_deposits(machine, bus):
    machine.deposit()
    machine.deposit(headers={"Idempotency-Key": " "})
    assert bus.keys(invoicing.DepositFlux) == [None, None]


@pytest.mark.parametrize("key", ["k" * 256, "clé", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(machine, bus, key):
    answer = machine.deposit(headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json["libelle"]
    assert not bus.requests(invoicing.DepositFlux)


def test_an_issued_invoice_has_the_members_and_types_that_clients_read(machine, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary(
        net=Decimal("520.90"), gross=Decimal("625.08"), due=Decimal("1234567890123.45"), numero_flux=NUMERO, contract="M-1",
        deposit_mode="UPLOAD_API", status="REJETEE", last_motive="Erreur")], "total": 1}
    found = machine.ask(SEARCH, {"numeroFluxDepot": NUMERO, "rechercheFactureParFournisseur": {"nbResultatsParPage": 3}})
    assert found["parametresRetour"] == {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 3, "total": 1}
    assert found["listeFactures"] == [{
        "identifiantFactureCPP": 77, "typeDemandePaiement": "FACTURE", "codeFournisseur": "12345678200010",
        "typeIdentifiantFournisseur": "SIRET", "designationFournisseur": "Atelier Duval", "idDestinataire": 2,
        "codeDestinataire": "21750001600019", "designationDestinataire": "Ville de Test", "codeServiceExecutant": "VOIRIE",
        "typeFacture": "FACTURE", "numeroFacture": "F-2026-1", "dateFacture": "2026-03-14", "dateDepot": "2026-03-15",
        "montantHT": Decimal("520.90"), "montantTTC": Decimal("625.08"), "montantAPayer": Decimal("1234567890123.45"),
        "devise": "EUR", "statut": "REJETEE", "numeroMarche": "M-1", "numeroBonCommande": "E-88", "numeroFluxDepot": NUMERO,
        "modeDepot": "UPLOAD_API", "dateHeureEtatCourant": "2026-03-15T10:30:12.000+01:00", "commentaireEtatCourant": "Erreur"}]


@pytest.mark.parametrize("amount, written", [
    ("625.08", "625.08"), ("1234567890123.45", "1234567890123.45"), ("-0.10", "-0.10"), ("1E+3", "1000.00"), ("0", "0.00"),
    ("12.5000", "12.50"), ("1.2345", "1.2345")])
def test_an_amount_is_written_exactly_as_a_json_number(machine, bus, amount, written):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary(gross=Decimal(amount))], "total": 1}
    text = machine.post(SEARCH).get_data(as_text=True)
    assert re.search(r'"montantTTC": ?([^,}]+)', text)[1] == written


def test_the_recipients_of_a_page_are_asked_for_at_once(machine, bus):
    others = [uuid.UUID(int=100 + n) for n in range(3)]
    invoices = [a_summary(portal_number=n, recipient_structure_id=each, recipient_siret=None, recipient_name=None)
                for n, each in enumerate([TOWN, *others, TOWN])]
    bus.answers[invoicing.SearchInvoices] = {"invoices": invoices, "total": 5}
    found = machine.ask(SEARCH)["listeFactures"]
    [request] = bus.requests(organisation.FindStructures)
    assert set(request.structure_ids) == {TOWN, *others}
    assert (request.page_size, request.include_private) == (4, True)
    assert (found[0]["idDestinataire"], found[0]["codeDestinataire"]) == (2, "21750001600019")
    assert "idDestinataire" not in found[1]


def test_an_empty_page_asks_for_no_recipients(machine, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 0}
    found = machine.ask(SEARCH)
    assert (found["listeFactures"], found["parametresRetour"]["pages"]) == ([], 0)
    assert not bus.requests(organisation.FindStructures)


def test_every_criterion_reaches_invoicing(machine, bus):
    request = asked(
        machine, bus, numeroFacture=17, typeFacture="AVOIR", cadreFacturation="A9_FACTURE_SOUSTRAITANT", numeroFluxDepot=NUMERO,
        numeroBonCommande="E-88", numeroMarche="M-1", modeDepot="UPLOAD_API", statutCourant=["REJETEE", "MANDATEE", None],
        periodeDateDepotDu="2026-01-15", periodeDateDepotAu="2026-01-15", periodeDateFactureDu="2026-01-01",
        periodeDateFactureAu="2026-01-31T00:00:00", periodeDateHeureEtatCourantDu="2026-07-01T08:00:00",
        periodeDateHeureEtatCourantAu="2026-07-01T23:59:59+00:00", montantHTMin=10, montantHTMax="20.5", montantTTCMin=0.1,
        montantTTCMax=1234567890123.45, montantApayerMin="1", montantApayerMax=2)
    assert (request.due_min, request.due_max) == (Decimal(1), Decimal(2))
    assert (request.number, request.kinds, request.cadre, request.numero_flux) == ("17", ["AVOIR"], "A9", NUMERO)
    assert (request.engagement, request.contract, request.deposit_mode) == ("E-88", "M-1", "UPLOAD_API")
    assert request.statuses == ["REJETEE", "MANDATEE"]
    assert request.deposited_from == datetime.datetime(2026, 1, 15, tzinfo=PARIS)
    assert request.deposited_to == datetime.datetime(2026, 1, 15, 23, 59, 59, 999999, tzinfo=PARIS)
    assert (request.issued_from, request.issued_to) == (datetime.date(2026, 1, 1), datetime.date(2026, 1, 31))
    assert request.status_from == datetime.datetime(2026, 7, 1, 6, tzinfo=datetime.UTC)
    assert request.status_to == datetime.datetime(2026, 7, 1, 23, 59, 59, tzinfo=datetime.UTC)
    assert (request.net_min, request.net_max) == (Decimal(10), Decimal("20.5"))
    assert (request.gross_min, request.gross_max) == (Decimal("0.1"), Decimal("1234567890123.45"))
    assert (request.side, request.structure_id) == ("issued", SUPPLIER)


@pytest.mark.parametrize("name", ["periodeDateDepotDu", "periodeDateFactureAu", "periodeDateHeureEtatCourantAu"])
@pytest.mark.parametrize("value", ["hier", "2026-13-01", "\ud800", 20261, [1], "x" * 500])
def test_a_date_that_is_none_is_refused_and_says_how_to_write_one(machine, bus, name, value):
    answer = machine.post(SEARCH, {name: value})
    assert answer.status_code == 400
    assert "AAAA-MM-JJ" in answer.json["libelle"]
    assert len(answer.json["libelle"]) < 100
    assert not bus.requests(invoicing.SearchInvoices)


@pytest.mark.parametrize("value", [True, {"a": 1}, [], "dix", "12,5", "NaN", "x" * 500])
def test_an_amount_that_is_none_is_refused_rather_than_left_out(machine, bus, value):
    answer = machine.post(SEARCH, {"montantTTCMin": value})
    assert answer.status_code == 400
    assert "Montant" in answer.json["libelle"]
    assert len(answer.json["libelle"]) < 100
    assert not bus.requests(invoicing.SearchInvoices)


@pytest.mark.parametrize("low, high", [("0.30000000000000004", "0.30999999"), ("-0.3012", "0.30")])
def test_the_bounds_of_an_amount_are_brought_to_the_cents_inside_them(machine, bus, low, high):
    raw = f'{{"montantTTCMin": {low}, "montantTTCMax": {high}}}'.encode()
    machine.ask(SEARCH, raw=raw)
    request = bus.requests(invoicing.SearchInvoices)[0]
    assert (request.gross_min, request.gross_max) == ({"-": Decimal("-0.30")}.get(low[0], Decimal("0.31")), Decimal("0.30"))


@pytest.mark.parametrize("bound", [b"1e30", b"1e999999999", b"99999999999999999999.999"])
def test_a_bound_that_no_amount_reaches_is_a_bound_still(machine, bus, bound):
    machine.ask(SEARCH, raw=b'{"montantHTMax": ' + bound + b', "montantHTMin": -' + bound + b"}")
    request = bus.requests(invoicing.SearchInvoices)[0]
    assert (request.net_min, request.net_max) == (Decimal("-9999999999999999.99"), Decimal("9999999999999999.99"))


def test_a_recipient_is_searched_by_his_portal_number(machine, bus):
    request = asked(machine, bus, listeDestinataire=[{"idDestinataire": "2"}, {"idDestinataire": None}, 5])
    assert bus.requests(organisation.FindStructures)[0].portal_numbers == [2]
    assert request.counterpart_ids == [TOWN]


def test_a_recipient_that_nobody_is_finds_nothing_rather_than_everything(machine, bus):
    bus.answers[organisation.FindStructures] = {"structures": [], "total": 0}
    found = machine.ask(SEARCH, {"listeDestinataire": [{"idDestinataire": 999}]})
    assert (found["listeFactures"], found["parametresRetour"]["total"]) == ([], 0)
    assert not bus.requests(invoicing.SearchInvoices)


@pytest.mark.parametrize("name", ["periodeDateDepotDu", "periodeDateHeureEtatCourantAu"])
@pytest.mark.parametrize("value", ["0001-01-01", "9999-12-31T23:59:59-10:00"])
def test_a_moment_outside_time_is_refused(machine, name, value):
    answer = machine.post(SEARCH, {name: value})
    assert answer.status_code == (200 if name.endswith("Au") and value == "0001-01-01" else 400)


def test_more_recipients_than_can_be_asked_for_are_refused_with_the_limit(machine, bus):
    answer = machine.post(SEARCH, {"listeDestinataire": [{"idDestinataire": number} for number in range(1001)]})
    assert (answer.status_code, answer.json["libelle"]) == (400, "Au plus 1000 destinataires par recherche")
    assert not bus.calls[1:]


@pytest.mark.parametrize("paging, page, size", [
    ({}, 1, 10), ({"nbResultatsParPage": None, "pageResultatDemandee": None}, 1, 10),
    ({"nbResultatsParPage": "5", "pageResultatDemandee": "2"}, 2, 5), ({"nbResultatsParPage": 1000}, 1, 1000),
    ({"nbResultatsParPage": 10000}, 1, 1000), ({"nbResultatsParPage": 9999999999}, 1, 1000), ({"nbResultatsParPage": 0}, 1, 10),
    ({"nbResultatsParPage": -1, "pageResultatDemandee": 0}, 1, 10), ({"nbResultatsParPage": 2.0}, 1, 2),
    ({"nbResultatsParPage": True, "pageResultatDemandee": 10**40}, 1, 10), ({"pageResultatDemandee": 10**15}, 1_000_000, 10)])
def test_a_page_is_read_as_clients_write_it(machine, bus, paging, page, size):
    request = asked(machine, bus, rechercheFactureParFournisseur=paging)
    assert (request.page, request.page_size) == (page, size)


def test_a_number_too_large_to_compute_costs_nothing(machine):
    raw = b'{"rechercheFactureParFournisseur": {"nbResultatsParPage": 1e999999999, "pageResultatDemandee": -1E-999999999}}'
    assert machine.ask(SEARCH, raw=raw)["parametresRetour"]["nbResultatsParPage"] == 10


def test_a_size_beyond_the_limit_is_cut_and_the_pages_say_so(machine, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary()], "total": 2345}
    found = machine.ask(SEARCH, {"rechercheFactureParFournisseur": {"nbResultatsParPage": 10000}})
    assert found["parametresRetour"] == {"pageCourante": 1, "pages": 3, "nbResultatsParPage": 1000, "total": 2345}


def test_the_services_serve_pages_as_large_as_the_api_promises():
    assert min(queries.LARGEST_PAGE, model.LARGEST_PAGE, model.MOST_ASKED) >= criteria.MAX_PAGE_SIZE


@pytest.mark.parametrize("paging, sort, descending", [
    ({}, "deposited_at", True), ({"triColonne": "NumeroFacture", "triSens": "Ascendant"}, "number", False),
    ({"triColonne": "MontantTTC", "triSens": "Ascendant "}, "gross", False), ({"triColonne": "Autre"}, "deposited_at", True),
    ({"triColonne": "DateFacture", "triSens": "Descendant"}, "issue_date", True)])
def test_a_list_is_sorted_as_asked(machine, bus, paging, sort, descending):
    request = asked(machine, bus, rechercheFactureParFournisseur=paging)
    assert (request.order_by, request.descending) == (sort, descending)


def test_a_deposit_needs_no_more_than_what_one_client_sends(new_portal, options, bus):
    machine = Machine(new_portal(dataclasses.replace(options, max_upload=20)))
    body = json.dumps({"fichierFlux": "PGEvPg==", "nomFichier": "a.xml", "syntaxeFlux": "IN_DP_E1_UBL_INVOICE"})
    assert machine.ask(DEPOSIT, raw=body.encode(), content_type=None)["numeroFluxDepot"] == NUMERO
