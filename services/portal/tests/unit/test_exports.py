"""Files for spreadsheets: whatever the texts, no cell is a formula (RS-65)."""

import csv
import datetime
import decimal
import io
import re
import zipfile

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pupitre_contracts.errors import Invalid
from pupitre_portal import exports

DANGEROUS = "=+-@\t\r\n\0"
NAMESPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
texts = st.one_of(st.text(max_size=30), st.builds(lambda first, rest: first + rest, st.sampled_from(DANGEROUS), st.text(max_size=30)))
clean_texts = texts.map(lambda text: text.encode("utf-8", "replace").decode())


@pytest.fixture(autouse=True)
def request_context():
    with Flask(__name__).test_request_context():
        yield


def read_csv(rows, **options):
    text = b"".join(exports.csv_pieces([rows], **options)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=options.get("delimiter", ";")))


def sheet_of(rows):
    file = exports.xlsx_file([rows])
    with zipfile.ZipFile(file) as book:
        return etree.fromstring(book.read("xl/worksheets/sheet1.xml"))


@pytest.mark.requirement("RS-65")
@given(clean_texts)
def test_no_text_begins_a_formula_and_none_is_lost(text):
    shown = exports.neutralised(text)
    assert shown[:1] not in DANGEROUS or not shown
    assert shown == text or shown == "'" + text


@pytest.mark.requirement("RS-65")
@given(st.lists(st.lists(clean_texts, min_size=2, max_size=3), min_size=1, max_size=4))
def test_a_csv_gives_back_every_cell_neutralised_wherever_separators_and_quotes_are(rows):
    assert read_csv(rows) == [[exports.neutralised(text) for text in row] for row in rows]


@pytest.mark.requirement("RS-65")
@given(st.lists(st.lists(clean_texts, min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_sheet_has_no_formula_and_no_link_and_only_texts_where_texts_were_given(rows):
    sheet = sheet_of(rows)
    assert not sheet.xpath("//x:f | //x:hyperlink", namespaces=NAMESPACE)
    assert {cell.get("t") for cell in sheet.xpath("//x:c[*]", namespaces=NAMESPACE)} <= {"inlineStr"}
    for text in sheet.xpath("//x:t/text()", namespaces=NAMESPACE):
        assert text[0] not in DANGEROUS


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-2", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1"])
def test_what_would_begin_a_formula_gets_an_apostrophe(text):
    assert exports.neutralised(text) == "'" + text
    assert exports.neutralised("a" + text) == "a" + text


@pytest.mark.requirement("RS-65")
def test_amounts_are_numbers_and_days_and_instants_are_legible():
    moment = datetime.datetime(2026, 7, 1, 22, 30, tzinfo=datetime.UTC)
    row = [decimal.Decimal("-1234.50"), 7, datetime.date(2026, 1, 31), moment, True, None, "https://exemple.invalid"]
    assert read_csv([row]) == [["-1234.50", "7", "2026-01-31", "2026-07-02 00:30:00", "oui", "", "https://exemple.invalid"]]
    sheet = sheet_of([row])
    numbers = [cell.findtext("x:v", namespaces=NAMESPACE) for cell in sheet.xpath("//x:c[not(@t)][x:v]", namespaces=NAMESPACE)]
    # Days are counted from the end of 1899; an instant is one of Paris, half an hour after midnight.
    assert [round(decimal.Decimal(each), 4) for each in numbers] == [decimal.Decimal("-1234.5"), 7, 46053, decimal.Decimal("46205.0208")]


def test_a_sheet_too_long_for_people_is_refused_in_both_languages(monkeypatch):
    monkeypatch.setattr(exports, "MOST_SHEET_ROWS", 2)
    assert sheet_of([["a"], ["b"], ["c"]]) is not None
    with pytest.raises(Invalid) as refused:
        exports.xlsx_file([[["a"], ["b"]], [["c"], ["d"]]])
    assert re.search("CSV / more than", refused.value.details["fields"]["format"][0])


def test_pages_are_asked_for_until_the_total_is_reached():
    rows = [[number] for number in range(5)]
    asked = []

    def ask(page):
        asked.append(page)
        return rows[(page - 1) * 2 : page * 2], len(rows)

    assert [row for page in exports.pages(ask) for row in page] == rows
    assert asked == [1, 2, 3]
    assert list(exports.pages(lambda page: ([], 3))) == [[]]
