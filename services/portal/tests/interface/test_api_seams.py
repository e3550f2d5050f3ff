"""What programs get at the border of the portal: problem+json, no form token, no cookie."""

import pytest
from portal_world import TERMS
from pupitre_contracts import errors, invoicing


def test_a_file_is_judged_by_the_api_without_form_token_or_cookie(visitor, bus, blobs):
    bus.answers[invoicing.CheckFile] = {"report": invoicing.Report(verdict="valid", findings=[], terms=TERMS)}
    answer = visitor.post("/api/v1/validations", data=b"<Invoice/>", content_type="application/xml")
    assert answer.status_code == 200
    assert answer.json["verdict"] == "valid"
    assert "Set-Cookie" not in answer.headers


def test_an_upload_by_the_api_may_be_larger_than_a_form_and_has_a_limit(visitor, bus):
    assert visitor.post("/api/v1/validations", data=b"x" * 1_500_000, content_type="application/xml").status_code == 200
    answer = visitor.post("/api/v1/validations", data=b"x" * 2_100_000, content_type="application/xml")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("address", ["/api/v1/nulle-part"])
def test_an_unknown_address_of_the_api_is_a_problem_document(visitor, address):
    answer = visitor.get(address)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["incident"]


def test_a_fault_behind_the_api_gives_an_incident_and_no_secret(visitor, bus):
    def broken(request):
        raise RuntimeError("canary-secret")

    bus.answers[invoicing.CheckFile] = broken
    answer = visitor.post("/api/v1/validations", data=b"x", content_type="application/xml")
    assert answer.status_code == 500
    assert answer.json["code"] == "internal"
    assert b"canary" not in answer.data


def test_a_missing_service_is_a_problem_document_that_names_it(visitor, bus):
    bus.answers[invoicing.CheckFile] = errors.Unavailable(service="invoicing")
    answer = visitor.post("/api/v1/validations", data=b"x", content_type="application/xml")
    assert (answer.status_code, answer.json["code"]) == (503, "service-unavailable")
