"""Lines of a draft from a CSV file: what is right is kept, what is not is named."""

import io

import pytest
from portal_world import rights
from pupitre_contracts import organisation
from pupitre_contracts import requests as calls
from request_world import REQUEST, Aides, a_draft

DRAFT = f"/espaces/aides/demandes/{REQUEST}"
EDIT = f"{DRAFT}/saisie"


@pytest.fixture
def plugins():
    return [Aides()]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",))]}
    bus.answers[calls.GetRequest] = {"request": a_draft()}
    bus.answers[calls.SaveRequest] = {"request": a_draft(version=5)}


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("&#x27;", "'")


def saved(bus):
    return bus.requests(calls.SaveRequest)[-1]


class TestImport:
    def send(self, browser, content, **data):
        values = {"version": "4", "mode": "add", "lines_file": (io.BytesIO(content), "lignes.csv"), **data}
        return browser.post(f"{DRAFT}/lignes", values, form_at=EDIT)

    def test_the_template_has_the_columns_in_the_language_of_the_page(self, browser):
        answer = browser.get(f"{DRAFT}/modele.csv")
        assert answer.data.decode("utf-8-sig").strip() == "Volume;Type"
        assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_three_hundred_good_lines_come_after_those_that_are_there(self, browser, bus):
        answer = self.send(browser, b"Volume;Type\n" + b"1,5;GNR\n" * 300)
        assert answer.headers["Location"] == f"{EDIT}#lignes"
        assert len(saved(bus).lines) == 301
        assert saved(bus).lines[1] == {"volume": "1.5", "fuel": "GNR"}
        assert saved(bus).form == a_draft().form
        assert "300 lignes sont importées" in text(browser.get(EDIT))

    def test_bad_lines_are_named_and_good_ones_kept(self, browser, bus):
        answer = self.send(browser, b"Volume;Type\n1;GNR\n<b>;GNR\n2;EAU\n", mode="replace")
        page = text(answer)
        assert len(saved(bus).lines) == 1
        assert "1 ligne est gardée." in page
        assert "2 lignes sont refusées" in page
        assert '<th scope="row" data-label="Rangée du fichier">3</th><td data-label="Champ">Volume</td>' in page
        assert "<b>" not in page.split("<main")[1].replace("<b>;", "")

    @pytest.mark.parametrize("content", [b"Autre\n1\n", b"", b"\x00\xff"])
    def test_a_file_that_is_none_of_lines_changes_nothing(self, browser, bus, content):
        answer = self.send(browser, content)
        assert answer.status_code == 422
        assert not bus.requests(calls.SaveRequest)

    def test_no_file_and_too_many_lines_are_said(self, browser, bus):
        assert browser.post(f"{DRAFT}/lignes", {"version": "4"}, form_at=EDIT).status_code == 422
        assert self.send(browser, b"Volume\n" + b"1\n" * 2000).status_code == 422
        assert not bus.requests(calls.SaveRequest)

    def test_who_may_not_type_imports_nothing(self, browser, bus):
        mark = browser.token(EDIT)
        bus.answers[calls.GetRequest] = {"request": a_draft(can_edit=False)}
        data = {"csrf_token": mark, "version": "4", "lines_file": (io.BytesIO(b"Volume\n1\n"), "l.csv")}
        assert browser.client.post(f"{DRAFT}/lignes", data=data).status_code == 403
        assert not bus.requests(calls.SaveRequest)
