"""The engine as this service uses it: one file in, one judgement out. The work itself is done in worker processes."""

import contextlib
import datetime
import decimal
import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pupitre_bus.blobs import BlobDamaged, BlobNotFound
from pupitre_bus.workers import WorkerDied, WorkerFailed, WorkerTimeout
from pupitre_contracts import errors

from . import messages
from .currencies import EUR
from .messages import Finding
from .model import ReadInvoice, civil_date, is_sha256

log = logging.getLogger(__name__)

_FRENCH_CADRE = re.compile(r"[A-Z]\d{1,2}")
_PREPAYMENT_TYPES = ("386",)
#: Bytes of the files that share one call to the engine.
TOGETHER_BYTES = 256 * 1024


class Pool(Protocol):
    """Worker processes that run the engine."""

    def run(self, header: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]: ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the engine said of a file. ``verdict`` "error" is the engine's own failure, not the file's."""

    verdict: str
    stage: str | None
    format: str | None
    profile: str | None
    findings: tuple[Finding, ...]
    terms: Mapping[str, Any]
    invoice: Mapping[str, Any] | None

    @property
    def valid(self) -> bool:
        return self.verdict == "valid" and self.invoice is not None

    def stored(self, own: Sequence[Finding] = ()) -> dict[str, Any]:
        """Return the report as it is kept; ``own`` is what this service's rules found, judged again when the invoice
        is sent."""
        return {
            "verdict": self.verdict,
            "stage": self.stage,
            "format": self.format,
            "profile": self.profile,
            "findings": [finding.stored() for finding in self.findings],
            "own": [finding.stored() for finding in own],
            "terms": self.terms,
        }


def stored_file(blobs: Any, sha256: str) -> bytes:
    """Return the bytes of a deposited file. Raises NotFound when nothing was stored under that name."""
    if not is_sha256(sha256):
        raise errors.Invalid(what="file", fields={"sha256": ["64 hexadecimal digits"]})
    try:
        return blobs.get(sha256)
    except (BlobNotFound, BlobDamaged) as error:
        raise errors.NotFound(what=f"file {sha256}") from error


def stored_size(blobs: Any, sha256: str) -> int:
    """Return how many bytes a deposited file has. Raises NotFound when nothing was stored under that name."""
    if not is_sha256(sha256):
        raise errors.Invalid(what="file", fields={"sha256": ["64 hexadecimal digits"]})
    try:
        return blobs.size(sha256)
    except BlobNotFound as error:
        raise errors.NotFound(what=f"file {sha256}") from error


def fetched(blobs: Any, sha256: str, target: Path) -> None:
    """Write a deposited file into ``target``. Raises NotFound when nothing whole is stored under that name."""
    try:
        blobs.fetch(sha256, target)
    except (BlobNotFound, BlobDamaged) as error:
        raise errors.NotFound(what=f"file {sha256}") from error


def judge(pool: Pool, content: bytes, now: datetime.datetime, language: str) -> Judgement:
    """Have a file judged, its findings in one language or in "both". Raises EngineFailed when no worker could, after the
    pool's own retry."""
    report, _ = run(pool, _header("check", now, language), content)
    return _judgement(report)


def judge_together(pool: Pool, contents: Sequence[bytes], now: datetime.datetime) -> list[Judgement | None]:
    """Have files judged for readers of either language; None where the engine failed.

    Small files share one call, bounded in time as one file is. When it fails, each is judged by itself: a file that no
    worker survives costs its neighbours a second look, and nothing else.
    """
    if len(contents) > 1 and sum(map(len, contents)) <= TOGETHER_BYTES:
        header = _header("check-all", now, "both") | {"sizes": [len(content) for content in contents]}
        with contextlib.suppress(errors.EngineFailed):
            answer, _ = run(pool, header, b"".join(contents))
            return [_judgement(report) for report in answer["reports"]]
    return [_judged_alone(pool, content, now) for content in contents]


def _judged_alone(pool: Pool, content: bytes, now: datetime.datetime) -> Judgement | None:
    try:
        return judge(pool, content, now, "both")
    except errors.EngineFailed:
        return None


