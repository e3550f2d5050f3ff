"""Files that an espace makes: octets are kept as they are, a document is drawn first, and nothing is kept where that fails."""

from types import SimpleNamespace

import pytest
from pupitre_bus.workers import WorkerDied
from pupitre_contracts import errors
from pupitre_espaces import MadeFile, Paper, paper
from pupitre_invoicing import request_files
from support.drawn import pdf_of
from support.fake_engine import FakeEngine

DOCUMENT = Paper("Essai", [paper.Facts([("Nom", "valeur")])], "fr")
FILES = [MadeFile("a.txt", "text/plain", b"abc", line=2), MadeFile("b.pdf", "application/pdf", DOCUMENT, designation="Preuve")]


class Blobs(dict):
    def put(self, content):
        self[f"{len(self):064x}"] = content
        return f"{len(self) - 1:064x}"


def scope(engine):
    return SimpleNamespace(resources=SimpleNamespace(blobs=Blobs(), engine=engine))


def test_a_document_is_kept_as_the_pdf_that_is_drawn_of_it():
    where = scope(FakeEngine())
    rows = request_files.stored(where, FILES)
    assert [where.resources.blobs[each["sha256"]] for each in rows] == [b"abc", pdf_of(DOCUMENT)]
    assert [(each["name"], each["mime"], each["size"], each["line"], each["designation"], each["made"]) for each in rows] == [
        ("a.txt", "text/plain", 3, 2, None, True),
        ("b.pdf", "application/pdf", len(pdf_of(DOCUMENT)), None, "Preuve", True),
    ]


def test_nothing_is_kept_where_a_document_is_not_drawn():
    class Dead:
        def run(self, header, payload=b""):
            raise WorkerDied("killed")

    where = scope(Dead())
    with pytest.raises(errors.EngineFailed):
        request_files.stored(where, FILES)
    assert where.resources.blobs == {}
