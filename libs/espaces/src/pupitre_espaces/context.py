"""For whom a hook is called: the structure, the user, the language, and the ports."""

from __future__ import annotations

from dataclasses import dataclass, field

from .ports import Clock, Ports
from .values import Language, StructureType


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
    #: Whether he manages the users of the structure, and says who has which habilitation there. Since 1.1.
    manages_users: bool = False


@dataclass(frozen=True, slots=True)
class EspaceContext:
    """For whom and with what a hook works. Fields may be added: read them by name, build it with keywords."""

    structure: Structure
    #: None when nobody in person acts: a flux, a technical account.
    user: User | None
    language: Language
    clock: Clock
    #: What the platform lends for this structure and user; hooks that have no ports refuse every use of one.
    ports: Ports = field(default_factory=Ports)
