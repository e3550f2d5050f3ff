"""Whether the portal and everything it stands on can work, since when it cannot, and the figures that services give with their answer."""

import datetime
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore
from pupitre_bus.health import BLOCKED
from pupitre_contracts import errors, platform
from pupitre_contracts.catalogue import SERVICES

_PATIENCE = 1.8
ESPACE = "espace "
"""How services name the checks of their plugins."""
ANSWERS = "answers"
_FRESH = 1.0
_ESPACES_FRESH = 10.0
_FORGOTTEN = 600.0
"""Seconds after which an instance that no longer answers is no longer told of."""


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: of which service, what, whether it is well, and if not, why and since when."""

    service: str
    name: str
    ok: bool
    detail: str = ""
    since: datetime.datetime | None = None

    @property
    def is_espace(self) -> bool:
        """Whether it is about a plugin, which is a guest: it may be ill without making its host so."""
        return self.name.startswith(ESPACE)


@dataclass(frozen=True)
class Figures:
    """What one instance of a service told of itself, as of ``at`` by the monotonic clock."""

    service: str
    instance: str
    values: dict[str, Any]
    at: float


class Readiness:
    """Asks all services at once and remembers the answer for a second, so that asking often costs nothing.

    ``seed_file`` must exist before the demonstration is ready. An ill espace is named, and makes nothing else ill. What was well
    once counts as a fault only after ``patience`` seconds without a good answer, and no longer after the first one: a broker
    that blinks takes nobody out of rotation. What was never well is a fault at once.
    """

    def __init__(
        self,
        bus: Any,
        espaces: Any,
        seed_file: Any = None,
        now: Callable[[], float] = time.monotonic,
        patience: float = 0,
    ) -> None:
        self._bus, self._espaces, self._seed_file, self._now, self._patience = bus, espaces, seed_file, now, patience
        self._asked_at = self._ill_at = float("-inf")
        self._ill: list[tuple[str, str]] = []
        self._lines: list[Line] = []
        self._ill_since: dict[tuple[str, str], tuple[float, Line]] = {}
        self._well_once: set[tuple[str, str]] = set()
        self._figures: dict[tuple[str, str], Figures] = {}
        self._turn = Semaphore(1)

    def lines(self) -> list[Line]:
        """Return every check of every service as it stands, in their order."""
        with self._turn:
            if self._now() - self._asked_at > _FRESH:
                threads = [eventlet.spawn(self._ask, service) for service in SERVICES]
                lines = [line for thread in threads for line in thread.wait()] + self._own()
                self._asked_at = self._now()
                self._lines = self._noted(lines)
            return self._lines

    def ill_espaces(self) -> list[tuple[str, str]]:
        """Return the plugins that do not work in this process, each with the reason, as of the last ten seconds."""
        if self._now() - self._ill_at > _ESPACES_FRESH:
            self._ill = [(name, why) for name, well, why in self._espaces.health() if not well]
            self._ill_at = self._now()
        return self._ill

    def troubles(self) -> list[Line]:
        """Return what is not well at present, however short, but for the espaces."""
        self.lines()
        return [line for _, line in self._ill_since.values() if not line.is_espace]

    def faults(self) -> list[Line]:
        """Return what keeps the portal from being ready: the troubles that last, and those that were there from the start."""
        self.lines()
        return [
            line
            for key, (at, line) in self._ill_since.items()
            if not line.is_espace and (key not in self._well_once or self._now() - at >= self._patience)
        ]

    def figures(self) -> list[Figures]:
        """Return what each instance told last; behind one name there may be several, which answer in turn."""
        self.lines()
        return [self._figures[key] for key in sorted(self._figures)]

    def _noted(self, lines: list[Line]) -> list[Line]:
        """Give each fault the instant since which it lasts. What a silent service cannot tell stays as it was told last."""
        now, instant = self._now(), datetime.datetime.now(datetime.UTC)
        before, self._ill_since = self._ill_since, {}
        silent = {line.service for line in lines if line.name == ANSWERS and not line.ok}
        for key, entry in before.items():
            if key[0] in silent:
                self._ill_since[key] = entry
        noted = []
        for line in lines:
            key = (line.service, line.name)
            if line.ok:
                self._well_once.add(key)
                noted.append(line)
                continue
            at, known = before.get(key, (now, replace(line, since=instant)))
            self._ill_since[key] = at, replace(line, since=known.since)
            noted.append(self._ill_since[key][1])
        return noted

    def _ask(self, service: str) -> list[Line]:
        try:
            health = self._bus.call_on(service, platform.Health, timeout=_PATIENCE)
        except errors.PupitreError as error:
            return [Line(service, ANSWERS, False, error.code)]
        self._keep(service, health.metrics or {})
        return [
            Line(service, ANSWERS, True),
            *(Line(service, each.name, each.ok, each.detail or "") for each in health.checks),
        ]

    def _keep(self, service: str, values: dict[str, Any]) -> None:
        now, instance = self._now(), str(values.get("instance", ""))
        self._figures = {key: known for key, known in self._figures.items() if now - known.at < _FORGOTTEN}
        self._figures[service, instance] = Figures(service, instance, values, now)

    def _own(self) -> list[Line]:
        blocked = self._bus.blocked
        lines = [Line("portal", "broker", not blocked, BLOCKED if blocked else "")]
        if self._seed_file is None:
            return lines
        try:
            seeded = bool(json.loads(self._seed_file.read_text("utf-8"))["personas"])
        except (OSError, ValueError, KeyError, TypeError):
            seeded = False
        return [*lines, Line("portal", "seed", seeded, "" if seeded else "demo-data-missing")]
