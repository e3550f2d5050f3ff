"""Deposited invoices in another syntax, Factur-X and its PDF/A-3, and what is refused because it would be lost."""

import io
from typing import Any

import pikepdf
import pytest
from lxml import etree
from pikepdf import pdfa
from pupitre_invoicing.engine.losses import differences
from pupitre_invoicing.engine.terms import read
from support import corpus
from support import invoice_factory as factory
from support.typed_invoices import credit_note, typed

SOURCES = {"ubl": factory.ubl, "cii": factory.cii, "facturx": factory.facturx}
# The properties of Factur-X, described by an extension schema as ISO 19005-3 wants; this check knows no extension schema.
_EXTENSION = ("pdfaExtension", "pdfaSchema", "pdfaProperty", "fx", "pdfuaid")


def invoice_in(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return bytes(document.attachments["factur-x.xml"].get_file().read_bytes())


@pytest.mark.parametrize("target", ["ubl", "cii", "facturx"])
@pytest.mark.parametrize("source", SOURCES)
def test_an_invoice_leaves_in_every_syntax_and_says_the_same(source: str, target: str, worker: Any) -> None:
    data = SOURCES[source](
        service="SERV-1", engagement="EJ-1", contract="M-1", attachments=[("a.pdf", "application/pdf", b"%PDF-1")]
    )
    answer, written = worker.handle({"op": "export", "syntax": target}, data)

    assert answer == {"content_type": "application/pdf" if target == "facturx" else "application/xml"}
    before, after = (worker.handle({"op": "check"}, each)[0] for each in (data, written))
    assert (after["verdict"], after["format"].partition("-")[0]) == ("valid", target)
    assert after["terms"] == before["terms"]
    assert (written == data) == (source == target)


def test_the_cii_of_a_factur_x_leaves_byte_for_byte(worker: Any) -> None:
    assert worker.handle({"op": "export", "syntax": "cii"}, factory.facturx())[1] == factory.cii()


@pytest.mark.parametrize("invoice", [typed(), credit_note()], ids=["facture", "avoir"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_typed_invoice_leaves_as_factur_x_that_is_pdf_a_3(invoice: dict[str, Any], lang: str, worker: Any) -> None:
    answer, pdf = worker.handle({"op": "write", "syntax": "facturx", "invoice": invoice, "lang": lang})

    assert answer == {"content_type": "application/pdf"}
    report, _ = worker.handle({"op": "check"}, pdf)
    assert (report["verdict"], report["format"], report["profile"], report["findings"]) == (
        "valid",
        "facturx",
        "en16931",
        [],
    )
    # The check knows level B, all of which level A asks for: the file is judged as if it claimed no more.
    claimed = b"<pdfaid:conformance>A</pdfaid:conformance>"
    assert pdf.count(claimed) == 1
    judged = pdfa.validate_written(io.BytesIO(pdf.replace(claimed, claimed.replace(b">A<", b">B<"))), "3b")
    assert [
        str(each)
        for each in judged.findings
        if not any(f"{name}:" in str(each) or f"{name}=" in str(each) for name in _EXTENSION)
    ] == []


def test_the_facts_of_pdf_a_3_are_there(worker: Any) -> None:
    _, pdf = worker.handle({"op": "export", "syntax": "facturx"}, factory.cii())

    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        assert (str(root.Lang), str(root.AF[0].AFRelationship), str(root.AF[0].UF)) == (
            "fr",
            "/Alternative",
            "factur-x.xml",
        )
        assert str(root.AF[0].EF.F.Subtype) == "/text/xml"
        assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
        fonts = [font.DescendantFonts[0] for page in document.pages for font in page.Resources.Font.values()]
        assert fonts
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == (
                "3",
                "A",
                "1",
            )
            assert metadata["{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel"] == "EN 16931"
            assert "FA-2026-0001" in metadata["dc:title"]
    assert invoice_in(pdf) == factory.cii()


def test_what_no_term_covers_is_named_and_refused(worker: Any) -> None:
    data = factory.ubl().replace(
        b"<cac:AccountingSupplierParty>",
        b"<cac:Signature><cbc:ID>S-1</cbc:ID></cac:Signature><cac:AccountingSupplierParty>",
    )
    answer, written = worker.handle({"op": "export", "syntax": "cii", "lang": "en"}, data)

    assert written == b""
    assert (answer["refused"]["rule"], answer["refused"]["location"]) == ("PUP-EXPORT-UNREAD", "/Invoice/Signature/ID")
    assert "/Invoice/Signature/ID" in answer["refused"]["message"]


@pytest.mark.parametrize("scheme, term", [(' schemeID="AAA"', "BT-18"), ("", None)])
def test_the_kind_of_an_invoiced_object_is_not_lost_in_silence(scheme: str, term: str | None, worker: Any) -> None:
    reference = (
        f"<cac:AdditionalDocumentReference><cbc:ID{scheme}>K-1</cbc:ID><cbc:DocumentTypeCode>130</cbc:DocumentTypeCode>"
    )
    start = b"<cac:AccountingSupplierParty>"
    data = factory.ubl().replace(start, reference.encode() + b"</cac:AdditionalDocumentReference>" + start)
    answer, written = worker.handle({"op": "export", "syntax": "cii"}, data)

    assert bool(written) == (term is None)
    assert answer.get("refused", {}).get("term") == term


def test_a_gross_price_alone_gets_the_discount_that_ubl_wants(worker: Any) -> None:
    price = b"<ram:NetPriceProductTradePrice><ram:ChargeAmount>3.90<"
    gross = (
        b"<ram:GrossPriceProductTradePrice><ram:ChargeAmount>4.40</ram:ChargeAmount></ram:GrossPriceProductTradePrice>"
    )
    _, written = worker.handle({"op": "export", "syntax": "ubl"}, factory.cii().replace(price, gross + price))

    line = read(etree.fromstring(written), "ubl").group("BG-25")[0]
    assert [line.one(term) for term in ("BT-146", "BT-147", "BT-148")] == ["3.90", "0.50", "4.40"]


def test_a_project_and_a_base_quantity_said_twice_leave(worker: Any) -> None:
    project = b"<ram:SpecifiedProcuringProject><ram:ID>P-1</ram:ID><ram:Name>Project reference</ram:Name></ram:SpecifiedProcuringProject>"
    end = b"</ram:ApplicableHeaderTradeAgreement>"
    _, written = worker.handle({"op": "export", "syntax": "ubl"}, factory.cii().replace(end, project + end))

    assert read(etree.fromstring(written), "ubl").one("BT-11") == "P-1"
    assert worker.handle({"op": "export", "syntax": "cii"}, written)[0] == {"content_type": "application/xml"}


def test_two_payment_accounts_keep_their_own_bank(worker: Any) -> None:
    means = (
        b"<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
        b"<cac:PayeeFinancialAccount><cbc:ID>%s</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    accounts = (b"FR7630006000011234567890189", b"FR1420041010050500013M02606")
    data = factory.ubl()
    start, end = data.index(b"<cac:PaymentMeans>"), data.index(b"</cac:PaymentMeans>") + len(b"</cac:PaymentMeans>")
    data = data[:start] + b"".join(means % each for each in accounts) + data[end:]
    answer, written = worker.handle({"op": "export", "syntax": "cii"}, data)

    assert answer == {"content_type": "application/xml"}
    assert [each.text for each in read(etree.fromstring(written), "cii").all("BT-84")] == [
        each.decode() for each in accounts
    ]


@pytest.mark.corpus
@pytest.mark.skipif(not corpus.SAMPLES.is_dir(), reason=corpus.ABSENT)
@pytest.mark.parametrize("sample", [each for each in corpus.invoices() if each.valid], ids=lambda sample: sample.id)
def test_every_valid_sample_is_drawn_and_leaves_or_says_why_not(sample: Any, worker: Any) -> None:
    data = sample.path.read_bytes()

    assert worker.handle({"op": "render"}, data)[1].startswith(b"%PDF")
    source, _ = worker.handle({"op": "check"}, data)
    for target in ("ubl", "cii"):
        answer, written = worker.handle({"op": "export", "syntax": target, "lang": "both"}, data)
        if refusal := answer.get("refused"):
            assert refusal["rule"].startswith("PUP-EXPORT-")
            assert refusal["message"] != refusal["message_en"]
            continue
        report, _ = worker.handle({"op": "check"}, written)
        assert report["verdict"] == "valid"
        if source["format"] not in ("facturx", report["format"]):
            family = "cii" if source["format"] == "cii" else "ubl"
            changed = differences(read(etree.fromstring(data), family), read(etree.fromstring(written), target))
            assert set(changed) <= {"BT-147", "BT-148"}  # the one that follows from the other and the net price
