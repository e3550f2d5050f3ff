"""Draws a document with Typst: tagged (PDF/UA-1) and for archives (PDF/A-3a), fonts embedded, the same data the same bytes.

The template is a file of this package; a document reaches it as JSON, never as source. Nothing can be fetched: packages are
looked for in the template's own folder, where there are none, and no other file is below its root.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import typst

from .fonts import font_files

FOLDER = Path(__file__).parent / "template"
STANDARDS = ["a-3a", "ua-1"]
_LARGE, _REMEMBERED = 30_000, 11  # bytes of a document that is worth forgetting; documents until it is
_BLANK = json.dumps(
    {"lang": "fr", "title": "", "author": "", "subject": "", "foot": "", "page": "", "day": [2000, 1, 1], "parts": []}
)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=sorted({str(file.parent) for file in font_files()}),
    )
    return typst.Compiler(
        FOLDER / "document.typ",
        root=FOLDER,
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path=FOLDER,
        package_cache_path=FOLDER,
    )


def drawn(document: dict[str, Any], finish: Callable[[pikepdf.Pdf], None] | None = None) -> bytes:
    """The PDF of a document made of `parts`; `finish` may add to it before it is written."""
    content = json.dumps(document, ensure_ascii=False)
    target = io.BytesIO()
    made = _compiler().compile(sys_inputs={"document": content}, format="pdf", pdf_standards=STANDARDS, timestamp=0)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        _settle(pdf)
        if finish is not None:
            finish(pdf)
        # Typst writes the structure in the clear: packed, a file of 500 lines is a fifth of that.
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    if len(content) > _LARGE:
        _forget()
    return target.getvalue()


def _settle(pdf: pikepdf.Pdf) -> None:
    """Put what checks of PDF/A stumble over as they know it: no sets of glyphs, which part 3 does not ask for, and bookmarks
    that hold where they lead instead of citing it."""
    for page in pdf.pages:
        for font in page.Resources.get("/Font", {}).values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            if "/CIDSet" in descriptor:
                del descriptor["/CIDSet"]
    marks = [pdf.Root.get("/Outlines")]
    while marks:
        mark = marks.pop()
        if mark is None:
            continue
        if "/Dest" in mark:
            mark.Dest = pikepdf.Array(list(mark.Dest))
        marks += [mark.get("/First"), mark.get("/Next")]


def _forget() -> None:
    """Have Typst let go of what it remembers of the last ten documents, of which a large one may be 100 MB."""
    for _ in range(_REMEMBERED):
        _compiler().compile(sys_inputs={"document": _BLANK}, format="pdf")
