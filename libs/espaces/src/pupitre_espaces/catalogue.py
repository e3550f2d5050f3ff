"""What is installed, for screens and for operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .discovery import Source
from .plugin import Plugin
from .problems import Problem
from .values import Manifest


@dataclass(frozen=True, slots=True)
class InstalledEspace:
    """A plugin that loaded. `state` is "active" or "set-aside"."""

    manifest: Manifest
    distribution: str
    version: str
    hooks: tuple[str, ...]
    state: str

    @property
    def key(self) -> str:
        """The key of the espace."""
        return self.manifest.key


def line(plugin: Plugin) -> InstalledEspace:
    """Return a loaded plugin as the catalogue shows it."""
    state = "set-aside" if plugin.set_aside else "active"
    manifest: Manifest = plugin.manifest
    return InstalledEspace(manifest, plugin.source.distribution, plugin.source.version, plugin.hooks, state)


def describe(source: Source, plugin: Plugin | None, problems: list[Problem]) -> dict[str, Any]:
    """Return a plugin, loaded or refused (`plugin` None), with its problems, as JSON-able data."""
    manifest = plugin.manifest if plugin else None
    state = "refused" if plugin is None else "set-aside" if plugin.set_aside else "active"
    return {
        "plugin": source.name,
        "key": manifest.key if manifest else None,
        "label": {"fr": manifest.label.fr, "en": manifest.label.en} if manifest else None,
        "distribution": source.distribution,
        "version": source.version,
        "state": state,
        "structure_types": sorted(manifest.structure_types) if manifest else [],
        "by_default": manifest.by_default if manifest else False,
        "hooks": list(plugin.hooks) if plugin else [],
        "problems": [
            {
                "hook": each.hook,
                "kind": each.kind,
                "detail": each.detail,
                "at": each.at.isoformat(),
                "count": each.count,
            }
            for each in problems
            if each.plugin == source.name
        ],
    }
