"""From no account at all to a structure that a colleague asks to join, with pictures of every step at both widths."""

import pytest
from selenium.webdriver.support.wait import WebDriverWait
from support.browser import person
from support.structures import siret_of

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

PASSPHRASE = "sept bateaux verts dérivent"
MAIL_SECONDS = 60


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
def test_a_structure_is_founded_and_a_colleague_asks_to_join_it_in_a_browser(street, new_number):
    founder, colleague = street.founder, street.colleague
    siret, addresses = siret_of(new_number()), [f"{name}-{new_number()}@exemple.invalid".lower() for name in ("fatou", "cyprien")]

    street.sign_up(founder, "Fatou", addresses[0], pictures=True)
    founder.sees("rattaché à aucune structure")
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

    street.sign_up(colleague, "Cyprien", addresses[1])
    street.ask(colleague, siret, "Je vous rejoins", "rattachement-to-be-asked")
    colleague.sees("en attente")
    street.picture(colleague, "rattachement-asked")
    street.mail(addresses[0], "Demande de rattachement")
    street.picture(street.mailbox, "mail-to-the-gestionnaire")
    founder.open("/approbations/")
    street.picture(founder, "approbations")
    founder.press("n° ")
    founder.sees("Je vous rejoins")
    street.picture(founder, "request")
