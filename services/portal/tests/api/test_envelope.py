"""What every compatible route has in common: who may call, what bodies mean, how errors are told."""

import base64
import json

import pytest
from machine_world import NUMERO, PASSWORD
from pupitre_contracts import errors, flux_report, identity, invoicing, organisation

ROUTES = {
    "factures/v1/rechercher/fournisseur": invoicing.SearchInvoices,
    "structures/v1/rechercher": organisation.FindStructures,
    "transverses/v1/consulterCR": flux_report.ReadFluxReport,
    "transverses/v1/consulterCRDetaille": invoicing.GetFlux,
    "structures/v1/consulter": organisation.GetStructure,
    "structures/v1/rechercher/services": organisation.GetStructure,
    "factures/v1/deposer/flux": invoicing.DepositFlux,
}
SEARCHES = ["factures/v1/rechercher/fournisseur", "structures/v1/rechercher"]
GOOD = {"idStructureCPP": 2, "idStructure": 2, "numeroFluxDepot": NUMERO, "fichierFlux": "PGEvPg==", "syntaxeFlux": "IN_DP_E1_UBL_INVOICE"}
EVERY_ROUTE = pytest.mark.parametrize("path", ROUTES)


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


@EVERY_ROUTE
def test_success_is_an_integer_zero_and_a_code(machine, path):
    found = machine.ask(path, GOOD)
    assert type(found["codeRetour"]) is int
    assert found["codeRetour"] == 0
    assert found["libelle"] == ("GCU_MSG_01_000" if path.endswith("deposer/flux") else "TRA_MSG_00.000")
    assert None not in found.values()


@EVERY_ROUTE
def test_services_are_called_with_the_tokens_of_the_account(machine, bus, path):
    machine.ask(path, GOOD)
    [resumed] = bus.requests(identity.ResumeAccessToken)
    assert (resumed.access_token, resumed.login, resumed.password) == ("opaque-token", "TECH_1_10000001@pupitre.invalid", PASSWORD)
    assert {token for service, _, _, _, token in bus.calls if service != "identity"} <= {"token-invoicing", "token-organisation"}


@EVERY_ROUTE
@pytest.mark.parametrize("headers, description", [
    ({"Authorization": None}, "access token"),
    ({"Authorization": "Bearer"}, "access token"),
    ({"Authorization": "Bearer made-up"}, "access token"),
    ({"Authorization": "Basic b3BhcXVlLXRva2Vu"}, "access token"),
    ({"cpro-account": None}, "login or password"),
    ({"cpro-account": "%%%"}, "login or password"),
    ({"cpro-account": in_base64("no separator")}, "login or password"),
    ({"cpro-account": in_base64(":nobody")}, "login or password"),
    ({"cpro-account": in_base64("a\0b:c")}, "login or password"),
    ({"cpro-account": base64.b64encode(b"\xff:x").decode()}, "login or password"),
    ({"cpro-account": in_base64("TECH_1_10000001@pupitre.invalid:wrong")}, "login or password")])
