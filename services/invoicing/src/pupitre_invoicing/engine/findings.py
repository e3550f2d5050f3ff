"""What the engine has to say about a file: findings, each in French and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from . import messages

ERROR, WARNING = "error", "warning"
STAGES = ("container", "xml", "not-an-invoice", "xsd", "schematron")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class Text(NamedTuple):
    """One sentence in both languages."""

    fr: str
    en: str

    def in_(self, lang: str) -> str:
        return self.en if lang == "en" else self.fr


@dataclass(frozen=True)
class Finding:
    """One remark. `rule` is the official id of a rule, or one of ours (``PUP-…``); `stage` is where it was found."""

    rule: str
    severity: str
    stage: str
    message: Text
    remedy: Text
    term: str | None = None
    location: str | None = None

    def dump(self, lang: str) -> dict[str, Any]:
        """The finding as the fixed interface writes it, in one language; "both" is French with ``…_en`` beside it."""
        texts = {"message_en": self.message.en, "remedy_en": self.remedy.en} if lang == "both" else {}
        return {
            "rule": self.rule,
            "severity": self.severity,
            "term": self.term,
            "location": self.location,
            "message": self.message.in_(lang),
            "remedy": self.remedy.in_(lang),
            **texts,
        }


class Refused(Exception):
    """The file cannot be read further; carries the finding that says why."""

    def __init__(self, finding: Finding):
        super().__init__(finding.rule)
        self.finding = finding


def excerpt(value: object, length: int = 80) -> str:
    """A piece of foreign text fit for a message: one line, no control or direction characters, bounded."""
    text = _CONTROL.sub(" ", str(value)).strip()
    return text if len(text) <= length else text[: length - 1] + "…"


def own(
    rule: str,
    stage: str,
    severity: str = ERROR,
    *,
    term: str | None = None,
    location: str | None = None,
    **values: object,
) -> Finding:
    """A finding of one of our own rules; `values` fill the placeholders of its texts."""
    texts = messages.OWN[rule]
    clean = {name: excerpt(value) for name, value in values.items()}
    fr, en, fr_remedy, en_remedy = (text.format(**clean) for text in texts)
    return Finding(rule, severity, stage, Text(fr, en), Text(fr_remedy, en_remedy), term, location)


def refused(rule: str, stage: str, **values: Any) -> Refused:
    """The exception that ends the reading of a file with one of our own rules."""
    return Refused(own(rule, stage, **values))
