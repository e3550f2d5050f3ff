"""/api/v1/espaces/{key}/…: operations that plugins bring, for programs whose structure opened the espace."""

import dataclasses
import json
import time

import marshmallow
import pytest
from machine_world import BEARER
from marshmallow import fields
from openapi_spec_validator import validate
from portal_world import NOW, SUPPLIER
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as calls
from pupitre_espaces import Label, Manifest, Operation, PortRefused, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_portal.app import create_app
from pupitre_portal.settings import Options

AUTH = {"Authorization": f"Bearer {BEARER}"}
BASE = "/api/v1/espaces/bilans"


class Year(marshmallow.Schema):
    year = fields.Integer(required=True)


class Sum(marshmallow.Schema):
    structure = fields.String(required=True)
    number = fields.String()
    year = fields.Integer()


def read(request):
    return {"structure": request.context.structure.siret, "number": request.path["number"]}


def keep(request):
    request.context.ports.records.put("bilans", str(request.given["year"]), {"year": request.given["year"]})
    return {"structure": request.context.structure.name, "year": request.given["year"]}


def not_there(request):
    raise PortRefused("not-found", "aucun bilan / no sum")


class Paper(marshmallow.Schema):
    content = fields.String(required=True)


def an_operation(key, handle, *, method="get", path=None, takes=None, gives=Sum, **more):
    return Operation(key, method, path or key, Label(f"Bilan {key}", f"Sum {key}"), handle, gives, takes, **more)


class Sums:
    def __init__(self, *operations, key="bilans"):
        self.key, self.operations = key, operations

    @hookimpl
    def espace_manifest(self):
        return Manifest(key=self.key, label=Label("Bilans", "Sums"), description=Label("Les bilans", "The sums"))

    @hookimpl
    def espace_operations(self):
        return self.operations


GOOD = (
    an_operation("read-sum", read, path="bilans/{number}"),
    an_operation("keep-sum", keep, method="post", path="bilans", takes=Year),
    an_operation("count-sum", lambda request: {"structure": "-", "year": request.given["year"]}, path="compte", takes=Year),
    an_operation(
        "weigh-paper",
        lambda request: {"structure": "-", "year": len(request.given["content"])},
        method="post",
        path="papiers",
        takes=Paper,
        largest=3_000_000,
    ),
    an_operation("no-sum", not_there, path="rien"),
    an_operation("broken", lambda request: 1 / 0, path="panne"),
    an_operation("rubbish", lambda request: "x", path="texte"),
    an_operation("huge", lambda request: {"structure": "x" * 1_100_000}, path="enorme"),
    an_operation("slow", lambda request: time.sleep(9), path="lent"),
)


@pytest.fixture
def host():
    bad = Sums(an_operation("a", read, path="x/{one}"), an_operation("b", read, path="x/{two}"), key="double")
    other = Sums(an_operation("read-sum", lambda request: {"structure": "other"}, path="bilans"), key="voisin")
    made = Host("portal", plugins=[Source.of(Sums(*GOOD)), Source.of(bad, "bad-plugin"), Source.of(other)], discover=False, deadline=1)
    made.ask()
    return made


@pytest.fixture
def profile():
    return "MODIFICATION"


@pytest.fixture
def http(host, bus, blobs, tmp_path, profile):
    settings = Options(secret_key="k" * 32, state=tmp_path, max_upload=300_000)
    app = create_app(settings, bus, blobs, host)
    app.extensions["pupitre"] = dataclasses.replace(app.extensions["pupitre"], settings=settings, bus=bus, blobs=blobs)
    own = organisation.StructureRights(
        structure_id=SUPPLIER,
        portal_number=1,
        identifier="12345678200010",
        name="Atelier Duval",
        type="PRIVATE",
        role="TECHNICAL",
        espaces=[organisation.EspaceRight(espace="bilans", profile=profile)] if profile else [],
    )
    bus.answers |= {
        organisation.RightsOfActor: {"structures": [own]},
        calls.PutRecord: lambda request: {
            "record": calls.RecordEntry(
                collection="bilans", key=request.key, document=request.document, version=1, changed_at=NOW, changed_by="T"
            )
        },
    }
    return app.test_client()


def refused(answer, status, code):
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, "application/problem+json", code), answer.text


def test_a_program_reads_and_writes_for_its_structure(http, bus):
    assert http.get(f"{BASE}/bilans/B-7", headers=AUTH).json == {"structure": "12345678200010", "number": "B-7"}
    assert http.post(f"{BASE}/bilans", json={"year": 2026}, headers=AUTH).json == {"structure": "Atelier Duval", "year": 2026}
    [asked] = bus.requests(calls.PutRecord)
    assert (asked.espace, asked.structure_id) == ("bilans", SUPPLIER)
    assert http.get(f"{BASE}/compte?year=2025", headers=AUTH).json["year"] == 2025


