"""An invoice is typed in a real browser, left, found again, sent; on a wide screen and on a telephone."""

import uuid
from decimal import Decimal

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)

LINES = [
    ("Ramettes A4", "10", "3,90", "20"),
    ("Cartouches", "4", "25,50", "20"),
    ("Livres", "12,5", "8", "5,5"),
    ("Chaises", "2", "149,99", "20"),
    ("Revue", "1", "60", "5,5"),
]
#: 39.00 + 102.00 + 299.98 at 20 %, 100.00 + 60.00 at 5.5 %.
NET, TAX, GROSS = Decimal("600.98"), Decimal("97.00"), Decimal("697.98")


def _amount(text):
    return Decimal("".join(sign for sign in text if sign.isdigit() or sign == ",").replace(",", "."))


def _gestionnaire(story):
    return next(each["key"] for each in story.people(story.supplier) if each["role"] == "GP")


def _type(somebody, number):
    somebody.fill("number", number)
    Select(somebody.find("main [name='payment_mode']")).select_by_value("CHEQUE")
    for position, (name, quantity, price, rate) in enumerate(LINES, 1):
        if position > 1:
            somebody.press("Ajouter une ligne")
        for field, text in (("name", name), ("quantity", quantity), ("price", price), ("rate", rate)):
            somebody.fill(f"lines-{position}-{field}", text)


def _shown_totals(somebody):
    return [_amount(somebody.find(f"[data-total='{name}']").text) for name in ("net", "tax", "gross")]


def _typed_and_sent(somebody, story, tag):
    number = f"S-{uuid.uuid4().hex[:8].upper()}"
    somebody.sign_in(_gestionnaire(story))
    somebody.open("/factures-emises/saisie")
    somebody.picture(f"{tag}-50-entry-begins")
    somebody.fill("recipient_siret", story.easy.siret)
    somebody.press("Commencer la saisie")
    somebody.sees("Comment nous facturer")
    address = somebody.driver.current_url
    _type(somebody, number)
    # The page keeps itself, without a button, and shows what the server computed.
    somebody.until(lambda _: _shown_totals(somebody) == [NET, TAX, GROSS], "the totals of the server")
    somebody.sees("non envoyé")
    wide = somebody.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]
    somebody.picture(f"{tag}-51-entry-typed")
    assert somebody.driver.current_url.split("#")[0] == address

    somebody.open("/")
    somebody.sees("non envoyé")
    somebody.open("/factures-emises/")
    somebody.press(number)
    somebody.sees("Brouillon non envoyé")
    names = [somebody.find(f"main [name='lines-{position}-name']").get_attribute("value") for position in range(1, 6)]
    assert names == [name for name, *_ in LINES]
    assert _shown_totals(somebody) == [NET, TAX, GROSS]
    somebody.press("Contrôler et confirmer")
    somebody.sees("Confirmation d'envoi")
    somebody.sees(number)
    somebody.picture(f"{tag}-52-confirmation")
    somebody.press("Confirmer et envoyer")
    somebody.sees("en cours d'acheminement")
    assert somebody.find("main a[href$='/certificat']").is_displayed()
    somebody.picture(f"{tag}-53-sent")
    assert somebody.complaints() == []
    return number


@embedded
@pytest.mark.requirement("R160")
@pytest.mark.requirement("R164")
def test_five_lines_are_typed_left_found_again_and_sent(at_a_desk, story):
    supplier, recipient = at_a_desk
    number = _typed_and_sent(supplier, story, "desk")
    recipient.sign_in(next(each["key"] for each in story.people(story.easy) if each["role"] == "GP"))
    recipient.open("/factures-recues/")
    recipient.press(number)
    recipient.sees("Ramettes A4")


@embedded
def test_the_same_on_a_telephone(with_a_telephone, story):
    _typed_and_sent(with_a_telephone, story, "telephone")


@embedded
def test_of_two_windows_the_second_is_told_and_loses_nothing(at_a_desk, story):
    first, second = at_a_desk
    for somebody in at_a_desk:
        somebody.sign_in(_gestionnaire(story))
    first.open("/factures-emises/saisie")
    first.fill("recipient_siret", story.easy.siret)
    first.press("Commencer la saisie")
    first.sees("Comment nous facturer")
    path = first.driver.current_url.removeprefix(first.installation.base_url)
    second.open(path)
    second.sees("Comment nous facturer")
    first.fill("lines-1-name", "Première fenêtre")
    first.sees("Enregistré à")
    second.fill("lines-1-name", "Seconde fenêtre")
    second.sees("dans une autre fenêtre")
    second.driver.find_elements(By.CSS_SELECTOR, ".entry-actions [value='save']")[0].click()
    second.sees("Ce brouillon a changé dans une autre fenêtre")
    assert second.find("main [name='lines-1-name']").get_attribute("value") == "Seconde fenêtre"
    second.picture("desk-54-conflict")
    second.press("En faire un autre brouillon")
    second.until(lambda driver: path not in driver.current_url, "another draft")
    assert second.find("main [name='lines-1-name']").get_attribute("value") == "Seconde fenêtre"
    first.driver.refresh()
    assert first.find("main [name='lines-1-name']").get_attribute("value") == "Première fenêtre"
