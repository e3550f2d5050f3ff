"""From no account at all to a structure with another gestionnaire, before real eyes, with pictures of every step at both widths."""

import re

import pytest
from selenium.webdriver.support.wait import WebDriverWait
from support.browser import person
from support.structures import siret_of

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

PASSPHRASE = "sept bateaux verts dérivent"
MAIL_SECONDS = 60
#: Two espaces whose pages plugins bring, and the address of the second.
WORKS, ESPACE, ESPACE_ADDRESS = "Factures de travaux", "Bonjour", "/espaces/bonjour/"
MANAGING = "Activités du gestionnaire"
MOTIVE = "Qui êtes-vous ?"


class Street:
    """Three windows: who founds, who joins, and the demonstration's mailbox, in which the mails of both can be read."""

    def __init__(self, founder, colleague, mailbox):
        self.founder, self.colleague, self.mailbox = founder, colleague, mailbox
        self._step = 0

    def picture(self, somebody, name):
        self._step += 1
        somebody.pictures_at_both_widths(f"r{self._step:02}-{name}")

    def mail(self, email, subject):
        """Open the newest mail to somebody about something, once it is there."""
        self.mailbox.open(f"/boite-locale?destinataire={email}")

        def look(driver):
            driver.refresh()
            return subject in self.mailbox.content

        WebDriverWait(self.mailbox.driver, MAIL_SECONDS, poll_frequency=1).until(look, f"{subject!r} to {email}")
        self.mailbox.press(subject)
        self.mailbox.find(".mail-body")

    def sign_up(self, somebody, given_name, email, pictures=False):
        somebody.open("/inscription")
        for name, text in {"email": email, "given_name": given_name, "family_name": "Petit"}.items():
            somebody.fill(name, text)
        for name in ("password", "again"):
            somebody.fill(name, PASSPHRASE)
        if pictures:
            self.picture(somebody, "sign-up")
        somebody.press("Créer mon compte")
        somebody.sees("Consultez votre messagerie")
        if pictures:
            self.picture(somebody, "mail-is-on-its-way")
        self.mail(email, "Activez")
        if pictures:
            self.picture(self.mailbox, "activation-mail")
        somebody.driver.get(self.mailbox.find(".mail-body a[href*='/activation/']").get_attribute("href"))
        somebody.fill("password", PASSPHRASE)
        if pictures:
            self.picture(somebody, "activation")
        somebody.press("Activer mon compte")
        somebody.sees("Se connecter")
        somebody.open("/connexion")
        somebody.fill("email", email)
        somebody.fill("password", PASSPHRASE)
        somebody.press("Se connecter")
        WebDriverWait(somebody.driver, MAIL_SECONDS).until(lambda driver: "Déconnexion" in driver.page_source, f"{email} signed in")
        somebody.open("/")

    def ask(self, somebody, siret, comment, picture):
        somebody.open("/rattachements/recherche")
        somebody.fill("identifiant", siret)
        somebody.press("Chercher")
        somebody.press("Demander")
        somebody.fill("comment", comment)
        self.picture(somebody, picture)
        somebody.press("Envoyer la demande")


@pytest.fixture
def street(installation, story, tmp_path):
    with (
        person(installation, tmp_path / "founder") as founder,
        person(installation, tmp_path / "colleague") as colleague,
        person(installation, tmp_path / "mailbox") as mailbox,
    ):
        mailbox.sign_in(next(each["key"] for each in story.people(story.supplier)))
        yield Street(founder, colleague, mailbox)


@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
@pytest.mark.requirement("R022")
@pytest.mark.requirement("R120")
@pytest.mark.requirement("R127")
@pytest.mark.requirement("R141")
@pytest.mark.requirement("R142")
@pytest.mark.requirement("R150")
@pytest.mark.requirement("R155")
@pytest.mark.requirement("R156")
def test_a_structure_is_founded_shared_and_handed_over_in_a_browser(street, new_number):
    siret, addresses = siret_of(new_number()), [f"{name}-{new_number()}@exemple.invalid".lower() for name in ("fatou", "cyprien")]
    structure = found(street, siret, addresses[0])
    join(street, siret, addresses)
    refuse_then_approve(street, siret, addresses[1])
    share(street)
    hand_over(street, structure, addresses)
    for somebody in (street.founder, street.colleague):
        # Refusals that the story is about are answered with these two.
        assert [each for each in somebody.complaints() if not re.search(r"status of (403|422)", each)] == []


def found(street, siret, address):
    """An account, then a structure; returns the address of its page."""
    founder = street.founder
    street.sign_up(founder, "Fatou", address, pictures=True)
    founder.sees("rattaché à aucune structure")
    assert MANAGING not in founder.menu()
    street.picture(founder, "home-without-a-structure")
    founder.open("/rattachements/recherche")
    founder.fill("identifiant", siret)
    founder.press("Chercher")
    founder.sees("Créer une structure")
    street.picture(founder, "nothing-found")
    founder.press("Créer une structure")
    for name, text in {"name": "Atelier Fatou", "line": "1 rue du Port", "postal_code": "29000", "city": "Quimper"}.items():
        founder.fill(name, text)
    street.picture(founder, "structure-to-be-created")
    founder.press("Créer la structure")
    founder.sees("vous en êtes le gestionnaire principal")
    street.picture(founder, "structure-created")
    return founder.driver.current_url.removeprefix(founder.installation.base_url).rstrip("/")


