"""Which types of events the broker does not confirm although it answers: a queue that hears them hangs, and must not stop the others."""

import time
from collections.abc import Callable, Iterable

ROUNDS = 3
"""How often running an event of a type stays without a confirm before the type is set aside."""
AGAIN_SECONDS = 5.0


class Silences:
    """Counts, by type, how often running no confirm came. After three times a type is *aside*: the relay publishes the
    others without it, and tries one event of it every five seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rounds: dict[str, int] = {}
        self._next: dict[str, float] = {}

    @property
    def doubtful(self) -> bool:
        """Whether some confirm failed to come: which type it is shows only when each is published by itself."""
        return bool(self._rounds)

    @property
    def aside(self) -> list[str]:
        """The types set aside, in order."""
        return sorted(kind for kind, rounds in self._rounds.items() if rounds >= ROUNDS)

    def doubt(self, kinds: Iterable[str]) -> None:
        """Events of these types were published together, and not all confirms came."""
        for kind in kinds:
            self._rounds.setdefault(kind, 0)

    def unanswered(self, kind: str) -> bool:
        """No event of this type was confirmed; return whether it is set aside by that."""
        self._rounds[kind] = self._rounds.get(kind, 0) + 1
        self.postpone(kind)
        return self._rounds[kind] == ROUNDS

    def answered(self, kind: str) -> None:
        """An event of this type was confirmed, or none waits."""
        self._rounds.pop(kind, None)
        self._next.pop(kind, None)

    def postpone(self, kind: str) -> None:
        self._next[kind] = self._now() + AGAIN_SECONDS

    def due(self) -> str | None:
        """A type set aside of which an event may be tried again."""
        return next((kind for kind in self.aside if self._now() >= self._next[kind]), None)
