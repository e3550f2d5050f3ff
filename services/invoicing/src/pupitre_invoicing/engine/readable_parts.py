"""What the drawn documents are made of: styles, texts of strangers made harmless, titles that are bookmarks, amounts, dates."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Table

from . import amounts
from .findings import excerpt
from .readable_page import BOLD, INK, MARGIN, REGULAR, SOFT, WIDTH, NumberedCanvas, register_fonts
from .readable_texts import label

CELL = 500  # characters
FRAME = 6  # points that reportlab's page frame keeps free on each side


def drawn(story: Callable[[], list[Flowable]], title: str, author: str, footer: str, lang: str) -> bytes:
    """The PDF of a story: A4, embedded fonts, title and language said, bookmarks. The same story gives the same bytes."""
    register_fonts()
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN - FRAME,
        rightMargin=MARGIN - FRAME,
        topMargin=14 * mm,
        bottomMargin=20 * mm,
        invariant=1,
        title=title,
        author=author,
        subject=footer,
        creator="Pupitre",
        lang=lang,
        initialFontName=REGULAR,
        displayDocTitle=True,
    )
    document.build(
        story(), canvasmaker=lambda *args, **kw: NumberedCanvas(*args, locale=lang, heading=title, footer=footer, **kw)
    )
    return target.getvalue()


def styled(size: float, bold: bool = False, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "s",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=more.pop("color", INK),
        **more,
    )


TEXT, SMALL, STRONG = styled(8.5), styled(7.5, color=SOFT), styled(8.5, True)
NUMBER, NUMBER_STRONG = styled(8.5, alignment=TA_RIGHT), styled(9.5, True, alignment=TA_RIGHT)
TITLE, HEADING = styled(17, True), styled(10, True, spaceBefore=8, spaceAfter=3)
COLUMN, COLUMN_RIGHT = styled(7.5, True, color=SOFT), styled(7.5, True, color=SOFT, alignment=TA_RIGHT)


# A table names the font of its cells even where every cell brings its own; reportlab's choice would not be embedded.
FONT = ("FONTNAME", (0, 0), (-1, -1), REGULAR)


class Heading(Paragraph):
    """A title that is a bookmark of the document too."""

    def __init__(self, text: str, style: ParagraphStyle, level: int = 1) -> None:
        super().__init__(escape(text), style)
        self.title, self.level = text, level

    def draw(self) -> None:
        """Draw the title, and have the page remember where it stands."""
        self.canv.mark(self.title, self.level, self.canv.absolutePosition(0, self.height)[1])
        super().draw()


def heading_of(name: str, lang: str) -> Heading:
    return Heading(label(name, lang), HEADING)


def cell(value: object, style: ParagraphStyle = TEXT, length: int = CELL) -> Paragraph:
    return Paragraph(escape(excerpt(value if value is not None else "", length)), style)


def amount(value: str | None, lang: str) -> str:
    """An amount for people: thousands grouped, decimals of the file kept; what is no number is shown as it is."""
    number = amounts.parse(value)
    if number is None:
        return excerpt(value or "", 40)
    grouped = f"{number:,f}"
    return grouped if lang == "en" else grouped.replace(",", "\u00a0").replace(".", ",")


def day(value: str | None, lang: str) -> str:
    """A date for people; what is no date is shown as it is."""
    try:
        parsed = date.fromisoformat(value or "")
    except ValueError:
        return excerpt(value or "", 40)
    return parsed.isoformat() if lang == "en" else parsed.strftime("%d/%m/%Y")


def fact_table(heading: str, rows: list[tuple[str, Any]], lang: str) -> list[Any]:
    """A titled two-column table of the facts that are known."""
    cells = [[cell(label(name, lang), SMALL), cell(value)] for name, value in rows if value]
    if not cells:
        return []
    return [
        KeepTogether(
            [
                heading_of(heading, lang),
                Table(
                    cells,
                    colWidths=[42 * mm, WIDTH - 42 * mm],
                    style=[
                        FONT,
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("TOPPADDING", (0, 0), (-1, -1), 1),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ],
                ),
            ]
        )
    ]
