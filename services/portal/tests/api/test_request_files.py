"""/api/v1/espaces: documents and lines of a draft from files, files that go out, and moves that bring files."""

import copy
import io
import json

import pytest
from machine_world import BEARER
from pupitre_contracts import errors
from pupitre_contracts import requests as calls
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from request_world import DOCUMENT, REQUEST, Aides, Instruction, a_document, a_draft, a_kind, a_request

ONE = f"/api/v1/espaces/aides/requests/{REQUEST}"
AUTH = {"Authorization": f"Bearer {BEARER}"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
LINES = b"Volume;Type\n12,5;GNR\n;GNR\n7;Charbon\n3;\n"


@pytest.fixture
def kinds():
    return [a_kind()]


@pytest.fixture
def http(app, kinds, new_portal, options, bus):
    client = new_portal(options)
    portal = copy.copy(app.extensions["pupitre"])
    host = Host("portal", plugins=[Source.of(Aides(*kinds)), Source.of(Instruction())], discover=False, deadline=60)
    object.__setattr__(portal, "espaces", host)
    app.extensions["pupitre"] = portal
    bus.answers |= {
        calls.GetRequest: {"request": a_draft()},
        calls.SaveRequest: {"request": a_draft(version=5)},
        calls.MoveRequest: {"request": a_request(status="SERVICE_FAIT")},
    }
    return client


def join(http, *named, address=f"{ONE}/documents", **about):
    documents = [(io.BytesIO(content), name) for name, content in named]
    return http.post(address, data={"documents": documents, "version": "4"} | about, headers=AUTH)


def test_files_are_joined_to_a_line_with_what_they_are(http, bus, blobs):
    answer = join(http, ("plan.pdf", PDF), ("note.txt", b"Bonjour"), line="1", designation="Le plan")
    assert (answer.status_code, answer.json["version"]) == (201, 5)
    [asked] = bus.requests(calls.SaveRequest)
    assert (asked.request_id, asked.version, asked.form, asked.lines) == (REQUEST, 4, None, None)
    assert [(each.name, each.mime, each.size, each.line, each.designation) for each in asked.documents] == [
        ("plan.pdf", "application/pdf", len(PDF), 1, "Le plan"), ("note.txt", "text/plain", 7, 1, "Le plan")]
    assert [blobs.get(each.sha256) for each in asked.documents] == [PDF, b"Bonjour"]


@pytest.mark.parametrize("name, content", [("plan.exe", b"MZ"), ("plan.pdf", b"MZ is no PDF"), ("vide.pdf", b""), ("x" * 60 + ".pdf", PDF)])
def test_a_file_that_may_not_be_kept_is_refused_and_nothing_is_kept(http, bus, blobs, name, content):
    answer = join(http, (name, content))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert not bus.requests(calls.SaveRequest) and not blobs.kept


def test_a_file_larger_than_the_site_takes_is_refused_before_it_is_read(http, bus):
    answer = join(http, ("plan.pdf", PDF + b" " * 300_000))
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert not bus.requests(calls.SaveRequest)


def test_no_file_no_version_and_no_number_of_a_line_are_refused_by_name(http):
    assert list(join(http).json["details"]["fields"]) == ["documents"]
    assert list(join(http, ("plan.pdf", PDF), version="").json["details"]["fields"]) == ["version"]
    assert list(join(http, ("plan.pdf", PDF), line="premier").json["details"]["fields"]) == ["line"]


def test_a_file_goes_out_as_it_came(http, bus, blobs):
    document = a_document(sha256=blobs.put(PDF))
    bus.answers[calls.RequestFile] = {"document": document}
    answer = http.get(f"{ONE}/documents/{DOCUMENT}", headers=AUTH)
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert 'filename=facture.pdf' in answer.headers["Content-Disposition"]
    bus.answers[calls.RequestFile] = errors.NotFound(what="document")
    assert http.get(f"{ONE}/documents/{DOCUMENT}", headers=AUTH).status_code == 404


@pytest.mark.parametrize("language, label, words", [("fr", "Volume", "obligatoire"), ("en", "Volume", "required")])
def test_good_lines_are_kept_and_bad_ones_are_named_with_row_field_and_why(http, bus, language, label, words):
    answer = http.post(f"{ONE}/lines?version=4&lang={language}", data=LINES, content_type="text/csv", headers=AUTH)
    assert answer.status_code == 200
    found = answer.json
    assert (found["kept"], found["request"]["version"]) == (2, 5)
    assert [(each["row"], each["field"]) for each in found["refused"]] == [(3, "volume"), (4, "fuel")]
    assert (found["refused"][0]["label"], found["refused"][0]["rule"]) == (label, "form-required")
    assert words in found["refused"][0]["message"]
    [asked] = bus.requests(calls.SaveRequest)
    assert asked.lines == [*a_draft().lines, {"volume": "12.5", "fuel": "GNR"}, {"volume": "3"}]
    assert (asked.version, asked.language) == (4, language)


def test_lines_come_in_place_of_those_that_are_there_when_it_is_asked(http, bus):
    http.post(f"{ONE}/lines?version=4&mode=replace", data=b"volume\n3\n", headers=AUTH)
    assert bus.requests(calls.SaveRequest)[0].lines == [{"volume": "3"}]


def test_a_file_without_a_good_line_changes_nothing(http, bus):
    answer = http.post(f"{ONE}/lines?version=4", data=b"volume\nbeaucoup\n", headers=AUTH)
    assert (answer.status_code, answer.json["kept"], len(answer.json["refused"])) == (200, 0, 1)
    assert not bus.requests(calls.SaveRequest)


@pytest.mark.parametrize("content", [b"", b"Nom;Prix\na;1\n", b"volume\n" + b"1\n" * 2001, b"volume\n" + b"1" * 2_000_001])
def test_a_file_that_gives_nothing_is_refused_as_a_whole(http, bus, content):
    answer = http.post(f"{ONE}/lines?version=4", data=content, headers=AUTH)
    assert (answer.status_code, list(answer.json["details"]["fields"])) == (422, ["lines"])
    assert not bus.requests(calls.SaveRequest)


def test_more_lines_than_a_request_has_are_refused(http, bus):
    bus.answers[calls.GetRequest] = {"request": a_draft(lines=[{"volume": "1"}] * 2000)}
    assert http.post(f"{ONE}/lines?version=4", data=b"volume\n1\n", headers=AUTH).status_code == 422
    assert not bus.requests(calls.SaveRequest)


@pytest.mark.parametrize("query", ["", "version=x", "version=4&mode=ailleurs"])
def test_an_import_needs_the_version_that_was_read_and_a_known_mode(http, bus, query):
    assert http.post(f"{ONE}/lines?{query}", data=LINES, headers=AUTH).status_code == 422
    assert not bus.calls[1:]


def test_the_plugin_of_the_kind_must_be_there_to_read_lines(http, bus):
    bus.answers[calls.GetRequest] = {"request": a_draft(kind="ancien")}
    answer = http.post(f"{ONE}/lines?version=4", data=LINES, headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (503, "espaces.silent")


class TestKindWithoutLines:
    @pytest.fixture
    def kinds(self):
        return [a_kind(line=None)]

    def test_there_are_none_to_import(self, http):
        assert http.post(f"{ONE}/lines?version=4", data=LINES, headers=AUTH).status_code == 404


@pytest.mark.parametrize("error, status", [
    (errors.NotFound(what="request"), 404), (errors.Forbidden(needed="aides, MODIFICATION"), 403),
    (errors.Conflict(what="request"), 409), (errors.EspaceSilent(espace="aides"), 503),
])
def test_each_refusal_of_files_and_lines_is_a_problem_document(http, bus, error, status):
    bus.answers[calls.SaveRequest] = error
    for answer in (join(http, ("plan.pdf", PDF)), http.post(f"{ONE}/lines?version=4", data=LINES, headers=AUTH)):
        assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, "application/problem+json", error.code)


def test_a_move_brings_its_files(http, bus):
    body = json.dumps({"version": 4, "to": "SERVICE_FAIT", "comment": "Vu"})
    answer = join(http, ("constat.pdf", PDF), address=f"{ONE}/moves", body=body)
    assert (answer.status_code, answer.json["status"]) == (200, "SERVICE_FAIT")
    [asked] = bus.requests(calls.MoveRequest)
    assert (asked.version, asked.to, asked.comment, [each.name for each in asked.documents]) == (4, "SERVICE_FAIT", "Vu", ["constat.pdf"])
