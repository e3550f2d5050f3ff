"""Signing up, forgotten passwords, and the page of one's own account."""

import pytest
from portal_world import Browser
from pupitre_contracts import errors, identity, organisation

SIGN_UP = {
    "email": " ada@b.fr ",
    "given_name": "Ada",
    "family_name": "Leroy",
    "password": "sept bateaux verts dérivent",
    "again": "sept bateaux verts dérivent",
}
CHANGE = {"given_name": "Ada", "family_name": "Leroy", "language": "en", "phone": " 0123456789 ", "city": "", "notify_news": "y"}
NEW = {"current": "ancien", "password": "neuf camions bleus reculent", "again": "neuf camions bleus reculent"}


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.fixture
def anybody(visitor):
    return Browser(visitor)


@pytest.mark.requirement("R022")
def test_signing_up_says_that_a_mail_is_on_its_way(anybody, bus):
    answer = anybody.post("/inscription", SIGN_UP)
    assert answer.status_code == 200
    assert "Consultez votre messagerie" in words(answer)
    (asked,) = bus.requests(identity.SignUp)
    assert (asked.email, asked.given_name, asked.family_name, asked.language) == ("ada@b.fr", "Ada", "Leroy", "fr")


@pytest.mark.parametrize(
    "changes, field, told",
    [
        ({"email": ""}, "email", "Indiquez votre adresse électronique."),
        ({"family_name": ""}, "family_name", "Indiquez votre nom."),
        ({"again": "autre chose"}, "again", "Les deux mots de passe diffèrent."),
    ],
)
def test_what_is_missing_from_a_sign_up_is_said_beside_its_field(anybody, bus, changes, field, told):
    answer = anybody.post("/inscription", {**SIGN_UP, **changes})
    assert answer.status_code == 422
    assert f'href="#{field}">{told}' in words(answer)
    assert not bus.requests(identity.SignUp)


def test_what_the_service_refuses_of_a_sign_up_is_said_beside_its_field_and_nothing_typed_is_lost(anybody, bus):
    bus.answers[identity.SignUp] = errors.PasswordTooWeak(why_fr="il est trop court", why_en="it is too short")
    answer = anybody.post("/inscription", SIGN_UP)
    assert answer.status_code == 422
    assert 'href="#password">Mot de passe refusé : il est trop court.' in words(answer)
    assert 'value="Leroy"' in words(answer)
    assert SIGN_UP["password"] not in words(answer)
    bus.answers[identity.SignUp] = errors.Invalid(what="e-mail", fields={"email": ["pas une adresse / not an address"]})
    assert 'href="#email">not an address' in words(anybody.post("/inscription", SIGN_UP, query_string={"lang": "en"}))


@pytest.mark.requirement("RS-52")
def test_too_many_tries_say_how_long_to_wait(anybody, bus):
    refusal = errors.TooManyTries(seconds=47)
    for call, address, data in (
        (identity.SignUp, "/inscription", SIGN_UP),
        (identity.SignIn, "/connexion", {"email": "a@b.fr", "password": "bon"}),
        (identity.AskForLink, "/mot-de-passe/oublie", {"email": "a@b.fr"}),
        (identity.ActivateAccount, "/activation/lien", {"password": "x"}),
    ):
        bus.answers[call] = refusal
        answer = anybody.post(address, data)
        assert answer.status_code == 429
        assert "réessayez dans 47 seconde(s)" in words(answer)


@pytest.mark.requirement("R022")
def test_an_account_that_waits_for_its_link_is_told_so_with_a_way_to_get_another(anybody, bus):
    bus.answers[identity.SignIn] = errors.NotActivated()
    answer = anybody.post("/connexion", {"email": "a@b.fr", "password": "bon"})
    assert answer.status_code == 403
    assert "pas encore activé" in words(answer)
    assert 'href="/activation"' in words(answer)


@pytest.mark.requirement("R023")
@pytest.mark.parametrize("address, purpose", [("/activation", "activation"), ("/mot-de-passe/oublie", "reset")])
def test_a_link_is_asked_for_by_address(anybody, bus, address, purpose):
    answer = anybody.post(address, {"email": "a@b.fr"})
    assert "Consultez votre messagerie" in words(answer)
    (asked,) = bus.requests(identity.AskForLink)
    assert (asked.email, asked.purpose) == ("a@b.fr", purpose)


@pytest.mark.requirement("RS-51")
def test_opening_a_link_changes_nothing_and_its_form_does(anybody, bus):
    assert anybody.get("/activation/le-lien").status_code == 200
    assert not bus.requests(identity.ActivateAccount)
    answer = anybody.post("/activation/le-lien", {"password": "choisi"})
    assert answer.headers["Location"] == "/connexion?fin=activation&adresse=a@b.fr"
    (asked,) = bus.requests(identity.ActivateAccount)
    assert (asked.link, asked.password) == ("le-lien", "choisi")
    page = words(anybody.get(answer.headers["Location"]))
    assert "Votre compte est activé" in page
    assert 'value="a@b.fr"' in page


