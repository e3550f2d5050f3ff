"""One plugin: checked against the specifications, and called hook by hook.

Each plugin has a pluggy manager of its own: one call reaches one plugin, so that an exception in one can never
cut off the others, and a refused one leaves nothing behind.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import pluggy

from . import hookspecs
from .discovery import Source
from .hooks import HOOKS
from .markers import PROJECT
from .problems import ProblemKind
from .values import Manifest


class Refused(Exception):
    """The plugin cannot be taken; `kind` and the text say why."""

    def __init__(self, kind: ProblemKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(eq=False, slots=True)
class Plugin:
    """A loaded plugin. `manifest` is None until the host has read it."""

    source: Source
    caller: pluggy.PluginManager
    hooks: tuple[str, ...]
    manifest: Manifest | None = None
    set_aside: bool = False

    @property
    def name(self) -> str:
        """The name by which problems call it."""
        return self.source.name

    def call(self, hook: str, arguments: dict[str, Any]) -> Any:
        """Call one implemented hook; return its answer as pluggy gives it, None when it gave none."""
        results = getattr(self.caller.hook, hook)(**arguments)
        return results[0] if results else None


def register(source: Source, loaded: Any) -> Plugin:
    """Check what an entry point loaded; raise Refused."""
    if inspect.isclass(loaded):
        raise Refused("signature", "the entry point names a class; it must name a module or an instance")
    caller = pluggy.PluginManager(PROJECT)
    caller.add_hookspecs(hookspecs)
    try:
        caller.register(loaded, name=source.name)
    except pluggy.PluginValidationError as error:
        raise Refused("signature", _one_line(error)) from error
    try:
        caller.check_pending()
    except pluggy.PluginValidationError as error:
        raise Refused("unknown-hook", _one_line(error)) from error
    _refuse_unmarked(loaded)
    hooks = tuple(name for name in HOOKS if _implements(caller, name))
    if "espace_manifest" not in hooks:
        raise Refused("manifest", "espace_manifest is not implemented")
    return Plugin(source, caller, hooks)


def _implements(caller: pluggy.PluginManager, name: str) -> bool:
    implementations = getattr(caller.hook, name).get_hookimpls()
    if len(implementations) > 1:
        raise Refused("signature", f"{name} is implemented {len(implementations)} times")
    if any(each.wrapper or each.hookwrapper for each in implementations):
        raise Refused("signature", f"{name} is a wrapper; hooks of espaces are called alone and wrap nothing")
    return bool(implementations)


def _refuse_unmarked(loaded: Any) -> None:
    """Refuse `espace_` functions that lack `@hookimpl`: pluggy would ignore them without a word."""
    for name, value in vars(loaded).items():
        is_own = getattr(value, "__module__", None) == getattr(loaded, "__name__", None)
        if (
            name.startswith("espace_")
            and inspect.isfunction(value)
            and is_own
            and not hasattr(value, f"{PROJECT}_impl")
        ):
            raise Refused("unknown-hook", f"{name} is not marked with @hookimpl; the prefix espace_ is for hooks")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
