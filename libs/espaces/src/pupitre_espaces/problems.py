"""What is wrong with which plugin: the list that operators read, bounded whatever the plugins do."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from .ports import Clock

log = logging.getLogger("pupitre_espaces")

ProblemKind = Literal[
    "import",  # the entry point cannot be loaded
    "signature",  # an implementation asks for what the host does not give, or is not a plain implementation
    "unknown-hook",  # a misspelt hook, or one of a later version
    "manifest",  # no manifest, or one that makes no sense
    "api-version",  # written for another version of the API
    "duplicate-key",  # the key belongs to another plugin or to the portal
    "error",  # raised
    "time-out",  # interrupted at the deadline
    "slow",  # answered after the deadline
    "refused",  # asked a port for what is not there for its structure and user
    "too-many-calls",  # called its ports more often than one answer may
    "memory",  # wanted more memory than a plugin may have
    "wrong-answer",  # returned something else than specified
    "ill",  # its own espace_health says so
    "set-aside",  # too many failures: no longer called in this process
]
MOST_DETAIL = 500


class WrongAnswer(Exception):
    """A hook, or what it gave, returned what its specification does not allow."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; the same plugin, hook and kind again only raises `count` and moves `at` and `detail`."""

    plugin: str
    #: Name of the hook, "Page.render" for a page, None while loading.
    hook: str | None
    kind: ProblemKind
    detail: str
    at: datetime
    count: int = 1

    def __str__(self) -> str:
        where = f" in {self.hook}" if self.hook else ""
        return f"{self.plugin}: {self.kind}{where}: {self.detail}"


class ProblemLog:
    """Problems by (plugin, hook, kind): as many entries as that gives, however often each happens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._problems: dict[tuple[str, str | None, str], Problem] = {}

    def now(self) -> datetime:
        """Return the present instant of the host's clock."""
        return self._clock.now()

    def report(self, plugin: str, hook: str | None, kind: ProblemKind, detail: str) -> Problem:
        """Note a problem, log it, return it."""
        problem = Problem(plugin, hook, kind, detail[:MOST_DETAIL], self._clock.now())
        known = self._problems.get((plugin, hook, kind))
        if known is not None:
            problem = replace(problem, count=known.count + 1)
        self._problems[plugin, hook, kind] = problem
        log.warning("espace %s", problem)
        return problem

    def all(self) -> list[Problem]:
        """Return the problems by plugin, in the order in which each kind first happened."""
        return sorted(self._problems.values(), key=lambda problem: problem.plugin)


def describe(error: BaseException) -> str:
    """Return type and text of an exception, even of one whose text raises in its turn."""
    try:
        return f"{type(error).__name__}: {error}"[:MOST_DETAIL]
    except Exception:  # the text of a hostile exception is code of the plugin too
        return type(error).__name__
