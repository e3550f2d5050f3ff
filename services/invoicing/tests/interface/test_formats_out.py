"""Invoices that leave: in every format, with their certificate, and all at once; on both backends, with the real engine."""

import hashlib
import io
import zipfile

import pytest
from pupitre_contracts import errors, invoice_files
from pupitre_contracts import invoicing as contract
from pypdf import PdfReader
from support import invoice_factory as factory
from support.typed_invoices import typed

ATTACHMENT = ("bon.pdf", "application/pdf", b"%PDF-1.4 bon de commande")


@pytest.fixture
def engine(real_engine):
    return real_engine


@pytest.fixture
def sent(stage, parties):
    return stage.send(stage.prepare(factory.ubl(number="R-1", attachments=(ATTACHMENT,), **parties)).invoice)


def export(stage, invoice, form, actor=None, **values):
    asked = {"invoice_id": invoice.invoice_id, "form": form, **values}
    file = stage.call(actor or stage.agent, invoice_files.ExportInvoice, **asked).file
    return file, stage.blobs.get(file.sha256)


def pdf_text(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.requirement("R160")
def test_both_sides_download_an_invoice_in_every_format_and_each_is_made_once(stage, sent, real_engine):
    for form in invoice_files.FORMATS:
        file, content = export(stage, sent, form)
        report, _ = real_engine.run({"op": "check"}, content)
        assert (report["verdict"], report["format"].partition("-")[0], report["invoice"]["number"]) == ("valid", form, "R-1")
        assert export(stage, sent, form, actor=stage.reader)[0].sha256 == file.sha256
        with pytest.raises(errors.NotFound):
            export(stage, sent, form, actor=stage.stranger)
    assert export(stage, sent, "ubl")[0].sha256 == sent.receipt_sha256
    kinds = [row["kind"] for row in stage.rows("SELECT kind FROM document ORDER BY kind")]
    assert kinds == ["cii", "facturx", "original", "ubl"]
    shown = stage.get(sent, stage.agent)
    assert [each.kind for each in shown.documents] == ["original"]


def test_an_invoice_typed_by_hand_is_sent_and_leaves_in_every_format(stage, real_engine):
    seller, buyer = (typed()[side] | {"siret": siret, "vat": None} for side, siret in (("seller", stage.SELLER), ("buyer", stage.BUYER)))
    seller["vat"] = factory.Party(stage.SELLER, "").vat
    invoice = typed(seller=seller, buyer=buyer | {"code_service": "VOIRIE"}, engagement="BC-7")
    _, content = real_engine.run({"op": "write", "syntax": "ubl", "invoice": invoice})
    sent = stage.send(stage.prepare(content).invoice)

    for form in invoice_files.FORMATS:
        report, _ = real_engine.run({"op": "check"}, export(stage, sent, form)[1])
        assert report["verdict"] == "valid"
        assert report["invoice"]["engagement"] == "BC-7"
    readable = stage.call(stage.agent, contract.DocumentFile, invoice_id=sent.invoice_id, kind="readable").document
    assert "SAISIE-2026-1" in pdf_text(stage.blobs.get(readable.sha256))


def test_what_a_format_cannot_say_is_refused_in_both_languages(stage, parties):
    content = factory.ubl(number="R-2", **parties).replace(
        b"<cac:AccountingSupplierParty>",
        b"<cac:AdditionalDocumentReference><cbc:ID>D-1</cbc:ID><cbc:IssueDate>2026-09-01</cbc:IssueDate>"
        b"</cac:AdditionalDocumentReference><cac:AccountingSupplierParty>",
    )
    sent = stage.send(stage.prepare(content).invoice)
    with pytest.raises(errors.ExportRefused) as caught:
        export(stage, sent, "cii")
    assert caught.value.status == 422
    assert "/Invoice/AdditionalDocumentReference/IssueDate" in caught.value.message("fr")
    assert caught.value.message("fr") != caught.value.message("en")
    assert export(stage, sent, "ubl")[1] == content


def test_the_data_are_given_as_text_and_an_attachment_as_it_was(stage, sent):
    file, content = export(stage, sent, "xml")
    assert (file.mime, b"\n  <" in content) == ("application/xml", True)
    file, content = export(stage, sent, "attachment", index=0)
    assert (file.name, file.mime, content) == ATTACHMENT
    with pytest.raises(errors.NotFound):
        export(stage, sent, "attachment", index=7)


@pytest.mark.requirement("R164")
@pytest.mark.parametrize("language, title", [("fr", "Certificat de dépôt"), ("en", "Certificate of deposit")])
def test_the_certificate_names_the_deposit_and_the_hash_of_every_file(stage, sent, language, title):
    file, content = export(stage, sent, "certificate", language=language)
    text = pdf_text(content).replace("\n", "")
    assert file.mime == "application/pdf"
    assert title in text
    assert "R-1" in text
    for sha256 in (sent.receipt_sha256, hashlib.sha256(ATTACHMENT[2]).hexdigest()):
        assert sha256 in text


def test_a_draft_has_no_certificate(stage, parties):
    draft = stage.prepare(factory.ubl(number="R-3", **parties)).invoice
    with pytest.raises(errors.NotFound):
        export(stage, draft, "certificate", actor=stage.writer)
    _, content = export(stage, draft, "everything", actor=stage.writer)
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "certificat" in name]


def test_everything_comes_in_one_zip(stage, sent):
    file, content = export(stage, sent, "everything")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert (file.name, file.mime) == ("R-1.zip", "application/zip")
    assert archive.namelist() == ["facture.xml", "pieces-jointes/bon.pdf", "facture-lisible.pdf", "certificat-de-depot.pdf"]
    assert archive.read("pieces-jointes/bon.pdf") == ATTACHMENT[2]
    assert archive.testzip() is None
