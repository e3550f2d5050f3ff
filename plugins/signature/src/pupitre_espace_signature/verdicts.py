"""What the facts on a signature are worth (R282): one verdict for each signature, and that of the document is the worst of them.

Revocation is not looked up: no verdict says that a certificate was not revoked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pupitre_espaces import apart, dated

from . import anchors

#: From the worst to the best.
VERDICTS = ("unreadable", "broken", "changed", "weak", "out-of-time", "not-anchored", "intact", "valid")
UNSIGNED = "unsigned"
#: Bounds on the process that reads a file: seconds, waiting for its turn included, and megabytes.
SECONDS, MEGABYTES = 20.0, 512
LARGEST = 10_000_000

Facts = Mapping[str, Any]


class NotJudged(Exception):
    """The file cannot be judged; `reason` is the key of what is said to the visitor."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def passes(self) -> bool:
        """Whether the same file may be judged a little later."""
        return self.reason == "busy"


@dataclass(frozen=True)
class Signature:
    """One signature, or stamp of the document, with its verdict."""

    facts: Facts
    verdict: str


@dataclass(frozen=True)
class Judgement:
    """What there is to say of a document. `anchors`: how many authorities it was judged by; None: they cannot be read."""

    verdict: str
    signatures: tuple[Signature, ...]
    revisions: int
    anchors: int | None


def judge(pdf: bytes, now: datetime) -> Judgement:
    """Return the judgement of a PDF, by the anchors in force. Raises NotJudged."""
    if not pdf:
        raise NotJudged("empty")
    if len(pdf) > LARGEST:
        raise NotJudged("too-large")
    # Where readers of PDF look for it; what has none does not need a process.
    if b"%PDF-" not in pdf[:1024]:
        raise NotJudged("not-pdf")
    try:
        trusted, held = anchors.load(), True
    except dated.WrongData:
        trusted, held = (), False  # the espace is ill and says so; what a file itself shows can still be told
    order = {"now": now.isoformat(), "anchors": [base64.b64encode(each.der).decode() for each in trusted]}
    found = _examined(json.dumps(order).encode() + b"\n" + pdf)
    made = tuple(Signature(facts, verdict(facts, bool(trusted))) for facts in found["signatures"])
    worst = min((each.verdict for each in made), key=VERDICTS.index, default=UNSIGNED)
    return Judgement(worst, made, found["revisions"], len(trusted) if held else None)


def verdict(facts: Facts, has_anchors: bool) -> str:
    """Return the verdict on one signature from what `examining` found; without any anchor it tells integrity only."""
    if facts["kind"] == "unreadable":
        return "unreadable"
    if not facts["intact"]:
        return "broken"
    if facts["later"] == "forbidden":
        return "changed"
    if facts["trust"] == "weak":
        return "weak"
    if not has_anchors:
        return "intact"
    # What expired before anything proves that the signature was there may have been signed at any time since.
    if facts["trust"] == "out-of-time" or facts["signed_in_time"] is False:
        return "out-of-time"
    return "valid" if facts["trust"] == "anchored" else "not-anchored"


def _examined(order: bytes) -> dict[str, Any]:
    try:
        found = json.loads(
            apart.run("pupitre_espace_signature.examining:examine", order, seconds=SECONDS, megabytes=MEGABYTES)
        )
    except apart.ApartFailed as failed:
        raise NotJudged({"busy": "busy", "crashed": "damaged"}.get(failed.kind, "too-much")) from failed
    if "fault" in found:
        raise NotJudged(found["fault"])
    return found
