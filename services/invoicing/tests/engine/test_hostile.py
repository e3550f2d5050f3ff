"""Files made to hurt: each is refused with its own rule, or made harmless."""

import io
from typing import Any

import pytest
from pupitre_invoicing.engine import pdf_text
from pupitre_invoicing.engine.findings import Refused
from pupitre_invoicing.engine.limits import Limits
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject
from support import invoice_factory as factory

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def refusal(report: dict[str, Any]) -> tuple[str, str]:
    assert report["verdict"] == "invalid"
    return report["stage"], report["findings"][0]["rule"]


def with_prologue(prologue: bytes) -> bytes:
    return factory.ubl().replace(DECLARATION, DECLARATION + prologue)


def with_price(price: str) -> bytes:
    return factory.ubl().replace(b">3.90</cbc:PriceAmount>", f">{price}</cbc:PriceAmount>".encode())


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
CASES: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "xml", "PUP-CONTAINER-EMPTY"),
    "text": (b"Bonjour", "container", "PUP-CONTAINER-UNKNOWN"),
    "a zip": (b"PK\x03\x04rest", "container", "PUP-CONTAINER-ARCHIVE"),
    "a cut file": (factory.ubl()[:2000], "xml", "PUP-XML-MALFORMED"),
    "entities": (with_prologue(LAUGHS), "xml", "PUP-XML-DOCTYPE"),
    "an outside entity": (with_prologue(b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "xml", "PUP-XML-DOCTYPE"),
    "a DOCTYPE behind comments": (with_prologue(b"<!-- a --><?b c?>\n" + LAUGHS), "xml", "PUP-XML-DOCTYPE"),
    "a DOCTYPE in UTF-16": (
        with_prologue(LAUGHS).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "xml",
        "PUP-XML-DOCTYPE",
    ),
    "deep nesting": (b"<a>" * 5000 + b"</a>" * 5000, "xml", "PUP-XML-DEPTH"),
    "moderate nesting": (b"<a>" * 150 + b"</a>" * 150, "xml", "PUP-XML-DEPTH"),
    "many attributes": (b"<a " + b" ".join(b'a%d="1"' % i for i in range(300)) + b"/>", "xml", "PUP-XML-SIZE"),
    "UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "xml", "PUP-XML-ENCODING"),
    "Latin-1 that claims UTF-8": (factory.ubl(number="é").replace("é".encode(), b"\xe9"), "xml", "PUP-XML-BYTES"),
    "UTF-8 that claims UTF-16": (factory.ubl().replace(b"UTF-8", b"UTF-16"), "xml", "PUP-XML-BYTES"),
    "a NUL": (b"<a>\x00</a>", "xml", "PUP-XML-MALFORMED"),
    "another XML": (b"<catalogue/>", "not-an-invoice", "PUP-NOT-AN-INVOICE"),
    "ZUGFeRD 1": (
        b'<a:CrossIndustryDocument xmlns:a="urn:ferd:CrossIndustryDocument:invoice:1p0"/>',
        "not-an-invoice",
        "PUP-OTHER-FORMAT",
    ),
    "a long text": (factory.ubl(lines=[factory.Line("x" * 30_000)]), "xml", "PUP-XML-TEXT-LENGTH"),
    "a price of 400 digits": (with_price("9" * 400), "xml", "PUP-XML-NUMBER"),
    "a price of 9000 digits": (with_price("9" * 9000), "xml", "PUP-XML-NUMBER"),
    "a PDF without XML": (factory.pdf_with({}), "container", "PUP-CONTAINER-NO-INVOICE"),
    "a PDF with other files": (
        factory.pdf_with({"facture.xml": factory.cii(), "notes.txt": b"x"}),
        "container",
        "PUP-CONTAINER-NO-INVOICE",
    ),
    "a PDF with two invoices": (
        factory.pdf_with({"factur-x.xml": factory.cii(), "xrechnung.xml": factory.ubl()}),
        "container",
        "PUP-CONTAINER-SEVERAL",
    ),
    "a PDF with an order": (factory.pdf_with({"factur-x.xml": b"<a/>"}), "not-an-invoice", "PUP-NOT-AN-INVOICE"),
    "half a PDF header": (b"%PDF-1.7\n1 0 obj", "container", "PUP-CONTAINER-PDF"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_with_its_own_rule(case: str, check: Any) -> None:
    data, stage, rule = CASES[case]

    assert refusal(check(data)) == (stage, rule)


def test_an_invoice_of_too_many_lines_is_refused_before_the_rules_are_asked(check: Any) -> None:
    report = check(factory.cii(lines=[factory.Line() for _ in range(51)]), limits={"invoice_lines": 50})

    assert refusal(report) == ("xml", "PUP-XML-SIZE")
    assert "51" in report["findings"][0]["message"]


def test_zugferd_1_is_named_and_not_called_malformed(check: Any) -> None:
    assert "ZUGFeRD 1" in check(CASES["ZUGFeRD 1"][0])["findings"][0]["message"]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_an_allowed_encoding_is_read(encoding: str, check: Any) -> None:
    seller = factory.Party(factory.SELLER.siret, "Épicerie Noël")
    declared = encoding.removesuffix("-sig")
    document = factory.ubl(seller=seller, notes=()).decode().replace("UTF-8", declared).encode(encoding)

    assert check(document)["invoice"]["seller"]["name"] == "Épicerie Noël"


def test_no_content_of_a_local_file_appears_in_a_report(check: Any, tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a well kept secret")
    doctype = f'<!DOCTYPE Invoice [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'.encode()

    assert "well kept" not in str(check(with_prologue(doctype).replace(b"Ramette A4", b"&s;")))


def test_a_pdf_stream_that_inflates_without_end_is_stopped(check: Any) -> None:
    bomb = factory.pdf_with({"factur-x.xml": b" " * 40_000_000})

    reader = PdfReader(io.BytesIO(bomb))
    assert reader.attachments
    assert refusal(check(bomb, limits={"pdf_stream_bytes": 1_000_000})) == ("container", "PUP-CONTAINER-BOMB")


def test_the_text_of_a_pdf_is_read_within_the_same_bounds() -> None:
    writer, content = PdfWriter(), StreamObject()
    page = writer.add_blank_page(width=100, height=100)
    content.set_data(b" " * 40_000_000)
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject()})
    page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    target = io.BytesIO()
    writer.write(target)

    for data, rule in ((target.getvalue(), "PUP-CONTAINER-BOMB"), (b"%PDF-1.7\n1 0 obj", "PUP-CONTAINER-PDF")):
        with pytest.raises(Refused, match=rule):
            pdf_text.read(data, Limits(pdf_stream_bytes=1_000_000))


def test_the_repair_of_a_damaged_pdf_is_bounded_too(check: Any) -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    writer.add_attachment("factur-x.xml", factory.cii())
    target = io.BytesIO()
    writer.compress_identical_objects()
    writer.write(target)
    damaged = target.getvalue()[: target.getvalue().rindex(b"xref")]

    report = check(damaged)
    assert report["verdict"] == "valid"
    assert [finding["rule"] for finding in report["findings"]] == ["PUP-CONTAINER-REPAIRED"]


def test_an_encrypted_pdf_is_refused(check: Any) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(factory.facturx())))
    writer.encrypt("secret", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)

    assert refusal(check(target.getvalue())) == ("container", "PUP-CONTAINER-ENCRYPTED")


