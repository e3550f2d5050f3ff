"""Reads a workbook without the library that wrote it: the cells of its first sheet, as (value, formula)."""

import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(content):
    """Return the cells by name: {"F30": ("12.5", "SUM(F10:F29)")}."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        strings = ["".join(each.itertext()) for each in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
    found = {}
    for cell in sheet.iter(f"{SPACE}c"):
        value, formula = cell.find(f"{SPACE}v"), cell.find(f"{SPACE}f")
        text = value.text if value is not None else None
        if cell.get("t") == "s":
            text = strings[int(text)]
        found[cell.get("r")] = (text, formula.text if formula is not None else None)
    return found


def reckoned(found):
    """Return what a spreadsheet makes of F30: quantities and rates are multiplied, rounded and added anew."""
    power, total = Decimal(found["B4"][0]), Decimal(0)
    assert found["F30"][1] == "SUM(F10:F29)"
    for row in range(10, 30):
        formula = found.get(f"F{row}", (None, None))[1]
        if formula is None:
            continue
        quantity = Decimal(found[f"B{row}"][0])
        if formula == f"ROUND(B{row}*D{row},2)":
            quantity *= _rate(found[f"D{row}"], power)
        else:
            assert formula == f"ROUND(B{row},2)"
        total += quantity.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return total


def _rate(cell, power):
    value, formula = cell
    if formula is None:
        return Decimal(value)
    low, middle, high = re.fullmatch(r"IF\(\$B\$4<=5,([\d.]+),IF\(\$B\$4<=7,([\d.]+),([\d.]+)\)\)", formula).groups()
    return Decimal(low if power <= 5 else middle if power <= 7 else high)
