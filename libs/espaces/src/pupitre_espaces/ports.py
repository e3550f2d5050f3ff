"""What plugins are given to act on the world: one small Protocol per need, never the host itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time of the platform, which the sandbox and tests move; plugins never ask the system."""

    def now(self) -> datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...
