"""Lists as files for spreadsheets: CSV and XLSX, in which no cell is ever a formula (RS-65).

The one place where the portal writes such files. Rows are given a piece at a time and never held together.
"""

import datetime
import decimal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import xlsxwriter
from flask import Response, request, stream_with_context
from pupitre_bus import csv_rows
from pupitre_bus.csv_rows import neutralised
from pupitre_bus.threads import off_hub_to_the_end
from pupitre_contracts.errors import Invalid

from .formats import PARIS
from .languages import N_, gettext
from .protocol import PROLONG

FORMATS = ("csv", "xlsx")
MOST_SHEET_ROWS = 20_000
"""More than a person reads in a sheet; CSV has no such limit."""
BOM = "\ufeff"

_PIECE = 1 << 16
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_CHARACTERS = 32_767
"""What a cell of a sheet holds."""
_YES, _NO = N_("oui"), N_("non")

Row = Sequence[Any]


def cell(value: Any) -> str | decimal.Decimal | int:
    """Return what a cell holds: numbers as they are, all else as harmless text, dates as in ISO 8601, instants in Paris time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext(_YES) if value else gettext(_NO)
    if isinstance(value, int | decimal.Decimal):
        return value
    if isinstance(value, datetime.datetime):
        return value.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return neutralised(str(value))


def csv_pieces(pieces: Iterable[Iterable[Row]], *, delimiter: str = ";", mark: str = BOM) -> Iterator[bytes]:
    """Give rows as CSV in UTF-8, one piece of text for each piece of rows; the mark tells spreadsheets that it is UTF-8."""
    begin = mark
    for piece in pieces:
        text = begin + csv_rows.written(([_told(value) for value in row] for row in piece), delimiter=delimiter)
        begin = ""
        if text:
            yield text.encode("utf-8", "replace")


def xlsx_file(pieces: Iterable[Iterable[Row]]) -> Any:
    """Return an open file with rows as a sheet of texts, numbers and dates. Raises Invalid beyond :data:`MOST_SHEET_ROWS` rows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever reads it
    try:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = book.add_worksheet()
        dates = _Dates(book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
        for number, row in enumerate(row for piece in pieces for row in piece):
            if number > MOST_SHEET_ROWS:
                fault = f"plus de {MOST_SHEET_ROWS} lignes : choisissez CSV / more than {MOST_SHEET_ROWS} rows: choose CSV"
                raise Invalid(what="export", fields={"format": [fault]})
            _write_row(sheet, number, row, dates)
        off_hub_to_the_end(book.close)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def answer(kind: str, name: str, columns: Sequence[str], pieces: Iterable[Iterable[Row]]) -> Response:
    """Answer a list as a file ``name`` of this ``kind``; the first piece is made at once, so that a refusal is still one."""
    rows = _first_made([[columns]], pieces)
    if kind == "csv":
        response = Response(streamed(csv_pieces(rows)), mimetype="text/csv")
    else:
        response = Response(streamed(_read(xlsx_file(rows))), mimetype=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def prolonging() -> Callable[[], None]:
    """Return what gives the next piece of an answer that is made piece by piece its time."""
    return request.environ.get(PROLONG, lambda: None)


def streamed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the body of an answer that is sent while it is made; each piece that is taken gives the next one its time."""
    prolong = prolonging()

    def whole() -> Iterator[bytes]:
        for piece in pieces:
            prolong()
            yield piece

    return stream_with_context(whole())


class Paged(Protocol):
    """Asks for one page of a list and gives its rows and the total."""

    def __call__(self, page: int) -> tuple[list[Row], int]: ...


def pages(ask: Paged) -> Iterator[list[Row]]:
    """Give a list page by page, to its end."""
    page, given = 1, 0
    while True:
        rows, total = ask(page)
        yield rows
        given, page = given + len(rows), page + 1
        if not rows or given >= total:
            return


def _first_made(head: list[list[Row]], pieces: Iterable[Iterable[Row]]) -> Iterator[Iterable[Row]]:
    rest = iter(pieces)
    first = list(next(rest, ()))

    def whole() -> Iterator[Iterable[Row]]:
        yield from head
        yield first
        yield from rest

    return whole()


class _Dates(NamedTuple):
    """How a sheet shows days and instants."""

    day: Any
    moment: Any


def _write_row(sheet: Any, number: int, row: Row, dates: _Dates) -> None:
    for column, given in enumerate(row):
        if isinstance(given, datetime.datetime):
            sheet.write_datetime(number, column, given.astimezone(PARIS).replace(tzinfo=None, microsecond=0), dates.moment)
            continue
        if isinstance(given, datetime.date):
            sheet.write_datetime(number, column, given, dates.day)
            continue
        value = cell(given)
        if isinstance(value, str):
            sheet.write_string(number, column, value[:_MOST_CHARACTERS])
        elif value.is_finite() if isinstance(value, decimal.Decimal) else True:
            sheet.write_number(number, column, value)
        else:
            sheet.write_string(number, column, str(value))


def _told(value: Any) -> Any:
    """What is told in the reader's language and time; the rest is the writer's."""
    return cell(value) if isinstance(value, bool | datetime.datetime) else value


def _read(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
