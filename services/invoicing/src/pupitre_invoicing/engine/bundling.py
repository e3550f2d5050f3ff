"""Files made from an invoice for people: its data as indented text, its certificate, and everything in one zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from . import certificate, readable, report
from .attachments import attachments, safe_name
from .container import open_container
from .findings import Refused
from .limits import Policy
from .readable_texts import label
from .safe_xml import local_name, parse
from .terms import Reading

_BINARY = ("EmbeddedDocumentBinaryObject", "AttachmentBinaryObject")
_BLANK = 40  # characters of an embedded file that are shown


def xml(data: bytes, policy: Policy) -> bytes:
    """The XML of a deposited file as people read it: indented, embedded files shortened to their size."""
    root = parse(open_container(data, policy.limits).xml, policy.limits)
    for element in root.iter(etree.Element):
        text = (element.text or "").strip()
        if local_name(element) in _BINARY and len(text) > _BLANK:
            element.text = f"{text[:_BLANK]}… ({len(text)})"
    etree.indent(root, "  ")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def certified(header: Mapping[str, Any], files: Sequence[bytes], policy: Policy, lang: str) -> bytes:
    """The certificate of deposit; `files` are the contents that the header's `files` describe, the original first."""
    reading = _read(files[0], policy)[1]
    return certificate.pdf(header["deposit"], header["files"], list(certificate.embedded(reading)), lang)


def everything(header: Mapping[str, Any], files: Sequence[bytes], policy: Policy, lang: str) -> bytes:
    """A zip of the original, the documents, the files inside the original, the readable PDF and the certificate."""
    invoice, reading = _read(files[0], policy)
    members = [(each["name"], content) for each, content in zip(header["files"], files, strict=True)]
    members += [
        (f"{label('folder_inside', lang)}/{each.name}", each.content)
        for each in (attachments(reading) if reading else ())
        if each.content is not None
    ]
    if invoice is not None and not files[0].startswith(b"%PDF"):
        members.append((f"{label('file_readable', lang)}.pdf", readable.pdf(invoice, lang)))
    if header.get("deposit"):
        members.append((f"{label('file_certificate', lang)}.pdf", certified(header, files, policy, lang)))
    return _zip(members)


def _read(data: bytes, policy: Policy) -> tuple[dict[str, Any] | None, Reading | None]:
    """The invoice of a file, or nothing for one that can only be kept as it is."""
    try:
        return report.readable_invoice(data, policy)
    except Refused:
        return None, None


def _zip(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of members whose names are made safe and kept apart; the same members give the same bytes."""
    target, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            folder, _, last = name.rpartition("/")
            stem, dot, ending = safe_name(last).rpartition(".")
            stem, ending = (stem, dot + ending) if dot else (ending, "")
            wanted, number = stem + ending, 1
            while f"{folder}/{wanted}".casefold() in taken:
                number += 1
                wanted = f"{stem}-{number}{ending}"
            taken.add(f"{folder}/{wanted}".casefold())
            info = zipfile.ZipInfo(f"{folder}/{wanted}" if folder else wanted, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return target.getvalue()


_EPOCH = datetime(1980, 1, 1, tzinfo=UTC).timetuple()[:6]

