"""What programs are told of the end of their secrets: in time by a header, after it by an error of its own."""

import base64
import dataclasses
import datetime

import pytest
from machine_world import ACCOUNT, BEARER, CLIENT, SECRET, issued_token
from pupitre_contracts import errors, identity

UNTIL = datetime.datetime(2027, 1, 23, 10, 0, 0, 123456, tzinfo=datetime.UTC)
EXPIRED = errors.SecretExpired(what_fr="Le mot de passe", what_en="password", login="TECH_1_1", since="2027-01-23", kind="password")
TOKEN = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
SEARCH = "factures/v1/rechercher/fournisseur"


@pytest.mark.requirement("R236")
def test_every_answer_says_when_the_secret_in_use_expires(machine, http, bus):
    tokens = {service: f"token-{service}" for service in ("organisation", "invoicing")}
    bus.answers[identity.ResumeAccessToken] = {"account": ACCOUNT, "tokens": tokens, "secret_expires_at": UNTIL}
    bus.answers[identity.IssueAccessToken] = issued_token() | {"secret_expires_at": UNTIL}
    for answer in (machine.post(SEARCH), machine.post("nothing/v1/here"), http.post("/api/oauth/token", data=TOKEN)):
        expected = None if answer.status_code == 404 else "2027-01-23T10:00:00Z"
        assert answer.headers.get("Pupitre-Secret-Expires") == expected


@pytest.mark.requirement("R236")
def test_an_expired_password_is_an_error_of_its_own_on_the_compatible_routes(machine, bus):
    bus.answers[identity.ResumeAccessToken] = EXPIRED
    answer = machine.post(SEARCH)
    assert answer.status_code == 401
    assert 'error_description="password expired"' in answer.headers["WWW-Authenticate"]
    assert "a expiré le 2027-01-23" in answer.json["libelle"]


@pytest.mark.requirement("R236")
def test_an_expired_client_secret_is_told_apart_where_tokens_are_asked_for(http, bus):
    bus.answers[identity.IssueAccessToken] = EXPIRED
    answer = http.post("/api/oauth/token", data=TOKEN)
    assert answer.status_code == 400
    assert (answer.json["error"], answer.json["code"]) == ("invalid_client", "identity.secret-expired")
    bus.answers[identity.IssueAccessToken] = errors.ClientRefused()
    assert "code" not in http.post("/api/oauth/token", data=TOKEN).json


@pytest.mark.requirement("R236")
def test_pupitre_s_own_api_gives_the_code(new_portal, options, bus):
    bus.answers[identity.ResumeAccessToken] = EXPIRED
    closed = new_portal(dataclasses.replace(options, open_validation=False))
    answer = closed.post("/api/v1/validations", data=b"<Invoice/>", headers={"Authorization": f"Bearer {BEARER}"})
    assert (answer.status_code, answer.json["code"]) == (401, "identity.secret-expired")


@pytest.mark.requirement("R233")
def test_a_person_s_address_and_password_are_refused(machine, bus):
    headers = {"cpro-account": base64.b64encode(b"camille@exemple.invalid:sept bateaux verts").decode()}
    answer = machine.post(SEARCH, headers=headers)
    assert answer.status_code == 401
    assert "Compte technique inconnu" in answer.json["libelle"]
