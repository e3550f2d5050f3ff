"""/api/v1/espaces: kinds of request with their schemas; drafts, sending, moves, search and dossiers as programs ask for them."""

import copy
import datetime
import uuid

import pytest
from machine_world import BEARER
from openapi_spec_validator import validate
from portal_world import SUPPLIER, Ill
from pupitre_contracts import errors, identity
from pupitre_contracts import requests as calls
from pupitre_espaces import hookimpl
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from request_world import DOSSIER, REQUEST, Aides, Instruction, a_draft, a_finding, a_move, a_request, a_summary

BASE = "/api/v1/espaces/aides/requests"
ONE = f"{BASE}/{REQUEST}"
AUTH = {"Authorization": f"Bearer {BEARER}"}
READY = {"version": 4}
#: Every route with a body that it takes, and the call that it is for.
WRITES = [
    ("post", BASE, {"kind": "aide", "cadre": "D1"}, calls.SaveRequest),
    ("put", ONE, {"version": 4, "form": {}}, calls.SaveRequest),
    ("delete", f"{ONE}?version=4", None, calls.DeleteRequest),
    ("post", f"{ONE}/send", READY, calls.SendRequest),
    ("post", f"{ONE}/moves", {"version": 4, "to": "SERVICE_FAIT"}, calls.MoveRequest),
]


class Silent(Ill):
    @hookimpl
    def espace_requests(self):
        raise RuntimeError("canary-secret")


@pytest.fixture
def espaces():
    return Host("portal", plugins=[Source.of(each) for each in (Aides(), Instruction(), Silent())], discover=False, deadline=60)


@pytest.fixture
def http(app, espaces, new_portal, options, bus):
    client = new_portal(options)
    portal = copy.copy(app.extensions["pupitre"])
    object.__setattr__(portal, "espaces", espaces)
    app.extensions["pupitre"] = portal
    bus.answers |= {
        calls.GetRequest: {"request": a_request()},
        calls.SaveRequest: {"request": a_draft(findings=[a_finding("subject")])},
        calls.SendRequest: {"request": a_request()},
        calls.MoveRequest: {"request": a_request(status="SERVICE_FAIT")},
        calls.DeleteRequest: {},
        calls.SearchRequests: {"requests": [a_summary()], "total": 31, "next": "suite"},
        calls.GetDossier: {"dossier_id": DOSSIER, "dossier_number": "DOS-7", "pieces": [a_request()]},
    }
    return client


def send(http, method, address, body=None, **headers):
    json = {} if body is None else {"json": body}
    return getattr(http, method)(address, headers=AUTH | headers, **json)


def refused(answer, status, code):
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, "application/problem+json", code), answer.text
    return answer.json


def test_a_kind_has_roles_cadres_statuses_moves_and_the_schemas_of_what_is_typed(http):
    [kind] = send(http, "get", "/api/v1/espaces/aides/kinds").json["kinds"]
    assert (kind["key"], kind["espace"], kind["label_fr"], kind["label_en"]) == ("aide", "aides", "Demande d'aide", "Claim of aid")
    roles = {each["key"]: each for each in kind["roles"]}
    assert (roles["fermier"]["espace"], roles["instructeur"]["espace"]) == ("aides", "instruction")
    assert (roles["instructeur"]["structure_types"], roles["instructeur"]["has_service"]) == (["public"], True)
    assert roles["etat"]["always"] == "11000201100044"
    assert {(each["most"], each["sees_lines"]) for each in roles.values()} == {(1, True)}
    cadres = {each["code"]: each for each in kind["cadres"]}
    assert (cadres["D1"]["maker"], cadres["D1"]["needs"], cadres["D1"]["begins"]) == ("fermier", ["instructeur"], True)
    assert (cadres["D2"]["after"], cadres["D2"]["begins"]) == (["D1"], False)
    statuses = {each["code"]: each["final"] for each in kind["statuses"]}
    assert statuses == {"BROUILLON": False, "MISE_A_DISPOSITION": False, "SERVICE_FAIT": True, "REJETEE": True}
    moves = {each["target"]: each for each in kind["moves"]}
    assert (moves["MISE_A_DISPOSITION"]["call"], moves["REJETEE"]["who"], moves["REJETEE"]["motive"]) == ("send", "instructeur", "required")
    assert {each["code"]: each["blocked_fr"] for each in moves["REJETEE"]["motives"]} == {"AUTRE": None, "MONTANT": "Corrigez-le."}
    assert kind["form"]["required"] == ["subject", "honest"]
    assert "total" not in kind["form"]["properties"]
    assert kind["line"]["properties"]["fuel"]["enum"] == ["GNR"]


