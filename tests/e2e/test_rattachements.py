"""A person who has just signed up asks for a rattachement, is approved, acts, and leaves; another creates a structure."""

import re

import pytest
from stdnum import luhn
from support import mailbox
from support.installation import until
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PASSPHRASE = "sept bateaux verts dérivent"
MAIL_SECONDS = 30


def _mail(installation, email, words):
    def look():
        return next(
            (mail for mail in mailbox.mails(installation.state) if mail["To"] == email and words in mail["Subject"]), None
        )

    return until(look, MAIL_SECONDS, f"a mail to {email} about {words!r}").get_content()


@pytest.fixture
def newcomer(installation, new_number):
    """Somebody who signed up, activated his account and signed in: (visitor, address)."""
    email, visitor = f"nouveau-{new_number().lower()}@exemple.invalid", Visitor(installation)
    form = visitor.open("/inscription").form("/inscription")
    visitor.submit(form, email=email, given_name="Nour", family_name="Petit", password=PASSPHRASE, again=PASSPHRASE)
    link = re.search(r"http\S+/activation/\S+", _mail(installation, email, "Activez"))[0]
    visitor.submit(visitor.open(link).forms[-1], password=PASSPHRASE)
    assert visitor.sign_in(email, PASSPHRASE).status == 200
    return visitor, email


@pytest.mark.requirement("R014")
@pytest.mark.requirement("R106")
@pytest.mark.requirement("R108")
@pytest.mark.requirement("R151")
@pytest.mark.requirement("R154")
@pytest.mark.requirement("R155")
def test_a_rattachement_from_the_request_to_the_departure(installation, newcomer):
    visitor, email = newcomer
    persona = installation.persona("commune-gestionnaire")
    manager, town = Visitor.signed_in(installation, "commune-gestionnaire"), persona["structures"][0]
    assert "rattaché à aucune structure" in visitor.open("/").main
    waiting = _badge(manager)

    def ask(comment):
        found = visitor.open("/rattachements/recherche", identifiant=town["siret"])
        form = visitor.open(found.link("/rattachements/demande/")).forms[-1]
        return visitor.submit(form, comment=comment)

    assert ask("").status == 422
    assert "envoyée au gestionnaire" in ask("Je remplace Camille").main
    assert "Je remplace Camille" in _mail(installation, persona["email"], "Demande de rattachement")
    assert _badge(manager) == waiting + 1

    number = re.search(r"n° (\d+)", manager.open("/approbations/").main)[1]
    page = manager.open(manager.open("/approbations/").link(f"n° {number}"))
    assert manager.submit(page.form("/decision"), decision="REFUSE", motive="").status == 422
    manager.submit(page.form("/decision"), decision="REFUSE", motive="Pas de Nour chez nous")
    assert "Pas de Nour chez nous" in _mail(installation, email, "refusée")
    assert "refusée" in visitor.open("/rattachements/").main

    ask("Voyez avec Claire")
    page = manager.open("/approbations/")
    [asked] = page.tree.xpath("//input[@name='approbation']/@value")
    assert "Demandes approuvées : 1" in manager.submit(page.form("/decision"), approbation=asked, decision="APPROUVE").main
    assert _badge(manager) == waiting
    assert "approuvée" in _mail(installation, email, "approuvée")
    assert visitor.open("/factures-recues/").status == 200
    assert town["name"] in visitor.open("/").main

    members = manager.open("/structures/").link(town["name"])
    page = manager.open(f"{members}/utilisateurs/")
    assert email in page.main

    form = visitor.open("/rattachements/").form("/depart")
    assert "rien n'a été fait" in visitor.submit(form).main
    assert "plus rattaché" in visitor.submit(visitor.open("/rattachements/").form("/depart"), confirmation="oui").main
    assert "rattaché à aucune structure" in visitor.open("/").main


def _badge(visitor):
    found = visitor.open("/").tree.xpath("//nav//a[contains(@href, '/approbations')]//span[@aria-label]/text()")
    return int(found[0]) if found else 0


@pytest.mark.requirement("R060")
@pytest.mark.requirement("R063")
@pytest.mark.requirement("R064")
def test_a_newcomer_creates_his_structure_once(newcomer, new_number):
    visitor, _ = newcomer
    siret = _siret(new_number())
    nothing = visitor.open("/rattachements/recherche", identifiant=siret)
    form = visitor.open(nothing.link("/structures/creation")).form("/structures/creation")
    values = {"name": "Atelier Petit", "line": "1 rue du Port", "postal_code": "29000", "city": "Quimper"}
    wrong = visitor.submit(form, **{**values, "identifier": siret[:-1] + str((int(siret[-1]) + 1) % 10)})
    assert wrong.status == 422
    assert "n'est pas un SIRET valable" in wrong.main
    created = visitor.submit(wrong.form("/structures/creation"), identifier=siret)
    assert "vous en êtes le gestionnaire principal" in created.main
    assert "Atelier Petit" in visitor.open("/").main
    again = visitor.submit(form, **{**values, "identifier": siret})
    assert again.status == 422
    assert "Demander un rattachement à Atelier Petit" in again.main


def _siret(text):
    body = f"{sum(text.encode()) * 7919 + int.from_bytes(text.encode()[-3:]):08d}"[-8:]
    siren = body + luhn.calc_check_digit(body)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")
