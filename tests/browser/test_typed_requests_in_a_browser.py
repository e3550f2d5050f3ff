"""Requests that people type, in a real browser: lines from a file of which some are wrong, and a mémoire in its four steps."""

import base64
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from support.browser import DESKTOP, TELEPHONE, person

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)
both_widths = pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desk", "telephone"])

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FETCHED = (
    "const [address, done] = arguments;"
    "fetch(address).then((answer) => answer.blob()).then((blob) => {"
    "  const reader = new FileReader();"
    "  reader.onload = () => done(reader.result.split(',')[1]);"
    "  reader.readAsDataURL(blob);"
    "});"
)


@pytest.fixture
def somebody(installation, tmp_path, size):
    with person(installation, tmp_path / "window", size) as window:
        yield window


def today():
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date()


def siret(installation, persona):
    [structure] = installation.persona(persona)["structures"]
    return structure["siret"]


def begin(window, who, espace):
    window.sign_in(who)
    window.open(f"/espaces/{espace}/demandes")
    window.press("Nouvelle demande")
    window.sees("Brouillon, non envoyé")


def days(window, **values):
    """Choose days: what a calendar puts in differs from browser to browser, the value does not."""
    for name, value in values.items():
        field = window.find(f"main [name='form.{name}']")
        window.driver.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", field, value
        )


def save(window):
    """Press the button at the foot of the form; the first one of that name is there for the key Enter alone."""
    before = window.find("html")
    button = window.find("main .entry-actions [name='action'][value='save']")
    window.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
    button.click()
    window.until(staleness_of(before), "the page of the draft that was kept")


def keep(window):
    save(window)
    window.sees("Le brouillon est enregistré.")


def is_as_wide_as_its_window(window):
    wide, inner = window.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= inner, f"{window.driver.current_url} is {wide} px wide on {inner} px"


def reached_by_keyboard(window, most=200):
    """The names and the words of what Tab comes to, from the beginning of the page."""
    window.driver.execute_script("document.activeElement.blur(); window.scrollTo({top: 0, behavior: 'instant'})")
    found = set()
    for _ in range(most):
        ActionChains(window.driver).send_keys(Keys.TAB).perform()
        found.update(window.driver.execute_script("const at = document.activeElement; return [at.name || '', at.textContent.trim()]"))
    return found


# Remboursements de taxes: 300 lines, of which two are wrong


def deliveries(year):
    rows = [f"F-{index};{year}-{index % 12 + 1:02d}-15;FIOUL_LOURD;1,5;QUINTAL" for index in range(298)]
    rows[100:100] = ["F-A;2020-01-01;FIOUL_LOURD;beaucoup;QUINTAL"]
    rows[250:250] = [f"F-B;{year}-06-01;CHARBON;2;QUINTAL"]
    return "\n".join(["Numéro de facture;Date de livraison;Type de carburant;Volume;Unité", *rows, ""])


@embedded
@both_widths
@pytest.mark.requirement("R210")
@pytest.mark.requirement("R211")
def test_of_300_lines_of_a_file_two_are_named_with_what_is_wrong_and_the_rest_is_kept(installation, somebody, tmp_path):
    year = today().year - 1
    begin(somebody, "agricultrice", "remboursement-tic")
    somebody.fill("form.year", str(year))
    somebody.fill("party.instructeur", siret(installation, "instructeur-tic"))
    keep(somebody)
    file = tmp_path / "livraisons.csv"
    file.write_text(deliveries(year), "utf-8")
    somebody.fill("lines_file", str(file))
    assert {"lines_file", "mode", "Importer"} <= reached_by_keyboard(somebody)
    somebody.press("Importer")
    somebody.sees("298 lignes sont gardées.")
    somebody.sees("2 lignes sont refusées")
    rows = somebody.driver.find_elements("css selector", "main tbody tr")
    told = [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in rows]
    assert [(row, field) for row, field, *_ in told] == [("102", "Volume"), ("252", "Type de carburant")]
    assert all(message and remedy for *_, message, remedy in told)
    is_as_wide_as_its_window(somebody)
    somebody.picture("import-report")
    somebody.press("Revenir au brouillon")
    somebody.sees("Lignes (298)")
    assert somebody.find("[name='line.1.invoice']").get_attribute("value") == "F-0"
    is_as_wide_as_its_window(somebody)
    assert [each for each in somebody.complaints() if "status of 422" not in each] == []


