"""Signing in and out, the session's cookie, and forms that nobody else may send."""

import dataclasses
import json

import pytest
from portal_world import Browser
from pupitre_contracts import identity
from pupitre_portal.app import create_app


def test_the_right_password_opens_a_session_and_goes_where_one_wanted(visitor, bus):
    answer = Browser(visitor).post("/connexion?suite=/factures-emises/", {"email": " a@b.fr ", "password": "bon"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/factures-emises/"
    cookie = next(header for header in answer.headers.getlist("Set-Cookie") if header.startswith("pupitre="))
    assert "secret-256" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert bus.requests(identity.SignIn)[0].email == "a@b.fr"


def test_a_wrong_password_is_refused_in_words(visitor):
    answer = Browser(visitor).post("/connexion", {"email": "a@b.fr", "password": "mauvais"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Adresse ou mot de passe incorrect" in page
    assert "mauvais" not in page
    assert not any(header.startswith("pupitre=") for header in answer.headers.getlist("Set-Cookie"))


def test_an_empty_form_names_the_fields_and_links_to_them(visitor):
    answer = Browser(visitor).post("/connexion", {"email": "", "password": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert '<a class="alert-link" href="#email">Indiquez votre adresse électronique.</a>' in page
    assert "autofocus" in page
    assert "<title>Erreur : Connexion" in page


@pytest.mark.parametrize(
    "elsewhere", ["https://ailleurs.example/", "//ailleurs.example/", "/\\ailleurs.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(visitor, elsewhere):
    answer = Browser(visitor).post(
        "/connexion", {"email": "a@b.fr", "password": "bon"}, form_at="/connexion", query_string={"suite": elsewhere}
    )
    assert answer.headers["Location"] == "/"


def test_by_https_the_cookie_is_secure_and_bound_to_the_host(options, bus, blobs, app):
    host = app.extensions["pupitre"].espaces
    secure = create_app(dataclasses.replace(options, cookie_secure=True), bus, blobs, host)
    answer = Browser(secure.test_client()).post(
        "/connexion",
        {"email": "a@b.fr", "password": "bon"},
        base_url="https://localhost",
        form_base="https://localhost",
    )
    cookie = next(header for header in answer.headers.getlist("Set-Cookie") if header.startswith("__Host-pupitre="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_signing_out_ends_the_session_here_and_at_identity(browser, bus):
    answer = browser.post("/deconnexion", form_at="/")
    assert answer.headers["Location"] == "/connexion?fin=deconnexion"
    assert "Vous êtes déconnecté." in browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert [request.session for request in bus.requests(identity.SignOut)] == ["secret-256"]
    assert browser.get("/mon-compte").status_code == 302


def test_an_ended_session_asks_to_sign_in_and_drops_the_cookie(visitor):
    visitor.set_cookie("pupitre", "vieux")
    answer = visitor.get("/")
    assert answer.status_code == 302
    assert "pupitre=;" in answer.headers["Set-Cookie"]
    assert "Votre session est terminée" in visitor.get(answer.headers["Location"]).get_data(as_text=True)


def test_the_personas_say_what_they_may_do_in_words(visitor, options):
    persona = {"key": "agent", "email": "a@b.fr", "password": "bon", "role": "US", "structures": []}
    options.demo_file.write_text(json.dumps({"personas": [persona]}), "utf-8")
    page = visitor.get("/connexion").get_data(as_text=True)
    assert "Utilisateur" in page
    assert ">US<" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/connexion",
        "/deconnexion",
        "/validation",
        "/factures-emises/depot",
        "/factures-emises/00000000-0000-0000-0000-000000000014/envoi",
        "/factures-emises/00000000-0000-0000-0000-000000000014/statut",
        "/factures-emises/00000000-0000-0000-0000-000000000014/suppression",
        "/structures/00000000-0000-0000-0000-000000000002/espaces/bonjour/ouverture",
    ],
)
def test_a_form_without_its_token_is_refused_and_does_nothing(browser, bus, address):
    answer = browser.client.post(address, data={"email": "a@b.fr", "password": "bon", "version": "3", "to": "MANDATEE"})
    assert answer.status_code == 400
    assert "Formulaire refusé" in answer.get_data(as_text=True)
    assert not [call for _, call, _, _, _ in bus.calls if call.writes]


def test_a_token_got_before_signing_in_opens_nothing_after(visitor):
    browser = Browser(visitor)
    token = browser.token("/connexion")
    visitor.set_cookie("pupitre", "secret-256")
    assert visitor.post("/deconnexion", data={"csrf_token": token}).status_code == 400


def test_a_form_sent_from_another_site_is_refused(browser, bus):
    answer = browser.post("/deconnexion", form_at="/", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not bus.requests(identity.SignOut)


def test_the_personas_are_offered_in_the_demonstration_only(app, options, bus, blobs):
    page = app.test_client().get("/connexion").get_data(as_text=True)
    assert "persona=fournisseur" in page
    assert "&lt;script&gt;" in page
    filled = app.test_client().get("/connexion?persona=fournisseur").get_data(as_text=True)
    assert 'value="a@b.fr"' in filled
    assert 'value="bon"' in filled
    real = create_app(
        dataclasses.replace(options, demo=False), bus, blobs, app.extensions["pupitre"].espaces
    ).test_client()
    assert "Personas" not in real.get("/connexion").get_data(as_text=True)
    assert "bon" not in real.get("/connexion?persona=fournisseur").get_data(as_text=True).split("password")[1][:80]
