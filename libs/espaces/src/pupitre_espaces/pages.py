"""Pages of an espace: what a visitor asks, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .checks import KEBAB, require, require_types
from .context import EspaceContext
from .html import Html, escape
from .paper import PDF, Paper
from .parties import key_of
from .values import Label

#: Profiles of a habilitation (docs/glossary.md): a user sees, or sees and acts.
Profile = Literal["CONSULTATION", "MODIFICATION"]
#: Characters of a page's body, and bytes of a file that a page gives.
LONGEST_BODY, LARGEST_DOWNLOAD = 2_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with a form, at most 10 MB."""

    name: str
    mime: str
    content: bytes


_HIDDEN = Html('<input type="hidden" name="{}" value="{}">')


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request of one page; the portal has checked session and habilitation, and `profile` is what it found."""

    context: EspaceContext
    profile: Profile
    #: Makes the address of a page of this espace from its slug; the portal's, for `link`.
    address: Callable[[str], str]
    #: Parameters of the query, the last value of each.
    query: Mapping[str, str] = field(default_factory=dict)
    #: What a form of the page sent, the last value of each field; empty when the page is only read.
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, UploadedFile] = field(default_factory=dict)
    #: What every form of the page must hold, so that nobody else can send it in the visitor's name.
    form_mark: Html = field(default_factory=Html)

    def __post_init__(self) -> None:
        for name in ("query", "form", "files"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def link(self, slug: str, query: Mapping[str, str] | None = None) -> Html:
        """Return the address of another page of the same espace, with parameters, fit for an `href` or an `action`."""
        return escape(self._address(slug, query) if query else self.address(slug))

    def hidden_fields(self, slug: str) -> Html:
        """Return what the portal's address of a page has in parameters as hidden fields, for a form that is sent to it with `get`."""
        given = parse_qsl(urlsplit(self.address(slug)).query)
        return Html("").join(_HIDDEN.format(name, value) for name, value in given)

    def _address(self, slug: str, query: Mapping[str, str], under: str = "") -> str:
        place = urlsplit(self.address(slug))
        parameters = urlencode([*parse_qsl(place.query), *query.items()])
        return urlunsplit(place._replace(path=place.path + under, query=parameters))

    def link_to_new_request(
        self,
        kind: str,
        cadre: str = "",
        *,
        form: Mapping[str, str] | None = None,
        parties: Mapping[str, str | Sequence[str]] | None = None,
        services: Mapping[str, str | Sequence[str]] | None = None,
        number: str = "",
    ) -> Html:
        """Return the address of the portal's page for a new request of this espace, with what is filled in from the start.

        `form` holds texts by field, `parties` the SIRET by role, `services` the code service by role; a list of them in their order, ""
        for none, where several may have the role (since 1.1). The parameters are documented (docs/reference/requests.md): anybody may make
        such a link.
        """
        given = {"kind": kind, "cadre": cadre, "number": number}
        given |= {f"form.{name}": value for name, value in (form or {}).items()}
        for named, values in (("party", parties), ("service", services)):
            for role, value in (values or {}).items():
                of_role = enumerate([value] if isinstance(value, str) else value, 1)
                given |= {f"{named}.{key_of(role, place)}": each for place, each in of_role}
        return escape(self._address("demandes", {name: value for name, value in given.items() if value}, "/nouvelle"))


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows inside the portal's layout."""

    title: str
    #: `Html`, or a `str`, which is then shown as text: all of its markup is escaped.
    body: Html
    #: HTTP status: 200, or an error that the page itself explains.
    status: int = 200

    def __post_init__(self) -> None:
        require_types(self, title=str, body=str, status=int)
        require(self.status == 200 or 400 <= self.status <= 599, f"{self.status} is not the status of a page")
        require(len(self.body) <= LONGEST_BODY, f"a page has at most {LONGEST_BODY} characters, not {len(self.body)}")
        object.__setattr__(self, "body", escape(self.body))


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page gives instead of a text: always saved, never shown inside the portal."""

    name: str
    mime: str
    #: A `Paper` is drawn by the portal (since 1.1).
    content: bytes | Paper

    def __post_init__(self) -> None:
        require_types(self, name=str, mime=str, content=(bytes, Paper))
        if isinstance(self.content, Paper):
            require(self.mime == PDF, f"{self.name} is drawn as {PDF}, not {self.mime}")
        else:
            require(len(self.content) <= LARGEST_DOWNLOAD, f"a download has at most {LARGEST_DOWNLOAD} bytes")
        require(
            bool(self.name.strip()) and not set(self.name) & set('/\\"\r\n'), f"{self.name!r} is not the name of a file"
        )


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on to another page of the same espace, which then shows `message` once: what a form that was carried out answers."""

    slug: str
    query: Mapping[str, str] = field(default_factory=dict)
    message: Label | None = None

    def __post_init__(self) -> None:
        require_types(self, slug=str, message=(Label, type(None)))
        require(not self.slug or bool(KEBAB.fullmatch(self.slug)), f"the slug {self.slug!r} is not kebab-case")
        object.__setattr__(self, "query", MappingProxyType(dict(self.query)))


