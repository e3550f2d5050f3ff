"""« Exporter toutes les données »: offered to the gestionnaire principal, refused to others, sent while it is made (P28)."""

import io
import json
import zipfile

import pytest
from portal_world import TOWN, a_structure, a_user
from pupitre_contracts import errors, identity, structures
from pupitre_contracts import structure_export as calls
from pupitre_portal import bus as of_requests

PAGE = f"/structures/{TOWN}/gestion/export/"


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.fixture
def bus(bus):
    sheet = {"structure": a_structure(), "may_modify": True, "requests": []}
    chief = {"given_name": "Camille", "family_name": "Duval", "email": a_user().email}
    bus.answers |= {
        structures.GetStructureSheet: {**sheet, "gestionnaire": structures.Person(**chief)},
        calls.ExportStructure: {"structure": a_structure(), "members": [], "bank_details": [], "documents": []},
        calls.ExportStructureHistory: {"lines": []},
        calls.ExportInvoices: {"invoices": []},
        calls.ExportFlux: {"flux": []},
        calls.ExportRequests: {"requests": []},
        calls.ExportRecords: {"records": []},
    }
    return bus


def test_the_page_says_what_the_zip_holds_and_sends_it(browser, bus):
    assert f'href="{PAGE}"' in words(browser.get(f"/structures/{TOWN}/gestion"))
    page = words(browser.get(PAGE))
    assert "coordonnées bancaires entières" in page
    assert "invoice-history" in page and "Historique des factures" in page
    answer = browser.get(PAGE + "export.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert 'filename="export-' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert json.loads(archive.read("manifest.json"))["structure_id"] == str(a_structure().structure_id)
    asked = bus.requests(calls.ExportInvoices)
    assert [each.side for each in asked] == ["issued", "received"]


def test_who_is_not_the_gestionnaire_is_not_led_there(browser, bus):
    other = structures.Person(given_name="Ada", family_name="L", email="ada@b.fr")
    bus.answers[structures.GetStructureSheet] |= {"gestionnaire": other}
    assert PAGE not in words(browser.get(f"/structures/{TOWN}/gestion"))


@pytest.mark.parametrize("address", ["", "export.zip"])
@pytest.mark.parametrize("error, status", [(errors.Forbidden(needed="GP"), 403), (errors.NotFound(what="structure"), 404)])
def test_a_refusal_is_answered_as_one_and_nothing_is_sent(browser, bus, address, error, status):
    bus.answers[calls.ExportStructure] = error
    assert browser.get(PAGE + address).status_code == status
    assert bus.requests(calls.ExportInvoices) == []


def test_nobody_gets_it_without_signing_in(browser, bus):
    bus.answers[identity.ResumeSession] = errors.SessionEnded()
    assert browser.get(PAGE + "export.zip").status_code == 302


def test_an_answer_that_outlasts_its_tokens_has_them_renewed_and_ends_when_the_session_does(browser, bus, monkeypatch):
    monkeypatch.setattr(of_requests, "RENEW_SECONDS", -1)
    before = len(bus.requests(identity.ResumeSession))
    assert zipfile.is_zipfile(io.BytesIO(browser.get(PAGE + "export.zip").get_data()))
    # The request itself, what it begins with, two sides, flux, requests, records and history.
    assert len(bus.requests(identity.ResumeSession)) == before + 8
    resume, before = bus.answers[identity.ResumeSession], len(bus.requests(identity.ResumeSession))

    def twice(request):
        return resume(request) if len(bus.requests(identity.ResumeSession)) <= before + 2 else errors.SessionEnded()

    bus.answers[identity.ResumeSession] = twice
    with pytest.raises(errors.SessionEnded):
        browser.get(PAGE + "export.zip").get_data()
