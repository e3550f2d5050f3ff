"""The readable PDF."""

import io
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader
from support import invoice_factory as factory


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("build", [factory.ubl, factory.cii, factory.facturx])
def test_the_readable_pdf_says_what_the_data_say(build: Any, worker: Any) -> None:
    answer, pdf = worker.handle({"op": "render", "lang": "fr"}, build(service="SERV-1", engagement="EJ-1"))

    shown = text_of(pdf)
    assert answer == {"content_type": "application/pdf"}
    for expected in (
        "Facture n° FA-2026-0001",
        "01/10/2026",
        factory.SELLER.name,
        factory.BUYER.siret,
        "SERV-1",
        "EJ-1",
        "Ramette A4",
        "379,18 EUR",
        "Virement",
        "Page 1 sur 1",
    ):
        assert expected in shown


def test_it_speaks_english_too(worker: Any) -> None:
    _, pdf = worker.handle({"op": "render", "lang": "en"}, factory.ubl(type_code="381"))

    assert "Credit note no. FA-2026-0001" in text_of(pdf)
    assert "379.18 EUR" in text_of(pdf)


def test_markup_in_a_field_is_shown_as_text(worker: Any) -> None:
    line = factory.Line("<b>gras</b> <img src='http://example.test/x'/> &amp; <para>")
    _, pdf = worker.handle({"op": "render"}, factory.ubl(lines=[line]))

    assert "<b>gras</b>" in text_of(pdf)


def test_fonts_are_embedded_and_the_same_invoice_gives_the_same_bytes(worker: Any) -> None:
    first, second = (worker.handle({"op": "render"}, factory.ubl())[1] for _ in range(2))

    assert first == second
    with pikepdf.open(io.BytesIO(first)) as document:  # its objects are packed
        document.save(unpacked := io.BytesIO(), object_stream_mode=pikepdf.ObjectStreamMode.disable)
        fonts = [font.DescendantFonts[0] for page in document.pages for font in page.Resources.Font.values()]
        assert fonts
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
    assert b"/FontFile2" in unpacked.getvalue()
    assert b"/JavaScript" not in unpacked.getvalue()


def test_many_lines_and_long_words_fit(worker: Any) -> None:
    lines = [factory.Line("x" * 3000 if number % 50 == 0 else f"article {number}") for number in range(200)]
    _, pdf = worker.handle({"op": "render"}, factory.ubl(lines=lines))

    assert len(PdfReader(io.BytesIO(pdf)).pages) > 3
    assert "article 199" in text_of(pdf)


def test_what_cannot_be_read_is_not_rendered(worker: Any) -> None:
    answer, pdf = worker.handle({"op": "render"}, b"<a/>")

    assert answer["refused"]["rule"] == "PUP-NOT-AN-INVOICE"
    assert pdf == b""
