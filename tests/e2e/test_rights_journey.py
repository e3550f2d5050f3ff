"""From no account at all to a structure with another gestionnaire: every step as people make it, in the pages."""

import re

import pytest
from support import mailbox
from support.installation import until
from support.structures import siret_of
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PASSPHRASE = "sept bateaux verts dérivent"
MAIL_SECONDS = 30
ESPACE = "/espaces/bonjour/"


def mail(installation, email, words):
    def look():
        found = mailbox.mails(installation.state)
        return next((each for each in found if each["To"] == email and words in each["Subject"]), None)

    return until(look, MAIL_SECONDS, f"a mail to {email} about {words!r}").get_content()


@pytest.fixture
def sign_up(installation, new_number):
    """Sign somebody up, activate the account from the mail, and sign in: (visitor, address)."""

    def sign_up(given_name):
        email, visitor = f"{given_name}-{new_number()}@exemple.invalid".lower(), Visitor(installation)
        form = visitor.open("/inscription").form("/inscription")
        visitor.submit(form, email=email, given_name=given_name, family_name="Petit", password=PASSPHRASE, again=PASSPHRASE)
        link = re.search(r"http\S+/activation/\S+", mail(installation, email, "Activez"))[0]
        visitor.submit(visitor.open(link).forms[-1], password=PASSPHRASE)
        assert visitor.sign_in(email, PASSPHRASE).status == 200
        return visitor, email

    return sign_up


def menu(visitor):
    return visitor.open("/").tree.xpath("//nav[contains(@class, 'site-menu')]//a/@href")


def ask(visitor, siret, comment):
    found = visitor.open("/rattachements/recherche", identifiant=siret)
    return visitor.submit(visitor.open(found.link("/rattachements/demande/")).forms[-1], comment=comment)


@pytest.mark.requirement("R120")
@pytest.mark.requirement("R127")
@pytest.mark.requirement("R141")
@pytest.mark.requirement("R142")
@pytest.mark.requirement("R150")
@pytest.mark.requirement("R155")
@pytest.mark.requirement("R156")
def test_a_structure_is_founded_shared_and_handed_over(installation, sign_up, new_number):
    founder, founders_address = sign_up("Fatou")
    siret = siret_of(new_number())
    nothing = founder.open("/rattachements/recherche", identifiant=siret)
    form = founder.open(nothing.link("/structures/creation")).form("/structures/creation")
    address = {"line": "1 rue du Port", "postal_code": "29000", "city": "Quimper"}
    created = founder.submit(form, name="Atelier Fatou", identifier=siret, **address)
    assert "vous en êtes le gestionnaire principal" in created.main
    structure = created.url.rstrip("/")

    colleague, email = sign_up("Cyprien")
    ask(colleague, siret, "Je vous rejoins")
    assert "Je vous rejoins" in mail(installation, founders_address, "Demande de rattachement")
    assert "/activites-du-gestionnaire/" not in menu(colleague)
    assert colleague.open("/activites-du-gestionnaire/").status == 403

    activities = founder.open("/activites-du-gestionnaire/")
    page = founder.open(activities.link("/approbations/"))
    page = founder.open(page.link("n° "))
    assert "Fatou Petit" in page.main
    refused = founder.submit(page.form("/decision"), decision="REFUSE", motive="Qui êtes-vous ?")
    assert "Demandes refusées : 1" in refused.main
    assert "Qui êtes-vous ?" in mail(installation, email, "refusée")
    assert "Qui êtes-vous ?" in colleague.open("/rattachements/").main
    ask(colleague, siret, "Cyprien, de la comptabilité")
    page = founder.open("/approbations/")
    [asked] = page.tree.xpath("//input[@name='approbation']/@value")
    founder.submit(page.form("/decision"), approbation=asked, decision="APPROUVE")
    assert "Atelier Fatou" in colleague.open("/").main

    third, third_address = sign_up("Thais")
    attached = founder.submit(founder.open(f"{structure}/utilisateurs/").form("/rattachement"), email=third_address)
    assert third_address in attached.main
    assert "Atelier Fatou" in mail(installation, third_address, "rattaché")

    assert ESPACE not in menu(colleague)
    founder.submit(founder.open(structure).form("/espaces/bonjour/ouverture"))
    assert ESPACE in menu(founder)
    assert ESPACE not in menu(colleague)
    assert colleague.open(ESPACE).status == 403
    page = founder.open("/approbations/")
    generated = page.tree.xpath("//input[@name='approbation']/@value")
    assert len(generated) == 2
    assert "Demandes approuvées : 2" in founder.submit(page.form("/decision"), approbation=generated, decision="APPROUVE").main
    assert ESPACE in menu(colleague) and ESPACE in menu(third)
    assert colleague.open(ESPACE).status == 200

    page = founder.open(f"{structure}/utilisateurs/")
    handing_over = [form for form in page.forms if form.get("action", "").endswith("/transmission")]
    [heir] = [form for form in handing_over if "Cyprien" in form.getparent().text_content()]
    assert "transmis" in founder.submit(heir, confirmation="oui").main
    assert "/activites-du-gestionnaire/" not in menu(founder)
    assert "Atelier Fatou" in colleague.open("/activites-du-gestionnaire/").main
    assert "gestionnaire principal" in mail(installation, email, "Vous êtes gestionnaire principal")
    leaving = founder.submit(founder.open("/rattachements/").form("/depart"), confirmation="oui")
    assert "plus rattaché" in leaving.main
    assert "rattaché à aucune structure" in founder.open("/").main
    members = colleague.open(f"{structure}/utilisateurs/").main
    assert founders_address not in members and third_address in members
