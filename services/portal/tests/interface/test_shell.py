"""The frame of every page: menus from habilitations, domains, breadcrumb, search of services, and the home of a visitor."""

import re
from importlib import resources

import lxml.html
import pytest
from portal_world import SUPPLIER, TOWN, a_news, rights
from pupitre_contracts import (
    communication,
    errors,
    identity,
    invoicing,
    mandats,
    organisation,
    rattachements,
    structures,
    technical_accounts,
)
from pupitre_espaces import Label, Manifest, Page, PageContent, hookimpl
from pupitre_portal import domains
from pupitre_portal.applications import APPLICATIONS

PRIVATE_ESPACES = (
    "factures-emises",
    "remboursement-tic",
    "engagements",
    "factures-a-valider",
    "factures-travaux",
    "frais-de-justice",
    "raccordements",
    "sollicitations-emises",
    "suivi-des-flux",
)
PUBLIC_ESPACES = ("factures-recues", "sollicitations-recues", "mes-messages")


def an_espace(key):
    """A plugin with one page."""

    class Espace:
        @hookimpl
        def espace_manifest(self):
            name = CALLED.get(key, f"Espace {key}")
            return Manifest(key, Label(name, name), Label("Pour voir", "To see"))

        @hookimpl
        def espace_pages(self, context):
            return [Page("un", Label("Un", "One"), lambda request: PageContent("Première", "Texte"))]

    return Espace()


CALLED = {each.espace: each.label for each in APPLICATIONS}


@pytest.fixture
def plugins(request):
    return [an_espace(each) for each in getattr(request, "param", ("bonjour",))]


@pytest.fixture(autouse=True)
def empty_lists(bus):
    """What pages ask for beside what a test is about."""
    bus.answers |= {
        rattachements.ListApprobations: {"approbations": [], "total": 0, "waiting": 0},
        invoicing.SearchFlux: {"flux": [], "total": 0},
        technical_accounts.ListTechnicalAccounts: {"accounts": []},
        structures.ListStructureRequests: {"requests": [], "total": 0},
        mandats.ListMandats: {"mandats": []},
    }


def links(answer, label):
    """The words and addresses of a navigation, of the first with that name: the one of wide screens."""
    tree = lxml.html.fromstring(answer.get_data(as_text=True))
    nav = tree.xpath(f'//nav[@aria-label="{label}"]')[0]
    return {" ".join(link.text_content().split()): link.get("href") for link in nav.xpath(".//a")}


def main_of(answer):
    tree = lxml.html.fromstring(answer.get_data(as_text=True))
    return " ".join(tree.xpath("//main")[0].text_content().split())


def user_with(bus, *structures, waiting=None):
    extra = {} if waiting is None else {"approbations_waiting": waiting}
    bus.answers[organisation.RightsOfActor] = {"structures": list(structures), **extra}


@pytest.mark.requirement("R001")
def test_adding_one_application_adds_one_entry_and_nothing_else(browser, bus):
    user_with(bus, rights(role="US", espaces=()))
    assert list(links(browser.get("/support"), "Mes espaces")) == ["Mon compte"]
    user_with(bus, rights(role="US", espaces=("factures-emises",)))
    assert list(links(browser.get("/support"), "Mes espaces")) == ["Factures émises", "Mon compte"]
    user_with(bus, rights(role="US", espaces=("factures-emises", "bonjour")))
    assert list(links(browser.get("/support"), "Mes espaces")) == ["Factures émises", "Espace bonjour", "Mon compte"]


@pytest.mark.requirement("R002")
def test_the_top_menu_has_six_entries_and_approbations_are_for_gestionnaires(browser, bus):
    user_with(bus, rights(), waiting=3)
    top = links(browser.get("/support"), "Menu principal")
    assert [re.sub(r" \d+$", "", entry) for entry in top] == [
        "Accueil",
        "Domaines",
        "Actualités",
        "Approbations",
        "Support",
        "Communication",
    ]
    assert "Approbations 3" in top
    user_with(bus, rights(role="US"))
    assert not [entry for entry in links(browser.get("/support"), "Menu principal") if "Approbations" in entry]


