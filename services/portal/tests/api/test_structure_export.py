"""/api/v1/structures/…/export: the zip for a technical account of the structure, and for no other."""

import io
import json
import zipfile

import pytest
from machine_world import BEARER
from portal_world import SUPPLIER, a_structure
from pupitre_contracts import errors, organisation
from pupitre_contracts import structure_export as calls


@pytest.fixture
def ask(http, bus):
    bus.answers |= {
        calls.ExportStructure: {"structure": a_structure(), "members": [], "bank_details": [], "documents": []},
        calls.ExportStructureHistory: {"lines": []},
        calls.ExportInvoices: {"invoices": []},
        calls.ExportFlux: {"flux": []},
        calls.ExportRequests: {"requests": []},
        calls.ExportRecords: {"records": []},
    }

    def get(structure=SUPPLIER, query="", headers=None):
        given = {"Authorization": f"Bearer {BEARER}"} if headers is None else headers
        return http.get(f"/api/v1/structures/{structure}/export{query}", headers=given)

    return get


@pytest.mark.parametrize("structure", [SUPPLIER, a_structure().portal_number])
def test_the_zip_is_whole_and_the_structure_is_named_either_way(ask, bus, structure):
    answer = ask(structure, "?lang=en")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert archive.testzip() is None
        assert len(json.loads(archive.read("manifest.json"))["files"]) == len(archive.namelist()) - 1
    named = organisation.GetStructure in [call for _, call, _, _, _ in bus.calls]
    assert named == isinstance(structure, int)
    assert {each.language for each in bus.requests(calls.ExportInvoices)} == {"en"}


@pytest.mark.parametrize("error, status", [(errors.NotFound(what="structure"), 404), (errors.Forbidden(needed="GP"), 403)])
def test_a_refusal_is_a_problem_and_nothing_is_sent(ask, bus, error, status):
    bus.answers[calls.ExportStructure] = error
    answer = ask()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert bus.requests(calls.ExportInvoices) == []


def test_what_is_no_structure_is_not_found_and_who_has_no_token_gets_nothing(ask):
    assert ask("rien").status_code == 404
    answer = ask(headers={})
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
