"""For whom a hook is called: the structure, the user, the language, and the ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from .html import Html, escape
from .ports import Clock
from .values import Language, StructureType

#: Profiles of a habilitation (docs/glossary.md): a user sees, or sees and acts.
Profile = Literal["CONSULTATION", "MODIFICATION"]


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure (docs/glossary.md) that opened the espace."""

    id: str
    siret: str
    name: str
    type: StructureType


@dataclass(frozen=True, slots=True)
class User:
    """The person who acts."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class EspaceContext:
    """For whom and with what a hook works. Ports will be added: read fields by name, build it with keywords."""

    structure: Structure
    #: None when nobody in person acts: a flux, a technical account.
    user: User | None
    language: Language
    clock: Clock


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request of one page; the portal has checked session and habilitation, and `profile` is what it found."""

    context: EspaceContext
    profile: Profile
    #: Makes the address of a page of this espace from its slug; the portal's, for `link`.
    address: Callable[[str], str]
    #: Parameters of the query, the last value of each.
    query: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", MappingProxyType(dict(self.query)))

    def link(self, slug: str) -> Html:
        """Return the address of another page of the same espace, fit for an `href`."""
        return escape(self.address(slug))
