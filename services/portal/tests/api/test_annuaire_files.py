"""/api/v1/annuaire/files: the files of the flux FAR37, for a technical account of the structure that subscribes, and for no other."""

import datetime
import gzip
import uuid

import pytest
from machine_world import BEARER
from portal_world import SUPPLIER, a_structure
from pupitre_contracts import annuaire_files as calls
from pupitre_contracts import errors, organisation

AT = datetime.datetime(2026, 11, 26, 3, 0, tzinfo=datetime.UTC)
PACKED = gzip.compress(b"identifier_type,identifier\r\n", mtime=0)


@pytest.fixture
def file(http):
    sha256 = http.application.extensions["pupitre"].blobs.put(PACKED)
    values = {"kind": "COMPLET", "due_on": AT.date(), "head": 7, "rows": 0, "size": len(PACKED), "sha256": sha256}
    times = dict.fromkeys(("produced_at", "delivered_at", "kept_until"), AT)
    return calls.AnnuaireFile(file_id=uuid.uuid4(), name="FAR37_20261126_COMPLET.csv.gz", **values, **times)


@pytest.fixture
def ask(http, bus, file):
    enrolment = calls.AnnuaireEnrolment(
        enrolment_id=uuid.uuid4(), espace="raccordements", asked_in="RAC-2026-00001", started_at=AT
    )
    bus.answers |= {
        calls.ListAnnuaireFiles: {"enrolments": [enrolment], "files": [file], "may_end": False},
        calls.GetAnnuaireFile: {"file": file},
        organisation.GetStructure: {"structure": a_structure(structure_id=SUPPLIER)},
    }

    def get(path="", headers=None, **more):
        given = {"Authorization": f"Bearer {BEARER}"} if headers is None else headers
        return http.get(f"/api/v1/annuaire/files{path}", headers={**given, **more})

    return get


@pytest.mark.requirement("R262")
@pytest.mark.parametrize("query", ["", f"?structure={SUPPLIER}", f"?structure={a_structure().portal_number}"])
def test_the_files_of_the_accounts_structure_are_listed_and_downloaded(ask, bus, file, query):
    listed = ask(query).get_json()
    assert [each["asked_in"] for each in listed["enrolments"]] == ["RAC-2026-00001"]
    [shown] = listed["files"]
    assert (shown["name"], shown["sha256"], shown["since"], shown["head"]) == (file.name, file.sha256, None, 7)
    answer = ask(f"/{file.file_id}{query}")
    assert (answer.status_code, answer.mimetype, answer.get_data()) == (200, "application/gzip", PACKED)
    assert file.name in answer.headers["Content-Disposition"]
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    again = ask(f"/{file.file_id}{query}", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert {each.structure_id for each in bus.requests(calls.GetAnnuaireFile)} == {SUPPLIER}


def test_what_organisation_does_not_show_is_not_found(ask, bus, file):
    bus.answers |= {call: errors.NotFound(what="structure") for call in (calls.ListAnnuaireFiles, calls.GetAnnuaireFile)}
    for path in ("", f"/{file.file_id}", f"/{file.file_id}?structure={uuid.uuid4()}", "?structure=rien"):
        answer = ask(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_nothing_is_given_without_a_token(ask, bus, file):
    for path in ("", f"/{file.file_id}"):
        answer = ask(path, headers={})
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert bus.requests(calls.GetAnnuaireFile) == []
