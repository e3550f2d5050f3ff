"""Figures that change from a day on: rows of TOML files, each with the day from which it holds. Dated data, never code."""

import contextlib
import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]


class WrongRules(Exception):
    """A file of rules cannot be used; the text says where and why."""


def latest(rows: Rows, day: datetime.date) -> Mapping[str, Any] | None:
    """Return the row that holds on ``day``: the newest that began by then; None before the first."""
    return max((row for row in rows if row["from"] <= day), key=lambda row: row["from"], default=None)


def packaged_text(name: str) -> str:
    """Return a file of rules that comes with this service."""
    return resources.files("pupitre_invoicing").joinpath(f"data/{name}").read_text(encoding="utf-8")


def text_of(path: str, setting: str) -> str:
    """Return the file that a setting names. Raises WrongRules."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise WrongRules(f"{setting}: {error}") from error


@contextlib.contextmanager
def faults_of(name: str) -> Iterator[None]:
    """Have what is wrong in the file ``name`` told as WrongRules."""
    try:
        yield
    except KeyError as error:
        raise WrongRules(f"{name}: {error.args[0]} is missing") from error
    except (ValueError, TypeError, ArithmeticError) as error:
        raise WrongRules(f"{name}: {error}") from error


def tables(
    values: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, type]],
    optional: Collection[str] = (),
    exact: Collection[str] = (),
) -> dict[str, Rows]:
    """Return the tables of a file, each row with ``columns`` of these types; ``exact`` ones are decimals written as texts.

    Raises KeyError for what is missing, ValueError or ArithmeticError for what is wrong: see :func:`faults_of`.
    """
    found: dict[str, Rows] = {}
    for table, wanted in columns.items():
        rows = values.get(table, []) if table in optional else values[table]
        found[table] = [_row(row, table, wanted, exact) for row in rows]
    return found


def _row(row: Mapping[str, Any], table: str, columns: Mapping[str, type], exact: Collection[str]) -> Mapping[str, Any]:
    for column, kind in columns.items():
        if not isinstance(row[column], kind):
            raise ValueError(f"[[{table}]] {column}: {row[column]!r} is not a {kind.__name__}")
        if column in exact:
            Decimal(row[column])
    return row
