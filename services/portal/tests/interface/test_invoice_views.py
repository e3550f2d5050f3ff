"""The views of an invoice's page, and the files that may be downloaded from it."""

import uuid

import pytest
from portal_world import EXPORTED_CONTENT, INVOICE, an_exported_file, an_invoice
from pupitre_contracts import errors, invoice_files, invoicing

ISSUED, RECEIVED = f"/factures-emises/{INVOICE}", f"/factures-recues/{INVOICE}"
FORMATS = invoice_files.FORMATS
VIEWS = ("lisible", "pdf", "xml", "pieces", "controle", "historique")


def a_pdf(blobs, content=b"%PDF-1.7 corps"):
    return invoicing.Document(
        document_id=uuid.UUID(int=9), kind="original", name="f.pdf", mime="application/pdf", size=9, sha256=blobs.put(content)
    )


@pytest.mark.parametrize("page", [ISSUED, RECEIVED])
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_an_address_and_says_that_it_is_the_current_one(browser, page, view):
    shown = browser.get(f"{page}?vue={view}").get_data(as_text=True)
    assert shown.count('aria-current="page">') >= 1
    for other in VIEWS:
        assert (f'vue={other}#vues" aria-current="page"' in shown) == (other == view)
    assert f'id="{view}"' in shown
    assert "Views of the invoice" in browser.get(f"{page}?vue={view}&lang=en").get_data(as_text=True)


def test_an_unknown_view_is_the_readable_one(browser):
    assert 'id="lisible"' in browser.get(f"{ISSUED}?vue=../../etc").get_data(as_text=True)


def test_a_view_asks_only_for_what_it_shows(browser, bus):
    browser.get(f"{ISSUED}?vue=historique")
    assert not bus.requests(invoice_files.ExportInvoice)
    browser.get(f"{ISSUED}?vue=xml")
    assert [each.form for each in bus.requests(invoice_files.ExportInvoice)] == ["xml"]


def test_the_xml_is_shown_as_text(browser):
    shown = browser.get(f"{ISSUED}?vue=xml").get_data(as_text=True)
    assert "&lt;ID&gt;F-2026-1&lt;/ID&gt;" in shown
    assert "<ID>" not in shown


def test_a_long_xml_is_cut_and_says_so(browser, bus, blobs):
    sha256 = blobs.put(b"<a>" + b"x" * 400_000 + b"</a>")
    bus.answers[invoice_files.ExportInvoice] = {"file": an_exported_file(sha256=sha256)}
    shown = browser.get(f"{ISSUED}?vue=xml").get_data(as_text=True)
    assert "Seul le début est affiché" in shown
    assert len(shown) < 350_000


def test_an_engine_that_fails_leaves_the_page_standing(browser, bus):
    bus.answers[invoice_files.ExportInvoice] = errors.EngineFailed(incident="i-42")
    answer = browser.get(f"{ISSUED}?vue=xml")
    assert answer.status_code == 200
    assert "i-42" in answer.get_data(as_text=True)


def test_the_pdf_is_shown_in_the_page_and_nowhere_else(browser, bus, blobs):
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(documents=[a_pdf(blobs)])}
    bus.answers[invoicing.DocumentFile] = {"document": a_pdf(blobs)}
    assert f'<iframe class="pdf" src="{ISSUED}/apercu"' in browser.get(f"{ISSUED}?vue=pdf").get_data(as_text=True)
    answer = browser.get(f"{ISSUED}/apercu")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_pdf_is_never_shown_inline(browser, bus, blobs):
    bus.answers[invoicing.DocumentFile] = {"document": a_pdf(blobs, b"<script>alert(1)</script>")}
    assert browser.get(f"{ISSUED}/apercu").status_code == 404


