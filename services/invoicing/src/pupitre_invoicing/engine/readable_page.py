"""The page of the readable PDF: fonts, colours, margins, and a footer that knows the number of pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .readable_texts import label
from .rules_data import font_files

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
INK, SOFT, RULE, BAND = (colors.HexColor(code) for code in ("#1d2433", "#5b6474", "#c9d0da", "#eef2f7"))
REGULAR, BOLD = "Pupitre", "Pupitre-Bold"


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """Makes the two fonts known to reportlab, once per process; they are embedded in what is written."""
    regular, bold = font_files()
    pdfmetrics.registerFont(TTFont(REGULAR, str(regular)))
    pdfmetrics.registerFont(TTFont(BOLD, str(bold)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


class NumberedCanvas(Canvas):
    """Writes "page n of m" once the number of pages is known."""

    def __init__(self, *args: Any, locale: str, heading: str, footer: str, **kw: Any):
        super().__init__(*args, **kw)
        self._locale, self._heading, self._footer, self._footers = locale, heading, footer, []
        self._marks: list[tuple[int, str, int, float]] = []

    def mark(self, title: str, level: int, top: float) -> None:
        """Remember a title for the bookmarks, which can only be made once its page is."""
        self._marks.append((self._pageNumber, title, level, top))

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._footers.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Draws the footer of every page, then writes the document."""
        pages, marks = self._footers, self._marks
        for number, state in enumerate(pages, 1):
            self.__dict__.update(state)
            for place, (page, title, level, top) in enumerate(marks):
                if page == number:
                    self.bookmarkPage(f"m{place}", fit="XYZ", left=0, top=top)
                    self.addOutlineEntry(title, f"m{place}", level)
            self.setStrokeColor(RULE)
            self.line(MARGIN, 14 * mm, A4[0] - MARGIN, 14 * mm)
            self.setFont(REGULAR, 7)
            self.setFillColor(SOFT)
            self.drawString(MARGIN, 10 * mm, f"{self._heading[:70]} – {self._footer}")
            self.drawRightString(
                A4[0] - MARGIN, 10 * mm, label("page", self._locale, page=self._pageNumber, pages=len(pages))
            )
            super().showPage()
        super().save()
