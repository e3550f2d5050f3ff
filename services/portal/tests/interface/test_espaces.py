"""Espaces in the portal: their catalogue, their pages, their cards; and what happens when one is ill."""

import lxml.html
import pytest
from portal_world import SUPPLIER, TOWN, Bonjour, Ill, rights
from pupitre_contracts import errors, organisation
from pupitre_espaces import Label, Manifest, hookimpl

STRUCTURE = f"/structures/{TOWN}"


@pytest.mark.requirement("R143")
def test_a_gestionnaire_opens_an_espace(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN)]}
    answer = browser.post(f"{STRUCTURE}/espaces/bonjour/ouverture", form_at=STRUCTURE)
    assert answer.headers["Location"] == STRUCTURE
    request = bus.requests(organisation.OpenEspace)[0]
    assert (request.structure_id, request.espace) == (TOWN, "bonjour")
    assert bus.keys(organisation.OpenEspace)[0]


@pytest.mark.requirement("R141")
@pytest.mark.parametrize("espace, has_tab", [("bonjour", True), ("factures-travaux", False)])
def test_who_opened_an_espace_is_told_of_its_tab_where_there_is_one_and_of_the_requests_that_await_him(browser, bus, espace, has_tab):
    manager = rights(TOWN, espaces=(espace,))
    bus.answers[organisation.RightsOfActor] = {"structures": [manager], "approbations_waiting": 2}
    browser.post(f"{STRUCTURE}/espaces/{espace}/ouverture", form_at=STRUCTURE)
    page = browser.get(STRUCTURE).get_data(as_text=True).replace("&#39;", "'")
    assert ("L'espace est ouvert : son onglet est dans le menu." in page) is has_tab
    assert "L'espace est ouvert" in page
    assert "quand vous approuvez leur demande." in page
    assert 'href="/approbations/">Demandes à traiter</a> : 2' in page
    assert "quand vous approuvez leur demande" not in browser.get(STRUCTURE).get_data(as_text=True)


@pytest.mark.requirement("R144")
def test_a_gestionnaire_closes_an_espace(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN)]}
    browser.post(f"{STRUCTURE}/espaces/bonjour/fermeture", form_at=STRUCTURE)
    assert bus.requests(organisation.CloseEspace)[0].espace == "bonjour"


def test_a_simple_user_is_offered_nothing_to_open_and_refused_if_he_tries(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN, role="US")]}
    page = browser.get(STRUCTURE).get_data(as_text=True)
    assert "/ouverture" not in page
    bus.answers[organisation.OpenEspace] = errors.Forbidden(needed="gestionnaire")
    assert browser.post(f"{STRUCTURE}/espaces/bonjour/ouverture", form_at=STRUCTURE).status_code == 403


def test_a_page_of_an_espace_stands_in_the_portal_with_links_that_keep_the_structure(browser, bus):
    both = [rights(espaces=("bonjour",)), rights(TOWN, espaces=("bonjour",), name="Ville de Test", type="PUBLIC")]
    bus.answers[organisation.RightsOfActor] = {"structures": both}
    page = browser.get(f"/espaces/bonjour/un?structure={TOWN}").get_data(as_text=True)
    assert "Bonjour Camille Duval, Ville de Test" in page
    assert f"/espaces/bonjour/deux?structure={TOWN}" in page
    assert "Se déconnecter" in page
    assert "Atelier Duval" in browser.get("/espaces/bonjour/").get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "/espaces/inconnu/",
        "/espaces/bonjour/zut",
        "/espaces/factures-emises/",
        "/espaces/bonjour/?structure=00000000-0000-0000-0000-0000000000ff",
    ],
)
def test_what_is_not_there_is_not_found(browser, address):
    assert browser.get(address).status_code == 404


def test_an_espace_that_is_not_open_is_refused(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
    assert browser.get("/espaces/bonjour/").status_code == 403


def test_the_cards_of_an_open_espace_are_on_the_home_page(browser):
    page = browser.get("/").get_data(as_text=True)
    assert "Carte bonjour" in page
    assert f"/espaces/bonjour/un?structure={SUPPLIER}" in page


class TestIllEspace:
    @pytest.fixture
    def plugins(self):
        return [Bonjour(), Ill()]

    @pytest.fixture(autouse=True)
    def opened(self, bus):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("bonjour", "malade"))]}

    def test_its_page_names_it_and_the_others_work(self, browser):
        answer = browser.get("/espaces/malade/")
        assert answer.status_code == 503
        assert "Malade" in answer.get_data(as_text=True)
        assert "canary" not in answer.get_data(as_text=True)
        assert browser.get("/espaces/bonjour/").status_code == 200

    def test_the_home_page_shows_the_cards_of_the_others_and_a_badge(self, browser):
        page = browser.get("/").get_data(as_text=True)
        assert "Carte bonjour" in page
        assert "1 espace en panne" in page

    def test_the_health_page_says_which_one_is_ill_without_its_secrets(self, browser):
        browser.get("/espaces/malade/")
        page = browser.get("/sante").get_data(as_text=True)
        assert "a levé une erreur" in page
        assert "espace_pages" in page
        assert "canary" not in page

    def test_the_portal_stays_ready_and_names_it(self, visitor):
        answer = visitor.get("/readyz")
        assert answer.status_code == 200
        assert answer.json["espaces_ill"] == ["malade"]


class CourtCosts(Bonjour):
    """An espace of the reference, as its operator calls it."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("frais-de-justice", Label("Frais de justice d'ici", "Our court costs"), Label("Mémoires", "Mémoires"))


class TestRenamedEspace:
    @pytest.fixture
    def plugins(self):
        return [CourtCosts()]

    @pytest.mark.parametrize("language, name", [("fr", "Frais de justice d'ici"), ("en", "Our court costs")])
    def test_it_is_called_in_the_menu_as_its_plugin_calls_it(self, browser, bus, language, name):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("frais-de-justice",))]}
        tree = lxml.html.fromstring(browser.get(f"/support?lang={language}").get_data(as_text=True))
        entries = tree.xpath("//nav[contains(@class, 'site-menu')]//a[contains(@href, '/espaces/frais-de-justice/')]")
        assert {each.text_content().strip() for each in entries} == {name}
