"""What plugins give: frozen values that refuse nonsense when made, in the author's own test rather than in a host."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from . import version
from .checks import KEBAB, require, require_types

Language = Literal["fr", "en"]
StructureType = Literal["private", "public"]
Severity = Literal["error", "warning", "information"]

LANGUAGES: tuple[Language, ...] = ("fr", "en")
STRUCTURE_TYPES: frozenset[str] = frozenset({"private", "public"})
#: What a manifest may ask for: to have things done outside the espace, by services that own them.
ASKABLE: frozenset[str] = frozenset({"annuaire"})
SEVERITIES: frozenset[str] = frozenset({"error", "warning", "information"})
#: Keys of what the portal itself provides (R131, R132); no plugin may take one.
RESERVED_KEYS: frozenset[str] = frozenset(
    {"accueil", "activites-du-gestionnaire", "factures-emises", "factures-recues", "mon-compte", "notifications", "organisation"}
)

_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v[1-9][0-9]*")
_RULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Label:
    """A text of the screen in both languages, French first; neither may be blank."""

    fr: str
    en: str

    def __post_init__(self) -> None:
        require_types(self, fr=str, en=str)
        require(bool(self.fr.strip()) and bool(self.en.strip()), "a label needs its French and its English text")

    def text(self, language: Language) -> str:
        """Return the text in `language`, French when the language is unknown."""
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an espace is: the one thing every host asks, once, when it loads the plugin."""

    #: kebab-case French name, unique among all plugins; by it the espace is known in addresses, data and habilitations.
    key: str
    label: Label
    description: Label
    #: Who may have it: "private" (suppliers), "public" (public bodies), or both.
    structure_types: frozenset[StructureType] = frozenset({"private", "public"})
    #: True: open from the start for each structure of these types; False: a gestionnaire adds it (R133).
    by_default: bool = False
    #: The oldest version of this API that offers what the plugin uses.
    api_version: str = version.API_VERSION
    #: What it may have done outside itself, by the `Effect` of a passage: "annuaire", files of the annuaire for who made the request.
    may_ask: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require_types(self, key=str, label=Label, description=Label, by_default=bool, api_version=str)
        require(bool(KEBAB.fullmatch(self.key)) and len(self.key) <= 50, f"the key {self.key!r} is not kebab-case")
        require(not isinstance(self.structure_types, str), "structure_types is a set of types, not one text")
        object.__setattr__(self, "structure_types", frozenset(self.structure_types))
        require(bool(self.structure_types), "an espace is for at least one type of structure")
        unknown = sorted(map(str, self.structure_types - STRUCTURE_TYPES))
        require(not unknown, f"unknown structure types: {', '.join(unknown)}")
        version.parse(self.api_version)
        require(not isinstance(self.may_ask, str), "may_ask is a set, not one text")
        object.__setattr__(self, "may_ask", frozenset(self.may_ask))
        more = sorted(map(str, self.may_ask - ASKABLE))
        require(not more, f"may ask for what nobody owns: {', '.join(more)}")


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the home page: a title, a sentence, and a link to a page of the espace."""

    title: Label
    text: Label
    #: Slug of the page it leads to; None leads to the first page.
    page: str | None = None

    def __post_init__(self) -> None:
        require_types(self, title=Label, text=Label, page=(str, type(None)))


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message ready to be sent: a subject of one line and a body of plain text."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The mail sent when an event happens: plain text with `{placeholders}` for the values that the event brings."""

    #: Type of the event as on the bus, for instance "espace.opened.v1".
    event_type: str
    subject: Label
    body: Label

    def __post_init__(self) -> None:
        require_types(self, event_type=str, subject=Label, body=Label)
        require(bool(_EVENT_TYPE.fullmatch(self.event_type)), f"{self.event_type!r} is not the type of an event")
        for name, format_spec, conversion in self._replacements():
            # A dotted or indexed placeholder would let a template walk through the objects it is given.
            is_plain = name.isidentifier() and not format_spec and not conversion
            require(is_plain, f"{{{name}}} must be a plain name in braces")

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of all values that the four texts use."""
        return frozenset(name for name, _, _ in self._replacements())

    def _replacements(self) -> Iterator[tuple[str, str, str]]:
        for text in (self.subject.fr, self.subject.en, self.body.fr, self.body.en):
            for _, name, format_spec, conversion in string.Formatter().parse(text):
                if name is not None:
                    yield name, format_spec or "", conversion or ""

    def render(self, language: Language, values: Mapping[str, Any]) -> RenderedMessage:
        """Put `values` in; raise LookupError naming those that miss."""
        missing = sorted(self.placeholders - set(values))
        if missing:
            raise LookupError(f"no value for {', '.join(missing)} in the message for {self.event_type}")
        texts = {name: str(values[name]) for name in self.placeholders}
        subject = self.subject.text(language).format(**texts)
        # A line break in a value must not start a header of the mail.
        return RenderedMessage(" ".join(subject.split()), self.body.text(language).format(**texts))


@dataclass(frozen=True, slots=True)
class DepositedInvoice:
    """An invoice as a check sees it: read and valid, not yet stored. Money is exact, in `currency`."""

    number: str  # BT-1
    cadre: str  # BT-23, for instance "A1"
    issue_date: date  # BT-2
    currency: str  # BT-5, ISO 4217
    amount_due: Decimal  # BT-115
    seller_siret: str
    recipient_siret: str
    code_service: str | None = None
    engagement: str | None = None
    #: Every business term that was read, by its EN 16931 id: {"BT-1": "F-2024-17", …}.
    terms: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_types(self, number=str, issue_date=date, amount_due=Decimal, terms=Mapping)
        object.__setattr__(self, "terms", MappingProxyType(dict(self.terms)))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say of an invoice; an "error" refuses it, a "warning" or an "information" goes with it."""

    #: Id of the rule, unique within the espace; the report shows it as `<key>:<rule>`.
    rule: str
    severity: Severity
    message: Label
    remedy: Label
    #: Business term concerned, for instance "BT-13".
    term: str | None = None

    def __post_init__(self) -> None:
        require_types(self, rule=str, severity=str, message=Label, remedy=Label, term=(str, type(None)))
        require(bool(_RULE.fullmatch(self.rule)), f"{self.rule!r} is not the id of a rule")
        require(self.severity in SEVERITIES, f"unknown severity {self.severity!r}")


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an invoice may not pass on towards its payment yet, and what is to be done, both for who works on it. Since 1.1."""

    why: Label
    remedy: Label

    def __post_init__(self) -> None:
        require_types(self, why=Label, remedy=Label)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the espace can work in this process, and in one sentence why not."""

    ok: bool
    detail: str = ""

    def __post_init__(self) -> None:
        require_types(self, ok=bool, detail=str)
        require(self.ok or bool(self.detail), "an ill espace says what it suffers from")
