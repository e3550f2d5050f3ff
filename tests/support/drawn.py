"""What espaces write, drawn as the platform draws it, for tests of what is on the paper."""

from pupitre_espaces import Paper
from pupitre_paper import orders, page

from support.pdf_structure import Structure, read


def pdf_of(paper: Paper) -> bytes:
    return page.drawn(orders.document_of(paper.order()))


def structure_of(paper: Paper) -> Structure:
    """The structure of the PDF as a screen reader meets it; all of its text is in it."""
    found = read(pdf_of(paper))
    assert found.unmarked == found.unreached == []
    return found
