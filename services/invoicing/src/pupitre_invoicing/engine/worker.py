"""The operations of a worker process: one request header and payload in, one reply header and payload out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, Any

from pupitre_paper import orders, page

from . import archive, bundling, exporting, pdf_text, readable, report, writing
from .attachments import attachments
from .findings import Refused
from .limits import Policy
from .schematron import RuleEngine


class Worker:
    """Keeps the compiled rules between requests.

    Operations (`op`): "check" (report on a file), "check-all" (reports on the files that the payload holds end to end,
    of so many bytes each as `sizes` says), "render" (readable PDF), "attachment" (one embedded file), "list",
    "entry" and "unpack" (lots), "write" (the file of the structured `invoice`, in `syntax`, with the attachments that the
    payload holds end to end, of so many bytes each as `sizes` says, null for one without a file), "export" (a deposited
    file in another `syntax`), "text" (of a PDF), "xml" (its data as indented text), "certificate" and "everything"
    (of the `deposit`, whose `files` the payload holds end to end, of so many bytes each as `sizes` says), "draw" (the document of an
    espace, whose order the payload holds as JSON), "warm" (load the common rules). Every header may carry `lang`, `today`,
    `reform_first_day` and `limits`. A lot may be sent as the payload or, when it is large, as `file`, the path of a file
    written by the caller. A refused request answers
    ``{"refused": finding}``; a request that makes no sense answers ``{"error": …}``.
    """

    def __init__(self) -> None:
        self._engine = RuleEngine()
        self._operations = {
            "check": self._check,
            "check-all": self._check_all,
            "render": self._render,
            "attachment": self._attachment,
            "list": self._list,
            "entry": self._entry,
            "unpack": self._unpack,
            "write": self._write,
            "export": self._export,
            "text": self._text,
            "xml": self._xml,
            "certificate": self._bundle,
            "everything": self._bundle,
            "draw": self._draw,
            "warm": self._warm,
        }

    def handle(self, header: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Does one operation; never raises for what a file contains."""
        operation = self._operations.get(header.get("op", ""))
        if operation is None:
            return {"error": f"unknown operation: {header.get('op')!r}"}, b""
        try:
            policy = Policy.from_header(header)
        except (ValueError, TypeError) as error:
            return {"error": str(error)}, b""
        try:
            return operation(header, payload, policy)
        except Refused as refusal:
            return {"refused": refusal.finding.dump(policy.lang)}, b""

    def _check(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        return report.check(payload, policy, self._engine)

    def _check_all(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        ends = list(accumulate(header["sizes"], initial=0))
        files = (payload[start:end] for start, end in pairwise(ends))
        return {"reports": [report.check(file, policy, self._engine)[0] for file in files]}, b""

    def _render(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        invoice, _ = report.readable_invoice(payload, policy)
        return {"content_type": "application/pdf"}, readable.pdf(invoice, policy.lang)

    def _attachment(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        _, reading = report.readable_invoice(payload, policy)
        found = attachments(reading)
        index = header.get("index")
        if not isinstance(index, int) or not 0 <= index < len(found):
            return {"error": "no such attachment"}, b""
        content = found[index].content
        if content is None:
            return {"error": "no such attachment"}, b""
        return {**found[index].dump(), "content_type": found[index].detected or found[index].mime}, content

    def _list(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        with _lot(header, payload) as source:
            return {"entries": [entry.dump(policy.lang) for entry in archive.entries(source, policy.limits)]}, b""

    def _entry(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        with _lot(header, payload) as source:
            entry, content = archive.entry(source, int(header.get("index", -1)), policy.limits)
        return entry.dump(policy.lang), content

    def _unpack(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        with _lot(header, payload) as source, Path(header["into"]).open("wb") as target:
            found = archive.unpack(source, target, policy.limits)
        return {"entries": [entry.dump(policy.lang) for entry in found]}, b""

    def _write(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        sizes = header.get("sizes") or []
        ends = list(accumulate((size or 0 for size in sizes), initial=0))
        parts = [None if size is None else payload[end - size : end] for size, end in zip(sizes, ends[1:], strict=True)]
        syntax = header.get("syntax", "")
        if syntax not in exporting.CONTENT_TYPES:
            return {"error": f"unknown syntax: {syntax!r}"}, b""
        answer = {"content_type": exporting.CONTENT_TYPES[syntax]}
        written = writing.write(header["invoice"], "ubl" if syntax == "ubl" else "cii", parts)
        return answer, exporting.export(written, syntax, policy, self._engine) if syntax == "facturx" else written

    def _export(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        syntax = header.get("syntax", "")
        if syntax not in exporting.CONTENT_TYPES:
            return {"error": f"unknown syntax: {syntax!r}"}, b""
        return {"content_type": exporting.CONTENT_TYPES[syntax]}, exporting.export(payload, syntax, policy, self._engine)

    def _text(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        text, structured = pdf_text.read(payload, policy.limits)
        answer = {"structured": structured, "currency": report.currency(payload, policy) if structured else None}
        return answer, text.encode("utf-8", "replace")

    def _xml(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        return {"content_type": "application/xml"}, bundling.xml(payload, policy)

    def _bundle(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        ends = list(accumulate(header["sizes"], initial=0))
        files = [payload[start:end] for start, end in pairwise(ends)]
        lang = "en" if policy.lang == "en" else "fr"
        if header["op"] == "certificate":
            return {"content_type": "application/pdf"}, bundling.certified(header, files, policy, lang)
        return {"content_type": "application/zip"}, bundling.everything(header, files, policy, lang)

    def _draw(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        return {"content_type": "application/pdf"}, page.drawn(orders.document_of(json.loads(payload)))

    def _warm(self, header: dict[str, Any], payload: bytes, policy: Policy) -> tuple[dict[str, Any], bytes]:
        names = header.get("rules") or ["EN16931-UBL", "EN16931-CII", "BR-FR-UBL", "BR-FR-CII"]
        self._engine.compile(names)
        return {"compiled": names}, b""


@contextmanager
def _lot(header: dict[str, Any], payload: bytes) -> Iterator[IO[bytes]]:
    """The bytes of a lot, from the payload or from a file of the caller's."""
    source: IO[bytes] = Path(header["file"]).open("rb") if header.get("file") else io.BytesIO(payload)  # noqa: SIM115
    with source:
        yield source


_worker: Worker | None = None


def handle(header: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
    """`Worker.handle` on the one worker of this process."""
    global _worker
    if _worker is None:
        _worker = Worker()
    return _worker.handle(header, payload)
