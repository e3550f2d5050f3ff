"""PDFs that say what an invoice says, for tests of what is read in them."""

import io

from reportlab.pdfgen.canvas import Canvas


def pdf(*rows: str) -> bytes:
    """A PDF with these rows of text; without any, as a scan is."""
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1)
    for number, row in enumerate(rows):
        canvas.drawString(60, 780 - 18 * number, row)
    canvas.rect(50, 50, 100, 100)
    canvas.save()
    return target.getvalue()
