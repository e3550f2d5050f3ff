"""Searches in a list that the portal holds already: as in every other search, ``*`` stands for any text (R103, R270)."""

import re
import unicodedata


def matches(wanted: str, *texts: str | None) -> bool:
    """Tell whether one of ``texts`` is what is wanted; without a star it need only contain it. Case and accents do not count."""
    key = _key(wanted)
    if not key:
        return True
    if "*" not in key:
        return any(key in _key(text) for text in texts)
    pattern = re.compile(".*".join(map(re.escape, key.split("*"))), re.DOTALL)
    return any(pattern.fullmatch(_key(text)) for text in texts)


def _key(text: str | None) -> str:
    decomposed = unicodedata.normalize("NFD", (text or "").casefold())
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())
