"""Valid invoices for tests: `ubl`, `cii` and `facturx` build the bytes of one, whose parts a test may change.

Parts (keyword arguments of all three): `number`, `issue_date`, `due_date` (dates), `type_code`, `cadre`, `profile`
("en16931" or "extended-ctc-fr"), `seller` and `buyer` (`Party`), `service`, `engagement`, `contract`, `lines` (`Line`),
`preceding` ((number, date)), `iban`, `prepaid` (Decimal), `notes` ((code, text)), `attachments` ((name, mime, bytes)).
Totals are computed. The invoices pass EN 16931 and BR-FR as they are.
"""

from __future__ import annotations

import io

from support.invoice_cii import cii
from support.invoice_parts import BUYER, NOTES, SELLER, Line, Parts, Party, fictional_siret, luhn_complete, parts
from support.invoice_ubl import ubl

__all__ = [
    "BUYER",
    "NOTES",
    "SELLER",
    "Line",
    "Parts",
    "Party",
    "cii",
    "facturx",
    "fictional_siret",
    "luhn_complete",
    "parts",
    "pdf_with",
    "ubl",
]


def facturx(**over: object) -> bytes:
    """A PDF that embeds the CII invoice as factur-x.xml."""
    return pdf_with({"factur-x.xml": cii(**over)})


def pdf_with(files: dict[str, bytes], javascript: str | None = None) -> bytes:
    """A one-page PDF that embeds `files` by name, and optionally runs a script when opened."""
    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    for name, content in files.items():
        writer.add_attachment(name, content)
    if javascript is not None:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(javascript)}
        )
        writer.root_object[NameObject("/OpenAction")] = action
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