def _header(operation: str, now: datetime.datetime, language: str) -> dict[str, Any]:
    return {"op": operation, "lang": language, "today": civil_date(now).isoformat()}


def _judgement(report: Mapping[str, Any]) -> Judgement:
    return Judgement(
        verdict=report["verdict"],
        stage=report.get("stage"),
        format=report.get("format"),
        profile=report.get("profile"),
        findings=tuple(finding_of(each) for each in report["findings"]),
        terms=report.get("terms") or {},
        invoice=report.get("invoice"),
    )


def judge_for_report(pool: Pool, content: bytes, now: datetime.datetime, language: str) -> Judgement:
    """Have a file judged for somebody who only wants the report: an engine that cannot run is the third verdict, "error"."""
    try:
        return judge(pool, content, now, language)
    except errors.EngineFailed as error:
        silent = messages.finding("PUP-ENGINE-SILENT", incident=error.details["incident"])
        return Judgement("error", None, None, None, (silent,), {}, None)


def run(pool: Pool, header: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Run one operation of the engine. Raises EngineFailed when no worker could, after the pool's own retry."""
    try:
        return pool.run(header, content)
    except (WorkerDied, WorkerFailed, WorkerTimeout) as error:
        incident = uuid.uuid4().hex[:12]
        log.error("incident %s: the engine failed at %s: %r", incident, header.get("op"), error)
        raise errors.EngineFailed(incident=incident) from error


def read_invoice(invoice: Mapping[str, Any]) -> ReadInvoice:
    """Return what the engine read, in this service's terms."""
    seller, buyer, totals = invoice["seller"], invoice["buyer"], invoice["totals"]
    code = (invoice["cadre"].get("code") or "").strip()
    return ReadInvoice(
        number=invoice["number"],
        kind=_kind(invoice),
        cadre=invoice["cadre"].get("cadre") or _other_cadre(code),
        cadre_code=code,
        issue_date=datetime.date.fromisoformat(invoice["issue_date"]),
        currency=invoice["currency"],
        net=_amount(totals.get("net")),
        vat=_amount(totals.get("vat")),
        gross=_amount(totals.get("gross")),
        due=_amount(totals.get("due")),
        seller_name=seller.get("name") or "-",
        seller_siret=seller.get("siret"),
        seller_siren=seller.get("siren"),
        recipient_name=buyer.get("name"),
        recipient_siret=buyer.get("siret"),
        code_service=_text(buyer.get("code_service")),
        engagement=_text(invoice.get("engagement")),
        contract=_text(invoice.get("contract")),
        vat_eur=_in_euros(invoice),
        content=invoice,
    )


def _in_euros(invoice: Mapping[str, Any]) -> decimal.Decimal | None:
    if invoice["currency"] == EUR or invoice.get("accounting_currency") != EUR:
        return None
    return _amount(invoice["totals"].get("vat_accounting"))


def _kind(invoice: Mapping[str, Any]) -> str:
    if invoice.get("credit_note"):
        return "AVOIR"
    return "ACOMPTE" if invoice.get("type_code") in _PREPAYMENT_TYPES else "FACTURE"


def _other_cadre(code: str) -> str:
    """BT-23 names a process outside France too (Peppol's is an URN): only what looks like a French cadre is judged as
    one."""
    return code if _FRENCH_CADRE.fullmatch(code) else "A1"


def _amount(text: str | None) -> decimal.Decimal | None:
    try:
        return decimal.Decimal(text) if text is not None else None
    except decimal.InvalidOperation:
        return None


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None


def finding_of(raw: Mapping[str, Any]) -> Finding:
    """Return a finding of the engine for readers of either language; one told in one language only says the same in both."""
    remedy = raw.get("remedy") or ""
    return Finding(
        raw["rule"],
        raw["severity"],
        raw["message"],
        raw.get("message_en", raw["message"]),
        remedy,
        raw.get("remedy_en", remedy),
        raw.get("term"),
        raw.get("location"),
    )
