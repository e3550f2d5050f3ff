"""The PDFs as a screen reader meets them: structure, reading order, names, and texts that strangers chose to do harm."""

import io
import re
import unicodedata
from typing import Any

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pupitre_invoicing.engine import readable, report
from pupitre_invoicing.engine.limits import Policy
from pupitre_paper import page as drawing
from pupitre_paper.fonts import MISSING, font_files, printable, widths
from pypdf import PdfReader
from support import invoice_factory as factory
from support import pdf_structure
from support.pdf_structure import Element

DEPOSIT = {
    "number": "FA-1",
    "portal_number": 7,
    "supplier_name": "Fournitures du Quai",
    "supplier_identifier": "90001001800019",
    "recipient_name": "Commune",
    "recipient_siret": "90002001700019",
    "code_service": "S-1",
    "engagement": None,
    "contract": None,
    "currency": "EUR",
    "numero_flux": None,
    "gross": "379.18",
    "received": "2026-10-02T09:30:00+02:00",
}


def certificate(worker: Any, lang: str = "fr", name: str = "facture.xml", **changed: Any) -> bytes:
    content = factory.ubl()
    header = {
        "op": "certificate",
        "lang": lang,
        "files": [{"name": name, "size": len(content), "sha256": "a1" * 32}],
        "sizes": [len(content)],
        "deposit": DEPOSIT | changed,
    }
    return worker.handle(header, content)[1]


def made(kind: str, worker: Any, lang: str) -> bytes:
    if kind == "certificate":
        return certificate(worker, lang)
    source = factory.cii(service="SERV-1", engagement="EJ-1", attachments=[("a.pdf", "application/pdf", b"%PDF-1")])
    header = {"op": "export", "syntax": "facturx"} if kind == "facturx" else {"op": "render"}
    return worker.handle(header | {"lang": lang}, source)[1]


