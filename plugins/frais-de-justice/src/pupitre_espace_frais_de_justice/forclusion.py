"""One year from the end of a mission: after it the magistrate who taxes notes that the claim is lost (forclusion)."""

from __future__ import annotations

import calendar
from datetime import date

#: Missions that ended before this day are under the older rule, which the portal does not compute.
SINCE = date(2020, 12, 31)
WARNED_AFTER_MONTHS = 11


def last_day(mission_end: date) -> date | None:
    """Return the last day on which the mémoire of a mission can be sent, None under the older rule."""
    return months_after(mission_end, 12) if mission_end >= SINCE else None


def warned_from(mission_end: date) -> date:
    """Return the day from which a mémoire that is not sent warns."""
    return months_after(mission_end, WARNED_AFTER_MONTHS)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, the last of the month where it is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