def test_a_kind_is_listed_in_every_espace_in_which_a_role_of_it_works(http):
    [kind] = send(http, "get", "/api/v1/espaces/instruction/kinds").json["kinds"]
    assert (kind["key"], kind["espace"]) == ("aide", "aides")


def test_an_espace_without_requests_is_not_there_and_one_that_is_ill_is_silent(http):
    refused(send(http, "get", "/api/v1/espaces/inconnu/kinds"), 404, "not-found")
    refused(send(http, "post", "/api/v1/espaces/inconnu/requests", WRITES[0][2]), 404, "not-found")
    found = refused(send(http, "get", "/api/v1/espaces/malade/kinds?lang=en"), 503, "espaces.silent")
    assert "does not answer" in found["detail"]


def test_a_draft_is_kept_for_the_accounts_structure_with_what_is_wrong_with_it(http, bus):
    party = {"role": "instructeur", "identifier": "21750001600019", "code_service": "VOIRIE"}
    body = {
        "kind": "aide", "cadre": "D1", "number": "A-1", "form": {"subject": "Gazole", "amount": 12.50}, "lines": [{"volume": "2"}],
        "parties": [party], "previous_id": str(REQUEST),
    }
    answer = send(http, "post", f"{BASE}?lang=en", body, **{"Idempotency-Key": "k-1"})
    assert answer.status_code == 201
    assert [each["term"] for each in answer.json["findings"]] == ["subject"]
    [asked] = bus.requests(calls.SaveRequest)
    assert (asked.structure_id, asked.espace, asked.kind, asked.cadre, asked.number) == (SUPPLIER, "aides", "aide", "D1", "A-1")
    assert (asked.form, asked.lines, asked.previous_id) == ({"subject": "Gazole", "amount": "12.5"}, [{"volume": "2"}], REQUEST)
    assert (asked.parties, asked.language) == ([calls.NamedParty(**party)], "en")
    assert bus.keys(calls.SaveRequest) == ["k-1"]


def test_a_role_that_works_in_another_espace_deposits_there(http, bus):
    assert send(http, "post", "/api/v1/espaces/instruction/requests", WRITES[0][2]).status_code == 201
    assert bus.requests(calls.SaveRequest)[0].espace == "aides"


def test_a_request_is_read_whole_with_exact_amounts_and_null_where_there_is_nothing(http, bus):
    bus.answers[calls.GetRequest] = {"request": a_request(moves=[a_move()])}
    found = send(http, "get", f"{ONE}?lang=en").json
    assert (found["request_id"], found["gross"], found["dossier_number"]) == (str(REQUEST), "1000.00", "DOS-7")
    assert (found["invoice_id"], found["previous_id"], found["plugin_away"]) == (None, None, False)
    assert datetime.datetime.fromisoformat(found["sent_at"]).tzinfo is not None
    assert [each["to"] for each in found["moves"]] == ["SERVICE_FAIT"]
    assert (found["delay"][0]["kind"], found["history"][0]["action"]) == ("START", "send")
    assert bus.requests(calls.GetRequest)[0].language == "en"


def test_what_is_left_out_of_a_change_stays_as_it_is(http, bus):
    assert send(http, "put", ONE, {"version": 4, "lines": [], "remove_documents": [str(DOSSIER)]}).status_code == 200
    [asked] = bus.requests(calls.SaveRequest)
    assert (asked.request_id, asked.version, asked.form, asked.lines, asked.remove_documents) == (REQUEST, 4, None, [], [DOSSIER])


def test_a_draft_is_deleted_at_the_version_that_was_read(http, bus):
    assert send(http, "delete", f"{ONE}?version=4").status_code == 204
    assert bus.requests(calls.DeleteRequest)[0].version == 4
    refused(send(http, "delete", ONE), 422, "invalid")


