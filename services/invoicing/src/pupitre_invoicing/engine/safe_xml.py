"""Reading of XML that strangers send: one encoding list, no DOCTYPE, bounded size and depth, nothing fetched.

The bytes are decoded here, strictly, and lxml is given text that we re-encoded: no parser of ours ever chooses an
encoding, opens an entity or reads a file because a document asks for it.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

from lxml import etree

from .findings import refused
from .limits import Limits

STAGE = "xml"
# A UTF-7 or EBCDIC document can hide markup from anything that looks at its bytes.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}?\?>")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,400}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_HUGE_TEXT = 9_000_000  # libxml2 refuses text nodes above 10 000 000 bytes unless told that the document is huge


def parse(data: bytes, limits: Limits | None = None) -> etree._Element:
    """The root element of `data`, comments and processing instructions dropped; raises Refused (stage "xml")."""
    limits = limits or Limits()
    if len(data) > limits.xml_bytes:
        raise refused("PUP-XML-SIZE", STAGE, what_fr="octets", what_en="bytes", size=len(data), limit=limits.xml_bytes)
    text = decode(data)
    _refuse_doctype(text)
    if text.count("<") > 2 * limits.xml_elements:
        raise refused(
            "PUP-XML-SIZE",
            STAGE,
            what_fr="éléments",
            what_en="elements",
            size=text.count("<") // 2,
            limit=limits.xml_elements,
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=len(text) > _HUGE_TEXT,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise refused("PUP-XML-DEPTH", STAGE, limit=limits.xml_depth) from None
        raise refused("PUP-XML-MALFORMED", STAGE, line=error.lineno or 1, detail=_detail(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused("PUP-XML-DOCTYPE", STAGE)
    _bound(root, limits)
    return root


def decode(data: bytes) -> str:
    """The characters of an XML document, without byte order mark or XML declaration; raises Refused."""
    declared = _ENCODING.match(data[len(codecs.BOM_UTF8) :] if data.startswith(codecs.BOM_UTF8) else data[:600])
    by_mark = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    name = declared.group(1).decode("ascii").lower() if declared else None
    if name is not None and name not in ENCODINGS:
        raise refused("PUP-XML-ENCODING", STAGE, encoding=name)
    encoding = by_mark or (ENCODINGS[name] if name else "utf-8")
    if name is not None and (
        encoding.startswith("utf-16") != name.startswith("utf-16")
        or (by_mark == "utf-8" and ENCODINGS[name] not in ("utf-8", "ascii"))
    ):
        raise refused("PUP-XML-BYTES", STAGE, encoding=name, position=0)
    try:
        text = data.decode(encoding, "strict")
    except UnicodeDecodeError as error:
        raise refused("PUP-XML-BYTES", STAGE, encoding=name or encoding, position=error.start) from None
    text = text.removeprefix("\ufeff")
    declaration = _DECLARATION.match(text)
    if declaration is None:
        return text
    inner = _ENCODING.match(declaration.group(0).encode("ascii", "replace"))
    if inner and inner.group(1).decode().lower() not in ENCODINGS:
        raise refused("PUP-XML-ENCODING", STAGE, encoding=inner.group(1).decode())
    # The declaration goes, its line breaks stay: line numbers in messages remain those of the file.
    return "\n" * declaration.group(0).count("\n") + text[declaration.end() :]


def _refuse_doctype(text: str) -> None:
    """Walks over the prologue (blanks, comments, instructions) and refuses a DOCTYPE before any parser sees it."""
    position = 0
    while True:
        while position < len(text) and text[position] in " \t\r\n":
            position += 1
        if text.startswith("<!--", position):
            end = text.find("-->", position + 4)
            position = end + 3
        elif text.startswith("<?", position):
            end = text.find("?>", position + 2)
            position = end + 2
        elif text.startswith("<!DOCTYPE", position):
            raise refused("PUP-XML-DOCTYPE", STAGE)
        else:
            return
        if end < 0:
            return  # unterminated: the parser will say so, with the line


def _bound(root: etree._Element, limits: Limits) -> None:
    if not _beyond(limits.xml_depth, limits.xml_attributes)(root):
        return
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        if depth > limits.xml_depth:
            raise refused("PUP-XML-DEPTH", STAGE, limit=limits.xml_depth)
        if len(element.attrib) > limits.xml_attributes:
            raise refused(
                "PUP-XML-SIZE",
                STAGE,
                what_fr="attributs",
                what_en="attributes",
                size=len(element.attrib),
                limit=limits.xml_attributes,
            )


@cache
def _beyond(depth: int, attributes: int) -> etree.XPath:
    """Whether a document has an element deeper, or with more attributes, than that: asked in C, since nearly none has."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)}) or boolean(//@*[position() > {attributes}])")


def _detail(error: etree.XMLSyntaxError) -> str:
    """libxml2's own words, without the position that the message gives separately."""
    return re.sub(r", line \d+, column \d+.*$", "", str(error.msg or error))


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def path(element: etree._Element) -> str:
    """Where an element is, readable: ``/Invoice/InvoiceLine[2]/Price/PriceAmount``, positions only among several."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        parent = node.getparent()
        step = local_name(node)
        if parent is not None:
            twins = parent.findall(node.tag)
            if len(twins) > 1:
                step += f"[{twins.index(node) + 1}]"
        steps.append(step)
        node = parent
    return "/" + "/".join(reversed(steps))
