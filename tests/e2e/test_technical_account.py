"""A gestionnaire principal gives a system its technical account and resets it; she keeps documents with her account."""

import base64
import io
import json
import zipfile

import pytest
import requests
from support import mailbox
from support.installation import until
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEY, DEPUTY, MAIL_SECONDS = "traiteur", "commune-agent", 120


def _token(installation, data):
    form = {"grant_type": "client_credentials", "client_id": data["client_id"], "client_secret": data["client_secret"]}
    return requests.post(f"{installation.base_url}/api/oauth/token", data=form, timeout=60).json()["access_token"]


def _call(installation, token, login, password):
    account = base64.b64encode(f"{login}:{password}".encode()).decode()
    headers = {"Authorization": f"Bearer {token}", "cpro-account": account, "Content-Type": "application/json"}
    return requests.post(f"{installation.base_url}/cpro/structures/v1/rechercher", data=b"{}", headers=headers, timeout=60)


@pytest.mark.requirement("R233")
@pytest.mark.requirement("R234")
@pytest.mark.requirement("R235")
@pytest.mark.requirement("R237")
@pytest.mark.requirement("R238")
def test_a_technical_account_from_its_creation_to_its_reset(installation):
    persona = installation.persona(KEY)
    manager = Visitor.signed_in(installation, KEY)
    ask = "/raccordements/compte-technique"
    page = manager.submit(manager.open(ask).form(ask), demande="creation", account="", label="Caisse")
    exported = manager.submit(page.form("/export"))
    data = json.loads(exported.response.content)
    assert manager.submit(page.form("/export")).status == 409, "the export is offered once"
    token = _token(installation, data)
    answer = _call(installation, token, data["login"], data["password"])
    assert answer.status_code == 200
    assert answer.headers["Pupitre-Secret-Expires"] == data["expires_at"]

    assert _call(installation, token, persona["email"], persona["password"]).status_code == 401, "people have no way in here"
    refused = Visitor(installation).sign_in(data["login"], data["password"])
    assert refused.status == 401
    assert "un compte technique ne sert qu'à l'API" in refused.main

    form = manager.open(ask).form(ask)
    (account,) = [value for value, text in _options(form, "account") if data["login"] in text]
    shown = manager.submit(form, demande="reinitialisation", account=account)
    renewed = json.loads(manager.submit(shown.form("/export")).response.content)
    assert renewed["login"] == data["login"] and renewed["password"] != data["password"]
    assert _call(installation, token, data["login"], data["password"]).status_code == 401
    assert _call(installation, token, data["login"], renewed["password"]).status_code == 200
    assert manager.submit(form, demande="reinitialisation", account=account).status == 200
    assert _call(installation, token, data["login"], renewed["password"]).status_code == 200, "sent again, it resets nothing"

    def told():
        mails = [mail for mail in mailbox.mails(installation.state) if mail["To"] == persona["email"]]
        return [text for mail in mails if data["login"] in (text := mail.get_content())]

    (mail,) = until(told, MAIL_SECONDS, "a mail that tells of the reset")
    assert renewed["password"] not in mail and data["password"] not in mail


@pytest.mark.requirement("R126")
def test_who_is_not_principal_finds_no_way_to_a_technical_account(installation):
    manager, deputy = Visitor.signed_in(installation, "commune-gestionnaire"), Visitor.signed_in(installation, DEPUTY)
    place = manager.open("/raccordements/compte-technique").link("/comptes-techniques")
    assert "gestionnaire principal d'aucune structure" in deputy.open("/raccordements/compte-technique").main
    assert deputy.open(place).status == 403
    assert Visitor.signed_in(installation, KEY).open(place).status == 404
    form = manager.open(place).form("/comptes-techniques")
    mine = dict(deputy.open("/mon-compte").forms[-1].form_values())
    assert deputy.submit(form, csrf_token=mine["csrf_token"], label="Intrus").status == 403


@pytest.mark.requirement("R091")
@pytest.mark.requirement("R092")
def test_documents_are_kept_downloaded_and_deleted(installation):
    manager, place = Visitor.signed_in(installation, KEY), "/mon-compte/pieces-jointes/"
    for number in (1, 2):
        files = {"file": ("bon.pdf", b"%PDF-1.7 " + bytes([48 + number]), "application/pdf")}
        page = manager.submit(manager.open(place).form("pieces-jointes/"), files=files, designation=f"Bon {number}", type="BON_COMMANDE")
        assert f"Bon {number}" in page.main
    form = page.form("/selection")
    ticked = [box.get("value") for box in form.xpath(".//input[@name='document']")]
    packed = manager.submit(form, document=ticked, action="telecharger")
    with zipfile.ZipFile(io.BytesIO(packed.response.content)) as archive:
        assert sorted(map(archive.read, archive.namelist())) == [b"%PDF-1.7 1", b"%PDF-1.7 2"]
    alone = manager.open(page.link("/fichier"))
    assert alone.response.headers["Content-Disposition"].startswith("attachment")
    stranger = Visitor.signed_in(installation, DEPUTY)
    assert stranger.open(alone.url).status == 404
    sure = manager.submit(form, document=ticked, action="supprimer")
    gone = manager.submit(sure.form("/selection"), document=ticked, action="supprimer")
    assert "2 pièces supprimées" in gone.main
    assert manager.open(alone.url).status == 404


def _options(form, name):
    return [(each.get("value"), each.text_content()) for each in form.xpath(f".//select[@name='{name}']/option")]
