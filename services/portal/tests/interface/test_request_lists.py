"""Lists of requests in an espace, what a user may begin there, the menu, and what the home page counts."""

import pytest
from portal_world import SUPPLIER, TOWN, Bonjour, rights
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as calls
from pupitre_espaces import Label, Role, hookimpl
from request_world import DOSSIER, REQUEST, Aides, Instruction, a_kind, a_summary

LIST, NEW = "/espaces/aides/demandes", "/espaces/aides/demandes/nouvelle"


@pytest.fixture
def plugins():
    return [Aides(), Instruction(), Bonjour()]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",))]}
    bus.answers[calls.SearchRequests] = {"requests": [a_summary()], "total": 60, "next": "suite"}
    counts = [calls.RequestCounts(structure_id=SUPPLIER, espace="aides", to_do=3, drafts=2, total=9)]
    bus.answers[calls.CountRequests] = {"counts": counts}


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def allow(bus, *espaces, profile="MODIFICATION", **changes):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=espaces, profile=profile, **changes)]}


def test_the_synthese_lists_what_waits_and_the_other_tab_everything(browser, bus):
    page = text(browser.get(LIST))
    assert bus.requests(calls.SearchRequests)[0].to_do is True
    assert f'href="{LIST}/{REQUEST}"' in page
    assert f'href="/espaces/aides/dossiers/{DOSSIER}"' in page
    assert "A-1 &lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Mise à disposition</span>" in page
    browser.get(f"{LIST}?onglet=tout")
    assert bus.requests(calls.SearchRequests)[1].to_do is False


def test_filters_make_the_search(browser, bus):
    browser.get(f"{LIST}?onglet=tout&type=aide&cadre=D1&statut=REJETEE&texte=A-*&du=2026-03-01&au=31/03/2026&structure={SUPPLIER}")
    asked = bus.requests(calls.SearchRequests)[0]
    assert (asked.espace, asked.kind, asked.cadre, asked.status, asked.text) == ("aides", "aide", "D1", "REJETEE", "A-*")
    assert (str(asked.sent_from), str(asked.sent_to), asked.structure_id) == ("2026-03-01", "2026-03-31", SUPPLIER)


def test_a_filter_that_makes_no_sense_is_named_and_left_out(browser, bus):
    answer = browser.get(f"{LIST}?du=hier")
    assert "Envoyée du : écrivez une date" in text(answer)
    assert bus.requests(calls.SearchRequests)[0].sent_from is None


def test_pages_lead_from_one_to_the_next_and_keep_the_filters(browser, bus):
    page = text(browser.get(f"{LIST}?texte=A"))
    assert 'rel="next" href="?texte=A&amp;onglet=synthese&amp;page=2&amp;apres=suite"' in page
    page = text(browser.get(f"{LIST}?texte=A&page=2&apres=suite"))
    assert bus.requests(calls.SearchRequests)[1].after == "suite"
    assert 'rel="first" href="?texte=A&amp;onglet=synthese"' in page
    assert "Résultats 26 - 26 sur 60" in page
    assert 'rel="prev"' not in page


@pytest.mark.requirement("R275")
def test_pages_lead_back_to_the_one_before_and_keep_the_filters(browser, bus):
    bus.answers[calls.SearchRequests] = {"requests": [a_summary()], "total": 60, "next": "suite", "previous": "debut"}
    page = text(browser.get(f"{LIST}?texte=A&onglet=tout&page=3&apres=suite"))
    assert 'rel="prev" href="?texte=A&amp;onglet=tout&amp;page=2&amp;avant=debut"' in page
    assert "Résultats 51 - 51 sur 60" in page and "Page 3 sur 3" in page
    browser.get(f"{LIST}?texte=A&onglet=tout&page=2&avant=debut")
    asked = bus.requests(calls.SearchRequests)[1]
    assert (asked.before, asked.after, asked.text, asked.to_do) == ("debut", None, "A", False)


def test_a_page_of_which_everything_is_gone_leads_to_the_beginning(browser, bus):
    bus.answers[calls.SearchRequests] = {"requests": [], "total": 3}
    answer = browser.get(f"{LIST}?texte=A&page=2&apres=suite")
    assert (answer.status_code, answer.location) == (302, f"{LIST}?texte=A&onglet=synthese")
    assert browser.get(f"{LIST}?texte=A").status_code == 200


def test_a_list_makes_two_calls_beside_the_session(browser, bus):
    browser.get(LIST)
    assert len(bus.calls) == 3


def test_the_list_speaks_english(browser):
    page = text(browser.get(f"{LIST}?lang=en"))
    assert "Made available</span>" in page
    assert "Claim of aid" in page
    assert "First claim" in page
    assert "Demandes" not in page


def test_an_empty_work_list_says_so(browser, bus):
    bus.answers[calls.SearchRequests] = {"requests": [], "total": 0}
    assert "Rien n'attend votre action." in text(browser.get(LIST))


def test_an_espace_where_a_role_works_has_the_list_too_and_begins_with_it(browser, bus):
    allow(bus, "instruction")
    answer = browser.get("/espaces/instruction/")
    assert answer.headers["Location"] == "/espaces/instruction/demandes"
    page = text(browser.get("/espaces/instruction/demandes"))
    assert bus.requests(calls.SearchRequests)[0].espace == "instruction"
    assert f'href="/espaces/instruction/demandes/{REQUEST}"' in page
    assert 'href="/espaces/instruction/"' in page


def test_an_espace_with_pages_has_both_in_its_menu(browser):
    for address in (LIST, "/espaces/aides/aide"):
        page = text(browser.get(address))
        assert f'href="/espaces/aides/aide?structure={SUPPLIER}"' in page
        assert f'href="{LIST}?structure={SUPPLIER}"' in page


