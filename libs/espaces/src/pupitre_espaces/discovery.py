"""Where plugins come from: installed distributions, or objects given by a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from .values import RESERVED_KEYS

GROUP = "pupitre.espaces"
#: Where a distribution says besides, under its key, that its espace guards passages: what cannot be loaded is still known to guard.
GUARDS = "pupitre.espaces.guards"


@dataclass(frozen=True, slots=True)
class Source:
    """A plugin not loaded yet; `name` is how problems call it."""

    name: str
    distribution: str
    version: str
    load: Callable[[], Any]

    @classmethod
    def of(cls, plugin: Any, name: str | None = None, distribution: str | None = None, version: str = "0") -> Source:
        """Make a source of a module or object at hand."""
        name = name or getattr(plugin, "__name__", type(plugin).__name__)
        return cls(name, distribution or name, version, lambda: plugin)


def guards() -> frozenset[str]:
    """Return the keys of the espaces that installed distributions declare to guard passages. One speaks for its own espaces only."""
    brought = {(each.dist.name, each.name) for each in metadata.entry_points(group=GROUP) if each.dist}
    declared = {(each.dist.name, each.name) for each in metadata.entry_points(group=GUARDS) if each.dist}
    return frozenset(key for _, key in brought & declared) - RESERVED_KEYS


def installed() -> list[Source]:
    """Return what the installed distributions declare in the group `pupitre.espaces`, ordered by distribution."""
    sources = []
    for entry_point in metadata.entry_points(group=GROUP):
        # An entry point without distribution can only come from a broken installation; it is named by itself.
        distribution = entry_point.dist.name if entry_point.dist else entry_point.name
        version = entry_point.dist.version if entry_point.dist else "0"
        sources.append(Source(f"{distribution}:{entry_point.name}", distribution, version, entry_point.load))
    # An editable installation may be seen twice on sys.path: the same entry point once is enough.
    unique = {(source.name, source.version): source for source in sources}
    return [unique[each] for each in sorted(unique)]