def test_a_pdf_with_a_script_is_read_and_flagged(check: Any) -> None:
    report = check(factory.pdf_with({"factur-x.xml": factory.cii()}, javascript="app.alert(1)"))

    assert report["verdict"] == "valid"
    assert [(finding["rule"], finding["severity"]) for finding in report["findings"]] == [("PUP-PDF-ACTIVE", "warning")]


def test_an_executable_that_claims_to_be_a_pdf_is_flagged(check: Any) -> None:
    report = check(factory.ubl(attachments=(("annexe.pdf", "application/pdf", b"MZ\x90\x00"),)))

    assert report["verdict"] == "valid"
    assert "PUP-ATTACHMENT-TYPE" in {finding["rule"] for finding in report["findings"]}
    assert report["invoice"]["attachments"][0]["flagged"] is True


@pytest.mark.parametrize(
    "name, safe",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        (".bashrc", "bashrc"),
        ("-rf.pdf", "rf.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("x" * 80 + ".pdf", "x" * 46 + ".pdf"),
    ],
)
def test_an_attachment_gets_a_safe_name(name: str, safe: str, check: Any) -> None:
    report = check(factory.ubl(attachments=((name, "application/pdf", b"%PDF-1.4"),)))

    assert report["invoice"]["attachments"][0]["name"] == safe
    assert "PUP-ATTACHMENT-NAME" in {finding["rule"] for finding in report["findings"]}


def test_an_attachment_with_a_plain_name_and_its_own_type_is_not_remarked(check: Any, worker: Any) -> None:
    document = factory.cii(attachments=(("annexe.pdf", "application/pdf", b"%PDF-1.4"),))

    assert check(document)["findings"] == []
    assert worker.handle({"op": "attachment", "index": 0}, document) == (
        {
            "reference": "PJ1",
            "name": "annexe.pdf",
            "mime": "application/pdf",
            "size": 8,
            "description": "DOCUMENT_ANNEXE",
            "url": None,
            "detected": "application/pdf",
            "flagged": False,
            "content_type": "application/pdf",
        },
        b"%PDF-1.4",
    )


def test_a_message_never_carries_control_characters_of_the_file(check: Any) -> None:
    report = check(factory.ubl(iban="FR76\u202e\u0085bad"))

    assert not [sign for finding in report["findings"] for sign in finding["message"] if sign in "\u202e\u0085"]
