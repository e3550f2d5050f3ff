"""Rates, delays and lists as data with dates: a TOML file that comes with an espace, and that an operator can put another in place of.

A row is a table with `from` and `until`, its first and last day; a row without one of them has no end on that side.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


class WrongData(ValueError):
    """The data are not what the espace can work with; the text names the file and what is wrong."""


def read(package: str, name: str, setting: str) -> dict[str, Any]:
    """Return the file that the environment variable `setting` (PUPITRE_ESPACE_<KEY>_…) names, else the file `name` of `package`.

    Raises WrongData. Numbers with a point come exact, as Decimal.
    """
    given = os.environ.get(setting, "").strip()
    try:
        content = (Path(given) if given else files(package) / name).read_text(encoding="utf-8")
        return tomllib.loads(content, parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise WrongData(f"{setting}, {given or name}: {error}") from error


def read_file(path: Path) -> dict[str, Any]:
    """Return the data of a file, for a command that looks at it before it is put in place. Raises WrongData."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise WrongData(f"{path}: {error}") from error


def holding(rows: Iterable[Row], day: date) -> Row | None:
    """Return the first row that holds on `day`, None when none does."""
    return next((row for row in rows if row.get("from", date.min) <= day <= row.get("until", date.max)), None)


def check(rows: Iterable[Row], what: str) -> None:
    """Make sure that no day has two rows. Raises WrongData, naming `what` they are of."""
    spans = sorted((row.get("from", date.min), row.get("until", date.max)) for row in rows)
    for first, last in spans:
        if first > last:
            raise WrongData(f"{what}: from {first} is after until {last}")
    for (_, last), (first, _) in pairwise(spans):
        if first <= last:
            raise WrongData(f"{what}: two rows hold on {first}")
