"""Invoices that are ticked in a list and downloaded together: as they came and as people read them, within limits, all or none."""

import io
import uuid
import zipfile

import pytest
from lxml import html
from portal_world import INVOICE, TOWN, a_summary, rights
from pupitre_contracts import errors, identity, invoice_search, invoicing, organisation
from pupitre_portal import zips

OTHER = uuid.UUID(int=INVOICE.int + 1)
PDF, XML = b"%PDF-1.7 lisible", b"<Invoice/>"
SIDES = ("emises", "recues")
pytestmark = pytest.mark.requirement("R274")


@pytest.fixture(autouse=True)
def invoices(bus, blobs):
    """Two invoices: one came as XML, the other as a PDF that people read as it is."""
    xml, read, pdf = blobs.put(XML), blobs.put(PDF), blobs.put(b"%PDF-1.7 facturx")
    came = {INVOICE: ("f.pdf", "application/xml", xml, len(XML)), OTHER: ("x.pdf", "application/pdf", pdf, 16)}
    numbers = {INVOICE: "F/1", OTHER: "F-2"}

    def originals(request):
        return {"files": [_original(each, numbers[each], *came[each]) for each in request.invoice_ids]}

    def readable(request):
        sha256 = read if request.invoice_id == INVOICE else pdf
        values = {"name": "F.pdf" if request.invoice_id == INVOICE else "x.pdf", "mime": "application/pdf", "size": 16}
        return {"document": invoicing.Document(document_id=uuid.uuid4(), kind="readable", sha256=sha256, **values)}

    bus.answers |= {
        organisation.RightsOfActor: {
            "structures": [
                rights(espaces=("factures-emises",), profile="CONSULTATION"),
                rights(structure_id=TOWN, espaces=("factures-recues",), type="PUBLIC", profile="CONSULTATION"),
            ]
        },
        invoicing.SearchInvoices: {"invoices": [a_summary(invoice_id=each) for each in numbers], "total": 2},
        invoice_search.OriginalFiles: originals,
        invoicing.DocumentFile: readable,
    }


def _original(invoice_id, number, name, mime, sha256, size):
    return invoice_search.OriginalFile(
        invoice_id=invoice_id, portal_number=invoice_id.int % 1000, number=number, name=name, mime=mime, sha256=sha256, size=size
    )


def download(browser, side, *ticked, query="?onglet=tout"):
    values = {"facture": [str(each) for each in ticked]}
    return browser.post(f"/factures-{side}/selection.zip{query}", values, form_at=f"/factures-{side}/?onglet=tout")


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.parametrize("side", SIDES)
def test_whoever_sees_the_list_ticks_and_downloads_without_scripts(browser, side):
    page = html.fromstring(browser.get(f"/factures-{side}/?onglet=tout&number=F*").data)
    [form] = page.xpath("//form[@id='selection']")
    assert form.xpath(".//input[@name='facture']/@value") == [str(INVOICE), str(OTHER)]
    [button] = [each for each in form.iter("button") if each.text == "Télécharger la sélection"]
    assert button.get("formaction").startswith(f"/factures-{side}/selection.zip?")
    assert "number=F%2A" in button.get("formaction")
    english = browser.get(f"/factures-{side}/?onglet=tout&lang=en").get_data(as_text=True)
    assert "Download the selection" in english


@pytest.mark.parametrize("side", SIDES)
def test_the_zip_has_originals_and_readable_forms_of_what_was_ticked(browser, bus, side):
    answer = download(browser, side, INVOICE, OTHER, INVOICE)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="factures-{side}.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    assert archive.testzip() is None
    first, second = f"F-1-{INVOICE.int % 1000}/", f"F-2-{OTHER.int % 1000}/"
    original, readable, whole = archive.namelist()
    # Names that differ by letter case alone would be one file for some: the second is named anew.
    assert (original, readable[: len(first) + 2], readable[-4:], whole) == (f"{first}f.pdf", f"{first}F-", ".pdf", f"{second}x.pdf")
    assert [archive.read(name) for name in archive.namelist()] == [XML, PDF, b"%PDF-1.7 facturx"]
    assert [request.invoice_ids for request in bus.requests(invoice_search.OriginalFiles)] == [[INVOICE, OTHER]]


