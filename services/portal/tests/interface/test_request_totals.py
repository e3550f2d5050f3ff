"""What the espace works out of a draft: it follows what is typed, with a script and without, and is said once."""

import decimal

import pytest
from portal_world import rights
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as calls
from pupitre_espaces import Label, forms
from request_world import REQUEST, Aides, Form, Instruction, a_draft, a_kind, a_request

DRAFT = f"/espaces/aides/demandes/{REQUEST}"
EDIT = f"{DRAFT}/saisie"
FORM = {"form.subject": "Gazole", "form.year": "2025", "form.honest": "1", "number": "A-7", "party.instructeur": "217 500 016 00019"}


@pytest.fixture
def plugins():
    return [Aides(), Instruction()]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",))]}
    bus.answers[calls.GetRequest] = {"request": a_draft()}
    bus.answers[calls.SaveRequest] = {"request": a_draft(version=5)}


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("&#x27;", "'")


def money(amount):
    return f"{amount}\N{NO-BREAK SPACE}€"


def saved(bus):
    return bus.requests(calls.SaveRequest)[-1]


class TestTotals:
    KEEPS_ITSELF = {"X-Pupitre-Autosave": "1"}

    def test_what_is_typed_is_kept_and_the_page_is_told_what_was_worked_out(self, browser, bus):
        bus.answers[calls.SaveRequest] = {"request": a_draft(version=5, net=decimal.Decimal("12.00"), gross=decimal.Decimal("12.00"))}
        told = browser.post(EDIT, data={**FORM, "version": "4", "row": "1", "line.1.volume": "6"}, headers=self.KEEPS_ITSELF).get_json()
        assert (saved(bus).version, saved(bus).form["subject"], saved(bus).lines[0]["volume"]) == (4, "Gazole", "6")
        assert (saved(bus).documents, saved(bus).remove_documents) == (None, None)
        assert (told["version"], told["values"]) == (5, {"form.total": "", "line.1.amount": money("25,00")})
        assert told["totals"] == {"net": money("12,00"), "vat": money("0,00"), "gross": money("12,00")}

    @pytest.mark.parametrize("sent", [{"row": ["1"]}, {"row": ["1", "3"], "line.1.volume": "6", "line.3.volume": "7"}])
    def test_lines_that_would_get_other_numbers_wait_for_a_button(self, browser, bus, sent):
        answer = browser.post(EDIT, data={**FORM, "version": "4", **sent}, headers=self.KEEPS_ITSELF)
        assert (answer.status_code, "version" in answer.get_json()) == (200, False)
        assert bus.requests(calls.SaveRequest) == []

    def test_a_draft_kept_in_another_window_is_not_overwritten(self, browser, bus):
        bus.answers[calls.SaveRequest] = errors.Conflict(what="request")
        answer = browser.post(EDIT, data={**FORM, "version": "4", "row": "1", "line.1.volume": "6"}, headers=self.KEEPS_ITSELF)
        assert (answer.status_code, answer.get_json()["conflict"]) == (409, True)

    def test_without_a_script_a_button_does_the_same(self, browser, bus):
        assert '<button class="btn btn-outline-primary" name="action" value="compute">Recalculer</button>' in text(browser.get(EDIT))
        answer = browser.post(EDIT, data={**FORM, "version": "4", "row": "1", "line.1.volume": "6", "action": "compute"})
        assert answer.location == EDIT
        assert "Les montants sont recalculés" in text(browser.get(EDIT))



class TestTotalsOfTheForm:
    @pytest.fixture
    def plugins(self):
        class Whole(Form):
            net = forms.money(Label("Total HT", "Total net"), worked_out=True)
            gross = forms.money(Label("Total TTC", "Total gross"), worked_out=True)

        return [Aides(a_kind(form=Whole)), Instruction()]

    def test_what_the_form_itself_says_is_said_once(self, browser, bus):
        own = {"net": "900.00", "gross": "1000.00"}
        for net, said in (("900.00", False), ("800.00", True)):
            amounts = {"net": decimal.Decimal(net), "vat": decimal.Decimal("100.00"), "gross": decimal.Decimal("1000.00")}
            form = {**a_request().form, **own}
            for request, address in ((a_draft(**amounts, form=form), EDIT), (a_request(**amounts, form=form), DRAFT)):
                bus.answers[calls.GetRequest] = {"request": request}
                page = text(browser.get(address))
                assert ("Total hors taxe" in page, "Total HT" in page) == (said, True)
