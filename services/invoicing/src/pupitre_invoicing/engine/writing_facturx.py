"""Writes Factur-X: the readable PDF made PDF/A-3b, with the CII of the invoice embedded as factur-x.xml.

The library factur-x embeds the XML and writes the metadata; here the drawing gets what PDF/A wants of it beside: an output
intent (sRGB), a title shown in place of the file name, a document identifier. Its other services are not used: its rule
check answers "valid" when its server is absent.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

from . import readable
from .findings import excerpt
from .readable_texts import label
from .rules_data import colour_profile

_LEVELS = {"en16931": "en16931", "extended": "extended"}


def facturx(xml: bytes, invoice: dict[str, Any], lang: str, level: str = "en16931") -> bytes:
    """The PDF of an invoice whose CII is given; `level` is the Factur-X profile that its BT-24 names."""
    from facturx import generate_from_binary

    drawn = readable.pdf(invoice, lang)
    kind = label("credit_note" if invoice["credit_note"] else "invoice", lang)
    title = f"{kind} {excerpt(invoice['number'] or '')}"
    metadata = {
        "author": excerpt(invoice["seller"]["name"] or "-"),
        "keywords": "Factur-X",
        "title": title,
        "subject": label("footer_facturx", lang),
    }
    embedded = generate_from_binary(
        _archivable(drawn),
        xml,
        flavor="factur-x",
        level=_LEVELS[level],
        check_xsd=False,
        check_schematron=False,
        pdf_metadata=metadata,
        lang=lang,
        afrelationship="alternative",
        xmp_compression=False,
    )
    return _identified(embedded)


def _archivable(pdf: bytes) -> bytes:
    """The drawing with its output intent. What is drawn is already text in embedded fonts and plain RGB."""
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        profile = document.make_stream(colour_profile().read_bytes())
        profile.N = 3
        document.Root.OutputIntents = pikepdf.Array(
            [
                document.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.OutputIntent,
                        S=pikepdf.Name.GTS_PDFA1,
                        OutputConditionIdentifier="sRGB",
                        Info="sRGB",
                        DestOutputProfile=profile,
                    )
                )
            ]
        )
        for page in document.pages:
            if "/Trans" in page:  # reportlab's slide transition, which paper has no use for
                del page["/Trans"]
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


def _identified(pdf: bytes) -> bytes:
    """The file with the identifier that PDF/A wants in its trailer, made from what it holds."""
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        name = hashlib.sha256(pdf).digest()[:16]
        document.trailer.ID = pikepdf.Array([pikepdf.String(name), pikepdf.String(name)])
        document.Root.PageMode = pikepdf.Name.UseNone
        document.save(target, min_version="1.7", static_id=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()
