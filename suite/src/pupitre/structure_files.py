"""Files of structures: CSV read a line at a time into what organisation imports, each fault with its line."""

import csv
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEXT_COLUMNS = (
    "identifier_type", "identifier", "name", "label", "email", "phone", "vat_number", "line", "complement", "postal_code", "city",
    "country",
)
FLAG_COLUMNS = (
    "active", "requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi",
)
CODE = "code_service"
SERVICE_COLUMNS = {
    "service_label": "label",
    "service_active": "active",
    "service_starts_on": "starts_on",
    "service_ends_on": "ends_on",
    "service_requires_engagement": "requires_engagement",
}
IGNORED = ("change", "moa_presence")
"""What the download of the annuaire has beside: its files can be imported as they are."""

_KNOWN = (*TEXT_COLUMNS, *FLAG_COLUMNS, CODE, *SERVICE_COLUMNS, *IGNORED)
_FLAGS = {"true": True, "1": True, "oui": True, "yes": True, "false": False, "0": False, "non": False, "no": False}
_GUARDED = "=+-@\t\r\n\0＝＋－＠"


class FileWrong(Exception):
    """The file as a whole can't be read; the text says why and what to do."""


@dataclass(frozen=True)
class Fault:
    """Why a line is refused."""

    line: int
    field: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.why}; {self.remedy}"


@dataclass
class Group:
    """One structure of the file: the lines that follow each other with its identifier, each with at most one service."""

    lines: list[int]
    structure: dict[str, Any]
    services: list[dict[str, Any]] = field(default_factory=list)
    service_lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return _key(self.structure)


def read(path: Path) -> Iterator[Group]:
    """Give the structures of a file in its order; no more than one is held. Raises FileWrong."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        group: Group | None = None
        try:
            for line, values in _records(file):
                if isinstance(values, Fault):
                    yield Group([line], {}, faults=[values])
                    continue
                if group is not None and _key(values) == group.key:
                    group.lines.append(line)
                    _add(group, line, values)
                    continue
                if group is not None:
                    yield group
                group = Group([line], {name: values[name] for name in TEXT_COLUMNS + FLAG_COLUMNS if values.get(name)})
                _add(group, line, values)
            if group is not None:
                yield group
        except UnicodeDecodeError as error:
            raise FileWrong(f"{path}: not UTF-8 near the byte {error.start} of what was read last: save the file as CSV UTF-8") from error
        except csv.Error as error:
            raise FileWrong(f"{path}: no CSV: {error}: look for a quotation mark that is not closed") from error


def message_of(group: Group) -> dict[str, Any]:
    """Return the fields of an ImportedStructure, or note in ``group.faults`` what can't be read."""
    values = {name: text for name, text in group.structure.items() if name in TEXT_COLUMNS}
    for name in FLAG_COLUMNS:
        if name in group.structure:
            values[name] = _read(group, group.lines[0], name, group.structure[name], _flag)
    services = []
    for line, texts in zip(group.service_lines, group.services, strict=True):
        service = {"code": texts[CODE]}
        for column, name in SERVICE_COLUMNS.items():
            if texts.get(column):
                service[name] = _read(group, line, column, texts[column], _READERS.get(column, str))
        services.append(service)
    return values | ({"services": services} if services else {})


def _records(file: Any) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    """Give each record with the number of the line that it begins on: its cells by column, or why it can't be read."""
    first = file.readline()
    if not first:
        raise FileWrong("the file is empty: its first line names the columns")
    delimiter = max(";,\t", key=first.count)
    columns = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter))]
    _check_columns(columns)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line = 2
    for cells in reader:
        begins, line = line, reader.line_num + 2
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            why = f"{len(cells)} cells where the first line names {len(columns)} columns"
            yield begins, Fault(begins, "line", why, f"write one cell for each column, between “{delimiter}”")
            continue
        yield begins, {name: _unguarded(cell) for name, cell in zip(columns, cells, strict=True)}


def _check_columns(columns: list[str]) -> None:
    unknown = [name for name in columns if name not in _KNOWN]
    if unknown:
        raise FileWrong(f"unknown column(s) {', '.join(map(repr, unknown))}: the columns are {', '.join(_KNOWN)}")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise FileWrong(f"column(s) named twice: {', '.join(twice)}: keep one of each")
    if "identifier" not in columns:
        raise FileWrong("no column “identifier”: every line needs the identifier of its structure")
    if CODE not in columns and any(name in SERVICE_COLUMNS for name in columns):
        raise FileWrong(f"columns of services, but no column “{CODE}”: add it")


def _add(group: Group, line: int, values: dict[str, str]) -> None:
    for name in (*TEXT_COLUMNS, *FLAG_COLUMNS):
        if name in values and name != "identifier" and values[name] != group.structure.get(name, ""):
            why = f"another value than on line {group.lines[0]} of the same structure"
            group.faults.append(Fault(line, name, why, "write the same on every line of a structure"))
    if values.get(CODE):
        group.services.append(values)
        group.service_lines.append(line)
    elif any(values.get(name) for name in SERVICE_COLUMNS):
        group.faults.append(Fault(line, CODE, "empty, though the line tells of a service", "write the code of the service"))


def _key(values: dict[str, str]) -> tuple[str, str]:
    return values.get("identifier_type") or "SIRET", "".join(values.get("identifier", "").split()).upper()


def _unguarded(cell: str) -> str:
    """Take off the apostrophe that exports put before what a spreadsheet would take for a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in _GUARDED else text


def _read(group: Group, line: int, column: str, text: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        why, remedy = error.args
        group.faults.append(Fault(line, column, f"“{text[:40]}” is {why}", remedy))
        return None


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError("neither true nor false", "write true or false (oui, non, 1 and 0 will do)")
    return _FLAGS[text.lower()]


def _day(text: str) -> datetime.date:
    try:
        if "/" in text:
            return datetime.datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  a day has no zone
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("no date", "write it as 2026-01-31 or 31/01/2026") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "service_active": _flag,
    "service_requires_engagement": _flag,
    "service_starts_on": _day,
    "service_ends_on": _day,
}