@pytest.mark.requirement("R003")
@pytest.mark.parametrize("plugins", [[each.espace for each in APPLICATIONS if each.espace and not each.endpoint]], indirect=True)
def test_the_domains_page_has_the_tree_with_a_way_in_and_details(browser, bus, app):
    everything = [each.espace for each in APPLICATIONS if each.espace]
    user_with(bus, rights(espaces=everything), rights(TOWN, type="PUBLIC", espaces=everything), waiting=0)
    answer = browser.get("/domaines")
    tree = lxml.html.fromstring(answer.get_data(as_text=True))
    shown = {
        section.xpath("./h2")[0].text_content(): [tile.text_content() for tile in section.xpath(".//h3")]
        for section in tree.xpath("//main/section")
    }
    wanted = {
        "Marché": ["DUME"],
        "Commande": ["Engagements"],
        "Facturation": [
            "Factures émises",
            "Factures reçues",
            "Factures à valider",
            "Factures de travaux",
            "Mémoires de frais de justice",
            "Demande de remboursement TIC",
            "Souscrire un mandat de facturation",
            "Gérer un mandat de facturation",
        ],
        "Organisation": ["Structures", "Utilisateurs"],
        "Raccordements": ["Suivi des flux", "Raccordements EDI et API", "Compte technique"],
        "Outils": ["Signature électronique"],
    }
    assert list(shown) == list(wanted)
    for name, labels in wanted.items():
        assert set(labels) <= set(shown[name])
    for tile in tree.xpath('//ul[contains(@class, "tiles")]/li'):
        way_in, details = tile.xpath(".//a")
        assert way_in.text_content().startswith("Accéder")
        assert details.text_content().startswith("Plus de détails")
        assert browser.get(way_in.get("href")).status_code == 200
        page, _, anchor = details.get("href").partition("#")
        assert f'id="{anchor}"' in browser.get(page).get_data(as_text=True)


@pytest.mark.requirement("R003")
def test_an_application_that_is_not_installed_is_shown_nowhere(browser, bus):
    user_with(bus, rights(espaces=("factures-emises", "frais-de-justice")), waiting=0)
    for address in ("/domaines", "/domaines/facturation", "/recherche?q=justice", "/"):
        page = browser.get(address).get_data(as_text=True)
        assert "frais de justice" not in page.lower().replace("de justice »", ""), address


@pytest.mark.requirement("R004")
def test_the_visitor_chooses_his_type_and_the_home_page_changes_without_signing_in(visitor, bus):
    pages = {}
    for key, label in domains.VISITORS.items():
        answer = visitor.get(f"/?profil={key}")
        assert answer.status_code == 200
        chosen = lxml.html.fromstring(answer.get_data(as_text=True)).xpath('//nav[@aria-label="Vous êtes"]/a[@aria-current]')
        assert [each.text_content() for each in chosen] == [label]
        pages[key] = main_of(answer)
        assert domains.VISITOR_HELP[key][0] in pages[key]
    assert len(set(pages.values())) == 4
    assert "Factures reçues" in pages["entite-publique"]
    assert "Factures reçues" not in pages["entreprise"]
    assert not bus.requests(identity.ResumeSession)


@pytest.mark.requirement("R004")
def test_somebody_signed_in_may_look_at_another_type(browser):
    assert domains.VISITOR_HELP["association"][0] in main_of(browser.get("/?profil=association"))
    assert domains.VISITOR_HELP["entreprise"][0] in main_of(browser.get("/?profil=zut"))


@pytest.mark.requirement("R005")
@pytest.mark.parametrize(
    "words, found",
    [
        ("rattachement", ["Demander un rattachement", "Mes rattachements"]),
        ("RATTACHEMENTS", ["Demander un rattachement", "Mes rattachements"]),
        ("facture emise", ["Factures émises"]),
        ("deposer", ["Factures émises"]),
        ("credit note", ["Factures émises"]),
        ("directory", ["Annuaire des structures publiques"]),
        ("abonnement", ["Utilisateurs"]),
    ],
)
def test_the_search_finds_services_whatever_accents_case_and_language(browser, bus, words, found):
    user_with(bus, rights(), waiting=0)
    answer = browser.get("/recherche", query_string={"q": words})
    names = [
        each.text_content() for each in lxml.html.fromstring(answer.get_data(as_text=True)).xpath("//main//h2")
    ]
    assert names[: len(found)] == found or set(found) <= set(names)
    assert "DUME" not in names


@pytest.mark.requirement("R005")
def test_a_search_without_result_leads_on(browser):
    page = main_of(browser.get("/recherche?q=zygomatique"))
    assert "0 service trouvé" in page
    assert "Facturation" in page


@pytest.mark.requirement("R006")
def test_a_domain_shows_its_own_news_and_the_way_to_all(browser, bus):
    bus.answers[communication.ListNews] = lambda request: {
        "news": [a_news(domain="facturation")] if request.domain in (None, "facturation") else [],
        "total": 1,
    }
    assert "Maintenance" in main_of(browser.get("/"))
    page = browser.get("/domaines/facturation")
    assert "Maintenance" in main_of(page)
    assert "Voir toutes les actualités" in main_of(page)
    assert "Maintenance" not in main_of(browser.get("/domaines/outils"))


