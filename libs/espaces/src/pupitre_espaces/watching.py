"""Ports as a plugin gets them: their calls are counted, what it asks for and does not get is noted under its name, and the rules engine's
time is not its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields, replace
from typing import Any

from .context import EspaceContext
from .deadlines import excused
from .ports import NoPort, PortRefused, Ports

#: Codes of a refusal that says: this is not yours.
_FOREIGN = frozenset({"not-found", "forbidden"})
#: The port that waits for the rules engine: however busy it is, that is no fault of the plugin.
_ENGINE = ("flux", "check")
#: The longest that a plugin's call waits for the engine, in seconds: a little more than the question to it may take.
MOST_WAITED = 50.0
#: How often one call of a plugin may call its ports, where the host is not told otherwise.
PORT_CALLS = 30
_SPENT = {
    "fr": "{plugin} a déjà appelé {most} fois ses ports pour une seule réponse : pas davantage. Demandez plusieurs lignes à la fois.",
    "en": "{plugin} has called its ports {most} times for one answer already, and may not go on. Ask for several rows at once.",
}
_BUSY = {
    "fr": "Le contrôle du fichier n'a pas abouti à temps : le moteur de règles est occupé. Réessayez dans un instant.",
    "en": "The file could not be checked in time: the rules engine is busy. Try again in a moment.",
}


class Spent(BaseException):
    """Ends a call of a plugin that goes on after it was refused: no loop of it that catches every Exception holds the process."""


class Meter:
    """Counts what one call of a plugin asks of its ports, and refuses what is beyond its budget; without one, nothing is."""

    def __init__(self, plugin: str, most: int | None = None) -> None:
        self._plugin, self._most, self.calls = plugin, most, 0

    @property
    def is_exceeded(self) -> bool:
        """Whether the plugin asked for more than it may."""
        return self._most is not None and self.calls > self._most

    def says(self, language: str = "en") -> str:
        """Return what a plugin that asks too often is told."""
        return _SPENT[language].format(plugin=self._plugin, most=self._most)

    def count(self, language: str) -> None:
        """Count one call. Raises PortRefused for the first one too many, and Spent for the next."""
        again = self.is_exceeded
        self.calls += 1
        if again:
            raise Spent(self.says())
        if self.is_exceeded:
            raise PortRefused("too-many-calls", self.says(language))


class _Watched:
    """One port. A refusal passes on; a request that `get` does not find is noted too, since it may be another structure's."""

    __slots__ = ("_language", "_meter", "_most", "_name", "_note", "_port")

    def __init__(self, name: str, port: Any, note: Callable[[str], None], meter: Meter, language: str, most: float) -> None:
        self._name, self._port, self._note, self._meter, self._language, self._most = name, port, note, meter, language, most

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **values: Any) -> Any:
            self._meter.count(self._language)
            of_engine = (self._name, name) == _ENGINE
            try:
                with excused(self._most) if of_engine else nullcontext():
                    answer = method(*args, **values)
            except TimeoutError as late:
                if not of_engine:
                    raise
                raise PortRefused("busy", _BUSY[self._language]) from late
            except PortRefused as refused:
                if refused.code in _FOREIGN:
                    self._note(f"{self._name}.{name}: {refused}")
                raise
            if answer is None and self._name == "requests" and name == "get":
                self._note(f"{self._name}.{name}: nothing there for this structure: {args}")
            return answer

        return call


def watched(context: EspaceContext, note: Callable[[str], None], meter: Meter, most: float | None = None) -> EspaceContext:
    """Return the context with ports whose calls `meter` counts, that tell `note` what the plugin was refused, and wait `most` seconds for
    the engine."""
    given = {each.name: getattr(context.ports, each.name) for each in fields(Ports)}
    lent = {name: port for name, port in given.items() if not isinstance(port, NoPort)}
    if not lent:
        return context
    most = MOST_WAITED if most is None else most
    seen = {name: _Watched(name, port, note, meter, context.language, most) for name, port in lent.items()}
    return replace(context, ports=Ports(**{**given, **seen}))