def test_readable_forms_are_in_the_language_of_the_page(browser, bus):
    download(browser, "recues", INVOICE, query="?onglet=tout&lang=en")
    assert [request.language for request in bus.requests(invoicing.DocumentFile)] == ["en"]


@pytest.mark.parametrize("side", SIDES)
def test_a_foreign_invoice_among_those_ticked_is_not_found_and_nothing_is_sent(browser, bus, side):
    bus.answers[invoice_search.OriginalFiles] = errors.NotFound(what=f"invoice {OTHER}")
    answer = download(browser, side, INVOICE, OTHER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Introuvable" in words(answer)
    assert not bus.requests(invoicing.DocumentFile)
    assert download(browser, side, "x").status_code == 404


def test_a_readable_form_that_is_refused_refuses_all(browser, bus):
    bus.answers[invoicing.DocumentFile] = errors.Forbidden(needed="factures-recues")
    answer = download(browser, "recues", INVOICE)
    assert (answer.status_code, answer.mimetype) == (403, "text/html")


def test_who_signed_out_meanwhile_downloads_nothing(browser, bus):
    shown = browser.token("/factures-recues/?onglet=tout")
    bus.answers[identity.ResumeSession] = errors.SessionEnded()
    answer = browser.client.post("/factures-recues/selection.zip", data={"csrf_token": shown, "facture": [str(INVOICE)]})
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert not bus.requests(invoice_search.OriginalFiles)


def test_nothing_ticked_leads_back_to_the_list_that_was_shown(browser, bus):
    answer = download(browser, "emises", query="?onglet=tout&statut=REJETEE&statut=MANDATEE")
    assert answer.headers["Location"] == "/factures-emises/?onglet=tout&statut=REJETEE&statut=MANDATEE"
    assert "Cochez au moins une facture" in words(browser.get(answer.headers["Location"]))
    assert not bus.requests(invoice_search.OriginalFiles)
    again = browser.get("/factures-emises/selection.zip?onglet=tout&lang=en")
    assert again.headers["Location"] == "/factures-emises/?onglet=tout&lang=en"


def test_more_invoices_than_one_zip_takes_are_refused(browser, bus):
    answer = download(browser, "recues", *(uuid.UUID(int=number) for number in range(zips.MOST_INVOICES + 1)))
    assert (answer.status_code, "plus de 100 factures cochées" in words(answer)) == (422, True)
    assert not bus.requests(invoice_search.OriginalFiles)


@pytest.mark.parametrize("large", ["original", "readable"])
def test_more_octets_than_one_zip_takes_are_refused_before_anything_is_sent(browser, bus, large):
    if large == "original":
        file = _original(INVOICE, "F-1", "f.xml", "application/xml", "0" * 64, zips.LIMIT + 1)
        bus.answers[invoice_search.OriginalFiles] = {"files": [file]}
    else:
        values = {"name": "f.pdf", "mime": "application/pdf", "size": zips.LIMIT, "sha256": "f" * 64}
        bus.answers[invoicing.DocumentFile] = {"document": invoicing.Document(document_id=uuid.uuid4(), kind="readable", **values)}
    answer = download(browser, "recues", INVOICE)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert "plus de 120 Mo : cochez moins de factures" in words(answer)
    assert len(bus.requests(invoicing.DocumentFile)) == (large == "readable")


def test_a_draft_that_is_still_being_typed_is_named_as_the_reason(browser, bus):
    bus.answers[invoice_search.OriginalFiles] = {"files": []}
    answer = download(browser, "emises", INVOICE)
    assert (answer.status_code, "un brouillon en cours de saisie n'a pas encore de fichier" in words(answer)) == (422, True)