@pytest.mark.requirement("R006")
def test_the_text_of_a_news_item_is_text(browser):
    page = browser.get("/actualites/00000000-0000-0000-0000-000000000028").get_data(as_text=True)
    assert "<li>samedi</li>" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_a_home_page_without_news_says_so_and_shows_the_rest(browser, bus):
    bus.answers[communication.ListNews] = errors.Unavailable(service="notifications")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "momentanément indisponible" in main_of(answer)
    assert "Atelier Duval" in main_of(answer)


@pytest.mark.requirement("R008")
@pytest.mark.parametrize(
    "address, way",
    [
        ("/factures-emises/", ["Accueil", "Facturation", "Factures émises"]),
        ("/factures-emises/depot", ["Accueil", "Facturation", "Factures émises", "Déposer une facture"]),
        (
            "/factures-emises/00000000-0000-0000-0000-000000000014",
            ["Accueil", "Facturation", "Factures émises", "Facture F-2026-1"],
        ),
        ("/factures-emises/flux/", ["Accueil", "Raccordements", "Suivi des flux"]),
        (f"/structures/{TOWN}", ["Accueil", "Organisation", "Structures", "Ville de Test"]),
        (f"/annuaire/{TOWN}", ["Accueil", "Organisation", "Annuaire des structures publiques", "Ville de Test"]),
        ("/raccordements/compte-technique", ["Accueil", "Raccordements", "Compte technique"]),
        ("/rattachements/", ["Accueil", "Organisation", "Mes rattachements"]),
        ("/rattachements/recherche", ["Accueil", "Organisation", "Demander un rattachement"]),
        ("/validation", ["Accueil", "Outils", "Contrôler un fichier"]),
        ("/espaces/bonjour/un", ["Accueil", "Facturation", "Espace bonjour", "Première"]),
        ("/mon-compte", ["Accueil", "Mon compte"]),
        ("/domaines/outils", ["Accueil", "Domaines", "Outils"]),
    ],
)
def test_every_application_page_says_the_way_to_it(browser, bus, address, way):
    user_with(bus, rights(espaces=("factures-emises", "bonjour")))
    tree = lxml.html.fromstring(browser.get(address).get_data(as_text=True))
    (trail,) = tree.xpath("//nav[@class and contains(@class, 'trail')]")
    assert [" ".join(step.text_content().split()) for step in trail.xpath(".//li")] == way
    assert len(trail.xpath('.//li[@aria-current="page"]')) == 1


@pytest.mark.requirement("R008")
def test_each_domain_page_leads_to_its_documentation(browser):
    for domain in domains.DOMAINS:
        address = f"/domaines/{domain.key}/documentation"
        assert f'href="{address}"' in browser.get(f"/domaines/{domain.key}").get_data(as_text=True)
        assert browser.get(address).status_code == 200
    assert browser.get("/domaines/zut").status_code == 404


@pytest.mark.requirement("R009")
def test_the_header_has_the_name_as_a_way_to_the_account_the_last_sign_in_and_a_way_out(browser):
    tree = lxml.html.fromstring(browser.get("/support").get_data(as_text=True))
    (header,) = tree.xpath("//header")
    assert header.xpath('.//a[text()="Camille Duval"]')[0].get("href") == "/mon-compte"
    assert "Dernière connexion : 15/03/2026 10:30:12" in header.text_content()
    assert header.xpath('.//form[@action="/deconnexion"]/button[text()="Déconnexion"]')


@pytest.mark.requirement("R010")
def test_the_user_menu_has_its_entries_and_each_leads_somewhere(browser, visitor, bus):
    tree = lxml.html.fromstring(browser.get("/support").get_data(as_text=True))
    (menu,) = tree.xpath('//details[@class="user-menu"]')
    entries = {link.text_content(): link.get("href") for link in menu.xpath(".//a")}
    assert [*entries][:3] == ["Mon compte", "Mes rattachements", "Mes habilitations"]
    assert all(browser.get(address).status_code == 200 for address in entries.values())
    assert menu.xpath('.//form[@action="/deconnexion"]/button')[0].text_content() == "Se déconnecter"


@pytest.mark.requirement("R010")
def test_a_stranger_is_offered_to_sign_in(visitor):
    page = visitor.get("/").get_data(as_text=True)
    assert 'href="/connexion"' in page
    assert "Se déconnecter" not in page


