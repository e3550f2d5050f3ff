"""The readable PDF of an invoice, for people who received data: A4, tagged, fonts embedded, nothing fetched, nothing active."""

from __future__ import annotations

from typing import Any

from pupitre_paper import page
from pupitre_paper.fonts import MISSING
from pupitre_paper.parts import Column, Part, band, columns, document, missing, name, paragraph, table, title

from .findings import excerpt
from .readable_parts import amount, day, facts, heading
from .readable_texts import NOTE_SUBJECTS, PAYMENT_MODES, UNITS, label

MAX_LINES, MAX_NOTES = 1000, 60
# Characters: of the texts of one line, of all lines, of all notes. They bound time and memory; what is cut ends in "…".
_LINE, _LINES, _NOTES = 5_000, 500_000, 200_000
#: The one total that is in the accounting currency (BT-111).
ACCOUNTED = "vat_accounting"
_PARTY, _VAT, _SUMS = 86.0, 98.0, 76.0  # widths of what stands side by side


def pdf(invoice: dict[str, Any], lang: str = "fr") -> bytes:
    """A PDF of the structured invoice (see `invoice.structured`); the same invoice gives the same bytes."""
    return page.drawn(document_of(invoice, lang))


def title_of(invoice: dict[str, Any], lang: str) -> str:
    kind = label("credit_note" if invoice["credit_note"] else "invoice", lang)
    return f"{kind} {excerpt(invoice['number'] or '', 120)}".strip()


def document_of(invoice: dict[str, Any], lang: str, footer: str = "footer") -> dict[str, Any]:
    """What is drawn of an invoice; `footer` is the label that says which file is authoritative."""
    parts = [
        *_heading(invoice, lang),
        _parties(invoice, lang),
        *_references(invoice, lang),
        *_lines(invoice, lang),
        *_adjustments(invoice, lang),
        *_sums(invoice, lang),
        *_payment(invoice, lang),
        *_notes(invoice, lang),
        *_attachments(invoice, lang),
    ]
    if missing(parts, MISSING):
        parts.append(paragraph(label("missing_signs", lang), small=True))
    return document(
        parts,
        title=title_of(invoice, lang),
        author=invoice["seller"]["name"] or "-",
        footer=label(footer, lang),
        day=invoice["issue_date"],
        lang=lang,
    )


def _heading(invoice: dict[str, Any], lang: str) -> list[Part]:
    kind = label("credit_note" if invoice["credit_note"] else "invoice", lang)
    known = [
        (label("issue_date", lang), day(invoice["issue_date"], lang)),
        (label("due_date", lang), day(invoice["due_date"], lang)),
        (label("delivery_date", lang), day(invoice["delivery_date"], lang)),
        (label("type_code", lang), invoice["type_code"]),
        (label("currency", lang), invoice["currency"]),
    ]
    rows = [(each, value) for each, value in known if value]
    text = f"{kind} {label('number', lang)} {invoice['number'] or ''}"
    return [title(text), *([band(rows)] if rows else [])]


def _parties(invoice: dict[str, Any], lang: str) -> Part:
    return columns(*((_PARTY, [heading(side, lang), *_party(invoice[side], lang)]) for side in ("seller", "buyer")))


def _party(party: dict[str, Any], lang: str) -> list[Part]:
    address = party["address"]
    place = " ".join(part for part in (address["post_code"], address["city"], party["country"]) if part)
    block = [name(party["name"] or party["trading_name"], _PARTY)]
    block += [paragraph(line, _PARTY) for line in (*address["lines"], place) if line]
    electronic = party["electronic_address"]
    for known, value in (
        ("siret", party["siret"]),
        ("siren", None if party["siret"] else party["siren"]),
        ("vat_number", party["vat"]),
        ("electronic_address", electronic["value"] if electronic else None),
    ):
        if value:
            block.append(paragraph(_said(label(known, lang), value, lang), _PARTY, small=True))
    return block


def _said(title: str, value: str, lang: str) -> str:
    return f"{title} : {value}" if lang == "fr" else f"{title}: {value}"


def _references(invoice: dict[str, Any], lang: str) -> list[Part]:
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
    return facts("references", rows, lang)


