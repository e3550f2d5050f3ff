"""The readable PDF of an invoice, for people who received data: A4, fonts embedded, nothing fetched, nothing active.

Every text of the file is escaped before reportlab sees it, and bounded: a cell taller than a page stops the layout.
"""

from __future__ import annotations

from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Spacer, Table

from .findings import excerpt
from .readable_page import BAND, INK, RULE, WIDTH
from .readable_parts import (
    COLUMN,
    COLUMN_RIGHT,
    FONT,
    NUMBER,
    NUMBER_STRONG,
    SMALL,
    STRONG,
    TEXT,
    TITLE,
    Heading,
    amount,
    cell,
    day,
    drawn,
    fact_table,
    heading_of,
    styled,
)
from .readable_texts import NOTE_SUBJECTS, PAYMENT_MODES, UNITS, label

MAX_LINES, PROSE, MAX_NOTES = 1000, 4000, 60


def pdf(invoice: dict[str, Any], lang: str = "fr") -> bytes:
    """A PDF of the structured invoice (see `invoice.structured`); the same invoice gives the same bytes."""
    title = f"{label('credit_note' if invoice['credit_note'] else 'invoice', lang)} {excerpt(invoice['number'] or '')}"
    return drawn(
        lambda: _story(invoice, lang), title, excerpt(invoice["seller"]["name"] or ""), label("footer", lang), lang
    )


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
        [cell(name, COLUMN) for name, value in facts if value],
        [cell(value, STRONG) for _, value in facts if value],
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
                style=[FONT, ("BACKGROUND", (0, 0), (-1, -1), BAND), ("LEFTPADDING", (0, 0), (-1, -1), 6)],
            )
        )
    return [*story, Spacer(1, 4 * mm)]


