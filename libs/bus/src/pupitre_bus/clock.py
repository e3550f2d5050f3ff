"""The clock is a port: tests and the sandbox move it, business code never reads the machine's own."""

import datetime
import logging
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)


class Clock(Protocol):
    def now(self) -> datetime.datetime:
        """Return the current instant, with its zone, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)


class MovedClock:
    """The machine's clock, ahead by the number of days that a file holds: time passes in the sandbox when the file is written.

    It never goes back: a smaller number, no number and no file leave it where it is.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._written_at, self._ahead = file, 0, datetime.timedelta()

    def now(self) -> datetime.datetime:
        self._look()
        return datetime.datetime.now(datetime.UTC) + self._ahead

    def _look(self) -> None:
        try:
            written_at = self._file.stat().st_mtime_ns
            if written_at == self._written_at:
                return
            self._written_at = written_at
            self._ahead = max(self._ahead, datetime.timedelta(days=float(self._file.read_text())))
        except FileNotFoundError:
            return
        except (OSError, ValueError, OverflowError) as error:
            log.warning("the clock stays %s ahead: %s: %s", self._ahead, self._file, error)


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