@pytest.mark.requirement("RS-51")
def test_a_dead_link_says_so_and_offers_another(anybody, bus):
    bus.answers[identity.ActivateAccount] = bus.answers[identity.ResetPassword] = errors.LinkRefused()
    answer = anybody.post("/activation/mort", {"password": "x"})
    assert answer.status_code == 410
    assert "n'est plus valable" in words(answer)
    assert 'href="/activation"' in words(answer)
    answer = anybody.post("/mot-de-passe/nouveau/mort", {name: NEW[name] for name in ("password", "again")})
    assert answer.status_code == 410
    assert 'href="/mot-de-passe/oublie"' in words(answer)


def test_a_forgotten_password_is_replaced(anybody, bus):
    answer = anybody.post("/mot-de-passe/nouveau/le-lien", {name: NEW[name] for name in ("password", "again")})
    assert answer.headers["Location"].startswith("/connexion?fin=mot-de-passe")
    (asked,) = bus.requests(identity.ResetPassword)
    assert (asked.link, asked.password) == ("le-lien", NEW["password"])


@pytest.mark.requirement("R044")
def test_the_account_page_shows_the_persons_data_parameters_sessions_and_rights(browser):
    page = words(browser.get("/mon-compte"))
    headings = ("Données personnelles", "Paramètres", "Sessions ouvertes", "Rattachements aux structures", "Habilitations aux espaces")
    for heading in headings:
        assert heading in page
    assert "<dt>Notification Facturation</dt><dd>VRAI</dd>" in page
    assert "<dt>Notification Actualités</dt><dd>FAUX</dd>" in page
    assert "192.0.2.7" in page
    assert "<script>" not in page


def test_the_account_page_stands_when_organisation_does_not_answer(browser, bus):
    bus.answers[organisation.RightsOfActor] = errors.Unavailable(service="organisation")
    page = words(browser.get("/mon-compte"))
    assert "momentanément indisponible" in page
    assert "Duval" in page


@pytest.mark.requirement("R027")
def test_personal_data_are_changed_with_the_version_that_was_shown(browser, bus):
    assert 'value="Duval"' in words(browser.get("/mon-compte/donnees"))
    answer = browser.post("/mon-compte/donnees", {**CHANGE, "version": "3"})
    assert answer.headers["Location"] == "/mon-compte"
    (asked,) = bus.requests(identity.ChangePersonalData)
    assert asked.version == 3
    assert asked.personal.dump() == {
        "given_name": "Ada",
        "family_name": "Leroy",
        "language": "en",
        "phone": "0123456789",
        "notify_invoicing": False,
        "notify_news": True,
    }
    assert "sont enregistrées" in words(browser.get("/mon-compte"))


@pytest.mark.requirement("R027")
def test_an_empty_name_is_an_error_that_names_it_and_cancelling_is_a_link(browser, bus):
    answer = browser.post("/mon-compte/donnees", {**CHANGE, "family_name": "", "version": "3"})
    assert answer.status_code == 422
    assert 'href="#family_name">Indiquez votre nom.' in words(answer)
    assert 'href="/mon-compte">Annuler' in words(answer)
    assert not bus.requests(identity.ChangePersonalData)


def test_faults_that_the_service_finds_are_shown_beside_their_fields(browser, bus):
    bus.answers[identity.ChangePersonalData] = errors.Invalid(
        what="user", fields={"phone": ["« x » n'est pas un numéro / “x” is no number"]}
    )
    answer = browser.post("/mon-compte/donnees", {**CHANGE, "phone": "x", "version": "3"})
    assert answer.status_code == 422
    assert 'href="#phone">« x » n\'est pas un numéro' in words(answer)
    assert 'value="x"' in words(answer)


def test_a_change_on_an_old_page_is_refused_and_kept_on_the_page(browser, bus):
    bus.answers[identity.ChangePersonalData] = errors.Conflict(what="account")
    answer = browser.post("/mon-compte/donnees", {**CHANGE, "version": "2"})
    assert answer.status_code == 409
    assert "votre compte" in words(answer)
    assert 'value="Leroy"' in words(answer)


@pytest.mark.requirement("R028")
def test_the_password_is_changed_with_the_present_one(browser, bus):
    answer = browser.post("/mon-compte/mot-de-passe", NEW)
    assert answer.headers["Location"] == "/mon-compte"
    (asked,) = bus.requests(identity.ChangePassword)
    assert (asked.current, asked.new, asked.session) == ("ancien", NEW["password"], "secret-256")
    bus.answers[identity.ChangePassword] = errors.PasswordWrong()
    answer = browser.post("/mon-compte/mot-de-passe", NEW)
    assert answer.status_code == 422
    assert 'href="#current">Le mot de passe actuel est incorrect' in words(answer)


@pytest.mark.requirement("RS-53")
def test_ticked_sessions_are_ended(browser, bus):
    answer = browser.post("/mon-compte/sessions", {"session": "a" * 64}, form_at="/mon-compte")
    assert answer.headers["Location"] == "/mon-compte"
    assert bus.requests(identity.EndSessions)[0].session_ids == ["a" * 64]
    assert "Sessions terminées : 1." in words(browser.get("/mon-compte"))


@pytest.mark.parametrize("address", ["/mon-compte", "/mon-compte/donnees", "/mon-compte/mot-de-passe"])
def test_the_account_is_for_who_is_signed_in(visitor, address):
    assert visitor.get(address).headers["Location"].startswith("/connexion?suite=")
