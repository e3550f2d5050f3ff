"""Numbers of pages in addresses."""

from flask import request


def page_number() -> int:
    """Return the page asked for in the address; nonsense is the first page."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text) else 1


def last_page(total: int, size: int) -> int:
    """Return the number of the last page, at least 1."""
    return max(1, -(-total // size))
