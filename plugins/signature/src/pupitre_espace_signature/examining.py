"""What there is to know of each signature of a PDF (ISO 32000-2, 12.8; CMS; PAdES), read by pyHanko.

A stranger made the file: this runs in a process of its own (`pupitre_espaces.apart`), which opens no connection, and is the only module
that imports the reader. It states facts; what they are worth is worked out in `verdicts`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    KeyUsageConstraints,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
    generic_cms,
)
from pyhanko_certvalidator import ValidationContext

#: Signatures of one document that are looked at, and characters of one name.
MOST_SIGNATURES, LONGEST_NAME = 40, 300
#: A seal or a signature of somebody; certificates of either use are issued for documents.
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
#: What pyHanko finds wrong with the chain (ETSI EN 319 102-1, sub-indications), as this espace says it.
_TRUST = {
    "NO_CERTIFICATE_CHAIN_FOUND": "unknown-issuer",
    "OUT_OF_BOUNDS_NO_POE": "out-of-time",
    "CHAIN_CONSTRAINTS_FAILURE": "not-for-signing",
    "CRYPTO_CONSTRAINTS_FAILURE": "weak",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "weak",
}
#: What parts of a name are called, where RFC 4514 or habit has a short name for it.
_TYPES = {
    "common_name": "CN",
    "organization_name": "O",
    "organizational_unit_name": "OU",
    "country_name": "C",
    "locality_name": "L",
    "state_or_province_name": "ST",
    "given_name": "GN",
    "surname": "SN",
    "email_address": "E",
    "serial_number": "serialNumber",
    "organization_identifier": "organizationIdentifier",
}
_RESERVED = re.compile(r'[,+"\\\\<>;=]')


def examine(order: bytes) -> bytes:
    """Return what is found, as JSON, in an order: a line of JSON (`now` in ISO, `anchors` as base64 of DER), then the PDF.

    The answer has a `fault` ("encrypted", "damaged", "too-many"), or `signatures` and `revisions`.
    """
    head, _, pdf = order.partition(b"\n")
    given = json.loads(head)
    anchors = [x509.Certificate.load(base64.b64decode(each)) for each in given["anchors"]]
    found = _document(pdf, _Judge(anchors, datetime.fromisoformat(given["now"])))
    return json.dumps(found).encode()


def _document(pdf: bytes, judge: _Judge) -> dict[str, Any]:
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        if reader.encrypted:
            return {"fault": "encrypted"}
        fields = list(islice(enumerate_sig_fields(reader, filled_status=True), MOST_SIGNATURES + 1))
        revisions = reader.total_revisions
    except MemoryError:
        raise
    except Exception:  # whatever a file makes the reader raise says that it cannot be read
        return {"fault": "damaged"}
    if len(fields) > MOST_SIGNATURES:
        return {"fault": "too-many"}
    return {"revisions": revisions, "signatures": asyncio.run(_signatures(reader, fields, pdf, judge))}


async def _signatures(reader: PdfFileReader, fields: list[Any], pdf: bytes, judge: _Judge) -> list[dict[str, Any]]:
    """Return the facts on each, in the order in which they were made; those that cannot be read come last."""
    read, unread = [], []
    for name, _, field in fields:
        try:
            signature = EmbeddedPdfSignature(reader, field, name)
            read.append((signature.signed_revision, signature.sig_object_type != "/DocTimeStamp", signature))
        except MemoryError:
            raise
        except Exception:  # as above: the other signatures can still be told
            unread.append(_unread(name))
    made = []
    # Stamps of the document first: they prove that what they cover was there.
    for revision, is_signature, signature in sorted(read, key=lambda each: (each[1], each[0])):
        try:
            facts = await (_signature if is_signature else _stamp)(signature, pdf, judge)
        except MemoryError:
            raise
        except Exception:
            facts = _unread(signature.fq_name)
        made.append((revision, facts))
    return [facts for _, facts in sorted(made, key=lambda each: each[0])] + unread


def _unread(name: str) -> dict[str, Any]:
    return {"field": _short(name), "kind": "unreadable"}


@dataclass
class _Judge:
    """Whom the operator trusts, when it is now, and which stamps of the document were found good."""

    anchors: list[x509.Certificate]
    now: datetime

    def __post_init__(self) -> None:
        self.stamps: list[tuple[int, datetime]] = []

    def context(self, moment: datetime) -> ValidationContext:
        """Return what to judge chains by at a moment: the anchors that are valid then; nothing is fetched."""
        held = [each for each in self.anchors if each.not_valid_before <= moment <= each.not_valid_after]
        return ValidationContext(trust_roots=held, moment=moment, allow_fetching=False)

    def proven(self, revision: int, stamped: datetime | None) -> datetime | None:
        """Return the earliest instant that a trusted stamp proves, of the signature itself or of a later revision."""
        times = [at for of, at in self.stamps if of > revision]
        return min([*times, *([stamped] if stamped else [])], default=None)

    def trust(self, status: Any) -> tuple[str, str | None]:
        """Return how the chain stands, and the name of the anchor that it leads to."""
        if status.trust_problem_indic is None:
            if not status.valid:
                return (
                    "unchecked",
                    None,
                )  # nothing says that the holder of the certificate signed: whose it is does not count
            return "anchored", _name(next(iter(status.validation_path.iter_certs(include_root=True))).subject)
        if (
            status.signing_cert.self_issued
            and status.validation_path is None
            and status.trust_problem_indic.name != "CRYPTO_CONSTRAINTS_FAILURE"
        ):
            return "unknown-issuer", None  # which the library calls a certificate that is not fit for use
        return _TRUST.get(status.trust_problem_indic.name, "other"), None


async def _signature(signature: EmbeddedPdfSignature, pdf: bytes, judge: _Judge) -> dict[str, Any]:
    times = await generic_cms.collect_timing_info(
        signature.signer_info, judge.context(judge.now), raw_digest=signature.compute_digest
    )
    stamp = times.get("timestamp_validity")
    sound = stamp is not None and stamp.intact and stamp.valid
    proven = judge.proven(signature.signed_revision, stamp.timestamp if sound and stamp.trusted else None)
    status = await async_validate_pdf_signature(
        signature,
        signer_validation_context=judge.context(proven or judge.now),
        ts_validation_context=judge.context(judge.now),
        key_usage_settings=_USAGE,
    )
    claimed = status.signer_reported_dt
    trust, anchor = judge.trust(status)
    return {
        **_common(signature, status, pdf),
        "kind": "signature",
        "claimed_at": _instant(claimed),
        "stamp": _stamped(stamp, judge) if stamp is not None else None,
        "proven_at": _instant(proven),
        "signed_in_time": _held(status.signing_cert, proven or claimed),
        "held_now": _held(status.signing_cert, judge.now),
        "trust": trust if trust != "anchored" or status.seed_value_ok else "other",
        "anchor": anchor,
    }


async def _stamp(signature: EmbeddedPdfSignature, pdf: bytes, judge: _Judge) -> dict[str, Any]:
    status = await async_validate_pdf_timestamp(signature, judge.context(judge.now))
    # The library leaves this to its caller for stamps.
    later = signature.summarise_integrity_info()
    facts = _common(signature, status, pdf, docmdp_ok=later["docmdp_ok"])
    trust, anchor = judge.trust(status)
    if trust == "anchored" and facts["intact"] and facts["covers"] != "unclear":
        judge.stamps.append((signature.signed_revision, status.timestamp))
    return {
        **facts,
        "kind": "stamp",
        "claimed_at": _instant(status.timestamp),
        "stamp": None,
        "proven_at": _instant(status.timestamp) if trust == "anchored" else None,
        "signed_in_time": _held(status.signing_cert, status.timestamp),
        "held_now": _held(status.signing_cert, judge.now),
        "trust": trust,
        "anchor": anchor,
    }


def _common(signature: EmbeddedPdfSignature, status: Any, pdf: bytes, docmdp_ok: bool | None = None) -> dict[str, Any]:
    certificate = status.signing_cert
    covers = _covered(signature, status.coverage, pdf)
    allowed = status.docmdp_ok if docmdp_ok is None else docmdp_ok
    return {
        "field": _short(signature.fq_name),
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "serial": f"{certificate.serial_number:x}"[:80],
        "valid_from": _instant(certificate.not_valid_before),
        "valid_until": _instant(certificate.not_valid_after),
        "digest": _short(status.md_algorithm),
        "intact": bool(status.intact and status.valid),
        "covers": covers,
        "later": "none" if covers == "document" else "permitted" if covers == "revision" and allowed else "forbidden",
        "revisions_after": signature.reader.total_revisions - signature.signed_revision - 1,
    }


def _covered(signature: EmbeddedPdfSignature, coverage: SignatureCoverageLevel, pdf: bytes) -> str:
    """Return what the signature covers: the document, its own revision with all before it, or nothing that can be told.

    What it leaves out must be its own value in hexadecimal and no more: the library counts these bytes, and does not look where they are.
    """
    parts = [int(each) for each in signature.byte_range]
    if len(parts) != 4 or parts[0] != 0:
        return "unclear"
    _, first, second, length = parts
    hole = pdf[first:second]
    value = hole[1:-1].strip(b"0123456789abcdefABCDEF")
    if not (hole[:1] == b"<" and hole[-1:] == b">" and not value and 0 < second + length <= len(pdf)):
        return "unclear"
    if coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "document" if second + length == len(pdf) else "unclear"
    return "revision" if coverage == SignatureCoverageLevel.ENTIRE_REVISION else "unclear"


def _stamped(stamp: Any, judge: _Judge) -> dict[str, Any]:
    trust, _ = judge.trust(stamp)
    return {
        "at": _instant(stamp.timestamp),
        "by": _name(stamp.signing_cert.subject),
        "intact": bool(stamp.intact and stamp.valid),
        "trust": trust,
    }


def _held(certificate: x509.Certificate, moment: datetime | None) -> bool | None:
    """Tell whether a certificate was valid at a moment; None where no moment is known."""
    if moment is None:
        return None
    # A date of a PDF may have no zone.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return certificate.not_valid_before <= moment <= certificate.not_valid_after


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _name(name: x509.Name) -> str:
    """Return a name as RFC 4514 writes it: CN=Camille Duval,O=Atelier,C=FR."""
    parts = [each for rdn in reversed(list(name.chosen)) for each in rdn]
    return _short(
        ",".join(
            f"{_TYPES.get(each['type'].native, each['type'].native)}={_escaped(str(each['value'].native))}"
            for each in parts
        )
    )


def _escaped(text: str) -> str:
    return _RESERVED.sub(r"\\\g<0>", text)


def _short(text: str) -> str:
    return "".join(_shown(text))[:LONGEST_NAME].strip()


def _shown(text: str) -> Iterator[str]:
    """Leave out what is no sign of a text: controls, and what turns the direction of writing."""
    for sign in str(text):
        yield sign if sign.isprintable() else " "