def test_a_request_is_sent_and_moved(http, bus):
    assert send(http, "post", f"{ONE}/send?lang=en", READY).status_code == 200
    assert [(each.version, each.language) for each in bus.requests(calls.SendRequest)] == [(4, "en")]
    body = {
        "version": 4, "to": "REJETEE", "role": "instructeur", "motive_code": "AUTRE", "motive": "Doublon", "stated": True,
        "parties": [{"role": "instructeur", "identifier": "21750001600019"}],
    }
    assert send(http, "post", f"{ONE}/moves", body).json["status"] == "SERVICE_FAIT"
    [asked] = bus.requests(calls.MoveRequest)
    assert (asked.to, asked.role, asked.motive_code, asked.motive, asked.stated) == ("REJETEE", "instructeur", "AUTRE", "Doublon", True)
    assert [each.identifier for each in asked.parties] == ["21750001600019"]


@pytest.mark.parametrize("language, words", [("fr", "ne peut pas être envoyée"), ("en", "cannot be sent")])
def test_what_keeps_a_draft_from_being_sent_is_told_in_the_language_asked_for(http, bus, language, words):
    findings = [a_finding("subject").dump()]
    bus.answers[calls.SendRequest] = errors.RequestNotReady(count=1, findings=findings)
    found = refused(http.post(f"{ONE}/send", json=READY, headers=AUTH | {"Accept-Language": language}), 422, "requests.not-ready")
    assert words in found["detail"]
    assert found["details"]["findings"] == findings
    assert bus.requests(calls.SendRequest)[0].language == language


def test_a_search_narrows_by_every_criterion_and_goes_on_from_where_it_stopped(http, bus):
    query = f"kind=aide&cadre=D1&status=PAYEE&role=fermier&dossier_id={DOSSIER}&text=*7&to_do=true&sent_from=2026-01-01&sent_to=2026-02-01"
    found = send(http, "get", f"{BASE}?{query}&limit=50&after=place").json
    assert (found["total"], found["next"], found["requests"][0]["request_id"]) == (31, "suite", str(REQUEST))
    [asked] = bus.requests(calls.SearchRequests)
    assert (asked.espace, asked.structure_id, asked.limit, asked.after) == ("aides", SUPPLIER, 50, "place")
    assert (asked.kind, asked.cadre, asked.status, asked.role, asked.dossier_id) == ("aide", "D1", "PAYEE", "fermier", DOSSIER)
    assert (asked.text, asked.to_do, asked.sent_from, asked.sent_to) == ("*7", True, datetime.date(2026, 1, 1), datetime.date(2026, 2, 1))


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "to_do=peut-etre", "sent_from=hier", "dossier_id=7"])
def test_a_criterion_that_makes_no_sense_is_named(http, bus, query):
    found = refused(send(http, "get", f"{BASE}?{query}"), 422, "invalid")
    assert list(found["details"]["fields"]) == [query.partition("=")[0]]
    assert not bus.requests(calls.SearchRequests)


def test_a_dossier_has_its_pieces_with_their_history_and_delai(http):
    found = send(http, "get", f"/api/v1/dossiers/{DOSSIER}").json
    assert (found["dossier_number"], [each["request_id"] for each in found["pieces"]]) == ("DOS-7", [str(REQUEST)])
    assert found["pieces"][0]["delay"][0]["due_on"] == "2026-04-14"


@pytest.mark.parametrize("error, status", [
    (errors.NotFound(what=f"request {REQUEST}"), 404),
    (errors.Forbidden(needed="aides, MODIFICATION"), 403),
    (errors.Conflict(what="request A-1"), 409),
    (errors.TransitionForbidden(status_from="PAYEE", status_to="BROUILLON", allowed=""), 409),
    (errors.EspaceSilent(espace="aides"), 503),
    (errors.TimedOut(service="invoicing"), 504),
])
@pytest.mark.parametrize("method, address, body, call", WRITES)
def test_each_refusal_of_a_write_is_a_problem_document(http, bus, method, address, body, call, error, status):
    """A foreign request, a right of consultation alone, a stale version, what is no draft, a plugin that is away, a slow service."""
    bus.answers[call] = error
    refused(send(http, method, address, body), status, error.code)


