"""Whose key it is, when two plugins claim the same one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .plugin import Plugin
from .values import RESERVED_KEYS


def settle(plugins: Iterable[Plugin]) -> tuple[list[Plugin], list[tuple[Plugin, str]]]:
    """Return the plugins kept, by key, and those refused with the reason.

    A key of the portal itself goes to nobody. A key claimed twice goes to the distribution named after it,
    `pupitre-espace-<key>`, of which there can be only one; without such a one, all claimants are refused: to choose
    by order would give the data and the habilitations of one espace to a plugin that took its name.
    """
    claims: dict[str, list[Plugin]] = defaultdict(list)
    for plugin in plugins:
        claims[plugin.manifest.key].append(plugin)
    kept, refused = [], []
    for key, claimants in sorted(claims.items()):
        if key in RESERVED_KEYS:
            refused += [(each, f"the key {key} belongs to the portal") for each in claimants]
            continue
        owner = _owner(key, claimants)
        kept += [owner] if owner else []
        names = " and ".join(sorted(each.name for each in claimants))
        outcome = f"{owner.name} keeps it by its name" if owner else "neither is loaded"
        refused += [
            (each, f"the key {key} is claimed by {names}; {outcome}") for each in claimants if each is not owner
        ]
    return kept, refused


def _owner(key: str, claimants: list[Plugin]) -> Plugin | None:
    if len(claimants) == 1:
        return claimants[0]
    named = [each for each in claimants if _normalised(each.source.distribution) == f"pupitre-espace-{key}"]
    return named[0] if len(named) == 1 else None


def _normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
