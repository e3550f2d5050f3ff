"""Writes Factur-X: the readable PDF, which already is PDF/A-3a and PDF/UA-1, with the CII of the invoice embedded as factur-x.xml.

What the drawing lacks is put in here: the file as an associated file, and the metadata (XMP) that name the profile, with the
schemas of what ISO 19005 does not know.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from pupitre_paper import page

from . import readable

FILE_NAME = "factur-x.xml"
_LEVELS = {"en16931": "EN 16931", "extended": "EXTENDED"}
_FACTURX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


def facturx(xml: bytes, invoice: dict[str, Any], lang: str, level: str = "en16931") -> bytes:
    """The PDF of an invoice whose CII is given; `level` is the Factur-X profile that its BT-24 names. The same gives the same bytes."""
    document = readable.document_of(invoice, lang, footer="footer_facturx")

    def finish(pdf: pikepdf.Pdf) -> None:
        _embed(pdf, xml, document["day"])
        _name(pdf, document, _LEVELS[level])

    return page.drawn(document, finish)


def _embed(pdf: pikepdf.Pdf, xml: bytes, day: list[int]) -> None:
    stream = pdf.make_stream(xml)
    stream.Type, stream.Subtype = Name.EmbeddedFile, Name("/text/xml")
    # The date is the one of the document: that of the making would make every file another one.
    moment = datetime(*day, tzinfo=UTC)
    stream.Params = Dictionary(
        Size=len(xml),
        ModDate=String(moment.strftime("D:%Y%m%d%H%M%SZ")),
        CheckSum=String(hashlib.md5(xml, usedforsecurity=False).digest()),
    )
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=FILE_NAME,
            UF=FILE_NAME,
            Desc="Factur-X",
            AFRelationship=Name.Alternative,
            EF=Dictionary(F=stream, UF=stream),
        )
    )
    pdf.Root.AF = Array([specification])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(FILE_NAME), specification])))


def _name(pdf: pikepdf.Pdf, document: dict[str, Any], level: str) -> None:
    """Write the metadata anew, saying what those of the drawing say and the profile of Factur-X."""
    # What stands in both places must be the same (ISO 19005-3, 6.6.3).
    for key, text in (("/Creator", "Pupitre"), ("/Producer", "Pupitre"), ("/Subject", document["subject"])):
        pdf.docinfo[key] = String(text)
    moment = datetime(*document["day"], tzinfo=UTC)
    pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = String(moment.strftime("D:%Y%m%d%H%M%S+00'00"))
    values = {name: escape(document[name]) for name in ("title", "author", "subject", "lang")}
    stream = pdf.make_stream(
        _XMP.format(**values, day=moment.isoformat(), level=level, schemas=_schemas(), facturx=_FACTURX).encode()
    )
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream


def _schemas() -> str:
    pdfua = [("part", "Integer", "internal", "Part of ISO 14289 to which the file conforms")]
    facturx = [
        ("DocumentFileName", "Text", "external", "Name of the embedded XML invoice file"),
        ("DocumentType", "Text", "external", "INVOICE"),
        ("Version", "Text", "external", "Version of the Factur-X XML schema"),
        ("ConformanceLevel", "Text", "external", "Conformance level of the embedded Factur-X data"),
    ]
    return _schema("PDF/UA identification schema", "http://www.aiim.org/pdfua/ns/id/", "pdfuaid", pdfua) + _schema(
        "Factur-X PDFA Extension Schema", _FACTURX, "fx", facturx
    )


def _schema(title: str, address: str, prefix: str, properties: list[tuple[str, str, str, str]]) -> str:
    described = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType><pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, kind, category, meaning in properties
    )
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{title}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{address}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
 xmlns:fx="{facturx}">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Pupitre</xmp:CreatorTool><pdf:Producer>Pupitre</pdf:Producer>
<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate>
<pdfaExtension:schemas><rdf:Bag>{schemas}</rdf:Bag></pdfaExtension:schemas>
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{level}</fx:ConformanceLevel>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
