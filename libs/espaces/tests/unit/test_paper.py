"""Documents that espaces write: what makes no sense is refused when they are made, and they stand where a file's content is."""

import json
from datetime import date

import pytest
from pupitre_espaces import Download, MadeFile, Paper, paper

TABLE = paper.Table([paper.Column("Nom"), paper.Column("Montant", 30, right=True)], [("a", "1,00"), ("Total", "1,00")], strong=[1])
PARTS = [paper.Heading("Titre"), paper.Text("Un mot", small=True), paper.Facts([("Nom", "valeur")]), TABLE]
DOCUMENT = Paper("Essai", PARTS, "fr", foot="pied", day=date(2026, 1, 31))


def test_a_document_is_given_as_data():
    order = json.loads(json.dumps(DOCUMENT.order()))
    assert (order["title"], order["language"], order["day"], order["foot"]) == ("Essai", "fr", "2026-01-31", "pied")
    assert [each["is"] for each in order["parts"]] == ["heading", "text", "facts", "table"]
    assert order["parts"][3]["rows"] == [["a", "1,00"], ["Total", "1,00"]]


def test_a_document_is_the_content_of_a_pdf_alone():
    for made in (MadeFile, Download):
        assert made("a.pdf", "application/pdf", DOCUMENT).content is DOCUMENT
        with pytest.raises(ValueError, match="is drawn as application/pdf"):
            made("a.xlsx", "application/xlsx", DOCUMENT)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Paper(" ", [], "fr"),
        lambda: Paper("Essai", [], "de"),
        lambda: Paper("Essai", [paper.Text("a")] * 201, "fr"),
        lambda: Paper("Essai", [paper.Facts([("a", "b")] * 2501)], "fr"),
        lambda: paper.Table([], []),
        lambda: paper.Table([paper.Column("a")] * 2, []),
        lambda: paper.Table([paper.Column("a", 100), paper.Column("b", 100)], []),
        lambda: paper.Table([paper.Column("a")], [("b", "c")]),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValueError):
        make()
