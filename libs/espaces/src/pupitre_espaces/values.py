"""What plugins give: frozen values that refuse nonsense when made, in the author's own test rather than in a host."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from . import version
from .html import Html, escape

if TYPE_CHECKING:
    from .context import PageRequest

Language = Literal["fr", "en"]
StructureType = Literal["private", "public"]
Severity = Literal["error", "warning", "information"]

LANGUAGES: tuple[Language, ...] = ("fr", "en")
STRUCTURE_TYPES: frozenset[str] = frozenset({"private", "public"})
SEVERITIES: frozenset[str] = frozenset({"error", "warning", "information"})
#: Keys of what the portal itself provides (R131, R132); no plugin may take one.
RESERVED_KEYS: frozenset[str] = frozenset(
    {"accueil", "activites-du-gestionnaire", "factures-emises", "factures-recues", "mon-compte", "notifications", "organisation"}
)

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v[1-9][0-9]*")
_RULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _require_types(value: Any, **types: type | tuple[type, ...]) -> None:
    for name, expected in types.items():
        given = getattr(value, name)
        if not isinstance(given, expected):
            wanted = " or ".join(each.__name__ for each in (expected if isinstance(expected, tuple) else (expected,)))
            raise ValueError(  # every refusal of a value is a ValueError
                f"{type(value).__name__}.{name} must be {wanted}, not {type(given).__name__}"
            )


@dataclass(frozen=True, slots=True)
class Label:
    """A text of the screen in both languages, French first; neither may be blank."""

    fr: str
    en: str

    def __post_init__(self) -> None:
        _require_types(self, fr=str, en=str)
        _require(bool(self.fr.strip()) and bool(self.en.strip()), "a label needs its French and its English text")

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

    def __post_init__(self) -> None:
        _require_types(self, key=str, label=Label, description=Label, by_default=bool, api_version=str)
        _require(bool(_KEBAB.fullmatch(self.key)) and len(self.key) <= 50, f"the key {self.key!r} is not kebab-case")
        _require(not isinstance(self.structure_types, str), "structure_types is a set of types, not one text")
        object.__setattr__(self, "structure_types", frozenset(self.structure_types))
        _require(bool(self.structure_types), "an espace is for at least one type of structure")
        unknown = sorted(map(str, self.structure_types - STRUCTURE_TYPES))
        _require(not unknown, f"unknown structure types: {', '.join(unknown)}")
        version.parse(self.api_version)


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows inside the portal's layout."""

    title: str
    #: `Html`, or a `str`, which is then shown as text: all of its markup is escaped.
    body: Html
    #: HTTP status: 200, or an error that the page itself explains. Redirections are the portal's.
    status: int = 200

    def __post_init__(self) -> None:
        _require_types(self, title=str, body=str, status=int)
        _require(self.status == 200 or 400 <= self.status <= 599, f"{self.status} is not the status of a page")
        object.__setattr__(self, "body", escape(self.body))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the espace, at `/espaces/<key>/<slug>`; the first one given is also shown at `/espaces/<key>/`."""

    slug: str
    title: Label
    #: Called for each request of the page, in the portal's process, under the same deadline as a hook.
    render: Callable[[PageRequest], PageContent]

    def __post_init__(self) -> None:
        _require_types(self, slug=str, title=Label)
        _require(bool(_KEBAB.fullmatch(self.slug)), f"the slug {self.slug!r} is not kebab-case")
        _require(callable(self.render), "Page.render must be callable")


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the home page: a title, a sentence, and a link to a page of the espace."""

    title: Label
    text: Label
    #: Slug of the page it leads to; None leads to the first page.
    page: str | None = None

    def __post_init__(self) -> None:
        _require_types(self, title=Label, text=Label, page=(str, type(None)))


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
        _require_types(self, event_type=str, subject=Label, body=Label)
        _require(bool(_EVENT_TYPE.fullmatch(self.event_type)), f"{self.event_type!r} is not the type of an event")
        for name, format_spec, conversion in self._replacements():
            # A dotted or indexed placeholder would let a template walk through the objects it is given.
            is_plain = name.isidentifier() and not format_spec and not conversion
            _require(is_plain, f"{{{name}}} must be a plain name in braces")

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
        _require_types(self, number=str, issue_date=date, amount_due=Decimal, terms=Mapping)
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
        _require_types(self, rule=str, severity=str, message=Label, remedy=Label, term=(str, type(None)))
        _require(bool(_RULE.fullmatch(self.rule)), f"{self.rule!r} is not the id of a rule")
        _require(self.severity in SEVERITIES, f"unknown severity {self.severity!r}")


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the espace can work in this process, and in one sentence why not."""

    ok: bool
    detail: str = ""

    def __post_init__(self) -> None:
        _require_types(self, ok=bool, detail=str)
        _require(self.ok or bool(self.detail), "an ill espace says what it suffers from")
