"""Signing in through the identity provider, as the browser sees it."""

import dataclasses

import pytest
from portal_world import Browser, a_user
from pupitre_contracts import errors, external_sign_in, identity

START, BACK, PROFILE = "/connexion/externe/", "/connexion/externe/retour", "/connexion/externe/profil"
AWAY = "https://identite.exemple/authorize?state=s"


def told(**changes):
    personal = identity.PersonalData(
        given_name="Camille", family_name="", language="fr", city="Valmont", notify_invoicing=True, notify_news=False
    )
    return {"email": "c@ville.exemple", "known": False, "personal": personal, "structure_identifier": "20007104100046", **changes}


@pytest.fixture
def options(options):
    return dataclasses.replace(options, oidc_label="Portail d'identité")


@pytest.fixture(autouse=True)
def world(bus):
    bus.answers |= {
        external_sign_in.BeginExternalSignIn: {"address": AWAY, "browser_secret": "browser_secret-256"},
        external_sign_in.CompleteExternalSignIn: {"pending": "pending-256"},
        external_sign_in.ExternalProfile: told(),
        external_sign_in.ConfirmExternalProfile: {
            "session": "secret-256", "user": a_user(), "structure_identifier": "20007104100046",
        },
    }  # fmt: skip


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def went(visitor, suite=""):
    """Go to the provider and come back with its answer."""
    assert visitor.get(START, query_string={"suite": suite}).headers["Location"] == AWAY
    return visitor.get(BACK, query_string={"code": "c", "state": "s"})


@pytest.mark.requirement("R024")
def test_the_sign_in_page_leads_to_the_provider_and_its_answer_opens_a_session(visitor, bus):
    page = words(visitor.get("/connexion?suite=/structures/"))
    assert "Se connecter par Portail d'identité" in page and f'href="{START}?suite=/structures/"' in page
    bus.answers[external_sign_in.CompleteExternalSignIn] = {"session": "secret-256"}
    answer = went(visitor, "/structures/")
    assert answer.headers["Location"] == "/structures/"
    assert "pupitre=secret-256" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]
    (begun,) = bus.requests(external_sign_in.BeginExternalSignIn)
    (completed,) = bus.requests(external_sign_in.CompleteExternalSignIn)
    assert (completed.browser_secret, completed.state, completed.code) == ("browser_secret-256", "s", "c")
    assert completed.redirect_uri == begun.redirect_uri == f"http://localhost{BACK}"


@pytest.mark.requirement("R025")
def test_the_first_time_shows_the_data_to_be_checked_completed_and_validated(visitor, bus):
    assert went(visitor).headers["Location"] == PROFILE
    browser = Browser(visitor)
    page = words(browser.get(PROFILE))
    assert 'value="Camille"' in page and "c@ville.exemple" in page and "20007104100046" in page
    refused = browser.post(PROFILE, {"given_name": "Camille", "family_name": "", "language": "fr"})
    assert refused.status_code == 422
    assert 'href="#family_name"' in words(refused)
    assert not bus.requests(external_sign_in.ConfirmExternalProfile)
    data = {"given_name": "Camille", "family_name": "Durand", "language": "fr", "city": "Valmont", "notify_news": "y"}
    answer = browser.post(PROFILE, data)
    assert answer.headers["Location"] == "/rattachements/recherche?identifiant=20007104100046"
    assert any("pupitre=secret-256" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    (confirmed,) = bus.requests(external_sign_in.ConfirmExternalProfile)
    assert (confirmed.pending, confirmed.personal.family_name, confirmed.personal.notify_news) == ("pending-256", "Durand", True)
    assert browser.get(PROFILE).status_code == 410


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(visitor, bus):
    answer = visitor.get(BACK, query_string={"code": "c", "state": "s"})
    assert answer.status_code == 401
    assert "commencée ailleurs" in words(answer)
    visitor.get(START)
    assert visitor.get(BACK, query_string={"error": "access_denied", "state": "s"}).status_code == 401
    assert not bus.requests(external_sign_in.CompleteExternalSignIn)


def test_an_answer_is_used_once(visitor, bus):
    went(visitor)
    assert visitor.get(BACK, query_string={"code": "c", "state": "s"}).status_code == 401
    assert len(bus.requests(external_sign_in.CompleteExternalSignIn)) == 1


@pytest.mark.parametrize("error, status", [
    (errors.ExternalSignInRefused(why_fr="sa réponse n'est pas valable", why_en="x"), 401),
    (errors.ProviderUnavailable(), 503),
])  # fmt: skip
def test_what_goes_wrong_at_the_provider_is_said_in_words(visitor, bus, error, status):
    bus.answers[external_sign_in.CompleteExternalSignIn] = error
    answer = went(visitor)
    assert answer.status_code == status
    assert "portail d'identité" in words(answer)


def test_the_visitor_is_sent_to_no_other_site_afterwards(visitor, bus):
    bus.answers[external_sign_in.CompleteExternalSignIn] = {"session": "secret-256"}
    assert went(visitor, "https://ailleurs.exemple/").headers["Location"] == "/"


@pytest.mark.requirement("R024")
def test_who_may_not_sign_in_by_password_is_told_the_way(visitor, bus):
    bus.answers[identity.SignIn] = errors.LocalSignInClosed()
    answer = Browser(visitor).post("/connexion", {"email": "a@b.fr", "password": "bon"})
    assert answer.status_code == 403
    assert "se connectent par le portail d'identité" in words(answer) and f'href="{START}"' in words(answer)


def test_without_a_provider_the_sign_in_page_offers_none(visitor, app, options):
    app.extensions["pupitre"] = dataclasses.replace(
        app.extensions["pupitre"], settings=dataclasses.replace(options, oidc_label="")
    )
    assert START not in words(visitor.get("/connexion"))
