"""Writes an invoice as UBL 2.1 or CII D22B, from its dictionary form or from the terms of another file.

The writing is read back before it leaves: what the target cannot carry is refused by the name of its term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from . import amounts, xsd
from .findings import Refused, own
from .losses import differences
from .syntax import detect
from .terms import Reading, names, read, term_at
from .writing_french import completed
from .writing_terms import reading_of
from .writing_tree import Ambiguous, document

SYNTAXES = ("ubl", "cii")
STAGE = "schematron"
# Without these no document says what it is, who owes whom, and what.
_REQUIRED = ("BT-1", "BT-2", "BT-3", "BT-5", "BT-27", "BT-44", "BT-106", "BT-109", "BT-112", "BT-115")


def write(
    invoice: Mapping[str, Any],
    syntax: str,
    contents: Sequence[bytes | None] = (),
    complete: bool = True,
) -> bytes:
    """The file of an invoice given as `invoice.structured` gives it, in one of SYNTAXES.

    `contents` are the bytes of its attachments, in their order. With `complete`, what French rules demand and a person
    left out is added (`writing_french`). Raises Refused, naming the term, when the invoice cannot be written.
    """
    whole = completed(invoice) if complete else dict(invoice)
    reading = reading_of(whole, contents)
    return written(reading, syntax)


def written(reading: Reading, family: str) -> bytes:
    """The terms as a document of a family, "ubl" or "cii". Raises Refused when a term has no place there."""
    if family not in ("ubl", "cii"):
        raise ValueError(f"unknown syntax: {family!r}")
    for term in _REQUIRED:
        if reading.one(term) is None:
            fr, en = names(term) or (term, term)
            raise Refused(own("PUP-EXPORT-MISSING", STAGE, term=term, target=family.upper(), what_fr=fr, what_en=en))
    _complete_prices(reading)
    try:
        root = document(reading, family)
    except Ambiguous as error:
        raise lost(error.term, family) from None
    errors = xsd.check(root, detect(root), 1)
    if errors:
        location = errors[0].location or ""
        raise Refused(
            own(
                "PUP-EXPORT-SCHEMA",
                STAGE,
                term=term_at(location, family),
                location=location,
                target=family.upper(),
                detail_fr=errors[0].message.fr,
                detail_en=errors[0].message.en,
            )
        )
    changed = differences(reading, read(root, family))
    if changed:
        raise lost(changed[0], family)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def lost(term: str, family: str) -> Refused:
    """The refusal to write a document that would say less than its source."""
    fr, en = names(term) or (term, term)
    return Refused(own("PUP-EXPORT-LOSS", STAGE, term=term, target=family.upper(), what_fr=fr, what_en=en))


def _complete_prices(reading: Reading) -> None:
    """A gross price without its discount, and a discount without its gross price, follow from the net price: UBL wants the first
    of them, CII the second."""
    for line in reading.group("BG-25"):
        net, discount, gross = (amounts.parse(line.one(term)) for term in ("BT-146", "BT-147", "BT-148"))
        if net is None or (gross is None) == (discount is None):
            continue
        term, given = ("BT-147", "BT-148") if discount is None else ("BT-148", "BT-147")
        other = gross - net if gross is not None else net + (discount or 0)
        line.values[term] = [line.all(given)[0]._replace(text=f"{other:f}")]
