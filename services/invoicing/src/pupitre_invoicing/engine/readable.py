"""The readable PDF of an invoice, for people who received data: A4, fonts embedded, nothing fetched, nothing active.

Every text of the file is escaped before reportlab sees it, and bounded: a cell taller than a page stops the layout.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

from . import amounts
from .findings import excerpt
from .readable_page import BAND, BOLD, INK, MARGIN, REGULAR, RULE, SOFT, NumberedCanvas, register_fonts
from .readable_texts import NOTE_SUBJECTS, PAYMENT_MODES, UNITS, label

WIDTH = A4[0] - 2 * MARGIN
FRAME = 6  # points that reportlab's page frame keeps free on each side
MAX_LINES, CELL, PROSE, MAX_NOTES = 1000, 500, 4000, 60


def pdf(invoice: dict[str, Any], lang: str = "fr") -> bytes:
    """A PDF of the structured invoice (see `invoice.structured`); the same invoice gives the same bytes."""
    register_fonts()
    target = io.BytesIO()
    title = f"{label('credit_note' if invoice['credit_note'] else 'invoice', lang)} {excerpt(invoice['number'] or '')}"
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN - FRAME,
        rightMargin=MARGIN - FRAME,
        topMargin=14 * mm,
        bottomMargin=20 * mm,
        invariant=1,
        title=title,
        author=excerpt(invoice["seller"]["name"] or ""),
        subject=label("footer", lang),
        creator="Pupitre",
        lang=lang,
        initialFontName=REGULAR,
        displayDocTitle=True,
    )
    document.build(
        _story(invoice, lang), canvasmaker=lambda *args, **kw: NumberedCanvas(*args, locale=lang, heading=title, **kw)
    )
    return target.getvalue()


def _style(size: float, bold: bool = False, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "s",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=more.pop("color", INK),
        **more,
    )


TEXT, SMALL, STRONG = _style(8.5), _style(7.5, color=SOFT), _style(8.5, True)
NUMBER, NUMBER_STRONG = _style(8.5, alignment=TA_RIGHT), _style(9.5, True, alignment=TA_RIGHT)
TITLE, HEADING = _style(17, True), _style(10, True, spaceBefore=8, spaceAfter=3)
COLUMN, COLUMN_RIGHT = _style(7.5, True, color=SOFT), _style(7.5, True, color=SOFT, alignment=TA_RIGHT)


# A table names the font of its cells even where every cell brings its own; reportlab's choice would not be embedded.
_FONT = ("FONTNAME", (0, 0), (-1, -1), REGULAR)


class Heading(Paragraph):
    """A title that is a bookmark of the document too."""

    def __init__(self, text: str, style: ParagraphStyle, level: int = 1) -> None:
        super().__init__(escape(text), style)
        self.title, self.level = text, level

    def draw(self) -> None:
        """Draw the title, and have the page remember where it stands."""
        self.canv.mark(self.title, self.level, self.canv.absolutePosition(0, self.height)[1])
        super().draw()


def _heading_of(name: str, lang: str) -> Heading:
    return Heading(label(name, lang), HEADING)


def _text(value: object, style: ParagraphStyle = TEXT, length: int = CELL) -> Paragraph:
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


def _story(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    return [
        *_heading(invoice, lang),
        _parties(invoice, lang),
        *_references(invoice, lang),
        *_lines(invoice, lang),
        *_adjustments(invoice, lang),
        Spacer(1, 3 * mm),
        _sums(invoice, lang),
        *_payment(invoice, lang),
        *_notes(invoice, lang),
        *_attachments(invoice, lang),
    ]


def _heading(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    kind = label("credit_note" if invoice["credit_note"] else "invoice", lang)
    facts = [
        (label("issue_date", lang), day(invoice["issue_date"], lang)),
        (label("due_date", lang), day(invoice["due_date"], lang)),
        (label("delivery_date", lang), day(invoice["delivery_date"], lang)),
        (label("type_code", lang), invoice["type_code"]),
        (label("currency", lang), invoice["currency"]),
    ]
    cells = [
        [_text(name, COLUMN) for name, value in facts if value],
        [_text(value, STRONG) for _, value in facts if value],
    ]
    story: list[Flowable] = [
        Heading(excerpt(f"{kind} {label('number', lang)} {invoice['number'] or ''}", 120), TITLE, 0),
        Spacer(1, 3 * mm),
    ]
    if cells[0]:
        story.append(
            Table(
                cells,
                colWidths=[WIDTH / len(cells[0])] * len(cells[0]),
                style=[_FONT, ("BACKGROUND", (0, 0), (-1, -1), BAND), ("LEFTPADDING", (0, 0), (-1, -1), 6)],
            )
        )
    return [*story, Spacer(1, 4 * mm)]


def _parties(invoice: dict[str, Any], lang: str) -> Table:
    columns = [[label(side, lang), _party(invoice[side], lang)] for side in ("seller", "buyer")]
    return Table(
        [[_text(name, COLUMN) for name, _ in columns], [block for _, block in columns]],
        colWidths=[WIDTH / 2] * 2,
        style=[
            _FONT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _party(party: dict[str, Any], lang: str) -> list[Flowable]:
    address = party["address"]
    place = " ".join(part for part in (address["post_code"], address["city"], party["country"]) if part)
    block: list[Flowable] = [_text(party["name"] or party["trading_name"], _style(10, True))]
    block += [_text(line) for line in (*address["lines"], place) if line]
    electronic = party["electronic_address"]
    for name, value in (
        ("siret", party["siret"]),
        ("siren", None if party["siret"] else party["siren"]),
        ("vat_number", party["vat"]),
        ("electronic_address", electronic["value"] if electronic else None),
    ):
        if value:
            block.append(
                _text(f"{label(name, lang)} : {value}" if lang == "fr" else f"{label(name, lang)}: {value}", SMALL)
            )
    return block


def _references(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    cadre = invoice["cadre"]
    known = (
        f"{cadre['code']} ({cadre['cadre']})" if cadre["cadre"] and cadre["cadre"] != cadre["code"] else cadre["code"]
    )
    rows = [
        ("code_service", invoice["buyer"]["code_service"]),
        ("engagement", invoice["engagement"]),
        ("contract", invoice["contract"]),
        ("cadre", known),
    ]
    rows += [
        ("preceding", " – ".join(part for part in (item["number"], day(item["issue_date"], lang)) if part))
        for item in invoice["preceding"][:10]
    ]
    return _facts("references", rows, lang)


def _facts(heading: str, rows: list[tuple[str, Any]], lang: str) -> list[Flowable]:
    """A titled two-column table of the facts that are known."""
    cells = [[_text(label(name, lang), SMALL), _text(value)] for name, value in rows if value]
    if not cells:
        return []
    return [
        KeepTogether(
            [
                _heading_of(heading, lang),
                Table(
                    cells,
                    colWidths=[42 * mm, WIDTH - 42 * mm],
                    style=[
                        _FONT,
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("TOPPADDING", (0, 0), (-1, -1), 1),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ],
                ),
            ]
        )
    ]


_GRID = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("BACKGROUND", (0, 0), (-1, 0), BAND),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    _FONT,
]


def _lines(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    story: list[Flowable] = [_heading_of("lines", lang)]
    if not invoice["lines"]:
        return [*story, _text(label("no_lines", lang), SMALL)]
    head = [
        _text(label(name, lang), COLUMN if name in ("line", "item") else COLUMN_RIGHT)
        for name in ("line", "item", "quantity", "price", "rate", "net_line")
    ]
    rows = [head, *(_line(line, lang) for line in invoice["lines"][:MAX_LINES])]
    widths = [12 * mm, WIDTH - 112 * mm, 26 * mm, 30 * mm, 16 * mm, 28 * mm]
    story.append(LongTable(rows, colWidths=widths, repeatRows=1, style=_GRID))
    if len(invoice["lines"]) > MAX_LINES:
        story.append(_text(label("more_lines", lang, count=len(invoice["lines"]) - MAX_LINES), SMALL))
    return story


def _line(line: dict[str, Any], lang: str) -> list[Any]:
    item: list[Flowable] = [_text(line["name"])]
    item += [_text(extra, SMALL) for extra in (line["reference"], line["description"], line["note"]) if extra]
    for name, sign in (("allowances", "allowance"), ("charges", "charge")):
        item += [
            _text(f"{label(sign, lang)} {amount(part['amount'], lang)} {part['reason'] or ''}", SMALL)
            for part in line[name][:5]
        ]
    unit = UNITS.get(line["unit"] or "", (line["unit"], line["unit"]))[lang == "en"]
    quantity = " ".join(part for part in (amount(line["quantity"], lang), unit) if part)
    rate = amount(line["vat_rate"], lang) or line["vat_category"]
    return [
        _text(line["id"], TEXT, 20),
        item,
        _text(quantity, NUMBER, 40),
        _text(amount(line["price"], lang), NUMBER, 40),
        _text(rate, NUMBER, 20),
        _text(amount(line["net"], lang), NUMBER, 40),
    ]


def _adjustments(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    rows = [
        [
            _text(label(kind, lang)),
            _text(part["reason"]),
            _text(amount(part["vat_rate"], lang), NUMBER),
            _text(amount(part["amount"], lang), NUMBER),
        ]
        for name, kind in (("allowances", "allowance"), ("charges", "charge"))
        for part in invoice[name][:100]
    ]
    if not rows:
        return []
    return [
        _heading_of("adjustments", lang),
        LongTable(rows, colWidths=[30 * mm, WIDTH - 84 * mm, 22 * mm, 32 * mm], style=[*_GRID[:1], *_GRID[2:]]),
    ]


def _sums(invoice: dict[str, Any], lang: str) -> Table:
    """VAT by rate on the left, totals on the right."""
    head = [
        _text(label("category", lang), COLUMN),
        *(_text(label(name, lang), COLUMN_RIGHT) for name in ("rate", "base", "amount")),
    ]
    rows: list[list[Any]] = [head]
    for part in invoice["vat"][:30]:
        reason = [_text(part["exemption"], SMALL, 200)] if part["exemption"] else []
        rows.append(
            [
                [_text(part["category"]), *reason],
                _text(amount(part["rate"], lang), NUMBER),
                _text(amount(part["base"], lang), NUMBER),
                _text(amount(part["amount"], lang), NUMBER),
            ]
        )
    vat = Table(rows, colWidths=[34 * mm, 14 * mm, 24 * mm, 22 * mm], style=_GRID) if len(rows) > 1 else ""
    currency = excerpt(invoice["currency"] or "", 5)
    totals = [
        [
            _text(label(f"total_{name}", lang), STRONG if strong else TEXT),
            _text(f"{amount(invoice['totals'][name], lang)} {currency}", NUMBER_STRONG if strong else NUMBER),
        ]
        for name, strong in (
            ("lines", False),
            ("allowances", False),
            ("charges", False),
            ("net", False),
            ("vat", False),
            ("gross", True),
            ("prepaid", False),
            ("rounding", False),
            ("due", True),
        )
        if invoice["totals"][name]
    ]
    right = (
        Table(
            totals,
            colWidths=[34 * mm, 42 * mm],
            style=[
                _FONT,
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
                ("BACKGROUND", (0, -1), (-1, -1), BAND),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ],
        )
        if totals
        else ""
    )
    return Table(
        [[vat, right]],
        colWidths=[WIDTH - 78 * mm, 78 * mm],
        style=[
            _FONT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("ALIGN", (1, 0), (1, 0), "RIGHT"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _payment(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    payment = invoice["payment"]
    mode = PAYMENT_MODES.get(payment["mode"] or "")
    payee = invoice["payee"] or {}
    return _facts(
        "payment",
        [
            ("means", f"{mode[lang == 'en']} ({payment['means']})" if mode else payment["means"]),
            ("iban", payment["iban"]),
            ("bic", payment["bic"]),
            ("account_name", payment["account_name"]),
            ("payee", payee.get("name")),
            ("payment_reference", payment["reference"]),
            ("terms", payment["terms"]),
        ],
        lang,
    )


def _notes(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    story: list[Flowable] = []
    for note in invoice["notes"][:MAX_NOTES]:
        subject = NOTE_SUBJECTS.get(note["code"] or "")
        title = subject[lang == "en"] if subject else note["code"]
        separator = " : " if lang == "fr" else ": "
        story.append(_text(f"{title}{separator}{note['text'] or ''}" if title else note["text"], TEXT, PROSE))
    return [_heading_of("notes", lang), *story] if story else []


def _attachments(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    rows = []
    for part in invoice["attachments"][:100]:
        size = f"{part['mime']}, {part['size']} {label('bytes', lang)}" if part["size"] else part["url"] or ""
        rows.append(_text(" – ".join(text for text in (part["name"], part["description"], size) if text)))
    return [_heading_of("attachments", lang), *rows] if rows else []