def _parties(invoice: dict[str, Any], lang: str) -> Table:
    columns = [[label(side, lang), _party(invoice[side], lang)] for side in ("seller", "buyer")]
    return Table(
        [[cell(name, COLUMN) for name, _ in columns], [block for _, block in columns]],
        colWidths=[WIDTH / 2] * 2,
        style=[
            FONT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _party(party: dict[str, Any], lang: str) -> list[Flowable]:
    address = party["address"]
    place = " ".join(part for part in (address["post_code"], address["city"], party["country"]) if part)
    block: list[Flowable] = [cell(party["name"] or party["trading_name"], styled(10, True))]
    block += [cell(line) for line in (*address["lines"], place) if line]
    electronic = party["electronic_address"]
    for name, value in (
        ("siret", party["siret"]),
        ("siren", None if party["siret"] else party["siren"]),
        ("vat_number", party["vat"]),
        ("electronic_address", electronic["value"] if electronic else None),
    ):
        if value:
            block.append(
                cell(f"{label(name, lang)} : {value}" if lang == "fr" else f"{label(name, lang)}: {value}", SMALL)
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
    return fact_table("references", rows, lang)


#: The one total that is in the accounting currency (BT-111).
ACCOUNTED = "vat_accounting"
_GRID = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("BACKGROUND", (0, 0), (-1, 0), BAND),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    FONT,
]


def _lines(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    story: list[Flowable] = [heading_of("lines", lang)]
    if not invoice["lines"]:
        return [*story, cell(label("no_lines", lang), SMALL)]
    head = [
        cell(label(name, lang), COLUMN if name in ("line", "item") else COLUMN_RIGHT)
        for name in ("line", "item", "quantity", "price", "rate", "net_line")
    ]
    rows = [head, *(_line(line, lang) for line in invoice["lines"][:MAX_LINES])]
    widths = [12 * mm, WIDTH - 112 * mm, 26 * mm, 30 * mm, 16 * mm, 28 * mm]
    story.append(LongTable(rows, colWidths=widths, repeatRows=1, style=_GRID))
    if len(invoice["lines"]) > MAX_LINES:
        story.append(cell(label("more_lines", lang, count=len(invoice["lines"]) - MAX_LINES), SMALL))
    return story


def _line(line: dict[str, Any], lang: str) -> list[Any]:
    item: list[Flowable] = [cell(line["name"])]
    item += [cell(extra, SMALL) for extra in (line["reference"], line["description"], line["note"]) if extra]
    for name, sign in (("allowances", "allowance"), ("charges", "charge")):
        item += [
            cell(f"{label(sign, lang)} {amount(part['amount'], lang)} {part['reason'] or ''}", SMALL)
            for part in line[name][:5]
        ]
    unit = UNITS.get(line["unit"] or "", (line["unit"], line["unit"]))[lang == "en"]
    quantity = " ".join(part for part in (amount(line["quantity"], lang), unit) if part)
    rate = amount(line["vat_rate"], lang) or line["vat_category"]
    return [
        cell(line["id"], TEXT, 20),
        item,
        cell(quantity, NUMBER, 40),
        cell(amount(line["price"], lang), NUMBER, 40),
        cell(rate, NUMBER, 20),
        cell(amount(line["net"], lang), NUMBER, 40),
    ]


def _adjustments(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    rows = [
        [
            cell(label(kind, lang)),
            cell(part["reason"]),
            cell(amount(part["vat_rate"], lang), NUMBER),
            cell(amount(part["amount"], lang), NUMBER),
        ]
        for name, kind in (("allowances", "allowance"), ("charges", "charge"))
        for part in invoice[name][:100]
    ]
    if not rows:
        return []
    return [
        heading_of("adjustments", lang),
        LongTable(rows, colWidths=[30 * mm, WIDTH - 84 * mm, 22 * mm, 32 * mm], style=[*_GRID[:1], *_GRID[2:]]),
    ]


def _sums(invoice: dict[str, Any], lang: str) -> Table:
    """VAT by rate on the left, totals on the right."""
    head = [
        cell(label("category", lang), COLUMN),
        *(cell(label(name, lang), COLUMN_RIGHT) for name in ("rate", "base", "amount")),
    ]
    rows: list[list[Any]] = [head]
    for part in invoice["vat"][:30]:
        reason = [cell(part["exemption"], SMALL, 200)] if part["exemption"] else []
        rows.append(
            [
                [cell(part["category"]), *reason],
                cell(amount(part["rate"], lang), NUMBER),
                cell(amount(part["base"], lang), NUMBER),
                cell(amount(part["amount"], lang), NUMBER),
            ]
        )
    vat = Table(rows, colWidths=[34 * mm, 14 * mm, 24 * mm, 22 * mm], style=_GRID) if len(rows) > 1 else ""
    currency, accounting = (excerpt(invoice[name] or "", 5) for name in ("currency", "accounting_currency"))
    sums = invoice["totals"]
    totals = [
        [
            cell(label(f"total_{name}", lang), STRONG if strong else TEXT),
            cell(
                f"{amount(sums[name], lang)} {currency if name != ACCOUNTED else accounting}",
                NUMBER_STRONG if strong else NUMBER,
            ),
        ]
        for name, strong in (
            ("lines", False),
            ("allowances", False),
            ("charges", False),
            ("net", False),
            ("vat", False),
            (ACCOUNTED, False),
            ("gross", True),
            ("prepaid", False),
            ("rounding", False),
            ("due", True),
        )
        if sums[name]
    ]
    right = (
        Table(
            totals,
            colWidths=[34 * mm, 42 * mm],
            style=[
                FONT,
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
            FONT,
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
    return fact_table(
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
        story.append(cell(f"{title}{separator}{note['text'] or ''}" if title else note["text"], TEXT, PROSE))
    return [heading_of("notes", lang), *story] if story else []


def _attachments(invoice: dict[str, Any], lang: str) -> list[Flowable]:
    rows = []
    for part in invoice["attachments"][:100]:
        size = f"{part['mime']}, {part['size']} {label('bytes', lang)}" if part["size"] else part["url"] or ""
        rows.append(cell(" – ".join(text for text in (part["name"], part["description"], size) if text)))
    return [heading_of("attachments", lang), *rows] if rows else []
