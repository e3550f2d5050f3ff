"""Ports as a plugin gets them: what it asks for and does not get is noted under its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from .context import EspaceContext
from .ports import NoPort, PortRefused, Ports

#: Codes of a refusal that says: this is not yours.
_FOREIGN = frozenset({"not-found", "forbidden"})


class _Watched:
    """One port. A refusal passes on; a request that `get` does not find is noted too, since it may be another structure's."""

    __slots__ = ("_name", "_note", "_port")

    def __init__(self, name: str, port: Any, note: Callable[[str], None]) -> None:
        self._name, self._port, self._note = name, port, note

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **values: Any) -> Any:
            try:
                answer = method(*args, **values)
            except PortRefused as refused:
                if refused.code in _FOREIGN:
                    self._note(f"{self._name}.{name}: {refused}")
                raise
            if answer is None and self._name == "requests" and name == "get":
                self._note(f"{self._name}.{name}: nothing there for this structure: {args}")
            return answer

        return call


def watched(context: EspaceContext, note: Callable[[str], None]) -> EspaceContext:
    """Return the context with ports that tell `note` what the plugin was refused."""
    given = {each.name: getattr(context.ports, each.name) for each in fields(Ports)}
    lent = {name: port for name, port in given.items() if not isinstance(port, NoPort)}
    if not lent:
        return context
    return replace(context, ports=Ports(**{**given, **{name: _Watched(name, port, note) for name, port in lent.items()}}))
