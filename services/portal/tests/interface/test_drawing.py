"""PDFs are drawn by a process of their own, and a flux's compte rendu can be read by whoever does not see it."""

import io

import pikepdf
import pytest
from pupitre_bus import workers
from pupitre_contracts import errors
from pupitre_paper import page, parts
from pupitre_portal import drawing
from support.pdf_structure import read

DOCUMENT = parts.document(
    [parts.title("Essai"), parts.heading("Liste"), parts.subheading("Une"), parts.listing(["a", "b" * 400])],
    title="Essai", author="Pupitre", footer="Essai", day="2026-01-15", lang="fr",
)  # fmt: skip


@pytest.fixture
def pool():
    made = drawing.pool()
    yield made
    made.close()


def test_the_worker_draws_what_the_library_would_each_time_the_same(pool):
    draw = drawing.drawn_by(pool)
    assert draw(DOCUMENT) == draw(DOCUMENT) == page.drawn(DOCUMENT)
    assert pool.health()[1]


def test_a_worker_that_does_not_draw_is_said_to_be_unavailable(pool):
    with pytest.raises(errors.Unavailable):
        drawing.drawn_by(pool)({"parts": None})
    assert drawing.drawn_by(pool)(DOCUMENT)

    class Late:
        def run(self, header, payload):
            raise workers.WorkerTimeout("no answer")

    with pytest.raises(errors.Unavailable):
        drawing.drawn_by(Late())(DOCUMENT)


def test_headings_and_lists_are_told_as_what_they_are():
    pdf = page.drawn(DOCUMENT)
    found = read(pdf)
    assert [(each.tag, each.text) for each in found.root.every("H1", "H2", "H3")] == [("H1", "Essai"), ("H2", "Liste"), ("H3", "Une")]
    assert len(list(found.root.every("LI"))) == 2
    assert found.unmarked == found.unreached == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert (str(opened.Root.Lang), bool(opened.Root.MarkInfo.Marked)) == ("fr", True)
        assert b"pdfuaid" in opened.Root.Metadata.read_bytes()
