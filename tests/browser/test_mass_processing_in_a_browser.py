"""A recipient filters, ticks ten invoices, suspends two and pays eight in a real browser, then prints one; at a desk and on a telephone."""

import base64
import io

import pytest
from pypdf import PdfReader
from selenium.webdriver.common.by import By
from support.machine import UBL, tar_gz

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)

MOTIVE = "Le bon de livraison signé manque"


def _received(story, prefix):
    numbers = [f"{prefix}-{place}" for place in range(10)]
    numero = story.machine.deposit(tar_gz({f"{n}.xml": story.invoice(n) for n in numbers}), "lot.tar.gz", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    return numbers


def _tick(somebody, numbers):
    for number in numbers:
        box = somebody.find(f"main input[name='facture'][aria-label$='{number}']")
        somebody.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", box)
        box.click()


def _process(somebody, numbers, to, tag, motive=""):
    """Tick, say what to do, and wait for the report."""
    _tick(somebody, numbers)
    somebody.press("Traiter les factures cochées")
    somebody.sees(f"{len(numbers)} factures sont choisies")
    somebody.find(f"main select[name='to'] option[value='{to}']").click()
    if motive:
        somebody.fill("motive", motive)
    somebody.picture(f"{tag}-asked")
    somebody.press("Traiter ces factures")
    somebody.sees(f"{len(numbers)} factures traitées")
    assert somebody.content.count("faite") >= len(numbers)
    somebody.pictures_at_both_widths(f"{tag}-report")


def _printed(somebody):
    """The words of the page as the browser prints it, and on how many sheets."""
    printed = somebody.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pages = PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages
    return " ".join(page.extract_text() for page in pages), len(pages)


def _worked(somebody, story, prefix, tag):
    numbers = _received(story, prefix)
    somebody.sign_in(next(each["key"] for each in story.people(story.easy) if each["role"] == "GP"))
    somebody.open("/factures-recues/?onglet=tout")
    somebody.unfold("Filtrer et trier")
    somebody.fill("number", f"{prefix}-*")
    somebody.press("Filtrer")
    somebody.until(
        lambda driver: len(driver.find_elements(By.CSS_SELECTOR, "main input[name='facture']")) == 10, "ten invoices"
    )
    somebody.pictures_at_both_widths(f"{tag}-list")
    address = somebody.driver.current_url.removeprefix(somebody.installation.base_url)
    _process(somebody, numbers[:2], "SUSPENDUE", f"{tag}-suspended", MOTIVE)
    somebody.open(address)
    _process(somebody, numbers[2:], "MISE_EN_PAIEMENT", f"{tag}-paid")
    somebody.open(address)
    shown = somebody.content
    assert (shown.count("Suspendue"), shown.count("Mise en paiement")) >= (2, 8)

    somebody.press(numbers[0])
    somebody.sees(MOTIVE)
    words, sheets = _printed(somebody)
    assert numbers[0] in words
    assert "Déconnexion" not in words
    assert sheets <= 2
    assert somebody.complaints() == []


@embedded
@pytest.mark.requirement("R165")
def test_of_ten_invoices_two_are_suspended_and_eight_paid_at_a_desk(at_a_desk, story, new_number):
    _, recipient = at_a_desk
    _worked(recipient, story, new_number(), "desk")


@embedded
def test_the_same_on_a_telephone(with_a_telephone, story, new_number):
    _worked(with_a_telephone, story, new_number(), "telephone")