class TestWithoutPages:
    @pytest.fixture
    def plugins(self):
        return [Aides(pages=False)]

    def test_an_espace_begins_with_its_requests(self, browser):
        assert browser.get("/espaces/aides/").headers["Location"] == LIST


def elsewhere(espace):
    """The kind with its instructor working in another espace."""
    roles = [Role(each.key, each.label, espace=espace) if each.key == "instructeur" else each for each in a_kind().roles]
    return Aides(a_kind(roles=roles))


class TestOfAnEspaceThatIsNotInstalled:
    @pytest.fixture
    def plugins(self):
        return [elsewhere("factures-a-valider")]

    def test_a_role_works_in_an_espace_of_the_reference_whose_tab_so_appears(self, browser, bus):
        allow(bus, "factures-a-valider")
        assert browser.get("/espaces/factures-a-valider/").headers["Location"] == "/espaces/factures-a-valider/demandes"
        page = text(browser.get("/espaces/factures-a-valider/demandes"))
        assert "Factures à valider" in page
        assert 'href="/espaces/factures-a-valider/"' in page


class TestOfCore:
    @pytest.fixture
    def plugins(self):
        return [elsewhere("factures-recues")]

    def test_a_role_may_work_in_an_espace_of_the_portal(self, browser, bus):
        allow(bus, "factures-recues", type="PUBLIC")
        assert browser.get("/espaces/factures-recues/demandes").status_code == 200
        assert bus.requests(calls.SearchRequests)[0].espace == "factures-recues"
        assert browser.get("/espaces/factures-recues/").status_code == 302


@pytest.mark.parametrize("address", ["/espaces/bonjour/demandes", "/espaces/zut/demandes", "/espaces/factures-emises/demandes"])
def test_where_no_requests_are_worked_on_there_is_no_list(browser, bus, address):
    allow(bus, "bonjour", "factures-emises")
    assert browser.get(address).status_code == 404


def test_a_foreign_structure_and_a_closed_espace_are_refused(browser, bus):
    assert browser.get(f"{LIST}?structure={TOWN}").status_code == 404
    allow(bus, "factures-emises")
    answer = browser.get(LIST)
    assert answer.status_code == 403
    assert not bus.requests(calls.SearchRequests)
    allow(bus, "aides")
    bus.answers[calls.SearchRequests] = errors.Forbidden(needed="aides")
    assert browser.get(LIST).status_code == 403


def test_nobody_signed_in_is_led_to_the_sign_in(visitor):
    assert visitor.get(LIST).headers["Location"].startswith("/connexion")


def test_the_home_page_counts_requests_like_invoices_in_four_calls(browser, bus):
    page = text(browser.get("/"))
    assert f'href="{LIST}?structure={SUPPLIER}"' in page
    assert "3 à traiter" in page
    assert "2 brouillons non envoyés" in page
    assert len(bus.calls) == 5  # the session, rights, invoices, requests and news


def test_the_home_page_asks_nothing_of_requests_for_who_has_no_such_espace(browser, bus):
    allow(bus, "factures-emises")
    browser.get("/")
    assert not bus.requests(calls.CountRequests)


def test_the_home_page_shows_the_rest_when_requests_cannot_be_counted(browser, bus):
    bus.answers[calls.CountRequests] = errors.Unavailable(service="invoicing")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "Atelier Duval" in text(answer)


def test_tabs_are_for_espaces_with_pages_or_requests(browser, bus):
    allow(bus, "aides", "instruction", "bonjour")
    page = text(browser.get("/domaines"))
    for key in ("aides", "instruction", "bonjour"):
        assert f'href="/espaces/{key}/"' in page


class TestNothingToShow:
    @pytest.fixture
    def plugins(self):
        return [Instruction()]

    def test_an_espace_with_neither_has_no_tab_and_no_page(self, browser, bus):
        allow(bus, "instruction")
        assert 'href="/espaces/instruction/"' not in text(browser.get("/domaines"))
        assert browser.get("/espaces/instruction/").status_code == 404


class Hesitant(Aides):
    """An espace that shows nothing to a structure before its first invoice."""

    @hookimpl
    def espace_waits(self, context):
        return [] if context.structure.name == "Ville de Test" else [Label("Dès la première <facture>.", "From the first <invoice> on.")]


class TestWaiting:
    @pytest.fixture
    def plugins(self):
        return [Hesitant(), Instruction()]

    def test_an_espace_that_waits_says_why_instead_of_showing_requests(self, browser, bus):
        page = text(browser.get(LIST))
        assert "Dès la première &lt;facture&gt;." in page
        assert "A-1" not in page
        assert bus.requests(calls.SearchRequests) == []
        assert "From the first" in text(browser.get(f"{LIST}?lang=en"))

    def test_it_shows_them_to_a_structure_for_which_it_does_not_wait(self, browser, bus):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN, espaces=("aides",), name="Ville de Test", type="PUBLIC")]}
        assert "A-1" in text(browser.get(LIST))


class TestPluginTakenAway:
    @pytest.fixture
    def plugins(self):
        return [Bonjour()]

    def test_its_requests_are_read_by_those_who_could_and_nothing_is_begun(self, browser, bus):
        page = text(browser.get(f"{LIST}?onglet=tout"))
        assert "n'est plus installé" in page
        assert "A-1" in page
        assert "Nouvelle demande" not in page
        assert browser.get(NEW).status_code == 404
        assert browser.get("/espaces/aides/").status_code == 404
        assert "/espaces/aides" not in text(browser.get("/"))

    def test_others_find_nothing_there(self, browser, bus):
        allow(bus, "bonjour")
        assert browser.get(LIST).status_code == 404
        assert browser.get("/espaces/factures-emises/demandes").status_code == 404
