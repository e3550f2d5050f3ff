"""Where the DUME is filled in: data with dates, checked when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from pupitre_espaces import Label, dated

SETTING = "PUPITRE_ESPACE_DUME_DATA"
LONGEST = 500


@dataclass(frozen=True)
class Service:
    """A service, by its name and address."""

    name: Label
    url: str


class Services:
    """The services of one file, of which at most one holds on a day. Raises `dated.WrongData` when it is made of anything else."""

    def __init__(self, data: dict[str, Any]) -> None:
        rows = data.get("services")
        if not isinstance(rows, list):
            raise dated.WrongData(f"{SETTING}: there is no list of services")
        self._rows = rows
        try:
            for row in rows:
                self._made(row)
            dated.check(rows, "services")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise dated.WrongData(f"{SETTING}: {type(error).__name__} {error}") from error

    def on(self, day: date) -> Service | None:
        """Return the service that holds on a day, None where none was named."""
        row = dated.holding(self._rows, day)
        return self._made(row) if row is not None else None

    @staticmethod
    def _made(row: Any) -> Service:
        address = urlsplit(row["url"])
        if (
            address.scheme != "https"
            or not address.hostname
            or address.username is not None
            or len(row["url"]) > LONGEST
        ):
            raise dated.WrongData(
                f"{row['url'][:LONGEST]!r} is not the address of a service: https, a host, nobody's name"
            )
        if not row["url"].isprintable() or " " in row["url"]:
            raise dated.WrongData("an address has no blanks")
        return Service(Label(row["fr"], row["en"]), row["url"])


@cache
def load() -> Services:
    """Return the services in force, read once in a process: the operator's file, else ours, which names none. Raises "
    "`dated.WrongData`."""
    return Services(dated.read(__package__, "services.toml", SETTING))
