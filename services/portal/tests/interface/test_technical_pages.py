"""« Compte technique » : what the gestionnaire principal does, and that secrets are on one page only."""

import datetime
import json
import re
import uuid

import pytest
from portal_world import NOW, SUPPLIER, TOWN, Browser, rights
from pupitre_contracts import errors, identity, organisation, technical_accounts

FIRST, SECOND = uuid.UUID(int=71), uuid.UUID(int=72)
PLACE = f"/structures/{SUPPLIER}/comptes-techniques"
EXPIRES = NOW + datetime.timedelta(days=424)
PASSWORD, SECRET = "mot-de-passe-43", "secret-application-43"


def an_account(account_id=FIRST, structure_id=SUPPLIER, **changes):
    account = identity.TechnicalAccount(
        technical_account_id=account_id,
        portal_number=account_id.int,
        structure_id=structure_id,
        login=f"TECH_1_{account_id.int:08d}@pupitre.invalid",
        client_id=f"client-{account_id.int}",
        label="Paie <b>",
    )
    secrets = [
        technical_accounts.TechnicalSecret(kind=kind, issued_at=NOW, expires_at=EXPIRES, expired=False)
        for kind in technical_accounts.SECRET_KINDS
    ]
    values = {"account": account, "active": True, "version": 4, "created_at": NOW, "secrets": secrets}
    return technical_accounts.ManagedAccount(**(values | changes))


@pytest.fixture(autouse=True)
def world(bus):
    accounts = [an_account(), an_account(SECOND), an_account(uuid.UUID(int=73), active=False, secrets=[])]
    bus.answers |= {
        organisation.RightsOfActor: {"structures": [rights(), rights(TOWN, role="US", name="Ville", identifier="2")]},
        technical_accounts.ListTechnicalAccounts: {"accounts": accounts},
        identity.CreateTechnicalAccount: {
            "account": an_account().account, "password": PASSWORD, "client_secret": SECRET, "secret_expires_at": EXPIRES,
        },
        technical_accounts.RenewTechnicalSecrets: {
            "account": an_account().account, "password": PASSWORD, "secret_expires_at": EXPIRES,
        },
        technical_accounts.RevokeTechnicalAccount: {},
        technical_accounts.TakeConnectionData: {"account": an_account().account, "secret_expires_at": EXPIRES},
    }  # fmt: skip


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.requirement("R235")
def test_an_account_is_created_and_its_secrets_shown_once(browser, bus):
    answer = browser.post(PLACE, {"label": "Paie"}, form_at=PLACE)
    page = words(answer)
    assert answer.status_code == 200
    assert PASSWORD in page and SECRET in page and "client-71" in page
    assert answer.headers["Cache-Control"] == "no-store"
    (asked,) = bus.requests(identity.CreateTechnicalAccount)
    assert (asked.structure_id, asked.label) == (SUPPLIER, "Paie")
    for address in (PLACE, "/raccordements/compte-technique"):
        again = words(browser.get(address))
        assert PASSWORD not in again and SECRET not in again


@pytest.mark.requirement("R235")
def test_the_same_form_sent_again_shows_no_secret(browser, bus):
    bus.answers[identity.CreateTechnicalAccount] = errors.SecretsShown()
    answer = browser.post(PLACE, {"label": "Paie"}, form_at=PLACE)
    assert answer.status_code == 409
    assert "affichés qu'une fois" in words(answer)


@pytest.mark.requirement("R237")
@pytest.mark.requirement("R239")
def test_the_form_of_a_reset_lists_the_accounts_and_shows_the_new_password(browser, bus):
    address = "/raccordements/compte-technique"
    page = words(browser.get(address))
    assert "Réinitialisation du mot de passe d'un compte technique" in page
    offered = re.findall(r'<option value="([0-9a-f-]{36})"', page)
    assert offered == [str(SUPPLIER), str(FIRST), str(SECOND)]
    versions = dict(re.findall(r'name="(version-[^"]+)" value="(\d+)"', page))
    data = {"demande": "reinitialisation", "structure": str(SUPPLIER), "account": str(SECOND), **versions}
    answer = browser.post(address, data)
    assert PASSWORD in words(answer)
    (asked,) = bus.requests(technical_accounts.RenewTechnicalSecrets)
    assert (asked.technical_account_id, asked.kinds, asked.overlap_days, asked.version) == (SECOND, ["password"], 0, 4)


@pytest.mark.requirement("R237")
def test_a_reset_without_an_account_or_of_another_structure_s_is_refused_beside_the_field(browser, bus):
    address = "/raccordements/compte-technique"
    answer = browser.post(address, {"demande": "reinitialisation", "structure": str(SUPPLIER), "account": ""})
    assert answer.status_code == 422
    assert "Choisissez le compte technique" in words(answer)
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(), rights(TOWN, name="Ville", identifier="2")]}
    answer = browser.post(address, {"demande": "reinitialisation", "structure": str(TOWN), "account": str(FIRST)})
    assert "n'est pas de la structure" in words(answer)
    assert not bus.requests(technical_accounts.RenewTechnicalSecrets)


