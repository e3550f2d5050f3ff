"""What every page has in common: it shows, it escapes, it is not kept by anybody, and it needs a session."""

import re
import urllib.parse

import pytest
from portal_world import EVIL, TOWN, an_invoice, rights
from pupitre_contracts import identity, invoicing, organisation

INVOICE = "/factures-emises/00000000-0000-0000-0000-000000000014"
STRUCTURE = "00000000-0000-0000-0000-000000000002"
MAIL = "00000000-0000-0000-0000-00000000001e"
PRIVATE = (
    "/mon-compte",
    "/factures-emises/",
    "/factures-emises/?onglet=tout",
    "/factures-recues/",
    "/factures-emises/depot",
    INVOICE,
    f"{INVOICE}/recapitulatif",
    f"{INVOICE}/certificat",
    "/structures/",
    f"/structures/{STRUCTURE}",
    "/mes-habilitations",
    "/notifications",
    f"/notifications/{MAIL}",
    "/boite-locale",
    f"/boite-locale/{MAIL}",
    "/espaces/bonjour/",
    "/espaces/bonjour/deux",
    "/utilisateurs",
    "/communication",
    "/communication/envoyes",
    "/communication/messages/00000000-0000-0000-0000-000000000029",
    "/notifications/reglages",
)
OPEN = (
    "/",
    "/domaines",
    "/domaines/facturation",
    "/domaines/facturation/documentation",
    "/recherche?q=facture",
    "/support",
    "/actualites/",
    "/actualites/?domaine=organisation",
    "/actualites/00000000-0000-0000-0000-000000000028",
)
"""Pages for anybody, which show more to somebody signed in."""
SHOWN = (*OPEN, *PRIVATE)
PUBLIC = ("/connexion", "/validation", "/sante", "/livez", "/readyz", "/annuaire/", f"/annuaire/{STRUCTURE}")


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_shows_to_somebody_signed_in(browser, address):
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("address", OPEN + PUBLIC)
def test_a_public_page_shows_to_anybody(visitor, address):
    assert visitor.get(address).status_code == 200


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_page_sends_a_stranger_to_sign_in_and_remembers_where_he_wanted_to_go(visitor, bus, address):
    answer = visitor.get(address)
    assert answer.status_code == 302
    assert urllib.parse.unquote(answer.headers["Location"]) == f"/connexion?suite={address}"
    assert not bus.calls


@pytest.mark.parametrize("address", SHOWN + PUBLIC)
def test_every_answer_carries_the_protections(browser, address):
    headers = browser.get(address).headers
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    if not address.endswith("/certificat"):
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", [*SHOWN, "/connexion", "/validation", "/sante", "/annuaire/", f"/annuaire/{STRUCTURE}"])
def test_no_page_has_inline_script_or_style_or_asks_another_site(browser, address):
    page = browser.get(address).get_data(as_text=True)
    assert "<script" not in page
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r'(src|href)="(https?:)?//', page)


@pytest.mark.parametrize(
    "address", [*(page for page in SHOWN if not page.endswith("/certificat")), "/validation", "/sante", "/annuaire/"]
)
def test_the_frame_of_every_page_is_in_english_when_asked(browser, address):
    page = browser.get(address + ("&" if "?" in address else "?") + "lang=en").get_data(as_text=True)
    assert '<html lang="en">' in page
    assert not {"Accueil</a>", "Se déconnecter", "Menu principal", "Aller au contenu"} & set(
        re.findall(r"[^<>]+</a>|[^<>]+", page)
    )


def test_the_language_chosen_is_kept(browser):
    browser.get("/?lang=en")
    assert "What awaits you" in browser.get("/").get_data(as_text=True)
    browser.get("/?lang=fr")
    assert "Ce qui vous attend" in browser.get("/").get_data(as_text=True)


def test_names_given_by_others_are_shown_as_text(browser, bus):
    bus.answers[invoicing.GetInvoice] = {
        "invoice": an_invoice(
            number=EVIL, supplier_name=EVIL, recipient_name=EVIL, last_motive=EVIL, status="SUSPENDUE"
        )
    }
    bus.answers[organisation.RightsOfActor] = {
        "structures": [rights(name=EVIL, espaces=("factures-emises", "bonjour"))]
    }
    for address in (
        INVOICE,
        "/",
        "/structures/",
        "/utilisateurs",
        "/actualites/",
        "/actualites/00000000-0000-0000-0000-000000000028",
        "/communication",
        "/communication/messages/00000000-0000-0000-0000-000000000029",
        f"/notifications/{MAIL}",
        "/espaces/bonjour/deux",
        "/espaces/bonjour/",
    ):
        page = browser.get(address).get_data(as_text=True)
        assert EVIL not in page
        assert "&lt;script&gt;" in page


@pytest.mark.requirement("R001")
def test_the_menu_has_the_espaces_of_the_user_and_no_other(browser, bus):
    assert "/factures-recues/" not in browser.get("/").get_data(as_text=True)
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN, type="PUBLIC", espaces=("factures-recues",))]}
    page = browser.get("/").get_data(as_text=True)
    assert 'href="/factures-recues/"' in page
    assert "/espaces/bonjour/" not in page


@pytest.mark.requirement("R009")
def test_the_header_shows_the_name_and_the_last_sign_in_to_the_second(browser):
    page = browser.get("/").get_data(as_text=True)
    assert "Camille Duval" in page
    assert "15/03/2026 10:30:12" in page


@pytest.mark.requirement("R014")
def test_somebody_attached_to_nothing_is_told_to_ask_for_a_rattachement(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": []}
    bus.answers[invoicing.CountWork] = {"counts": []}
    answer = browser.get("/")
    assert answer.headers["Location"] == "/mon-compte"
    page = browser.get("/mon-compte").get_data(as_text=True)
    assert "Demandez d&#39;abord un rattachement" in page or "Demandez d'abord un rattachement" in page
    assert "/factures-emises/" not in page


def test_a_page_costs_a_bounded_number_of_calls(browser, bus):
    for address in SHOWN:
        bus.calls.clear()
        browser.get(address)
        assert len(bus.calls) <= 4, address


def test_the_tokens_of_a_request_go_to_their_services_only(browser, bus):
    browser.get("/notifications")
    tokens = {(service, token) for service, call, _, _, token in bus.calls if call is not identity.ResumeSession}
    assert tokens == {("organisation", "token-organisation"), ("notifications", "token-notifications")}


def test_an_unknown_address_says_so_in_words(browser):
    answer = browser.get("/nulle-part")
    assert answer.status_code == 404
    assert "Page introuvable" in answer.get_data(as_text=True)
    assert "<title>Erreur : " in answer.get_data(as_text=True)


def test_an_unforeseen_fault_gives_an_incident_number_and_no_secret(browser, bus):
    def broken(request):
        raise RuntimeError("canary postgres://u:pw@h/db")

    bus.answers[invoicing.SearchInvoices] = broken
    answer = browser.get("/factures-emises/")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "canary" not in page
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page)
