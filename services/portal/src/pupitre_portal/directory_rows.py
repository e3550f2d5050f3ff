"""The annuaire as rows of a file: one for each service of a structure, one for a structure without services."""

import time
from collections.abc import Iterator
from typing import Any

from pupitre_contracts import directory, errors

from . import bus

COLUMNS = (
    "identifier_type", "identifier", "name", "label", "active", "line", "complement", "postal_code", "city", "country",
    "requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi", "moa_presence",
    "code_service", "service_label", "service_active", "service_starts_on", "service_ends_on", "service_requires_engagement", "change",
)  # fmt: skip
"""The names are those that `pupitre structures import` reads."""

PIECE = 500
_TRIES, _PAUSE = 4, 1.0
_FACTS = ("identifier_type", "identifier", "name", "label")
_ADDRESS = ("line", "complement", "postal_code", "city", "country")
_DEMANDS = ("requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi")


def first_piece(since: int | None) -> Any:
    """Ask for the beginning of the annuaire, or of what changed since a number."""
    return bus.call(directory.ReadDirectory, limit=PIECE, **({} if since is None else {"since": since}))


def pieces(first: Any, since: int | None) -> Iterator[list[list[Any]]]:
    """Give the rows of the annuaire a piece at a time; no more is ever held, however large the annuaire is."""
    piece = first
    while True:
        yield [row for entry in piece.entries for row in rows_of(entry)]
        if piece.next is None:
            return
        piece = _next(piece.next, since)


def rows_of(entry: Any) -> list[list[Any]]:
    """Return the rows of one structure."""
    demands = entry.parameters
    head = [
        *(getattr(entry, name) for name in _FACTS),
        _flag(entry.active),
        *(getattr(entry.address, name) for name in _ADDRESS),
        *(_flag(getattr(demands, name)) for name in _DEMANDS),
        demands.moa_presence,
    ]
    services = [
        [each.code, each.label, _flag(each.enabled), each.starts_on, each.ends_on, _flag(each.requires_engagement)]
        for each in entry.services
    ]
    return [[*head, *service, entry.change] for service in services or [[None] * 6]]


def _next(after: int, since: int | None) -> Any:
    """Ask for a further piece, and again where a service is just being started anew: the download of who waits goes on."""
    values = {"limit": PIECE, "after": after, **({} if since is None else {"since": since})}
    for _ in range(_TRIES - 1):
        try:
            return bus.call(directory.ReadDirectory, **values)
        except (errors.Unavailable, errors.TimedOut):
            time.sleep(_PAUSE)
    return bus.call(directory.ReadDirectory, **values)


def _flag(value: bool | None) -> str:
    return "true" if value else "false"