@pytest.mark.requirement("R237")
def test_the_same_form_creates_an_account_too(browser, bus):
    data = {"demande": "creation", "structure": str(SUPPLIER), "account": "", "label": "Caisse"}
    answer = browser.post("/raccordements/compte-technique", data)
    assert SECRET in words(answer)
    assert bus.requests(identity.CreateTechnicalAccount)[0].label == "Caisse"


def test_who_is_principal_nowhere_is_told_whom_to_ask(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(role="US")]}
    page = words(browser.get("/raccordements/compte-technique"))
    assert "gestionnaire principal d'aucune structure" in page
    assert not bus.requests(technical_accounts.ListTechnicalAccounts)
    bus.answers[technical_accounts.ListTechnicalAccounts] = errors.Forbidden(needed="GP")
    assert browser.get(PLACE).status_code == 403


@pytest.mark.requirement("RS-55")
def test_a_rotation_says_until_when_the_former_secret_is_accepted(browser, bus):
    bus.answers[technical_accounts.RenewTechnicalSecrets] = {
        "account": an_account().account,
        "client_secret": SECRET,
        "former_until": NOW + datetime.timedelta(days=14),
        "secret_expires_at": EXPIRES,
    }
    answer = browser.post(
        f"{PLACE}/{FIRST}/renouvellement", {"kind": "client_secret", "overlap_days": "14", "version": "4"}, form_at=PLACE
    )
    assert SECRET in words(answer) and "29/03/2026" in words(answer)
    (asked,) = bus.requests(technical_accounts.RenewTechnicalSecrets)
    assert (asked.kinds, asked.overlap_days, asked.version) == (["client_secret"], 14, 4)


def test_a_page_with_secrets_that_is_loaded_again_replaces_nothing(browser, bus):
    bus.answers[technical_accounts.RenewTechnicalSecrets] = errors.Conflict(what="technical account")
    answer = browser.post(
        f"{PLACE}/{FIRST}/renouvellement",
        {"kind": "password", "overlap_days": "0", "version": "3"},
        form_at=PLACE,
        follow_redirects=True,
    )
    assert "a changé entre-temps" in words(answer)
    assert PASSWORD not in words(answer)


def test_a_renewal_of_nothing_is_said(browser, bus):
    answer = browser.post(f"{PLACE}/{FIRST}/renouvellement", {"version": "4"}, form_at=PLACE, follow_redirects=True)
    assert "Choisissez ce qui est à renouveler" in words(answer)
    assert not bus.requests(technical_accounts.RenewTechnicalSecrets)


def test_a_revocation_is_confirmed_first(browser, bus):
    answer = browser.post(f"{PLACE}/{FIRST}/revocation", {"version": "4"}, form_at=PLACE, follow_redirects=True)
    assert "rien n'a été fait" in words(answer)
    assert not bus.requests(technical_accounts.RevokeTechnicalAccount)
    data = {"version": "4", "confirmation": "oui"}
    answer = browser.post(f"{PLACE}/{FIRST}/revocation", data, form_at=PLACE, follow_redirects=True)
    assert "n'ouvre plus rien" in words(answer)
    assert bus.requests(technical_accounts.RevokeTechnicalAccount)[0].technical_account_id == FIRST


@pytest.mark.requirement("R238")
def test_the_connection_data_are_exported_once(browser, bus):
    data = {"password": PASSWORD, "client_secret": SECRET}
    answer = browser.post(f"{PLACE}/{FIRST}/export", data, form_at=PLACE)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.data) == {
        "login": "TECH_1_00000071@pupitre.invalid",
        "client_id": "client-71",
        "password": PASSWORD,
        "client_secret": SECRET,
        "expires_at": "2027-05-13T09:30:12Z",
        "token_url": "http://localhost/api/oauth/token",
        "api_url": "http://localhost/cpro",
    }
    bus.answers[technical_accounts.TakeConnectionData] = errors.AlreadyExported()
    again = browser.post(f"{PLACE}/{FIRST}/export", data, form_at=PLACE)
    assert again.status_code == 409
    assert PASSWORD not in words(again)


@pytest.mark.requirement("R234")
def test_the_sign_in_form_refuses_a_technical_account_and_says_what_it_is_for(visitor, app, bus):
    answer = Browser(visitor).post("/connexion", {"email": "TECH_1_00000071@pupitre.invalid", "password": PASSWORD})
    assert answer.status_code == 401
    assert "un compte technique ne sert qu'à l'API" in words(answer)
    answer = Browser(visitor).post("/connexion", {"email": "a@b.fr", "password": "faux"})
    assert "compte technique" not in words(answer)


def test_the_structure_s_page_leads_there(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN)]}
    assert f'href="/structures/{TOWN}/comptes-techniques"' in words(browser.get(f"/structures/{TOWN}"))
    assert 'href="/raccordements/compte-technique"' in words(browser.get("/structures/"))
