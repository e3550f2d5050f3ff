"""The password policy: at least 12 characters, strong by estimate or a long passphrase, nothing that is tried first.

No rule on classes of characters and no forced renewal (ASVS 6.2, CNIL 2022, ANSSI 2021).
"""

import importlib.resources
import math
import re
import unicodedata
from collections.abc import Iterable

from pupitre_contracts.errors import PasswordTooWeak

SHORTEST = 12
#: Longer ones would only cost time.
LONGEST = 256
PASSPHRASE = 20
PASSPHRASE_DIFFERENT = 8
#: What 12 characters of four classes, or 14 letters and digits, are worth (CNIL 2022).
BITS = 77

#: Words that an attacker of this site tries first.
CONTEXT = ("pupitre", "choruspro", "chorus", "facture", "factures", "facturation", "portail", "public", "demo")

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
_LEET = str.maketrans("01345789@$!", "oieastbgasi")
_CLASSES = (
    (re.compile("[a-z]"), 26),
    (re.compile("[A-Z]"), 26),
    (re.compile("[0-9]"), 10),
    (re.compile("[^a-zA-Z0-9]"), 33),
)


def check(password: str, personal: Iterable[str] = ()) -> None:
    """Raise PasswordTooWeak unless ``password`` may be used; ``personal`` are the user's own name and address."""
    password = unicodedata.normalize("NFKC", password)
    if len(password) < SHORTEST:
        raise PasswordTooWeak(
            why_fr=f"il compte {len(password)} caractères, il en faut au moins {SHORTEST}",
            why_en=f"it has {len(password)} characters, at least {SHORTEST} are needed",
        )
    if len(password) > LONGEST:
        raise PasswordTooWeak(
            why_fr=f"il dépasse {LONGEST} caractères", why_en=f"it has more than {LONGEST} characters"
        )
    rest = hard_part(password, personal)
    if _is_passphrase(rest) or strength(rest) >= BITS:
        return
    raise PasswordTooWeak(
        why_fr="il est trop facile à deviner ; prenez une phrase d'au moins 20 caractères, sans mot de passe courant, "
        "suite de touches, votre nom ni celui du portail",
        why_en="it is too easy to guess; take a phrase of at least 20 characters, without common passwords, "
        "runs of keys, your name or the portal's",
    )


def hard_part(password: str, personal: Iterable[str] = ()) -> str:
    """Return what remains to be guessed of ``password``: a known word counts for one character, a run for two."""
    own = {part for text in personal for part in re.split(r"[\W_]+", _plain(text)) if len(part) >= 4}
    rest = password
    for word in sorted(own | set(CONTEXT) | _common(), key=len, reverse=True):
        rest = _without(rest, word)
    rest = re.sub(r"(.+?)\1{2,}", r"\1\1", rest)
    return _without_runs(rest)


def strength(text: str) -> float:
    """Estimate the bits of ``text``: its length times what one character of its classes is worth."""
    alphabet = sum(size for pattern, size in _CLASSES if pattern.search(text))
    return len(text) * math.log2(alphabet) if alphabet else 0.0


def _is_passphrase(text: str) -> bool:
    return len(text) >= PASSPHRASE and len(set(text.casefold())) >= PASSPHRASE_DIFFERENT


def _without(text: str, word: str) -> str:
    for disguise in ({}, _LEET):
        plain = _plain(text).translate(disguise)
        # Folding can change the length (ß becomes ss): positions would no longer be those of the text.
        while len(plain) == len(text) and word in plain:
            at = plain.index(word)
            text = text[:at] + text[at : at + 1] + text[at + len(word) :]
            plain = plain[:at] + "\0" + plain[at + len(word) :]
    return text


def _without_runs(text: str) -> str:
    """Shorten every run of four or more neighbours on the keyboard or in the alphabet, either way, to its two ends."""
    plain, kept, at = _plain(text), [], 0
    while at < len(text):
        length = _run_length(plain, at) if len(plain) == len(text) else 1
        kept += [text[at]] if length < 4 else [text[at], text[at + length - 1]]
        at += 1 if length < 4 else length
    return "".join(kept)


def _run_length(plain: str, at: int) -> int:
    longest = 1
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        length = 1
        while at + length < len(plain) and plain[at : at + length + 1] in run:
            length += 1
        longest = max(longest, length)
    return longest


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


_common_words: set[str] = set()


def _common() -> set[str]:
    if not _common_words:
        lines = importlib.resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8").split()
        _common_words.update(lines)
    return _common_words