def _lines(invoice: dict[str, Any], lang: str) -> list[Part]:
    if not invoice["lines"]:
        return [heading("lines", lang), paragraph(label("no_lines", lang), small=True)]
    heads = [
        Column(label("line", lang), 12),
        Column(label("item", lang)),
        Column(label("quantity", lang), 26, right=True),
        Column(label("price", lang), 30, right=True),
        Column(label("rate", lang), 16, right=True),
        Column(label("net_line", lang), 28, right=True),
    ]
    rows = [_line(line, lang) for line in invoice["lines"][:MAX_LINES]]
    shown = [heading("lines", lang), table(heads, rows, length=min(_LINE, _LINES // len(rows)))]
    if len(invoice["lines"]) > MAX_LINES:
        shown.append(paragraph(label("more_lines", lang, count=len(invoice["lines"]) - MAX_LINES), small=True))
    return shown


def _line(line: dict[str, Any], lang: str) -> list[Any]:
    item = [line["name"], *(extra for extra in (line["reference"], line["description"], line["note"]) if extra)]
    for group, sign in (("allowances", "allowance"), ("charges", "charge")):
        item += [
            f"{label(sign, lang)} {amount(part['amount'], lang)} {part['reason'] or ''}" for part in line[group][:5]
        ]
    unit = UNITS.get(line["unit"] or "", (line["unit"], line["unit"]))[lang == "en"]
    quantity = " ".join(part for part in (amount(line["quantity"], lang), unit) if part)
    rate = amount(line["vat_rate"], lang) or line["vat_category"]
    return [line["id"], item, quantity, amount(line["price"], lang), rate, amount(line["net"], lang)]


def _adjustments(invoice: dict[str, Any], lang: str) -> list[Part]:
    rows = [
        [label(kind, lang), part["reason"], amount(part["vat_rate"], lang), amount(part["amount"], lang)]
        for group, kind in (("allowances", "allowance"), ("charges", "charge"))
        for part in invoice[group][:100]
    ]
    if not rows:
        return []
    heads = [
        Column(label("kind", lang), 30),
        Column(label("reason", lang)),
        Column(label("rate", lang), 22, right=True),
        Column(label("net_line", lang), 32, right=True),
    ]
    return [heading("adjustments", lang), table(heads, rows)]


def _sums(invoice: dict[str, Any], lang: str) -> list[Part]:
    """VAT by rate on the left, totals on the right."""
    sides = [(_VAT, _vat(invoice, lang)), (_SUMS, _totals(invoice, lang))]
    return [columns(*sides)] if any(parts for _, parts in sides) else []


def _vat(invoice: dict[str, Any], lang: str) -> list[Part]:
    rows = [
        [
            [part["category"], part["exemption"]] if part["exemption"] else part["category"],
            amount(part["rate"], lang),
            amount(part["base"], lang),
            amount(part["amount"], lang),
        ]
        for part in invoice["vat"][:30]
    ]
    heads = [
        Column(label("category", lang)),
        Column(label("rate", lang), 14, right=True),
        Column(label("base", lang), 27, right=True),
        Column(label("amount", lang), 25, right=True),
    ]
    return [heading("vat", lang), table(heads, rows, _VAT)] if rows else []


def _totals(invoice: dict[str, Any], lang: str) -> list[Part]:
    sums = ("lines", "allowances", "charges", "net", "vat", ACCOUNTED, "gross", "prepaid", "rounding", "due")
    shown = [each for each in sums if invoice["totals"][each]]
    currency, accounting = (excerpt(invoice[name] or "", 5) for name in ("currency", "accounting_currency"))
    rows = [
        [
            label(f"total_{each}", lang),
            f"{amount(invoice['totals'][each], lang)} {accounting if each == ACCOUNTED else currency}",
        ]
        for each in shown
    ]
    strong = [place for place, each in enumerate(shown) if each in ("gross", "due")]
    heads = [Column(label("total", lang)), Column(label("amount", lang), 42, right=True)]
    return [heading("totals", lang), table(heads, rows, _SUMS, strong)] if rows else []


def _payment(invoice: dict[str, Any], lang: str) -> list[Part]:
    payment = invoice["payment"]
    mode = PAYMENT_MODES.get(payment["mode"] or "")
    payee = invoice["payee"] or {}
    return facts(
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


def _notes(invoice: dict[str, Any], lang: str) -> list[Part]:
    shown: list[Part] = []
    left = _NOTES
    for note in invoice["notes"][:MAX_NOTES]:
        subject = NOTE_SUBJECTS.get(note["code"] or "")
        about = subject[lang == "en"] if subject else note["code"]
        text = note["text"] or ""
        said = paragraph(_said(about, text, lang) if about else text, length=max(left, 1))
        left -= len(said["text"])
        shown.append(said)
    return [heading("notes", lang), *shown] if shown else []


def _attachments(invoice: dict[str, Any], lang: str) -> list[Part]:
    rows = []
    for part in invoice["attachments"][:100]:
        size = f"{part['mime']}, {part['size']} {label('bytes', lang)}" if part["size"] else part["url"] or ""
        rows.append(paragraph(" – ".join(text for text in (part["name"], part["description"], size) if text)))
    return [heading("attachments", lang), *rows] if rows else []
