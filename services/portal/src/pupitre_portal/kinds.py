"""The kinds of request that plugins bring, as the portal's pages ask for them: by the espace in which a role works."""

from collections.abc import Iterable
from typing import Any

from flask import current_app
from pupitre_espaces import Cadre, RequestKind, Role

#: A kind with the espace that brings it.
Brought = tuple[str, RequestKind]


def find(espace: str, key: str) -> RequestKind | None:
    """Return a kind, None when its plugin is away."""
    return _all().get((espace, key))


def working_in(espace: str) -> list[Brought]:
    """Return the kinds that are worked on in an espace: those it brings, and those with a role that works there."""
    return [(of, kind) for (of, _), kind in _all().items() if of == espace or any(place(of, role) == espace for role in kind.roles)]


def places() -> frozenset[str]:
    """Return the keys of all espaces in which requests are worked on."""
    found = {of for of, _ in _all()}
    return frozenset(found | {place(of, role) for (of, _), kind in _all().items() for role in kind.roles})


def place(of: str, role: Role) -> str:
    """Return the key of the espace in which a role of a kind of the espace `of` works."""
    return role.espace or of


def roles_of(structure: Any, espace: str, brought: Brought) -> frozenset[str]:
    """Return the keys of the roles that a structure may have in an espace; invoicing decides, this is what the page offers."""
    of, kind = brought
    return frozenset(
        role.key
        for role in kind.roles
        if place(of, role) == espace
        and structure.type.lower() in role.structure_types
        and role.always in (None, structure.identifier)
    )


def offered(structure: Any, espace: str) -> list[tuple[Brought, tuple[Cadre, ...]]]:
    """Return what a structure may begin in an espace: kinds with the cadres that do not need a piece before them."""
    found = [((of, kind), kind.offered_to(roles_of(structure, espace, (of, kind)))) for of, kind in working_in(espace)]
    return [(brought, cadres) for brought, cadres in found if cadres]


def statuses(brought: Iterable[Brought]) -> dict[str, Any]:
    """Return every status that requests of these kinds can have, with its label, in the order of their tables."""
    found: dict[str, Any] = {}
    for _, kind in brought:
        for table in kind.lifecycles:
            for row in table.transitions:
                for status in (row.source, row.target):
                    if status is not None and status in table.statuses | {row.source} and table.label(status) is not None:
                        found.setdefault(status, table.label(status))
    return found


def _all() -> dict[tuple[str, str], RequestKind]:
    return current_app.extensions["pupitre"].espaces.kinds()
