"""Pupitre's own API: the validation of a file, and the document that describes it."""

import dataclasses

import pytest
from machine_world import BEARER
from openapi_spec_validator import validate
from pupitre_contracts import errors, identity, invoicing

PATH = "/api/v1/validations"


@pytest.fixture
def document(http):
    answer = http.get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


def test_the_report_has_every_key_and_null_where_there_is_nothing(http, bus, blobs):
    finding = invoicing.Finding(rule="BR-02", severity="error", message="Numéro absent")
    terms = {"BG-25": [{"BT-126": "1"}], "BT-112": "1.10"}
    report = invoicing.Report(verdict="invalid", stage="schematron", findings=[finding], terms=terms)
    bus.answers[invoicing.CheckFile] = {"report": report}
    answer = http.post(PATH + "?name=..%2Ff%00.xml", data=b"<Invoice/>", content_type="application/xml; charset=utf-8")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {
        "verdict": "invalid", "stage": "schematron", "format": None, "profile": None,
        "findings": [{"rule": "BR-02", "severity": "error", "term": None, "location": None, "message": "Numéro absent", "remedy": None}],
        "terms": {"BG-25": [{"BT-126": "1"}], "BT-112": "1.10"}}
    [request] = bus.requests(invoicing.CheckFile)
    assert blobs.kept[request.sha256] == b"<Invoice/>"
    assert (request.name, request.content_type, request.language) == ("f.xml", "application/xml", "fr")


@pytest.mark.parametrize("content_type", [None, "application/xml", "text/xml;charset=ISO-8859-1", "application/x-www-form-urlencoded",
                                          "multipart/form-data; boundary=x", "application/json", "not/a type;;", "é"])
def test_the_body_is_the_file_whatever_its_content_type(http, bus, blobs, content_type):
    assert http.post(PATH, data=b"a=%2B&b\r\n", content_type=content_type).status_code == 200
    assert list(blobs.kept.values()) == [b"a=%2B&b\r\n"]


def test_an_empty_file_is_judged_like_any_other(http, bus, blobs):
    bus.answers[invoicing.CheckFile] = {"report": invoicing.Report(verdict="invalid", stage="xml", findings=[], terms={})}
    answer = http.post(PATH)
    assert (answer.status_code, answer.json["verdict"], answer.json["stage"]) == (200, "invalid", "xml")
    [request] = bus.requests(invoicing.CheckFile)
    assert blobs.kept[request.sha256] == b""


@pytest.mark.parametrize("query, header, language", [
    ("", None, "fr"), ("", "en-GB,en;q=0.8", "en"), ("", "de", "fr"), ("", "de,en;q=0.5", "en"), ("", "*", "fr"), ("?lang=en", "fr", "en"),
    ("?lang=de", "en", "en"), ("?lang=fr", "en", "fr")])
def test_the_findings_are_in_the_language_asked_for(http, bus, query, header, language):
    http.post(PATH + query, data=b"x", headers={"Accept-Language": header} if header else {})
    assert bus.requests(invoicing.CheckFile)[0].language == language


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\a.xml", "a\r\nX: y.xml", "\u202egpj.xml", "x" * 5000, "<b>.xml", ""])
def test_a_hostile_name_is_harmless(http, bus, name):
    assert http.post(PATH, query_string={"name": name}, data=b"x").status_code == 200
    kept = bus.requests(invoicing.CheckFile)[0].name
    assert 0 < len(kept) <= 150
    assert not set('/\\\r\n\u202e<>') & set(kept)


def test_a_file_too_large_is_a_problem_document(http, bus):
    assert http.post(PATH, data=b"x" * 300_000).status_code == 200
    answer = http.post(PATH, data=b"x" * 300_001)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert len(bus.requests(invoicing.CheckFile)) == 1


@pytest.mark.parametrize("error, status", [
    (errors.Unavailable(service="invoicing"), 503), (errors.EngineFailed(incident="42"), 503), (errors.TimedOut(service="invoicing"), 504)])
def test_a_check_that_cannot_be_made_is_a_problem_document_with_its_code(http, bus, error, status):
    bus.answers[invoicing.CheckFile] = error
    answer = http.post(PATH, data=b"x")
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, "application/problem+json", error.code)
    assert answer.json["incident"]


def test_another_method_and_another_address_are_problem_documents(http):
    for answer, status in ((http.get(PATH), 405), (http.post("/api/v1/nulle-part"), 404)):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.fixture
def closed(new_portal, options):
    return new_portal(dataclasses.replace(options, open_validation=False))


def test_a_closed_site_judges_for_a_client_with_its_token_alone(closed, bus):
    answer = closed.post(PATH, data=b"x", headers={"Authorization": f"Bearer {BEARER}"})
    assert answer.status_code == 200
    assert bus.requests(identity.ResumeAccessToken)[0].login is None


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}])
def test_a_closed_site_refuses_who_shows_no_good_token(closed, bus, headers):
    answer = closed.post(PATH, data=b"x", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not bus.requests(invoicing.CheckFile)


def test_the_document_is_valid_openapi_and_describes_the_request_and_the_report(document):
    validate(document)
    assert document["openapi"] == "3.1.0"
    operation = document["paths"][PATH]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/xml", "application/pdf", "application/octet-stream"}
    assert {each["name"] for each in operation["parameters"]} == {"name", "lang"}
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Report"}
    report = document["components"]["schemas"]["Report"]
    assert set(report["required"]) == {"verdict", "stage", "format", "profile", "findings", "terms"}


def test_every_error_is_described_as_a_problem_document(document):
    responses = document["paths"][PATH]["post"]["responses"]
    assert set(responses) == {"200", "401", "413", "500", "503", "504"}
    for status in responses.keys() - {"200"}:
        assert responses[status]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert {"Finding", "Problem", "Report"} <= set(document["components"]["schemas"])
