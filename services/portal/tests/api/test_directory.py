"""/api/v1/annuaire: search, one entry, and the whole of it as a file (R262)."""

import csv
import datetime
import io
import uuid

import pytest
from openapi_spec_validator import validate
from portal_world import a_listed_structure, an_entry
from pupitre_contracts import directory, errors, organisation

PATH = "/api/v1/annuaire"


def service(code, **changes):
    values = {
        "structure_service_id": uuid.uuid4(), "portal_number": 1, "code": code, "label": f"Service {code}", "active": False,
        "enabled": True, "starts_on": datetime.date(2030, 1, 1), "requires_engagement": True,
    }
    return organisation.StructureService(**(values | changes))


@pytest.fixture
def annuaire(bus):
    """An annuaire of 600 structures whose newest change is 900; the third has two services and a name like a formula."""
    entries = [an_entry(identifier=f"{number:014d}", name=f"Commune {number}", services=[], change=number) for number in range(1, 601)]
    entries[2] = an_entry(name="=HYPERLINK(1)", services=[service("A"), service("B", enabled=False)], active=False, change=3)

    def read(request):
        after = max(request.after or 0, request.since or 0)
        found = [entry for number, entry in enumerate(entries, 1) if number > after][: request.limit]
        last = after + len(found) if len(found) == request.limit else None
        return {"entries": found, "head": 900, "next": last}

    bus.answers |= {
        directory.ReadDirectory: read,
        directory.SearchDirectory: {"structures": [a_listed_structure()], "total": 60, "next": "suite"},
        directory.GetDirectoryEntry: {"entry": an_entry(services=[service("A")])},
    }
    return bus


def rows_of(answer):
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8"), newline="")))


@pytest.mark.requirement("R261")
@pytest.mark.requirement("R262")
def test_programs_search_without_an_account(http, annuaire):
    answer = http.get(PATH, query_string={"name": "*ville*", "active": "true", "limit": 1, "after": "x", "city": " "})
    assert answer.status_code == 200
    assert answer.json["structures"] == [
        {"identifier_type": "SIRET", "identifier": "21750001600019", "name": "Ville de Test", "label": None, "active": True,
         "postal_code": None, "city": "Testville"}]
    assert (answer.json["total"], answer.json["next"]) == (60, "suite")
    [(_, _, request, _, token)] = annuaire.calls
    assert token is None
    assert (request.name, request.active, request.page_size, request.after, request.city) == ("*ville*", True, 1, "x", None)