@pytest.mark.requirement("R010")
def test_the_page_of_habilitations_is_linked(browser):
    assert 'href="/mes-habilitations"' in browser.get("/support").get_data(as_text=True)


@pytest.mark.requirement("R011")
@pytest.mark.parametrize("plugins", [("sollicitations-emises",)], indirect=True)
def test_the_smallest_menu_of_a_gestionnaire(browser, bus):
    user_with(bus, rights(espaces=("sollicitations-emises",)), waiting=0)
    answer = browser.get("/support")
    assert next(iter(links(answer, "Menu principal"))) == "Accueil"
    assert [*links(answer, "Mes espaces")] == ["Activités du gestionnaire", "Sollicitations émises", "Mon compte"]


@pytest.mark.requirement("R012")
@pytest.mark.parametrize("plugins", [PRIVATE_ESPACES[1:]], indirect=True)
def test_the_full_menu_of_a_private_user_has_twelve_entries(browser, bus):
    user_with(bus, rights(espaces=(*PRIVATE_ESPACES, *PUBLIC_ESPACES)), waiting=0)
    entries = ["Accueil", *links(browser.get("/support"), "Mes espaces")]
    assert sorted(entries) == sorted(
        [
            "Accueil",
            "Activités du gestionnaire",
            "Demande de remboursement TIC",
            "Engagements",
            "Factures à valider",
            "Factures de travaux",
            "Factures émises",
            "Mémoires de frais de justice",
            "Raccordements EDI et API",
            "Sollicitations émises",
            "Suivi des flux",
            "Mon compte",
        ]
    )


@pytest.mark.requirement("R013")
@pytest.mark.parametrize("plugins", [("sollicitations-recues",)], indirect=True)
def test_what_is_for_public_structures_shows_to_their_users_alone(browser, bus):
    only_public = {"Factures reçues", "Sollicitations reçues", "Mes messages"}
    user_with(bus, rights(TOWN, type="PUBLIC", espaces=PUBLIC_ESPACES))
    assert only_public <= set(links(browser.get("/support"), "Mes espaces"))
    user_with(bus, rights(SUPPLIER, espaces=PUBLIC_ESPACES))
    assert not only_public & set(links(browser.get("/support"), "Mes espaces"))
    assert not [label for label in only_public if label in main_of(browser.get("/domaines"))]


@pytest.mark.requirement("R014")
def test_somebody_attached_to_nothing_lands_on_his_account(browser, bus):
    user_with(bus)
    answer = browser.get("/", follow_redirects=True)
    assert answer.request.path == "/mon-compte"
    assert "Demandez d'abord un rattachement" in main_of(answer)
    assert [*links(answer, "Mes espaces")] == ["Mon compte"]


def test_the_menu_follows_a_change_of_rights_at_the_next_click(browser, bus):
    user_with(bus, rights(espaces=("factures-emises",)))
    assert "Espace bonjour" not in links(browser.get("/support"), "Mes espaces")
    user_with(bus, rights(espaces=("factures-emises", "bonjour")))
    assert "Espace bonjour" in links(browser.get("/support"), "Mes espaces")


def test_a_page_can_be_used_by_keyboard_and_by_ear(browser, bus):
    user_with(bus, rights(espaces=("factures-emises",)), waiting=0)
    tree = lxml.html.fromstring(browser.get("/factures-emises/").get_data(as_text=True))
    skip = tree.xpath("//body/a")[0]
    assert tree.xpath(f'//main[@id="{skip.get("href")[1:]}"]')
    assert {each.get("aria-label") for each in tree.xpath("//nav")} >= {"Menu principal", "Mes espaces", "Langue"}
    assert all(each.get("aria-label") for each in tree.xpath("//nav"))
    current = tree.xpath('//nav[@aria-label="Mes espaces"]//a[@aria-current="page"]')
    assert {each.text_content().strip() for each in current} == {"Factures émises"}
    search = tree.xpath('//form[@role="search"]//input[@name="q"]')[0]
    assert tree.xpath(f'//label[@for="{search.get("id")}"]')
    assert tree.xpath('//details[contains(@class, "narrow-menu")]/summary')
    assert not tree.xpath("//*[@tabindex and @tabindex > 0]")


def test_no_template_draws_its_own_breadcrumb():
    """The layout has one on every page; a page adds steps to it."""
    own = [
        file.name
        for file in resources.files("pupitre_portal").joinpath("templates").iterdir()
        if 'class="trail' in file.read_text("utf-8") and file.name != "parts.html"
    ]
    assert own == []