# Mémoires de frais de justice: header, lines, attachments, check and send


def f30(content):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return Decimal(next(each for each in sheet.iter(f"{CELL}c") if each.get("r") == "F30").find(f"{CELL}v").text)


def amount(text):
    """An amount of a page as a number."""
    return Decimal(text.replace("\N{NARROW NO-BREAK SPACE}", "").replace("\N{NO-BREAK SPACE}", "").replace("€", "").replace(",", "."))


def header(window, court, number, day):
    window.fill("number", number)
    for name in ("legal_aid", "consignation", "heard", "prefecture"):
        window.select(f"form.{name}", "NON")
    for name, value in (("category", "TRADUCTEUR"), ("procedure", "PENALE"), ("prescriber", "OPJ")):
        window.select(f"form.{name}", value)
    window.fill("form.case_number", "26/00123")
    days(window, issued=day, decided=day, mission_start=day, mission_end=day)
    window.fill("party.juridiction", court)
    window.fill("service.juridiction", "FRAIS")


def lines(window):
    """One service with its expenses in the built-in calculator; return their total once it is kept."""
    window.select("line.1.service", "TRAD_ORAL")
    window.select("line.1.vehicle", "CV5")
    spent = {"kilometres": "120", "meals": "2", "tickets": "31,40", "tolls": "8,60", "postage": "5,05"}
    for name, text in {"quantity": "3", **spent}.items():
        window.fill(f"line.1.{name}", text)
    keep(window)
    assert window.find("[id='line.1.price']").text.startswith("30")
    before = amount(expenses(window))
    # Nobody saves this, and the total follows all the same.
    window.fill("line.1.postage", "6,05")
    window.until(lambda _: amount(expenses(window)) == before + 1, "the total of the expenses")
    return before + 1


def expenses(window):
    return window.find("[id='line.1.expenses']").text


@embedded
@both_widths
@pytest.mark.requirement("R201")
@pytest.mark.requirement("R202")
@pytest.mark.requirement("R203")
@pytest.mark.requirement("R204")
def test_a_memoire_goes_through_its_four_steps_and_its_bordereau_says_what_the_page_says(installation, somebody, tmp_path, new_number):
    number = f"MEM-{new_number()}"
    begin(somebody, "expert", "frais-de-justice")
    assert somebody.driver.find_elements("css selector", "main [name^='line.']") == [], "the header comes first"
    header(somebody, siret(installation, "greffe"), number, today().isoformat())
    is_as_wide_as_its_window(somebody)
    keep(somebody)

    spent = lines(somebody)
    assert spent > Decimal("45.05")
    keep(somebody)
    assert amount(somebody.find("[id='line.1.expenses']").text) == spent
    is_as_wide_as_its_window(somebody)
    names = reached_by_keyboard(somebody, 260)
    calculator = {f"line.1.{name}" for name in ("service", "quantity", "kilometres", "vehicle", "meals", "tickets", "tolls", "postage")}
    assert calculator | {"documents", "Recalculer", "Vérifier et envoyer"} <= names

    links = somebody.driver.find_elements("css selector", "main .entry-document a[href*='/pieces/']")
    [link] = [each for each in links if each.text.endswith(".xlsx")]  # the bordereau has attached itself
    somebody.driver.set_script_timeout(60)
    book = base64.b64decode(somebody.driver.execute_async_script(FETCHED, link.get_attribute("href")))
    assert f30(book) == spent

    for name, what in (("requisition", "Réquisition"), ("attestation", "Attestation de mission"), ("option", "Option TVA")):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(PDF)
        somebody.fill("documents", str(file))
        somebody.fill("designation", what)
        save(somebody)
        somebody.sees(f"{name}.pdf")
    somebody.picture("memoire-ready")
    somebody.press("Vérifier et envoyer")
    somebody.sees("Confirmation d'envoi")
    is_as_wide_as_its_window(somebody)
    somebody.press("Confirmer et envoyer")
    somebody.sees(f"La demande n° {number} est envoyée.")
    somebody.picture("memoire-sent")
    assert somebody.complaints() == []
