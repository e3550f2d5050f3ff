"""Who takes part in a request: roles, and the structures that have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .checks import KEBAB, require, require_types
from .context import Structure
from .lifecycle import SYSTEM
from .values import STRUCTURE_TYPES, Label, StructureType

if TYPE_CHECKING:
    from .requests import RequestKind

#: The most structures that may be let have one role of a request (`Role.most`).
MOST_HOLDERS = 100


@dataclass(frozen=True, slots=True)
class Role:
    """One who takes part in a request: the key by which the lifecycle's rows name him, and the espace in which he finds it."""

    key: str
    label: Label
    #: Key of the espace where this role works, among the portal's and all plugins'; None: the espace that brings the kind.
    espace: str | None = None
    structure_types: frozenset[StructureType] = frozenset({"private", "public"})
    #: The statuses from which this role sees the request; none: as soon as it is sent.
    sees_from: frozenset[str] = frozenset()
    #: Whether the role names one service of its structure (code service).
    has_service: bool = False
    #: SIRET of the structure that always has this role, or `requests.PLATFORM` for the one of the platform's operator.
    always: str | None = None
    #: How many structures may have it in one request, at most `MOST_HOLDERS`; each has the same rights. Since 1.1.
    most: int = 1
    #: Whether it sees the lines of the request, and their files; False: it reads the rest without them. Since 1.1.
    sees_lines: bool = True

    def __post_init__(self) -> None:
        require_types(self, key=str, label=Label, espace=(str, type(None)), has_service=bool, most=int, sees_lines=bool)
        require(bool(KEBAB.fullmatch(self.key)) and self.key != SYSTEM, f"{self.key!r} is not the key of a role")
        object.__setattr__(self, "structure_types", frozenset(self.structure_types))
        object.__setattr__(self, "sees_from", frozenset(self.sees_from))
        require(
            bool(self.structure_types) and self.structure_types <= STRUCTURE_TYPES,
            f"the role {self.key} is for no type of structure",
        )
        require(1 <= self.most <= MOST_HOLDERS, f"the role {self.key} is had by 1 to {MOST_HOLDERS} structures, not {self.most}")
        require(not (self.several and self.always), f"the role {self.key} is always one structure's, and no other's")

    @property
    def several(self) -> bool:
        """Whether several structures may have it in one request. Since 1.1."""
        return self.most > 1


@dataclass(frozen=True, slots=True)
class Party:
    """A structure in its role, as `complete` sees it; `parameters` are those that it published (annuaire), by name."""

    role: str
    structure: Structure
    code_service: str | None = None
    #: with_moa, moa_only, requires_service, requires_engagement, … as the annuaire shows them.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: Its place among those who are named in the role, from 1. Since 1.1.
    place: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    @property
    def term(self) -> str:
        """What a finding about this structure has for its `term`, so that it stands beside it on the page. Since 1.1."""
        return f"party.{key_of(self.role, self.place)}"


def key_of(role: str, place: int = 1) -> str:
    """Return how the structure at a place of a role, from 1, is told from the others of the role: "moe", "moe.2"."""
    return role if place == 1 else f"{role}.{place}"


def holders(parties: Iterable[Party], role: str) -> tuple[Party, ...]:
    """Return all who have a role, in the order in which they were named."""
    return tuple(each for each in parties if each.role == role)


def twice(identifiers: Sequence[str]) -> list[int]:
    """Return the places, from 1, of those that stand there before: nobody has a role twice."""
    return [place for place, each in enumerate(identifiers, 1) if each in identifiers[: place - 1]]


def check_several(kind: RequestKind) -> None:
    """Raise ValueError where a kind lets several structures have a role that it needs one for, or hides lines from who typed them."""
    single: dict[str, str] = {}
    for cadre in kind.cadres:
        single |= dict.fromkeys(cadre.makers, f"deposits with {cadre.code}")
        single |= dict.fromkeys(frozenset().union(*cadre.unless), f"decides whether {cadre.code} is offered")
    if kind.payment is not None:
        paid = (kind.payment.payee, kind.payment.payer, *kind.payment.instead)
        single |= dict.fromkeys(paid, "pays or is paid")
    for table in kind.lifecycles:
        for row in table.transitions:
            single |= dict.fromkeys(row.corrects, f"is named anew from {row.source} to {row.target}")
    makers = frozenset(maker for cadre in kind.cadres for maker in cadre.makers)
    for role in kind.roles:
        why = single.get(role.key)
        require(not (role.several and why), f"the role {role.key} is one structure's: it {why}")
        require(role.sees_lines or kind.line is not None, f"the role {role.key} sees no lines, and the kind {kind.key} has none")
        require(role.sees_lines or role.key not in makers, f"the role {role.key} deposits, and so sees the lines")
