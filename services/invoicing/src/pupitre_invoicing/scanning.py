"""What the antivirus says of a deposited file, as a finding (RS-64), and what is wrong with one that joins an invoice (H.8)."""

from typing import IO, Any

from pupitre_bus.antivirus import Antivirus, TooLarge
from pupitre_contracts import document_content, errors

from . import checking, messages
from .messages import Finding


def finding_in(antivirus: Antivirus, content: bytes | IO[bytes], name: str) -> Finding | None:
    """Return the finding that keeps a file from being processed, or None. Raises Unavailable when the antivirus does not answer."""
    try:
        named = antivirus.scan(content)
    except TooLarge:
        return messages.finding("PUP-VIRUS-SIZE", file=name)
    return None if named is None else messages.finding("PUP-VIRUS", file=name, name=named[:100])


def content_faults(scope: Any, each: Any) -> list[str]:
    """Return what is wrong with the bytes of a new document (``name``, ``size``, ``sha256``): they are not there, are not what the
    extension says, bring a macro, or the antivirus names them and they are put aside. Raises Unavailable when it does not answer."""
    try:
        content = checking.stored_file(scope.resources.blobs, each.sha256)
    except errors.NotFound:
        content = b""
    if len(content) != each.size:
        return [messages.TEXTS["document-absent"]]
    wrong = document_content.fault(each.name, content)
    if wrong is not None:
        return [messages.TEXTS[f"document-{wrong}"]]
    finding = finding_in(scope.resources.antivirus, content, each.name)
    if finding is None:
        return []
    scope.resources.blobs.quarantine(each.sha256)
    return [f"{finding.message_fr} / {finding.message_en}"]
