"""The text of a PDF, to pre-fill an entry from; pypdf reads it, within bounds, and nothing in it is run."""

from __future__ import annotations

import io

import pypdf

from .container import STAGE, UNREADABLE, bounded_pdf, open_container
from .findings import Refused, refused
from .limits import Limits

MOST_PAGES, MOST_SIGNS = 20, 100_000
#: Fewer signs than this on all pages together are no text: a stamp on a scan.
LEAST_SIGNS = 20


def read(data: bytes, limits: Limits) -> tuple[str, bool]:
    """Return the text of a PDF, empty for a scan, and whether it carries an invoice as XML. Raises Refused for what is no PDF that can
    be read."""
    if not data.startswith(b"%PDF") and b"%PDF-" not in data[:1024]:
        raise refused("PUP-CONTAINER-UNKNOWN", STAGE)
    if len(data) > limits.file_bytes:
        raise refused("PUP-CONTAINER-SIZE", STAGE, size=len(data), limit=limits.file_bytes)
    try:
        with bounded_pdf(limits):
            text = _text(data)
    except UNREADABLE:
        raise refused("PUP-CONTAINER-PDF", STAGE) from None
    return (text if len("".join(text.split())) >= LEAST_SIGNS else ""), _carries_invoice(data, limits)


def _text(data: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise refused("PUP-CONTAINER-ENCRYPTED", STAGE)
    found, length = [], 0
    for page in reader.pages[:MOST_PAGES]:
        text = page.extract_text() or ""
        found.append(text[: MOST_SIGNS - length])
        length += len(found[-1])
        if length >= MOST_SIGNS:
            break
    return "\n".join(found)


def _carries_invoice(data: bytes, limits: Limits) -> bool:
    try:
        return open_container(data, limits).kind == "pdf"
    except Refused as refusal:
        return refusal.finding.rule == "PUP-CONTAINER-SEVERAL"