def invoice(**changed: Any) -> dict[str, Any]:
    return report.readable_invoice(factory.ubl(), Policy())[0] | changed


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", ["readable", "facturx", "certificate"])
def test_every_pdf_says_what_it_is(kind: str, lang: str, worker: Any) -> None:
    with pikepdf.open(io.BytesIO(made(kind, worker, lang))) as document:
        root = document.Root
        assert (str(root.Lang), bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (
            lang,
            True,
            True,
        )
        with document.open_metadata() as metadata:
            assert (metadata["pdfuaid:part"], metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == (
                "1",
                "3",
                "A",
            )
            assert metadata["dc:title"] == str(document.docinfo["/Title"])
            assert "FA-" in metadata["dc:title"]
        assert all(str(page.Tabs) == "/S" for page in document.pages if "/Annots" in page)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", ["readable", "facturx", "certificate"])
def test_every_text_is_in_the_structure_or_is_the_foot_of_a_page(kind: str, lang: str, worker: Any) -> None:
    found = pdf_structure.read(made(kind, worker, lang))

    assert (found.unmarked, found.unreached) == ([], [])
    assert re.search(r"Page 1 (sur|of) 1", "".join(found.artifacts))
    assert [each.tag for each in found.root.every("H1", "H2", "H3")].count("H1") == 1


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", ["readable", "facturx", "certificate"])
def test_every_cell_of_a_table_has_its_header(kind: str, lang: str, worker: Any) -> None:
    tables = list(pdf_structure.read(made(kind, worker, lang)).root.every("Table"))

    assert tables
    for table in tables:
        heads = {each.attributes["ID"]: each for each in table.every("TH")}
        assert heads
        assert all(each.attributes["Scope"] == "/Column" and each.text for each in heads.values())
        rows = [[cell for cell in row.kids if isinstance(cell, Element)] for row in table.every("TR")]
        assert len({len(row) for row in rows}) == 1
        for cells in rows[1:]:
            assert [cell.tag for cell in cells] == ["TD"] * len(heads)
            assert [cell.attributes["Headers"] for cell in cells] == [[head] for head in heads]


def test_an_invoice_is_read_in_its_logical_order(worker: Any) -> None:
    root = pdf_structure.read(made("facturx", worker, "fr")).root

    assert [each.text for each in root.every("H1", "H2")] == [
        "Facture n° FA-2026-0001",
        "Fournisseur",
        "Destinataire",
        "Références",
        "Lignes",
        "TVA",
        "Totaux",
        "Paiement",
        "Mentions",
        "Pièces jointes",
    ]
    expected = (
        factory.SELLER.name,
        factory.BUYER.name,
        "SERV-1",
        "EJ-1",
        "Ramette A4",
        "Total TTC",
        "379,18 EUR",
        "Virement",
        "a.pdf",
    )
    places = [root.text.index(each) for each in expected]
    assert places == sorted(places)
    lines = next(table for table in root.every("Table") if "Désignation" in table.text)
    assert [each.text for each in lines.every("TH")] == [
        "N°",
        "Désignation",
        "Quantité",
        "Prix unitaire HT",
        "TVA %",
        "Montant HT",
    ]
    facts = next(root.every("L"))
    assert [(item.kids[0].text, item.kids[1].text) for item in facts.every("LI")][:2] == [
        ("Code service", "SERV-1"),
        ("Numéro d'engagement", "EJ-1"),
    ]


def test_headings_are_bookmarks(worker: Any) -> None:
    titles = [each.title for each in PdfReader(io.BytesIO(made("certificate", worker, "en"))).outline[1]]

    assert titles == ["Deposit", "Files"]


def test_the_head_of_a_table_is_read_once_and_shown_on_every_page(worker: Any) -> None:
    pdf = worker.handle(
        {"op": "render"}, factory.ubl(lines=[factory.Line(f"article {number}") for number in range(500)])
    )[1]
    pages, found = PdfReader(io.BytesIO(pdf)).pages, pdf_structure.read(pdf)

    assert len(pages) > 5
    assert all("Désignation" in page.extract_text() for page in pages[:-1])
    assert f"Page 2 sur {len(pages)}" in pages[1].extract_text()
    assert found.root.text.count("Désignation") == 1
    table = next(table for table in found.root.every("Table") if "Désignation" in table.text)
    assert [row.kids[1].text for row in table.every("TR")][1:] == [f"article {number}" for number in range(500)]


def test_the_same_data_give_the_same_bytes_and_the_date_is_theirs(worker: Any) -> None:
    for kind, day in (("readable", "20261001"), ("facturx", "20261001"), ("certificate", "20261002")):
        first, second = made(kind, worker, "fr"), made(kind, worker, "fr")
        assert first == second
        with pikepdf.open(io.BytesIO(first)) as document:
            assert str(document.docinfo["/CreationDate"]).startswith(f"D:{day}")


@pytest.mark.parametrize("day", [None, "", "never", "0001-01-01", "9999-12-31"])
def test_a_date_that_is_none_does_no_harm(day: str | None) -> None:
    assert readable.pdf(invoice(issue_date=day)) == readable.pdf(invoice(issue_date=day))


HOSTILE = {
    "long": "x" * 10_000,
    "prose": "Une mention assez longue. " * 400,
    "right to left": "שלום עולם وأهلا \u202eabc",
    "controls": "a\x00b\x1bc\x1ed\u2028e\ufeff\u00ad\u200bf",
    "markup": '#panic("x") $x$ *b* _i_ `r` @ref <label> \\u{41} //c /*c*/ = H [c] {c} #read("/etc/passwd") <b>&amp;</b>',
    "nothing drawn": "漢字 \U0001f600 \ue000 \U000e0001 \ufffe",
    "marks": "e\u0301 " + "a" + "\u0301" * 300,
    "empty": " ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_text_wherever_it_stands(name: str) -> None:
    text = HOSTILE[name]
    base = invoice()
    line = base["lines"][0] | dict.fromkeys(
        ("id", "name", "description", "note", "unit", "vat_rate", "price", "net"), text
    )
    party = base["seller"] | {"name": text, "address": {"lines": [text], "post_code": text, "city": text}}
    pdf = readable.pdf(
        base
        | {"number": text, "seller": party, "lines": [line], "notes": [{"code": text, "text": text}], "currency": text}
        | {
            "engagement": text,
            "attachments": [{"name": text, "description": text, "mime": text, "size": 1, "url": None}],
        }
    )
    found = pdf_structure.read(pdf)

    assert (found.unmarked, found.unreached) == ([], [])
    wanted = flat(unicodedata.normalize("NFC", printable(text)))
    assert flat(printable(text))[:4_900] in flat(found.root.text) or name == "right to left"
    assert set(wanted) <= set(found.root.text)
    assert b"root:" not in pdf
    for page in PdfReader(io.BytesIO(pdf)).pages:
        assert float(page.mediabox.width) < 596


def test_what_the_fonts_lack_is_said() -> None:
    shown = pdf_structure.read(readable.pdf(invoice(engagement="漢-1"))).root.text

    assert f"{MISSING}-1" in shown
    assert "polices de ce PDF" in shown
    assert "polices de ce PDF" not in pdf_structure.read(readable.pdf(invoice())).root.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60), min_size=4, max_size=4))
def test_any_text_of_the_terms_comes_back(texts: list[str]) -> None:
    number, name, terms, note = texts
    base = invoice()
    pdf = readable.pdf(
        base
        | {"number": number, "lines": [base["lines"][0] | {"name": name}], "notes": [{"code": None, "text": note}]}
        | {"payment": base["payment"] | {"terms": terms}}
    )
    root = pdf_structure.read(pdf).root
    for text in texts:
        if any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for sign in text):
            assert set(printable(text)) <= set(root.text)  # drawn from right to left, in runs
        else:
            assert flat(printable(text)) in flat(root.text)


def test_the_fonts_are_read_as_they_are() -> None:
    for bold, file in enumerate(font_files()):
        font = TTFont(file)
        best = font.getBestCmap()
        expected = {
            code: font["hmtx"][name][0] / font["head"].unitsPerEm for code, name in best.items() if name != ".notdef"
        }
        assert widths(bool(bold)) == expected


def test_the_template_reads_nothing_and_takes_texts_as_data() -> None:
    templates = list(drawing.FOLDER.iterdir())
    source = templates[0].read_text()

    assert [each.name for each in templates] == ["document.typ"]
    assert not re.search(r"#?\b(import|include|eval|read|image|plugin|csv|xml|yaml|toml|cbor)\b\s*[(\"]", source)
    assert re.findall(r"sys\.inputs\.\w+", re.sub(r"//.*", "", source)) == ["sys.inputs.document"]
