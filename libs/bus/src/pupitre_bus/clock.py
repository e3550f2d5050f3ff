"""The clock is a port: tests and the sandbox move it, business code never reads the machine's own."""

import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime.datetime:
        """Return the current instant, with its zone, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)


class FrozenClock:
    """A clock that only moves when told to."""

    def __init__(self, at: datetime.datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an instant with a zone")
        self._at = at.astimezone(datetime.UTC)

    def now(self) -> datetime.datetime:
        return self._at

    def advance(self, seconds: float = 0, **kwargs: float) -> None:
        """Move forward by ``seconds`` and by any other argument of :class:`datetime.timedelta` (days, hours,
        minutes)."""
        self._at += datetime.timedelta(seconds=seconds, **kwargs)