@pytest.mark.parametrize("wrong", ["limit=0", "limit=501", "limit=x", "active=peut-etre", "limit=-1"])
def test_a_criterion_that_makes_no_sense_is_named(http, annuaire, wrong):
    answer = http.get(f"{PATH}?{wrong}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert list(answer.json["details"]["fields"]) == [wrong.partition("=")[0]]
    assert not annuaire.calls


@pytest.mark.requirement("R260")
@pytest.mark.requirement("R262")
def test_an_entry_has_the_facts_of_the_card(http, annuaire):
    answer = http.get(f"{PATH}/21750001600019")
    assert answer.status_code == 200
    facts = {"requires_service": True, "requires_engagement": True, "payment_not_reported": False, "moa_presence": None, "active": True}
    assert facts.items() <= answer.json.items()
    assert answer.json["address"]["city"] == "Testville"
    assert answer.json["services"] == [
        {"code": "A", "label": "Service A", "active": False, "enabled": True, "starts_on": "2030-01-01", "ends_on": None,
         "requires_engagement": True}]
    assert annuaire.requests(directory.GetDirectoryEntry)[0].identifier == "21750001600019"
    annuaire.answers[directory.GetDirectoryEntry] = errors.NotFound(what="structure 1")
    assert (http.get(f"{PATH}/1").status_code, http.get(f"{PATH}/1").json["code"]) == (404, "not-found")


@pytest.mark.requirement("R262")
def test_the_whole_annuaire_is_one_file_read_in_bounded_pieces(http, annuaire):
    answer = http.get(f"{PATH}/export.csv")
    rows = rows_of(answer)
    assert len(rows) == 601
    assert (rows[0]["identifier"], rows[0]["code_service"], rows[0]["change"]) == ("00000000000001", "", "1")
    assert [(row["name"], row["active"], row["code_service"], row["service_active"]) for row in rows[2:4]] == [
        ("'=HYPERLINK(1)", "false", "A", "true"), ("'=HYPERLINK(1)", "false", "B", "false")]
    assert rows[2]["service_starts_on"] == "2030-01-01"
    assert answer.headers["Pupitre-Change"] == "900"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in answer.headers
    asked = annuaire.requests(directory.ReadDirectory)
    assert [request.after for request in asked] == [None, 500]
    assert {request.limit for request in asked} == {500}


@pytest.mark.requirement("R262")
def test_a_file_that_did_not_change_is_not_sent_again(http, annuaire):
    tag = http.get(f"{PATH}/export.csv").headers["ETag"]
    assert tag.startswith('"')
    calls = len(annuaire.calls)
    again = http.get(f"{PATH}/export.csv", headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data(), again.headers["ETag"], len(annuaire.calls)) == (304, b"", tag, calls + 1)
    assert http.get(f"{PATH}/export.csv?since=5", headers={"If-None-Match": tag}).status_code == 200
    read = annuaire.answers[directory.ReadDirectory]
    annuaire.answers[directory.ReadDirectory] = lambda request: read(request) | {"head": 901}
    assert http.get(f"{PATH}/export.csv", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.requirement("R262")
def test_only_what_changed_since_a_number_is_sent_when_asked(http, annuaire):
    answer = http.get(f"{PATH}/export.csv?since=598")
    assert [row["name"] for row in rows_of(answer)] == ["Commune 599", "Commune 600"]
    assert rows_of(http.get(f"{PATH}/export.csv?since=900")) == []
    for wrong in ("901", "-1", "x", "9" * 20):
        refused = http.get(f"{PATH}/export.csv?since={wrong}")
        assert (refused.status_code, list(refused.json["details"]["fields"])) == (422, ["since"]), wrong


def test_a_download_outlasts_a_service_that_is_started_anew(http, annuaire, monkeypatch):
    read = annuaire.answers[directory.ReadDirectory]
    troubles = [errors.TimedOut(service="organisation"), errors.Unavailable(service="organisation")]
    monkeypatch.setattr("pupitre_portal.directory_rows._PAUSE", 0)
    annuaire.answers[directory.ReadDirectory] = lambda request: troubles.pop() if request.after == 500 and troubles else read(request)
    assert len(rows_of(http.get(f"{PATH}/export.csv"))) == 601
    assert not troubles


def test_a_service_that_is_not_there_is_a_problem_document(http, annuaire):
    annuaire.down.add("organisation")
    for path in (PATH, f"{PATH}/1", f"{PATH}/export.csv"):
        answer = http.get(path)
        assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (503, "application/problem+json", "no-store")


def test_the_document_describes_the_annuaire(http):
    document = http.get("/api/v1/openapi.json").json
    validate(document)
    paths = {path: operation["get"] for path, operation in document["paths"].items() if path.startswith(PATH)}
    files = {"listAnnuaireFiles", "downloadAnnuaireFile"}
    assert {each["operationId"] for each in paths.values()} == {"searchDirectory", "downloadDirectory", "getDirectoryEntry"} | files
    assert {each["name"] for each in paths[PATH]["parameters"]} >= {"name", "identifier", "after", "limit"}
    assert {"200", "304", "422", "503", "504"} <= set(paths[f"{PATH}/export.csv"]["responses"])
    assert "text/csv" in paths[f"{PATH}/export.csv"]["responses"]["200"]["content"]
    schema = document["components"]["schemas"]["DirectoryEntry"]
    facts = {"requires_service", "requires_engagement", "payment_not_reported", "moa_presence", "services", "active"}
    assert facts <= set(schema["required"])
