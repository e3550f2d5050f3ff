"""The annuaire read from organisation in pieces, as the rows of a file."""

import time
from collections.abc import Iterator
from typing import Any

from pupitre_contracts import directory, errors
from pupitre_contracts.directory_rows import rows_of

from . import bus

PIECE = 500
_TRIES, _PAUSE = 4, 1.0


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


def _next(after: int, since: int | None) -> Any:
    """Ask for a further piece, and again where a service is just being started anew: the download of who waits goes on."""
    values = {"limit": PIECE, "after": after, **({} if since is None else {"since": since})}
    for _ in range(_TRIES - 1):
        try:
            return bus.call(directory.ReadDirectory, **values)
        except (errors.Unavailable, errors.TimedOut):
            time.sleep(_PAUSE)
    return bus.call(directory.ReadDirectory, **values)
