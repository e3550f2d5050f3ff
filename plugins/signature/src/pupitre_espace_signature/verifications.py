"""The same judgement for programs, as JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import marshmallow
from marshmallow import fields
from pupitre_espaces import OperationRequest, PortRefused

from . import texts, verdicts
from .verdicts import NotJudged, Signature

#: Bytes of the JSON: a PDF of 10 MB in base64, and what stands around it.
LARGEST = 14_000_000
#: What the facts say of a signature, as they are given out.
_GIVEN = ("field", "kind", "claimed_at", "proven_at", "intact", "digest", "revisions_after", "trust", "anchor")


class Sent(marshmallow.Schema):
    content = fields.String(required=True, metadata={"description": "The PDF, at most 10 MB, in base64"})


class Certificate(marshmallow.Schema):
    subject = fields.String(metadata={"description": "Whose it is, as it says"})
    issuer = fields.String()
    serial = fields.String(metadata={"description": "Hexadecimal"})
    valid_from = fields.String(metadata={"description": "Instant in UTC, as all of this answer"})
    valid_until = fields.String()
    valid_at_signing = fields.Boolean(
        allow_none=True, metadata={"description": "null: no time of the signature is known"}
    )
    valid_now = fields.Boolean()


class Stamp(marshmallow.Schema):
    at = fields.String()
    by = fields.String()
    intact = fields.Boolean()
    trusted = fields.Boolean(
        metadata={"description": "Whether it leads to a configured authority: only then it proves its time"}
    )


class SignatureGiven(marshmallow.Schema):
    field = fields.String(metadata={"description": "Name of the field of the PDF"})
    kind = fields.String(metadata={"description": "signature, stamp (a timestamp of the document) or unreadable"})
    verdict = fields.String(metadata={"description": " | ".join(verdicts.VERDICTS)})
    text = fields.String(metadata={"description": "What the verdict means, in the language of the call"})
    certificate = fields.Nested(Certificate, allow_none=True)
    claimed_at = fields.String(
        allow_none=True, metadata={"description": "When the signer says that he signed; not proven"}
    )
    stamp = fields.Nested(Stamp, allow_none=True)
    proven_at = fields.String(
        allow_none=True, metadata={"description": "When a trusted timestamp proves that the signature was there"}
    )
    intact = fields.Boolean(
        metadata={"description": "Whether the signed bytes are those that were signed, by this certificate"}
    )
    covers_whole_document = fields.Boolean()
    later_changes = fields.String(
        metadata={"description": "none, permitted (signatures, timestamps, forms filled in) or forbidden"}
    )
    revisions_after = fields.Integer()
    digest = fields.String(metadata={"description": "Algorithm of the digest"})
    trust = fields.String(
        metadata={
            "description": "anchored, unknown-issuer, out-of-time, not-for-signing, weak, unchecked or other: how the chain of "
            "certificates stands"
        }
    )
    anchor = fields.String(
        allow_none=True, metadata={"description": "The configured authority that the chain leads to"}
    )


class Verification(marshmallow.Schema):
    verdict = fields.String(
        required=True, metadata={"description": f"The worst of the signatures' verdicts, or {verdicts.UNSIGNED}"}
    )
    text = fields.String(required=True)
    anchors = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many authorities are configured (0: integrity only); null: unreadable"},
    )
    revocation = fields.String(
        required=True, metadata={"description": "not-looked-up, always: the portal asks no authority's server"}
    )
    revisions = fields.Integer(required=True, metadata={"description": "Revisions of the PDF"})
    signatures = fields.List(fields.Nested(SignatureGiven), required=True)


def verify(request: OperationRequest) -> dict[str, Any]:
    """Judge the PDF that was sent. Refused with invalid, or busy, in the language of the call."""
    language = request.context.language
    try:
        found = verdicts.judge(_decoded(request.given["content"]), request.context.clock.now())
    except NotJudged as not_judged:
        code = "busy" if not_judged.passes else "invalid"
        raise PortRefused(code, texts.FAULTS[not_judged.reason].text(language)) from not_judged
    return {
        "verdict": found.verdict,
        "text": texts.VERDICTS[found.verdict][1].text(language),
        "anchors": found.anchors,
        "revocation": "not-looked-up",
        "revisions": found.revisions,
        "signatures": [_given(each, language) for each in found.signatures],
    }


def _given(signature: Signature, language: str) -> dict[str, Any]:
    facts = signature.facts
    said = {"verdict": signature.verdict, "text": texts.VERDICTS[signature.verdict][1].text(language)}
    if facts["kind"] == "unreadable":
        return {"field": facts["field"], "kind": facts["kind"], **said}
    certificate = {
        **{name: facts[name] for name in ("subject", "issuer", "serial", "valid_from", "valid_until")},
        "valid_at_signing": facts["signed_in_time"],
        "valid_now": facts["held_now"],
    }
    stamp = facts["stamp"]
    return {
        **{name: facts[name] for name in _GIVEN},
        **said,
        "certificate": certificate,
        "stamp": {**stamp, "trusted": stamp["intact"] and stamp["trust"] == "anchored"} if stamp else None,
        "covers_whole_document": facts["covers"] == "document",
        "later_changes": facts["later"],
    }


def _decoded(encoded: str) -> bytes:
    """Decode base64 strictly. Raises NotJudged."""
    # Python lets an equals sign too many pass at the end of what is whole without it.
    if len(encoded) % 4 or encoded.endswith("==="):
        raise NotJudged("not-base64")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotJudged("not-base64") from error
