"""A role that several structures have, on the pages of a request: places are added and taken away without a script."""

import uuid

import pytest
from lxml import html
from portal_world import SUPPLIER, rights
from pupitre_contracts import organisation
from pupitre_contracts import requests as calls
from pupitre_espaces import Cadre, Role
from request_world import REQUEST, TABLE, Aides, Instruction, a_draft, a_finding, a_kind, a_party, a_request, label

EDIT = f"/espaces/aides/demandes/{REQUEST}/saisie"
SHOW = f"/espaces/aides/demandes/{REQUEST}"
NEW = "/espaces/aides/demandes/nouvelle"
ONE, TWO, THREE = "11122233300011", "22233344400012", "33333333300018"


def a_guarantor(siret, name):
    changes = {"role": "garant", "role_label_fr": "Garant", "structure_id": uuid.uuid4(), "identifier": siret, "name": name}
    return calls.RequestParty(**a_party().values | changes)


@pytest.fixture
def plugins():
    roles = [*a_kind().roles, Role("garant", label("Garant", "Guarantor"), has_service=True, most=4)]
    cadre = Cadre("D1", label("Première demande"), "fermier", needs=["instructeur"], may_name=["garant"])
    return [Aides(a_kind(roles=roles, cadres=[cadre], lifecycles=[TABLE])), Instruction()]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",))]}
    named = [a_party(), a_party("instructeur"), a_guarantor(ONE, "Banque Un"), a_guarantor(TWO, "Banque Deux")]
    bus.answers[calls.GetRequest] = {"request": a_draft(parties=named)}
    bus.answers[calls.SaveRequest] = {"request": a_draft(version=5)}


def places(page):
    """The SIRETs that a page shows for the role, by the name of their input."""
    found = html.fromstring(page.get_data()).xpath("//input[starts-with(@name, 'party.garant')]")
    assert [each.get("id") for each in found] == [each.get("name") for each in found]
    return {each.get("name"): each.get("value") for each in found}


def kept(bus, role="garant"):
    return [(each.identifier, each.code_service) for each in bus.requests(calls.SaveRequest)[-1].parties if each.role == role]


def test_all_of_them_are_shown_with_their_names_and_one_empty_place(browser):
    page = browser.get(EDIT)
    assert places(page) == {"party.garant": ONE, "party.garant.2": TWO, "party.garant.3": ""}
    text = page.get_data(as_text=True)
    assert "Banque Un" in text and "Banque Deux" in text and "4 structures au plus." in text
    assert text.count('name="service.garant') == 3
    ids = html.fromstring(text).xpath("//@id")
    assert len(ids) == len(set(ids))
    assert "Add: Guarantor" in browser.get(f"{EDIT}?lang=en").get_data(as_text=True)


def test_more_places_are_asked_for_with_a_button_up_to_what_the_role_may_have(browser, bus):
    answer = browser.post(EDIT, {"version": "4", "party.garant": ONE, "party.garant.2": TWO, "action": "more-garant"}, form_at=EDIT)
    assert answer.headers["Location"] == f"{EDIT}?plus=garant#t-acteurs"
    assert kept(bus) == [(ONE, None), (TWO, None)]
    assert list(places(browser.get(f"{EDIT}?plus=garant"))) == ["party.garant", "party.garant.2", "party.garant.3", "party.garant.4"]


def test_a_structure_is_taken_away_with_its_button_and_the_others_move_up(browser, bus):
    typed = {"party.garant": ONE, "party.garant.2": TWO, "service.garant.2": "V2", "party.garant.3": f" {THREE[:9]} {THREE[9:]}"}
    answer = browser.post(EDIT, {"version": "4", **typed, "action": "without-garant"}, form_at=EDIT)
    assert answer.headers["Location"] == f"{EDIT}#t-acteurs"
    assert kept(bus) == [(TWO, "V2"), (THREE, None)]
    browser.post(EDIT, {"version": "4", **typed, "action": "without-garant.2"}, form_at=EDIT)
    assert kept(bus) == [(ONE, None), (THREE, None)]


def test_whoever_is_emptied_is_named_no_more(browser, bus):
    browser.post(EDIT, {"version": "4", "party.garant": "", "party.instructeur": " ", "action": "save"}, form_at=EDIT)
    assert (kept(bus), kept(bus, "instructeur")) == ([("", None)], [("", None)])


def test_more_than_the_page_shows_are_sent_on_and_none_is_dropped_in_silence(browser, bus):
    browser.post(EDIT, {"version": "4", **{f"party.garant.{number}": f"{number:014}" for number in range(2, 8)}}, form_at=EDIT)
    assert [siret for siret, _ in kept(bus)] == [f"{number:014}" for number in range(2, 8)]


def test_each_fault_stands_beside_the_one_it_is_about(browser, bus):
    named = [a_party(), a_guarantor(ONE, "Banque Un"), a_guarantor(ONE, "Banque Un")]
    bus.answers[calls.GetRequest] = {"request": a_draft(parties=named, findings=[a_finding("party.garant.2")])}
    tree = html.fromstring(browser.get(f"{EDIT}?controle=1").get_data())
    assert [each.get("name") for each in tree.xpath("//input[@aria-invalid='true']")] == ["party.garant.2"]
    assert tree.xpath("//a[@href='#party.garant.2']") and tree.xpath("//*[@id='party.garant.2-1']")


def test_a_link_names_several(browser):
    page = browser.get(f"{NEW}?kind=aide&cadre=D1&party.garant={ONE}&party.garant.2={TWO}&service.garant.2=V2")
    assert places(page) == {"party.garant": ONE, "party.garant.2": TWO, "party.garant.3": ""}
    assert 'value="V2"' in page.get_data(as_text=True)


def test_those_of_one_role_stand_together_and_hidden_lines_are_said_to_be_hidden(browser, bus):
    named = [a_party(), a_guarantor(ONE, "Banque Un"), a_guarantor(TWO, "Banque Deux")]
    bus.answers[calls.GetRequest] = {"request": a_request(parties=named, lines=[], lines_hidden=True)}
    page = browser.get(SHOW).get_data(as_text=True)
    assert page.count("<dt>Garant</dt>") == 1 and "Banque Deux" in page
    assert "ne sont pas montrées à votre rôle" in page
    bus.answers[calls.GetRequest] = {"request": a_request(maker_structure_id=SUPPLIER)}
    assert "à votre rôle" not in browser.get(SHOW).get_data(as_text=True)
