"""What was just done, said once: on the page that follows, and not again when that page is reloaded or kept."""

from flask import flash, get_flashed_messages

_CATEGORY = "done"


def say(what: str) -> None:
    """Have the next page say that ``what`` was done."""
    flash(what, _CATEGORY)


def said() -> str:
    """Return what the page before did, or nothing; asking forgets it."""
    messages = get_flashed_messages(category_filter=[_CATEGORY])
    return messages[-1] if messages else ""
