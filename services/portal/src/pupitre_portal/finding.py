"""Finding applications by words (R005): whatever the accents and the case, in French and in English, by old names and new ones."""

import re
import unicodedata
from collections.abc import Iterable

from .navigation import Entry

LONGEST = 200
_PLURAL = re.compile(r"(?<=\w{3})[sx]$")
_EMPTY = frozenset(
    re.findall(r"\w+", "a au aux d de des du en et for in l la le les my mes mon of or ou par pour sa ses son the to un une")
)


def found(entries: Iterable[Entry], asked: str) -> list[Entry]:
    """Return the entries that hold every word asked for, or its beginning; those whose name does come first."""
    wanted = words(asked[:LONGEST])
    if not wanted:
        return []
    named, other = [], []
    for entry in entries:
        names = words(entry.names)
        if _holds(names, wanted):
            named.append(entry)
        elif _holds(names | words(entry.words), wanted):
            other.append(entry)
    return named + other


def words(text: str) -> set[str]:
    """Return the words of a text without accents, case or ending of the plural, and without those that say nothing."""
    signs = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    plain = "".join(sign for sign in signs if not unicodedata.combining(sign))
    return {_PLURAL.sub("", word) for word in re.findall(r"\w+", plain)} - _EMPTY


def _holds(known: set[str], wanted: set[str]) -> bool:
    return all(any(each.startswith(word) for each in known) for word in wanted)
