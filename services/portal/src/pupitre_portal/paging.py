"""Numbers of pages in addresses, and what a page shows of a list (R275)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

PAGE_SIZE = 25


@dataclass(frozen=True)
class Page:
    """One page of a list that the portal holds whole."""

    rows: Sequence[Any]
    number: int
    last: int
    total: int
    size: int = PAGE_SIZE


def page_number() -> int:
    """Return the page asked for in the address; nonsense is the first page."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text) else 1


def last_page(total: int, size: int) -> int:
    """Return the number of the last page, at least 1."""
    return max(1, -(-total // size))


def cut(rows: Sequence[Any], number: int, size: int = PAGE_SIZE) -> Page:
    """Return one page of ``rows``; a number beyond the end is the last page."""
    last = last_page(len(rows), size)
    number = min(number, last)
    return Page(rows[(number - 1) * size : number * size], number, last, len(rows), size)
