"""Files embedded in an invoice (BG-24): a safe name, the real type, the content on request."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from pupitre_contracts.document_content import extension_of, fault

from .findings import WARNING, Finding, own
from .safe_xml import path
from .terms import Reading, Value

STAGE = "schematron"
FILE_BYTES = 10 * 1000 * 1000
INVOICE_BYTES = 120 * 1000 * 1000
NAME_LENGTH = 50  # characters with extension, the rule of the public portal
_UNSAFE = re.compile(r"[^\w .()+,@=-]")
_OFFICE = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)
# What the first bytes say, and the declared types that go with it.
_MAGIC: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", ("application/pdf",)),
    (b"\x89PNG\r\n", "image/png", ("image/png",)),
    (b"\xff\xd8\xff", "image/jpeg", ("image/jpeg", "image/jpg")),
    (b"PK\x03\x04", "application/zip", ("application/zip", *_OFFICE)),
    (b"GIF8", "image/gif", ("image/gif",)),
    (b"MZ", "application/x-msdownload", ()),
    (b"\x7fELF", "application/x-elf", ()),
    (b"#!", "text/x-shellscript", ()),
    (b"<?xml", "application/xml", ("application/xml", "text/xml")),
)


@dataclass(frozen=True)
class Attachment:
    """One embedded file or reference to an outside one. `size` is 0 for the latter."""

    reference: str
    description: str | None
    declared_name: str
    mime: str
    url: str | None
    value: Value | None

    @cached_property
    def content(self) -> bytes | None:
        """The bytes, or None when there is no file or it is not base64."""
        if self.value is None:
            return None
        try:
            return base64.b64decode("".join((self.value.element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            return None

    @cached_property
    def name(self) -> str:
        return safe_name(self.declared_name or self.reference)

    @property
    def detected(self) -> str | None:
        """The type that the content shows, or None when it shows nothing (text formats)."""
        return next((kind for start, kind, _ in _MAGIC if (self.content or b"").startswith(start)), None)

    @cached_property
    def fault(self) -> str | None:
        """What :mod:`pupitre_contracts.document_content` has against the file under its name; a name without extension says nothing."""
        if not self.content or "." not in self.declared_name:
            return None
        return fault(self.name, self.content)

    @property
    def mismatch(self) -> bool:
        """Whether the content is certainly not of the declared type, or not of that which its extension says."""
        if self.fault == "content":
            return True
        content, declared = self.content, self.mime.lower()
        if not content or not declared:
            return False
        for start, _, declarable in _MAGIC:
            if content.startswith(start):
                return declared not in declarable
        return any(declared in declarable for _, _, declarable in _MAGIC)

    def dump(self) -> dict[str, object]:
        return {
            "reference": self.reference,
            "name": self.name,
            "mime": self.mime,
            "size": len(self.content or b""),
            "description": self.description,
            "url": self.url,
            "detected": self.detected,
            "flagged": self.mismatch or self.fault is not None or (self.value is not None and self.content is None),
        }


def attachments(reading: Reading) -> list[Attachment]:
    """The supporting documents of an invoice, in its order."""
    found = []
    for group in reading.group("BG-24"):
        value = group.all("BT-125")[0] if group.all("BT-125") else None
        found.append(
            Attachment(
                group.one("BT-122") or "",
                group.one("BT-123"),
                (value.element.get("filename") or "") if value else "",
                (value.element.get("mimeCode") or "") if value else "",
                group.one("BT-124"),
                value,
            )
        )
    return found


def check(reading: Reading) -> list[Finding]:
    """What is wrong with embedded files (H.8). One too large or of a type that is not taken refuses the invoice; one that is unreadable,
    of another type than it says, with a program inside or named unsafely is remarked, and never shown in place."""
    findings = []
    total = 0
    for attachment in attachments(reading):
        if attachment.value is None:
            continue
        where = path(attachment.value.element)
        total += len(attachment.content or b"")
        findings += _refusals(attachment, where)
        if attachment.content is None:
            findings.append(
                own("PUP-ATTACHMENT-BASE64", STAGE, WARNING, term="BT-125", location=where, name=attachment.name)
            )
        elif attachment.mismatch:
            findings.append(
                own(
                    "PUP-ATTACHMENT-TYPE",
                    STAGE,
                    WARNING,
                    term="BT-125",
                    location=where,
                    name=attachment.name,
                    declared=attachment.mime,
                    found=attachment.detected or "inconnu",
                )
            )
        if attachment.declared_name and attachment.name != attachment.declared_name:
            findings.append(
                own(
                    "PUP-ATTACHMENT-NAME",
                    STAGE,
                    WARNING,
                    term="BT-125",
                    location=where,
                    name=attachment.declared_name,
                    safe=attachment.name,
                )
            )
    if total > INVOICE_BYTES:
        findings.append(own("PUP-ATTACHMENT-TOTAL", STAGE, term="BG-24", size=total, limit=INVOICE_BYTES))
    return findings


def _refusals(attachment: Attachment, where: str) -> list[Finding]:
    about = {"term": "BT-125", "location": where, "name": attachment.name}
    size = len(attachment.content or b"")
    found = []
    if size > FILE_BYTES:
        found.append(own("PUP-ATTACHMENT-SIZE", STAGE, size=size, limit=FILE_BYTES, **about))
    if attachment.fault == "extension":
        found.append(own("PUP-ATTACHMENT-EXTENSION", STAGE, extension=extension_of(attachment.name), **about))
    elif attachment.fault == "macro":
        found.append(own("PUP-ATTACHMENT-MACRO", STAGE, WARNING, **about))
    return found


def safe_name(name: str) -> str:
    """A file name with no folder, control character or leading dot, of at most 50 characters, extension kept.

    Names are for people to read: nothing in the portal ever opens a path made of one.
    """
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(character for character in text if unicodedata.category(character)[0] != "C")
    text = re.sub(r"%2f|%5c", "_", text, flags=re.IGNORECASE)
    text = _UNSAFE.sub("_", text).strip().lstrip(".-").strip()
    if len(text) > NAME_LENGTH:
        stem, dot, extension = text.rpartition(".")
        keep = f".{extension}" if dot and 0 < len(extension) <= 8 else ""
        text = (stem if keep else text)[: NAME_LENGTH - len(keep)].rstrip(" .") + keep
    return text or "piece-jointe"
