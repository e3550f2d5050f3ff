"""QR codes as drawings within a page: no image to fetch, no script."""

from dataclasses import dataclass

from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

#: White modules around a code, which readers need (ISO/IEC 18004).
QUIET = 4


@dataclass(frozen=True)
class Drawing:
    """A square of ``side`` modules; ``path`` covers the dark ones, as SVG writes it."""

    side: int
    path: str


def drawing_of(text: str) -> Drawing:
    """Return the drawing of ``text``."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(text))
    code.make()
    count = code.getModuleCount()
    dark = [(x, y) for y in range(count) for x in range(count) if code.isDark(y, x)]
    return Drawing(count + 2 * QUIET, "".join(f"M{x + QUIET} {y + QUIET}h1v1h-1z" for x, y in dark))
