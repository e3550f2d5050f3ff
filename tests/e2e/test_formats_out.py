"""Invoices that leave, over HTTP: typed or deposited, in every format and judged valid, shown in every view, and all at once."""

import io
import uuid
import zipfile

import pytest
from pypdf import PdfReader

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FORMATS = {"ubl": "UBL", "cii": "CII", "facturx": "Factur-X"}
VIEWS = ("lisible", "pdf", "xml", "pieces", "controle", "historique")


def typed(story, supplier, number):
    """An invoice typed on the page and sent; the address of its page."""
    page = supplier.submit(supplier.open("/factures-emises/saisie").form("/saisie"), recipient_siret=story.easy.siret)
    line = {"lines-1-name": "Ramettes A4", "lines-1-quantity": "12,5", "lines-1-price": "3,90", "lines-1-rate": "5,5"}
    confirmation = supplier.submit(page.form("/saisie"), action="confirm", number=number, payment_mode="CHEQUE", **line)
    assert confirmation.url.endswith("/confirmation"), confirmation.main
    recap = supplier.submit(confirmation.form("/envoi"))
    assert number in recap.main
    return recap.url.removesuffix("/recapitulatif")


def deposited(story, supplier, number):
    draft = story.deposit_on_page(supplier, story.invoice(number), number)
    assert story.send(supplier, draft).status == 200
    return draft.url


@pytest.mark.requirement("R160")
@pytest.mark.parametrize("make", [typed, deposited])
def test_an_invoice_leaves_in_every_format_and_is_shown_in_every_view(story, make):
    supplier, number = story.visitor(story.supplier), f"F-{uuid.uuid4().hex[:8]}"
    address = make(story, supplier, number)

    for form, kept in FORMATS.items():
        answer = supplier.open(f"{address}/fichiers/{form}").response
        assert answer.headers["Content-Disposition"].startswith("attachment")
        check = supplier.open("/validation").form("/validation")
        report = supplier.submit(check, files={"file": (f"{number}.{form}", answer.content, answer.headers["Content-Type"])})
        assert report.status == 200
        assert "invalide" not in report.main
        assert kept in report.main
    for view in VIEWS:
        for language in ("en", "fr"):
            page = supplier.open(address, vue=view, lang=language)
            assert page.status == 200
            assert page.tree.xpath(f"//section[@aria-labelledby='{view}']")
    assert supplier.open(f"{address}/apercu").response.content.startswith(b"%PDF-")
    certificate = supplier.open(f"{address}/certificat").response.content
    assert number in PdfReader(io.BytesIO(certificate)).pages[0].extract_text()
    archive = zipfile.ZipFile(io.BytesIO(supplier.open(f"{address}/fichiers/everything").response.content))
    assert archive.testzip() is None
    assert len(archive.namelist()) >= 3
    stranger = story.visitor(story.strict)
    for path in (address.replace("emises", "recues"), f"{address}/fichiers/ubl", f"{address}/apercu"):
        assert stranger.open(path).status == 404