def join(street, siret, addresses):
    """A colleague asks; the gestionnaire has a mail, and finds the request from both of its entries."""
    founder, colleague = street.founder, street.colleague
    street.sign_up(colleague, "Cyprien", addresses[1])
    street.ask(colleague, siret, "Je vous rejoins", "rattachement-to-be-asked")
    colleague.sees("en attente")
    street.picture(colleague, "rattachement-asked")
    street.mail(addresses[0], "Demande de rattachement")
    street.picture(street.mailbox, "mail-to-the-gestionnaire")
    founder.follow("Approbations")
    founder.sees("Rattachement à la structure")
    street.picture(founder, "approbations")
    founder.follow(MANAGING)
    founder.sees("Atelier Fatou")
    street.picture(founder, "activities")
    founder.press("Demandes à traiter")
    founder.press("n° ")
    founder.sees("Je vous rejoins")
    street.picture(founder, "request")


def refuse_then_approve(street, siret, address):
    """No refusal without a motive, which the colleague reads in a mail and in his list; what he asks again is approved."""
    founder, colleague = street.founder, street.colleague
    founder.unfold("Refuser")
    founder.press("Refuser la demande")
    founder.sees("Écrivez le motif du refus")
    street.picture(founder, "motive-missing")
    founder.fill("motive", MOTIVE)
    founder.press("Refuser la demande")
    founder.sees("Demandes refusées : 1")
    street.picture(founder, "refused")
    street.mail(address, "refusée")
    assert MOTIVE in street.mailbox.content
    street.picture(street.mailbox, "mail-of-the-refusal")
    colleague.open("/rattachements/")
    colleague.sees(MOTIVE)
    street.picture(colleague, "refusal-seen")

    street.ask(colleague, siret, "Cyprien, de la comptabilité", "asked-again")
    colleague.sees("en attente")
    founder.follow("Approbations")
    assert founder.tick("approbation") == 1
    street.picture(founder, "ticked")
    founder.press("Approuver les demandes cochées")
    founder.sees("Demandes approuvées : 1")
    street.picture(founder, "approved")
    colleague.open("/")
    colleague.sees("Atelier Fatou")
    assert ESPACE not in colleague.menu() and MANAGING not in colleague.menu()
    street.picture(colleague, "home-of-the-colleague")


def share(street):
    """Espaces are added by the gestionnaire; a colleague has each once the request made for him is approved, at his next click."""
    founder, colleague = street.founder, street.colleague
    for number, label in enumerate((WORKS, ESPACE), 1):
        founder.follow(MANAGING)
        founder.press("Liste des espaces de la structure")
        founder.press(f"Ouvrir l'espace {label}")
        founder.sees("L'espace est ouvert : son onglet est dans le menu.")
        founder.sees(f"Demandes à traiter : {number}")
        street.picture(founder, f"espace-opened-{number}")
    assert {WORKS, ESPACE} <= set(founder.menu())
    colleague.follow("Mon compte")
    assert not {WORKS, ESPACE} & set(colleague.menu())
    colleague.open(ESPACE_ADDRESS)
    colleague.sees("Accueil")
    assert ESPACE not in colleague.menu()
    street.picture(colleague, "espace-not-yet")

    founder.press("Demandes à traiter")
    founder.sees("Cyprien Petit")
    assert founder.tick("approbation") == 2
    street.picture(founder, "generated-list")
    founder.press("Approuver les demandes cochées")
    founder.sees("Demandes approuvées : 2")
    street.picture(founder, "generated-list-approved")
    colleague.follow("Mon compte")
    assert {WORKS, ESPACE} <= set(colleague.menu())
    colleague.follow(WORKS)
    colleague.sees("Quel cadre ?")
    street.picture(colleague, "tab-of-works")
    colleague.follow(ESPACE)
    colleague.sees("Atelier Fatou")
    street.picture(colleague, "tab-of-the-espace")
    colleague.open("/mes-habilitations")
    colleague.sees(WORKS)
    street.picture(colleague, "habilitations-of-the-colleague")


def hand_over(street, structure, addresses):
    """The role goes to the colleague, who manages from his next click on; who was gestionnaire may then leave."""
    founder, colleague = street.founder, street.colleague
    founder.open("/rattachements/")
    founder.unfold("Me détacher de Atelier Fatou")
    founder.sees("transmettez d'abord ce rôle")
    street.picture(founder, "a-gestionnaire-cannot-leave")
    founder.press("Utilisateurs de la structure")
    founder.unfold("Transmettre le rôle de gestionnaire principal à Cyprien")
    assert founder.tick("confirmation") == 1
    street.picture(founder, "handing-over")
    founder.press("Transmettre le rôle")
    founder.sees("Le rôle de gestionnaire principal est transmis")
    assert MANAGING not in founder.menu()
    street.picture(founder, "handed-over")
    street.mail(addresses[1], "Vous êtes gestionnaire principal")
    street.picture(street.mailbox, "mail-to-the-new-gestionnaire")

    founder.open("/rattachements/")
    founder.unfold("Me détacher de Atelier Fatou")
    assert founder.tick("confirmation") == 1
    street.picture(founder, "leaving")
    founder.press("Me détacher")
    founder.sees("Vous n'êtes plus rattaché")
    street.picture(founder, "left")
    founder.open("/")
    founder.sees("rattaché à aucune structure")
    assert ESPACE not in founder.menu()

    colleague.follow("Mon compte")
    assert MANAGING in colleague.menu()
    colleague.follow(MANAGING)
    colleague.press("Utilisateurs de la structure")
    colleague.sees(addresses[1])
    assert addresses[0] not in colleague.content
    assert colleague.find("#liste").text.count("Gestionnaire principal") == 1
    street.picture(colleague, "users-of-the-new-gestionnaire")
    colleague.open(structure)
    colleague.press("Historique")
    colleague.sees("Rôle de gestionnaire principal transmis")
    colleague.sees("habilitations : Bonjour (consultation)")
    colleague.sees("état : en attente → refusée")
    street.picture(colleague, "history")