Answer = PageContent | Download | Redirect


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the espace, at `/espaces/<key>/<slug>`; the first one given is also shown at `/espaces/<key>/`."""

    slug: str
    title: Label
    #: Called for each reading of the page, in the portal's process, under the same deadline as a hook.
    render: Callable[[PageRequest], Answer]
    #: Called when a form of the page is sent; only for a user with the profile MODIFICATION. None: the page has no form.
    submit: Callable[[PageRequest], Answer] | None = None
    #: Whether the espace's menu names it.
    in_menu: bool = True
    #: Whether users with the profile CONSULTATION may send its form too: a question, a search, a rating.
    open_to_readers: bool = False

    def __post_init__(self) -> None:
        require_types(self, slug=str, title=Label, in_menu=bool, open_to_readers=bool)
        require(bool(KEBAB.fullmatch(self.slug)), f"the slug {self.slug!r} is not kebab-case")
        require(self.slug not in RESERVED_SLUGS, f"the slug {self.slug!r} is one of the portal's own")
        require(callable(self.render), "Page.render must be callable")
        require(self.submit is None or callable(self.submit), "Page.submit must be callable")


#: What the portal itself shows under the address of an espace.
RESERVED_SLUGS = frozenset({"demandes", "dossiers", "assets", "factures"})


@dataclass(frozen=True, slots=True)
class Asset:
    """A style sheet, script or image of the espace, served by the portal at `/espaces/<key>/assets/<name>`."""

    name: str
    mime: str
    content: bytes

    def __post_init__(self) -> None:
        require_types(self, name=str, mime=str, content=bytes)
        require(
            self.name.isascii() and self.name.replace(".", "").replace("-", "").isalnum(),
            f"{self.name!r} is not the name of an asset",
        )
        require(self.mime in ASSET_TYPES, f"an asset is one of {', '.join(sorted(ASSET_TYPES))}")
        require(len(self.content) <= 500_000, "an asset has at most 500000 bytes")


ASSET_TYPES = frozenset({"text/css", "text/javascript", "image/png", "image/svg+xml", "image/webp"})


@dataclass(frozen=True, slots=True)
class Bubble:
    """A small window at the bottom right of every page, with one page of the espace in it; `script` and `style` name assets."""

    title: Label
    page: str
    script: str | None = None
    style: str | None = None

    def __post_init__(self) -> None:
        require_types(self, title=Label, page=str, script=(str, type(None)), style=(str, type(None)))


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the help centre, of the espace that brings it (R257)."""

    slug: str
    title: Label
    #: In both languages, safe HTML or text.
    body_fr: Html
    body_en: Html

    def __post_init__(self) -> None:
        require_types(self, slug=str, title=Label, body_fr=str, body_en=str)
        require(bool(KEBAB.fullmatch(self.slug)), f"the slug {self.slug!r} is not kebab-case")
        for name in ("body_fr", "body_en"):
            require(bool(getattr(self, name).strip()), f"Article.{name} is empty")
            object.__setattr__(self, name, escape(getattr(self, name)))
