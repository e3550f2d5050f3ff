"""The bordereau of expenses as a workbook, whose cell F30 holds the total, and as a document that the platform draws. The same entries give
the same bytes."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pupitre_espaces import Label, Paper, paper
from pupitre_espaces.values import Language

from .expenses import BAND_NAMES, Entry, entries, total
from .tariff import VEHICLES, Rates

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
#: Rows count from 1, as in the workbook: the first of the entries, and the one of the total.
FIRST, TOTAL = 10, 30
TITLE = Label("Bordereau récapitulatif des frais divers", "Summary of expenses")
SUM = Label("MONTANT TOTAL (à reporter dans la case « Frais divers »)", "TOTAL (to be entered as “Frais divers”)")
HEADS = (
    Label("Frais", "Expense"),
    Label("Quantité", "Quantity"),
    Label("Unité", "Unit"),
    Label("Taux (EUR)", "Rate (EUR)"),
    Label("Justificatif", "Proof"),
    Label("Montant (EUR)", "Amount (EUR)"),
)
POWER = Label("Puissance fiscale (5, 7 ou 8 CV)", "Fiscal power (5, 7 or 8 CV)")
_MADE_ON = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def workbook(rows: tuple[Entry, ...], rates: Rates, language: Language, vehicle: str = "CV5", about: str = "") -> bytes:
    """Return a workbook in which quantities can be changed: every amount, and F30, is a formula with its value."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": TITLE.text(language), "created": _MADE_ON.replace(tzinfo=None)})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    sheet = book.add_worksheet("Bordereau")
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 5, 16)
    sheet.write_string(0, 0, TITLE.text(language), bold)
    sheet.write_string(1, 0, about)
    sheet.write_string(3, 0, POWER.text(language))
    sheet.write_number(3, 1, int(vehicle.removeprefix("CV")))
    for column, head in enumerate(HEADS):
        sheet.write_string(FIRST - 2, column, head.text(language), bold)
    for index, row in enumerate(rows):
        place = FIRST - 1 + index
        sheet.write_string(place, 0, row.label.text(language))
        sheet.write_number(place, 1, float(row.quantity))
        sheet.write_string(place, 2, row.unit.text(language))
        if row.rate is None:
            formula = f"=ROUND(B{place + 1},2)"
        else:
            _rate(sheet, place, index, row.rate, rates)
            formula = f"=ROUND(B{place + 1}*D{place + 1},2)"
        sheet.write_formula(place, 5, formula, money, float(row.amount))
    sheet.write_string(TOTAL - 1, 0, SUM.text(language), bold)
    sheet.write_formula(TOTAL - 1, 5, f"=SUM(F{FIRST}:F{TOTAL - 1})", money, float(total(rows)))
    book.close()
    return out.getvalue()


def _rate(sheet: Any, place: int, index: int, rate: Decimal, rates: Rates) -> None:
    """Write a rate: that of a kilometre depends on the power of the vehicle in B4."""
    if index >= len(BAND_NAMES):
        sheet.write_number(place, 3, float(rate))
        return
    low, middle, high = (rates.kilometres[name][index] for name in VEHICLES)
    sheet.write_formula(place, 3, f"=IF($B$4<=5,{low},IF($B$4<=7,{middle},{high}))", None, float(rate))


def document(rows: tuple[Entry, ...], language: Language, about: str = "") -> Paper:
    """Return the same as a document: what was spent, and the total."""
    columns = [
        paper.Column(HEADS[0].text(language)),
        paper.Column(HEADS[1].text(language), 22, right=True),
        paper.Column(HEADS[2].text(language), 26),
        paper.Column(HEADS[3].text(language), 24, right=True),
        paper.Column(HEADS[5].text(language), 28, right=True),
    ]
    spent = [
        (
            row.label.text(language),
            _written(row.quantity, language),
            row.unit.text(language),
            _written(row.rate, language) if row.rate is not None else "",
            _written(row.amount, language),
        )
        for row in rows
        if row.quantity
    ]
    last = (SUM.text(language), "", "", "", _written(total(rows), language))
    table = paper.Table(columns, [*spent, last], strong=[len(spent)])
    return Paper(TITLE.text(language), [*([paper.Text(about)] if about else []), table], language)


def blank(rates: Rates, language: Language) -> bytes:
    """Return the workbook to be filled in (« Détail des frais divers »)."""
    return workbook(entries({}, rates), rates, language)


def names(index: int) -> Mapping[str, str]:
    """Return the names of the files of a line, by type."""
    return {XLSX: f"bordereau-frais-divers-ligne-{index}.xlsx", PDF: f"bordereau-frais-divers-ligne-{index}.pdf"}


def _written(value: Decimal, language: Language) -> str:
    return f"{value:f}".replace(".", ",") if language == "fr" else f"{value:f}"
