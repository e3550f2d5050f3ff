r"""Texts as searches compare them: letter case, accents and runs of blanks do not count, and ``*`` stands for any text (R103, R270).

What is searched is kept as its :func:`search_key` beside the text itself, so that both databases compare alike.
"""

import re
import unicodedata

ESCAPE = "\\"
_ESCAPED = re.compile(r"([\\%_])")


def search_key(text: str | None) -> str:
    """Return what texts are compared by."""
    folded = unicodedata.normalize("NFKD", (text or "")).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def like_pattern(text: str) -> str:
    r"""Return the SQL LIKE pattern (escape ``\``) of a search: ``*`` is any text, all else stands for itself."""
    return _ESCAPED.sub(r"\\\1", search_key(text)).replace("*", "%")


def literal_pieces(text: str) -> list[str]:
    """Return what every text that matches must contain: the pieces between the stars."""
    return [piece for piece in search_key(text).split("*") if piece]
