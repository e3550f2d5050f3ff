"""When the annuaire's file is due, and what it holds (R262): each day the changes, on one day of the week the whole.

Days and hours are France's. What was missed while everything was down is one file, since changes are counted from the file before.
"""

import datetime
from dataclasses import dataclass

from .model import FRANCE


@dataclass(frozen=True)
class Schedule:
    """``full_day`` is the day of the week of the whole annuaire, 1 Monday to 7 Sunday, 0 every day; ``hour`` that of every file."""

    full_day: int = 1
    hour: int = 4
    kept_days: int = 35

    def due_on(self, now: datetime.datetime) -> datetime.date:
        """Return the newest day whose hour has come."""
        local = now.astimezone(FRANCE)
        return local.date() if local.hour >= self.hour else local.date() - datetime.timedelta(days=1)

    def full_since(self, day: datetime.date) -> datetime.date:
        """Return the newest day of the whole annuaire that is not after ``day``."""
        return day - datetime.timedelta(days=(day.isoweekday() - self.full_day) % 7) if self.full_day else day

    def next_at(self, day: datetime.date) -> datetime.datetime:
        """Return when the file after that of ``day`` is due, in UTC."""
        following = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(self.hour), FRANCE)
        return following.astimezone(datetime.UTC)

    def kept_until(self, now: datetime.datetime) -> datetime.datetime:
        """Return until when a file that is made now is kept."""
        return now + datetime.timedelta(days=self.kept_days)