def test_a_pdf_with_scripts_is_offered_for_download_only(browser, bus, blobs):
    finding = invoicing.Finding(rule="PUP-PDF-ACTIVE", severity="warning", message="Le PDF contient du contenu actif (JavaScript).")
    report = invoicing.Report(verdict="valid", findings=[finding], terms={})
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(documents=[a_pdf(blobs)], report=report)}
    bus.answers[invoicing.DocumentFile] = {"document": a_pdf(blobs)}
    shown = browser.get(f"{ISSUED}?vue=pdf").get_data(as_text=True)
    assert "<iframe" not in shown
    assert "scripts ou des actions" in shown
    assert browser.get(f"{ISSUED}/apercu").headers["Content-Disposition"].startswith("attachment")


def test_a_pdf_that_was_joined_is_offered_for_download_only(browser, bus, blobs):
    joined = invoicing.Document(**(a_pdf(blobs).values | {"kind": "document", "type": "LISIBLE"}))
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(documents=[joined])}
    bus.answers[invoicing.DocumentFile] = {"document": joined}
    assert "<iframe" not in browser.get(f"{ISSUED}?vue=pdf").get_data(as_text=True)
    answer = browser.get(f"{ISSUED}/apercu")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_attachments_of_the_file_and_of_the_portal_are_listed_and_sent(browser, bus, blobs):
    inside = [
        {"name": "bon.pdf", "size": 2048, "description": "BON_COMMANDE", "url": None, "flagged": True},
        {"name": "plan", "size": 0, "url": "https://example.test/<plan>", "flagged": False},
    ]
    added = invoicing.Document(
        document_id=uuid.UUID(int=8), kind="document", name="suite.pdf", mime="application/pdf", size=9, sha256="0" * 64
    )
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(content={"attachments": inside}, documents=[added])}
    shown = browser.get(f"{RECEIVED}?vue=pieces").get_data(as_text=True)
    for text in ("bon.pdf", "BON_COMMANDE", "suite.pdf", "https://example.test/&lt;plan&gt;", "pas du type annoncé"):
        assert text in shown.replace("&#39;", "'")
    assert f"{RECEIVED}/fichiers/attachment/0" in shown
    assert f"{RECEIVED}/fichiers/attachment/1" not in shown
    browser.get(f"{RECEIVED}/fichiers/attachment/0")
    sent = bus.requests(invoice_files.ExportInvoice)[0]
    assert (sent.form, sent.index) == ("attachment", 0)


@pytest.mark.parametrize("form", ["ubl", "cii", "facturx", "everything", "certificate"])
def test_every_form_is_a_download_in_the_language_of_the_reader(browser, bus, form):
    answer = browser.get(f"{ISSUED}/fichiers/{form}?lang=en")
    assert answer.data == EXPORTED_CONTENT
    assert answer.headers["Content-Disposition"].startswith("attachment")
    asked = bus.requests(invoice_files.ExportInvoice)[0]
    assert (asked.form, asked.language) == (form, "en")


def test_what_would_be_lost_is_said_in_words(browser, bus):
    why = {"why_fr": "Le format CII ne peut pas porter cette donnée.", "why_en": "The format CII cannot carry this datum."}
    bus.answers[invoice_files.ExportInvoice] = errors.ExportRefused(rule="PUP-EXPORT-LOSS", term="BT-19", **why)
    answer = browser.get(f"{ISSUED}/fichiers/cii")
    assert answer.status_code == 422
    assert "ne peut pas porter cette donnée" in answer.get_data(as_text=True)


def test_a_draft_without_a_file_offers_no_download(browser):
    assert "/fichiers/ubl" not in browser.get(ISSUED).get_data(as_text=True)


def test_the_page_offers_every_file_and_the_certificate_to_the_supplier(browser, bus, blobs):
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(documents=[a_pdf(blobs)])}
    for page, certificate in ((ISSUED, True), (RECEIVED, False)):
        shown = browser.get(page).get_data(as_text=True)
        for link in ("documents/original", "documents/readable", *(f"fichiers/{form}" for form in (*FORMATS, "everything"))):
            assert f'href="{page}/{link}"' in shown
        assert ("/certificat" in shown) == certificate