@pytest.mark.parametrize("method, address, body, call", [*WRITES[1:], ("get", ONE, None, calls.GetRequest)])
def test_a_request_of_another_espace_is_not_there(http, bus, method, address, body, call):
    refused(send(http, method, address.replace("/aides/", "/bonjour/"), body), 404, "not-found")
    assert not [each for each in bus.requests(call) if call is not calls.GetRequest]


@pytest.mark.parametrize("body, field", [
    ({"kind": "autre", "cadre": "D1"}, "kind"),
    ({"cadre": "D1"}, "kind"),
    ({"kind": "aide", "cadre": "D1", "inconnu": 1}, "inconnu"),
    ({"kind": "aide", "cadre": "D1", "parties": [{"role": "etat"}]}, "parties"),
    ({"kind": "aide", "cadre": "D1", "form": []}, "form"),
    ([], "_schema"),
])
def test_an_unknown_kind_and_a_body_of_another_shape_are_refused_by_the_name_of_the_field(http, bus, body, field):
    found = refused(send(http, "post", BASE, body), 422, "invalid")
    assert list(found["details"]["fields"]) == [field]
    assert not bus.requests(calls.SaveRequest)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"kind": "a\\u0000"}', b'{"kind": "\\ud800"}', b'{"version": NaN}', b"[" * 100_000])
def test_what_is_no_json_is_refused_as_such(http, raw):
    answer = http.post(BASE, data=raw, content_type="application/json", headers=AUTH)
    assert list(refused(answer, 422, "invalid")["details"]["fields"]) == ["body"]


def test_a_body_of_two_thousand_lines_is_taken_and_one_beyond_four_megabytes_is_not(http, bus):
    line = {"volume": "123456.78", "fuel": "GNR", "note": "x" * 400}
    assert send(http, "put", ONE, {"version": 4, "lines": [line] * 2000}).status_code == 200
    assert len(bus.requests(calls.SaveRequest)[0].lines) == 2000
    refused(send(http, "put", ONE, {"version": 4, "lines": [line] * 10_000}), 413, "http-413")
    assert len(bus.requests(calls.SaveRequest)) == 1


def test_a_key_that_is_none_is_refused(http, bus):
    refused(send(http, "post", BASE, WRITES[0][2], **{"Idempotency-Key": "k" * 256}), 422, "invalid")
    assert not bus.requests(calls.SaveRequest)


@pytest.mark.parametrize("method, address", [
    *((method, address) for method, address, _, _ in WRITES),
    ("get", BASE), ("get", ONE), ("get", f"/api/v1/dossiers/{DOSSIER}"), ("get", "/api/v1/espaces/aides/kinds"),
    ("post", f"{ONE}/documents"), ("post", f"{ONE}/lines?version=4"), ("get", f"{ONE}/documents/{uuid.UUID(int=52)}"),
])
def test_who_has_no_token_gets_nothing(http, bus, method, address):
    answer = getattr(http, method)(address)
    refused(answer, 401, "actor.missing")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    refused(getattr(http, method)(address, headers={"Authorization": "Bearer made-up"}), 401, "identity.session-ended")
    assert {call for _, call, *_ in bus.calls} == {identity.ResumeAccessToken}


def test_every_route_is_described_and_the_document_stays_valid(http):
    document = http.get("/api/v1/openapi.json").json
    validate(document)
    one = "/api/v1/espaces/{espace}/requests/{request_id}"
    described = {path: set(document["paths"][path]) & {"get", "post", "put", "delete"} for path in document["paths"] if "espace" in path}
    assert described == {
        "/api/v1/espaces/{espace}/factures": {"get"},
        "/api/v1/espaces/{espace}/kinds": {"get"},
        "/api/v1/espaces/{espace}/requests": {"get", "post"},
        one: {"get", "put", "delete"},
        f"{one}/send": {"post"},
        f"{one}/moves": {"post"},
        f"{one}/documents": {"post"},
        f"{one}/documents/{{document_id}}": {"get"},
        f"{one}/lines": {"post"},
    }
    parameters = {each["name"] for each in document["paths"]["/api/v1/espaces/{espace}/requests"]["get"]["parameters"]}
    assert {"espace", "kind", "cadre", "status", "text", "to_do", "sent_from", "limit", "after", "lang"} <= parameters
    assert set(document["components"]["schemas"]["Request"]["properties"]) == set(calls.Request.declared)
