"""QR codes as drawings within a page: no image to fetch, no script."""

from markupsafe import Markup
from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

#: White modules around a code, which readers need (ISO/IEC 18004).
QUIET = 4


def svg_of(text: str, label: str) -> Markup:
    """Return the drawing of ``text``; ``label`` says what it is to who cannot see it."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(text))
    code.make()
    count = code.getModuleCount()
    dark = [(x, y) for y in range(count) for x in range(count) if code.isDark(y, x)]
    path = "".join(f"M{x + QUIET} {y + QUIET}h1v1h-1z" for x, y in dark)
    side = count + 2 * QUIET
    drawing = (
        '<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="240" height="240" role="img"'
        ' aria-label="{label}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        '<path fill="#000" d="{path}"/></svg>'
    )
    return Markup(drawing).format(  # noqa: S704  # the drawing is written above, and what is put in is escaped
        side=side, label=label, path=path
    )
