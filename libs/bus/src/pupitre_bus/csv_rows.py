"""Rows as CSV for spreadsheets and programs, in which no cell is ever a formula (RS-65)."""

import csv
import datetime
import decimal
import io
from collections.abc import Iterable, Sequence
from typing import Any

_GUARDED = frozenset("=+-@\t\r\n\0＝＋－＠")


def neutralised(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe is put before what would begin one."""
    return f"'{text}" if text[:1] in _GUARDED and text else text


def written(rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> str:
    """Return rows as CSV (RFC 4180): numbers as they are, days as in ISO 8601, nothing for None, all else as harmless text."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return text.getvalue()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else neutralised(str(value))
