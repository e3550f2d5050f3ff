"""Getting a token, in every form that real clients send."""

import base64
import json
import urllib.parse

import pytest
from machine_world import BEARER, CLIENT, SECRET, issued_token
from pupitre_contracts import errors, identity

PATH, FORM = "/api/oauth/token", "application/x-www-form-urlencoded"
ODD = "a+b%2Bc%zz/=é+"


def basic(client, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode(), "Accept": "application/json"}


@pytest.fixture
def odd_secret(bus):
    """Identity knows a client whose secret has every character that encodings spoil."""
    bus.answers[identity.IssueAccessToken] = lambda request: (
        issued_token() if (request.client_id, request.client_secret) == (CLIENT, ODD) else errors.ClientRefused()
    )


@pytest.mark.parametrize("scope", [{}, {"scope": "openid"}, {"scope": "openid resource.READ"}])
def test_a_token_is_given_for_a_form_with_any_scope(http, bus, scope):
    answer = http.post(PATH, data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, **scope})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data) == {"access_token": BEARER, "token_type": "Bearer", "expires_in": 3600, "scope": "openid"}
    assert type(answer.json["expires_in"]) is int
    assert bus.requests(identity.IssueAccessToken)[0].scope == scope.get("scope", "openid")


def test_a_token_is_given_for_a_basic_header(http):
    answer = http.post(PATH, data={"grant_type": "client_credentials"}, headers=basic(CLIENT, SECRET))
    assert answer.json["access_token"] == BEARER


@pytest.mark.parametrize("kind", [None, FORM, FORM + ";charset=UTF-8", "text/plain", "application/octet-stream"])
def test_the_form_is_read_whatever_its_content_type(http, kind):
    body = f"client_secret={SECRET}&grant_type=client_credentials&client_id={CLIENT}\n"
    assert http.post(PATH, data=body, content_type=kind).json["access_token"] == BEARER


@pytest.mark.parametrize("written", [ODD, urllib.parse.quote_plus(ODD), urllib.parse.quote(ODD, safe="")])
def test_a_secret_with_plus_and_percent_is_understood_encoded_or_not(http, odd_secret, written):
    body = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={written}"
    assert http.post(PATH, data=body.encode(), content_type=FORM).json["access_token"] == BEARER


@pytest.mark.parametrize("written", [ODD, urllib.parse.quote_plus(ODD)])
def test_a_secret_in_a_basic_header_is_understood_encoded_or_not(http, odd_secret, written):
    answer = http.post(PATH, data="grant_type=client_credentials", content_type=FORM, headers=basic(CLIENT, written))
    assert answer.json["access_token"] == BEARER


def test_a_plain_secret_is_asked_for_once(http, bus):
    http.post(PATH, data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "wrong"})
    assert len(bus.requests(identity.IssueAccessToken)) == 1


@pytest.mark.parametrize("body, error", [
    ("", "unsupported_grant_type"),
    ("grant_type=password&client_id=a&client_secret=b", "unsupported_grant_type"),
    ('{"grant_type": "client_credentials"}', "unsupported_grant_type"),
    ("grant_type=client_credentials", "invalid_request"),
    ("grant_type=client_credentials&client_id=a", "invalid_request"),
    (f"grant_type=client_credentials&client_id={CLIENT}&client_secret=wrong", "invalid_client"),
    ("grant_type=client_credentials&client_id=a%00&client_secret=b", "invalid_client"),
    (b"grant_type=client_credentials&client_id=\xff&client_secret=b", "invalid_client")])
def test_a_refused_token_is_an_error_of_oauth_in_json(http, body, error):
    answer = http.post(PATH, data=body, content_type=FORM)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    assert answer.json["error"] == error
    assert answer.json["error_description"]


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "Bearer x"])
def test_a_header_that_is_no_basic_one_gives_no_token(http, header):
    answer = http.post(PATH, data={"grant_type": "client_credentials"}, headers={"Authorization": header})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_the_reason_is_told_in_english_to_who_reads_english(http):
    data = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "wrong"}
    assert http.post(PATH, data=data).json["error_description"].startswith("Identifiants")
    english = http.post(PATH, data=data, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert english.json["error_description"] == "Unknown client or wrong secret."


def test_an_absent_identity_is_told_as_such_in_json(http, bus):
    bus.down.add("identity")
    answer = http.post(PATH, data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET})
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    assert "identité" in answer.json["error_description"]


def test_a_fault_gives_an_incident_and_no_secret(http, bus):
    def broken(request):
        raise RuntimeError("canary-secret")

    bus.answers[identity.IssueAccessToken] = broken
    answer = http.post(PATH, data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET})
    assert (answer.status_code, answer.json["error"]) == (500, "server_error")
    assert b"canary" not in answer.data


def test_a_form_too_large_is_refused_in_json(http):
    answer = http.post(PATH, data=b"x" * 1_100_000, content_type=FORM)
    assert (answer.status_code, answer.json["error"]) == (413, "invalid_request")


def test_a_token_is_not_read_from_an_address(http):
    assert http.get(PATH).status_code == 405