def test_who_does_not_show_both_identities_is_refused_as_by_the_real_gateway(machine, bus, path, headers, description):
    answer = machine.post(path, GOOD, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["WWW-Authenticate"].startswith(f'Bearer realm="PISTE",error="Unauthorized",error_description="{description}')
    assert answer.json["codeRetour"] == 401
    assert not bus.requests(ROUTES[path])


@pytest.mark.parametrize("path", SEARCHES)
@pytest.mark.parametrize("raw", [b"", b"  ", b"{}", b"[]", b"null", b"\xef\xbb\xbf{}"])
@pytest.mark.parametrize("content_type", [None, "application/json", "application/json;charset=utf-8", "application/json; charset=UTF-8",
                                          "text/plain", "application/x-www-form-urlencoded"])
def test_every_way_of_saying_no_parameter_is_understood_with_any_content_type(machine, path, raw, content_type):
    found = machine.ask(path, raw=raw, content_type=content_type)
    paging = found["parametresRetour"]
    assert paging == {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 1}
    assert all(type(value) is int for value in paging.values())


@pytest.mark.parametrize("path", SEARCHES)
def test_unknown_members_and_members_of_another_type_are_ignored(machine, path):
    body = {"nbResultatsMaximum": 5, "nom": "x", "iban": None, "structure": [1], "parametres": "x", "listeDestinataire": 7,
            "rechercheFactureParFournisseur": None, "typeFacture": {"a": 1}, "statutCourant": {"a": 1}}
    assert machine.ask(path, body)["codeRetour"] == 0
    odd = {"structure": {"typeStructure": [1], "statutStructure": {}}, "parametres": {"triColonne": [], "triSens": {}},
           "rechercheFactureParFournisseur": {"triColonne": {}, "triSens": 7}}
    assert machine.ask(path, odd)["codeRetour"] == 0


@EVERY_ROUTE
@pytest.mark.parametrize("raw", [b"{", b"42", b'"text"', b"[1]", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_no_json_object_is_refused_with_a_reason(machine, bus, path, raw):
    answer = machine.post(path, raw=raw)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    assert answer.json["codeRetour"] != 0
    assert "JSON" in answer.json["libelle"]
    assert not bus.requests(ROUTES[path])


@pytest.mark.parametrize("body", [{"numeroFacture": "a\0b"}, {"numeroFacture": "\ud800"}, {"typeFacture": "\udfff"}])
def test_characters_that_no_database_takes_are_refused_here(machine, bus, body):
    answer = machine.post("factures/v1/rechercher/fournisseur", body)
    assert answer.status_code == 400
    assert "caractère" in answer.json["libelle"]
    assert not bus.requests(invoicing.SearchInvoices)


def test_words_are_english_for_who_reads_english(machine):
    english = machine.post("structures/v1/consulter", {}, headers={"Accept-Language": "en"})
    assert english.json["libelle"] == "The structure's id must be a whole number"
    assert "entier" in machine.post("structures/v1/consulter", {}).json["libelle"]


@pytest.mark.parametrize("service, path, name", [
    ("identity", "structures/v1/rechercher", "identité"), ("organisation", "structures/v1/rechercher", "organisation"),
    ("invoicing", "factures/v1/rechercher/fournisseur", "facturation"), ("invoicing", "factures/v1/deposer/flux", "facturation")])
def test_a_missing_service_is_named_in_words(machine, bus, service, path, name):
    bus.down.add(service)
    answer = machine.post(path, GOOD)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/json")
    assert answer.json["codeRetour"] == 503
    assert name in answer.json["libelle"]


def test_a_service_too_slow_is_told_apart(machine, bus):
    bus.answers[invoicing.GetFlux] = errors.TimedOut(service="invoicing")
    assert machine.post("transverses/v1/consulterCRDetaille", GOOD).status_code == 504


@EVERY_ROUTE
def test_a_fault_gives_an_incident_and_no_text_of_its_own(machine, bus, path, caplog):
    def broken(request):
        raise RuntimeError("canary-secret")

    bus.answers[ROUTES[path]] = broken
    answer = machine.post(path, GOOD)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/json")
    assert b"canary" not in answer.data
    assert "canary-secret" in caplog.text
    incident = next(record.args[0] for record in caplog.records if "incident" in record.message)
    assert incident in answer.json["libelle"]


@pytest.mark.parametrize("error, status, code", [
    (errors.Forbidden(needed="factures-emises MODIFICATION"), 403, 20001),
    (errors.EspaceClosed(espace="factures-emises", structure="Atelier"), 403, 20001),
    (errors.NotFound(what="flux"), 200, 20000), (errors.Invalid(what="x", fields={}), 200, 20002),
    (errors.FluxRefused(why_fr="trop grand", why_en="too large"), 200, 20002)])
def test_a_refusal_of_a_service_has_the_code_that_clients_expect(machine, bus, error, status, code):
    bus.answers[invoicing.DepositFlux] = error
    answer = machine.post("factures/v1/deposer/flux", GOOD)
    assert (answer.status_code, answer.json["codeRetour"]) == (status, code)
    assert answer.json["libelle"]


@pytest.mark.parametrize("path", ["/cpro/factures/v1/inconnue", "/cpro/nulle/part", "/cpro/"])
def test_an_unknown_operation_is_told_in_the_envelope(http, path):
    answer = http.post(path, json={})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.json["codeRetour"] == 404
    assert "opération" in answer.json["libelle"]


def test_a_wrong_method_is_told_in_the_envelope(http):
    answer = http.get("/cpro/structures/v1/rechercher")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json")
    assert "POST" in answer.headers["Allow"]
    assert answer.json["codeRetour"] == 405


@pytest.mark.parametrize("path", SEARCHES)
def test_a_body_larger_than_a_form_is_refused(machine, path):
    answer = machine.post(path, raw=b" " * 1_100_000)
    assert (answer.status_code, json.loads(answer.data)["libelle"]) == (413, "GDP_MSG_11.022")


def test_health_is_asked_with_get_and_credentials(machine):
    answer = machine.http.get("/cpro/transverses/v1/health-check", headers=machine.headers, data=b"null")
    assert answer.json == {"body": "OK", "statusCodeValue": 200, "statusCode": "OK"}
    assert machine.http.get("/cpro/transverses/v1/health-check").status_code == 401
