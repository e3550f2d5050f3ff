"""500 invoices of every format in one flux, a quarter refused for different reasons: page, files and API say which and why."""

import csv
import io
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest
import requests
from pypdf import PdfReader
from support.invoice_factory import Party, fictional_siret
from support.machine import SECONDS, tar_gz

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1500)]

MIXED = "FLUX_MIXTE"
TOTAL, KINDS = 500, ("ubl", "cii", "facturx", "e1")


def _total_wrong(content):
    return re.sub(rb"(<(?:cbc:TaxInclusiveAmount|ram:GrandTotalAmount)[^>]*>)[^<]*", rb"\g<1>1.00", content)


@pytest.fixture(scope="module")
def lot(story):
    """The files of the flux, and of each refused one: the code, the rule, and what its report must quote as the value read."""
    files, refused = {}, {}
    nobody = Party(fictional_siret(999999), "Personne")
    for n in range(TOTAL):
        number, kind = f"MIX-{n:04}", KINDS[n % len(KINDS)]
        name = f"{number}.{'pdf' if kind == 'facturx' else 'xml'}"
        defect = n % 25
        if defect == 1 and kind != "facturx":
            files[name], refused[name] = _total_wrong(story.invoice(number, kind)), ("D-TOT", "1.00")
        elif defect == 2:
            files[name], refused[name] = story.invoice(number, kind, buyer=nobody), ("D-DES", nobody.siret)
        elif defect == 3:
            files[name], refused[name] = story.invoice(number, kind, service="NULLE-PART"), ("D-SRV", "NULLE-PART")
        elif defect == 4:
            files[name], refused[name] = story.invoice(number, "ubl", buyer=story.strict), (None, None)
        elif defect == 5:
            files[name], refused[name] = story.invoice(f"MIX-{n - 5:04}", kind, contract="AUTRE"), ("D-DBL", f"MIX-{n - 5:04}")
        elif defect == 6:
            files[name], refused[name] = b"%PDF-1.7 coupe" if kind == "facturx" else story.invoice(number, kind)[:900], ("F-SYN", None)
        else:
            files[name] = story.invoice(number, kind)
    return files, refused


@pytest.fixture(scope="module")
def flux(story, lot):
    """The flux, settled."""
    numero = story.machine.deposit(tar_gz(lot[0]), "melange.tar.gz", MIXED)
    story.machine.settled(numero, 900)
    return numero


@pytest.fixture(scope="module")
def report(story, flux):
    """What the API says of every file, read page by page."""
    files, page = [], 1
    while page:
        answer = requests.get(
            f"{story.installation.base_url}/api/v1/flux/{flux}?page={page}", headers=story.machine.headers, timeout=SECONDS
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert len(found["files"]) <= 100
        files += found["files"]
        page = found["next_page"]
    return found, files


def test_each_refused_invoice_has_its_code_value_rule_and_remedy_and_the_others_are_sent(story, lot, flux, report):
    files, refused = lot
    found, listed = report
    assert [each["file_name"] for each in listed] == list(files)
    assert {each["file_name"] for each in listed if each["outcome"] == "refused"} == set(refused)
    assert (found["state"], found["accepted"], found["refused"]) == ("IN_INTEGRE_PARTIEL", TOTAL - len(refused), len(refused))
    for each in listed:
        if each["outcome"] == "accepted":
            assert each["invoice_id"] and not each["errors"]
            continue
        code, value = refused[each["file_name"]]
        assert code is None or code in {error["code"] for error in each["errors"]}, each
        assert value is None or value in {error["value"] for error in each["errors"]}, each
        assert all(error["message"] and error["remedy"] and error["rule"] and error["code_label"] for error in each["errors"])
    numbers = sorted(each["numeroFacture"] for each in story.machine.issued(numeroFluxDepot=flux))
    assert numbers == sorted(each["number"] for each in listed if each["outcome"] == "accepted")


def test_a_second_number_names_the_first_invoice_of_the_same_flux(report):
    _, files = report
    by_number = {each["number"]: each["invoice_id"] for each in files if each["outcome"] == "accepted"}
    twice = [error for each in files for error in each["errors"] if error["code"] == "D-DBL"]
    assert len(twice) == 20
    assert all(error["first_invoice_id"] == by_number[error["value"]] for error in twice)


@pytest.mark.requirement("R232")
def test_the_page_the_files_and_the_api_say_the_same(story, flux, report):
    _, files = report
    said = Counter((each["file_name"], error["code"], error["value"] or "", error["rule"]) for each in files for error in each["errors"])
    visitor = story.visitor(story.supplier)
    address = f"/factures-emises/flux/{flux}"

    text = visitor.open(f"{address}/compte-rendu.csv").response.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len({row["Fichier"] for row in rows}) == TOTAL
    assert Counter((row["Fichier"], row["Code"], row["Valeur lue"], row["Règle"]) for row in rows if row["Code"]) == said

    sheet = visitor.open(f"{address}/compte-rendu.xlsx").response.content
    with zipfile.ZipFile(io.BytesIO(sheet)) as book:
        assert len(ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).findall(".//{*}row")) == len(rows) + 1

    pdf = PdfReader(io.BytesIO(visitor.open(f"{address}/compte-rendu.pdf").response.content))
    text = " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)
    assert all(each["file_name"] in text for each in files)

    shown, page = [], 1
    while True:
        seen = visitor.open(address, page=str(page))
        sections = seen.tree.xpath("//section[contains(@class, 'flux-file')]")
        assert len(sections) <= 25
        shown += [" ".join(section.text_content().split()) for section in sections]
        if not seen.tree.xpath("//a[@rel='next']"):
            break
        page += 1
    refused = [each for each in files if each["outcome"] == "refused"]
    assert len(shown) == len(refused)
    for each, words in zip(refused, shown, strict=True):
        assert each["file_name"] in words
        for error in each["errors"][:20]:
            assert error["code"] in words
            assert error["rule"] in words


def test_the_compatible_api_names_the_same_files(story, flux, report):
    _, files = report
    outcome = story.machine.outcome(flux)
    told = Counter(error["libelleErreurDP"].split(":")[0] for error in outcome["listeErreurDP"])
    assert told == Counter(error["rule"] for each in files for error in each["errors"])
