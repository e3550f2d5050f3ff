"""The whole journey in a real browser, with pictures of every step."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

MOTIVE = "Il manque le bon de livraison signé"
ANSWER = "Bon de livraison joint"
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)


def _keys(story):
    return [
        next(each["key"] for each in story.people(party) if each["role"] == "GP")
        for party in (story.supplier, story.easy)
    ]


def test_an_invoice_goes_from_deposit_to_payment_before_two_pairs_of_eyes(at_a_desk, story, new_number, tmp_path):
    number, (supplier, recipient) = new_number(), at_a_desk
    invoice, answer = tmp_path / f"{number}.pdf", tmp_path / "bon.pdf"
    invoice.write_bytes(story.invoice(number, "facturx"))
    answer.write_bytes(b"%PDF-1.4 signed")
    supplier.open("/connexion")
    supplier.picture("01-sign-in")
    for somebody, key in zip(at_a_desk, _keys(story), strict=True):
        somebody.sign_in(key)
    supplier.picture("02-home-of-the-supplier")

    supplier.open("/factures-emises/depot")
    supplier.fill("file", str(invoice))
    supplier.picture("03-deposit")
    supplier.press("Lire et contrôler")
    supplier.sees(number)
    supplier.sees("Brouillon")
    supplier.picture("04-draft")
    supplier.press("Valider et envoyer")
    supplier.sees("Confirmation")
    supplier.picture("05-confirmation")
    supplier.press("Confirmer et envoyer")
    supplier.sees("en cours d'acheminement")
    supplier.picture("06-sent")
    supplier.press("Suivre la facture")
    supplier.sees("Historique")

    recipient.open("/factures-recues/")
    recipient.picture("07-received")
    recipient.press(number)
    recipient.sees(story.supplier.name)
    recipient.picture("08-invoice-of-the-recipient")
    recipient.choose("to", "SUSPENDUE")
    recipient.press("Enregistrer le nouveau statut")
    recipient.sees("motif")
    recipient.picture("09-motive-missing")
    recipient.choose("to", "SUSPENDUE")
    recipient.fill("motive", MOTIVE)
    recipient.press("Enregistrer le nouveau statut")
    recipient.sees("Suspendue")

    supplier.open("/factures-emises/")
    supplier.picture("10-synthese-of-the-supplier")
    supplier.press(number)
    supplier.sees(MOTIVE)
    supplier.fill("comment", ANSWER)
    supplier.fill("documents", str(answer))
    supplier.picture("11-complete")
    supplier.press("Compléter et renvoyer")
    supplier.sees("Complétée")

    recipient.driver.refresh()
    recipient.sees(ANSWER)
    recipient.choose("to", "MISE_EN_PAIEMENT")
    recipient.press("Enregistrer le nouveau statut")
    recipient.sees("Mise en paiement")
    recipient.picture("12-paid")

    supplier.driver.refresh()
    for somebody in at_a_desk:
        somebody.press("Historique")
        timeline = somebody.find("ol.timeline").text
        assert all(
            step in timeline for step in ("Déposée", "Suspendue", "Complétée", "Mise en paiement", MOTIVE, ANSWER)
        )
    supplier.picture("13-timeline-of-the-supplier")

    supplier.open("/notifications")
    _wait_for_mail(supplier, number)
    supplier.picture("14-notifications")
    supplier.press(number)
    supplier.sees(number)
    supplier.picture("15-mail")
    for somebody in at_a_desk:
        assert [each for each in somebody.complaints() if "422" not in each] == []


def _wait_for_mail(person, number):
    from selenium.webdriver.support.wait import WebDriverWait

    def look(driver):
        driver.refresh()
        return number in person.content and "Mise en paiement" in person.content

    WebDriverWait(person.driver, 30, poll_frequency=1).until(look, "the mail of the payment")


@embedded
def test_a_refused_file_says_what_to_mend(at_a_desk, story, new_number, tmp_path):
    supplier, _ = at_a_desk
    file = tmp_path / "faulty.xml"
    file.write_bytes(
        story.invoice(new_number()).replace(b">EUR</cbc:DocumentCurrencyCode>", b">EURO</cbc:DocumentCurrencyCode>")
    )
    supplier.sign_in(_keys(story)[0])
    supplier.open("/factures-emises/depot")
    supplier.fill("file", str(file))
    supplier.press("Lire et contrôler")
    supplier.sees("Fichier refusé")
    supplier.sees("Que faire")
    supplier.picture("20-refused")


@embedded
def test_on_a_telephone_nothing_is_wider_than_the_screen(with_a_telephone, story, new_number):
    number = new_number()
    identifier = story.sent(story.visitor(story.supplier), number)
    somebody = with_a_telephone
    somebody.open("/connexion")
    paths = [
        "/connexion",
        "/",
        "/factures-emises/",
        f"/factures-emises/{identifier}",
        "/factures-emises/depot",
        "/annuaire/",
        "/sante",
    ]
    somebody.sign_in(_keys(story)[0])
    for path in paths:
        somebody.open(path)
        somebody.find("main")
        wide = somebody.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1] == 360, f"{path} is {wide[0]} px wide"
        somebody.picture(f"30-telephone-{path.strip('/').replace('/', '-')[:24] or 'home'}")


@embedded
@pytest.mark.requirement("R300")
def test_the_keyboard_reaches_the_content_first(at_a_desk):
    somebody, _ = at_a_desk
    somebody.open("/connexion")
    somebody.find("body").send_keys(Keys.TAB)
    skip = somebody.driver.switch_to.active_element
    assert skip.get_attribute("class") == "skip-link"
    assert skip.is_displayed()
    somebody.picture("40-skip-link")
    skip.send_keys(Keys.ENTER)
    assert somebody.driver.switch_to.active_element.get_attribute("id") == "contenu"


@embedded
@pytest.mark.requirement("R300")
def test_every_page_has_one_title_and_labelled_fields(at_a_desk, story):
    somebody, _ = at_a_desk
    somebody.sign_in(_keys(story)[0])
    for path in (
        "/",
        "/factures-emises/",
        "/factures-emises/depot",
        "/factures-emises/depot-pdf",
        "/factures-emises/saisie",
        "/structures/",
        "/annuaire/",
        "/validation",
        "/sante",
    ):
        somebody.open(path)
        assert len(somebody.driver.find_elements(By.TAG_NAME, "h1")) == 1, path
        unlabelled = [
            field.get_attribute("name")
            for field in somebody.driver.find_elements(
                By.CSS_SELECTOR, "main input:not([type=hidden]), main select, main textarea"
            )
            if not somebody.driver.execute_script("return arguments[0].labels.length || Boolean(arguments[0].ariaLabel)", field)
        ]
        assert unlabelled == [], path
    assert somebody.complaints() == []