def test_nobody_is_let_in_without_a_token(http):
    for answer in (http.get(f"{BASE}/bilans/B-7"), http.post(f"{BASE}/bilans", json={"year": 1})):
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="pupitre"')
    refused(http.get(f"{BASE}/bilans/B-7", headers={"Authorization": "Bearer wrong"}), 401, "identity.session-ended")


@pytest.mark.parametrize("profile", [None])
def test_a_structure_that_did_not_open_the_espace_is_refused(http, bus):
    refused(http.get(f"{BASE}/bilans/B-7", headers=AUTH), 403, "forbidden")
    refused(http.post(f"{BASE}/bilans", json={"year": 1}, headers=AUTH), 403, "forbidden")
    assert bus.requests(calls.PutRecord) == []


@pytest.mark.parametrize("profile", ["CONSULTATION"])
def test_who_may_only_look_writes_nothing(http, bus):
    assert http.get(f"{BASE}/bilans/B-7", headers=AUTH).status_code == 200
    refused(http.post(f"{BASE}/bilans", json={"year": 1}, headers=AUTH), 403, "forbidden")
    assert bus.requests(calls.PutRecord) == []


def test_what_the_owner_of_the_data_refuses_is_the_answer(http, bus):
    bus.answers[calls.PutRecord] = errors.Forbidden(needed="bilans, MODIFICATION")
    refused(http.post(f"{BASE}/bilans", json={"year": 1}, headers=AUTH), 403, "forbidden")
    refused(http.get(f"{BASE}/rien", headers=AUTH), 404, "not-found")


@pytest.mark.parametrize("body", [{}, {"year": "x"}, {"year": 1, "more": 2}, []])
def test_what_the_schema_does_not_take_is_refused_by_field(http, body):
    answer = http.post(f"{BASE}/bilans", json=body, headers=AUTH)
    refused(answer, 422, "invalid")
    refused(http.get(f"{BASE}/compte", headers=AUTH), 422, "invalid")
    refused(http.post(f"{BASE}/bilans", data=b"{", content_type="application/json", headers=AUTH), 422, "invalid")


def test_what_is_too_large_is_refused(http):
    answer = http.post(f"{BASE}/bilans", json={"year": 1, "more": "x" * 1_100_000}, headers=AUTH)
    assert answer.status_code == 413


def test_an_operation_takes_as_much_as_it_says(http):
    answer = http.post(f"{BASE}/papiers", json={"content": "x" * 2_900_000}, headers=AUTH)
    assert answer.json == {"structure": "-", "year": 2_900_000}
    assert http.post(f"{BASE}/papiers", json={"content": "x" * 3_000_000}, headers=AUTH).status_code == 413
    described = http.get("/api/v1/openapi.json").json["paths"]["/api/v1/espaces/bilans/papiers"]["post"]["responses"]
    assert described["413"]["description"] == "What was sent is larger than 3 MB"


@pytest.mark.parametrize("path, kind", [("panne", "error"), ("texte", "wrong-answer"), ("enorme", "wrong-answer"), ("lent", "time-out")])
def test_an_ill_operation_is_named_and_keeps_nobody(http, host, path, kind):
    refused(http.get(f"{BASE}/{path}", headers=AUTH), 503, "espaces.silent")
    assert [each.kind for each in host.problems() if each.hook == "Operation.handle"] == [kind]
    assert http.get(f"{BASE}/bilans/B-7", headers=AUTH).status_code == 200


def test_two_operations_of_one_address_are_named_and_others_stay(http, host):
    [problem] = [each for each in host.problems() if each.plugin == "bad-plugin"]
    assert (problem.hook, problem.kind) == ("espace_operations", "duplicate-key")
    assert "x/{one} and x/{two}" in problem.detail
    assert http.get("/api/v1/espaces/double/x/1", headers=AUTH).status_code == 404


@pytest.mark.parametrize("path", ["kinds", "requests/{id}", "dossiers", "{any}", "Bilans", "a//b", "../x", "a/b/c/d/e/f/g"])
def test_an_address_of_the_platform_or_of_nobody_cannot_be_claimed(path):
    with pytest.raises(ValueError, match="operation"):
        an_operation("x", read, path=path)


def test_the_document_describes_them_under_the_plugins_tag(http):
    document = http.get("/api/v1/openapi.json").json
    validate(document)
    described = document["paths"]["/api/v1/espaces/bilans/bilans/{number}"]["get"]
    assert (described["tags"], described["operationId"]) == (["api_espace_bilans"], "bilans-read-sum")
    assert (described["summary"], described["description"]) == ("Sum read-sum", "Bilan read-sum / Sum read-sum")
    assert {"401", "403", "404", "422", "503"} <= set(described["responses"])
    post = document["paths"]["/api/v1/espaces/bilans/bilans"]["post"]
    assert json.dumps(post["requestBody"]).count("schema")
