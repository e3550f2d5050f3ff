"""From what is installed to the plugins that a host calls; what cannot be taken is reported and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from . import keys, version
from .discovery import Source
from .hooks import HOOKS
from .isolation import Isolation
from .plugin import Plugin, Refused, register
from .problems import describe


def load(sources: Iterable[Source], isolation: Isolation, api_version: str, pause: Callable[[], None]) -> dict[str, Plugin]:
    """Return the plugins by key, in the order of their keys; `pause` is called after each that was tried."""
    plugins = []
    for source in sources:
        plugin = _load_one(source, isolation, api_version)
        if plugin is not None:
            plugins.append(plugin)
        pause()
    kept, refused = keys.settle(plugins)
    for plugin, reason in refused:
        isolation.report(plugin.name, "espace_manifest", "duplicate-key", reason)
    return {plugin.manifest.key: plugin for plugin in kept}


def _load_one(source: Source, isolation: Isolation, api_version: str) -> Plugin | None:
    imported, loaded = isolation.load(source)
    if not imported:
        return None
    try:
        plugin = register(source, loaded)
    except Refused as refusal:
        isolation.report(source.name, None, refusal.kind, str(refusal))
        return None
    except Exception as error:  # registration reads attributes of the plugin, and those may be code
        isolation.report(source.name, None, "signature", describe(error))
        return None
    answered, plugin.manifest = isolation.ask(plugin, HOOKS["espace_manifest"], {})
    if not answered:
        return None
    wanted = plugin.manifest.api_version
    if not version.accepts(api_version, wanted):
        isolation.report(
            source.name, "espace_manifest", "api-version", f"needs {wanted}, this host offers {api_version}"
        )
        return None
    return plugin
