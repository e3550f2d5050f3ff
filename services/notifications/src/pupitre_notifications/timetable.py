"""When digests and recaps are due: by the clock of Paris, whatever the season."""

import datetime
import zoneinfo

PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def day_of(at: datetime.datetime) -> datetime.date:
    """The day in Paris."""
    return at.astimezone(PARIS).date()


def next_digest(after: datetime.datetime, hour: int) -> datetime.datetime:
    """The first instant later than ``after`` at which digests are sent."""
    day = day_of(after)
    due = _at(day, hour)
    return due if due > after else _at(day + datetime.timedelta(days=1), hour)


def week_of(at: datetime.datetime) -> datetime.date:
    """The Monday of a week in Paris, which names it."""
    day = day_of(at)
    return day - datetime.timedelta(days=day.weekday())


def recap_at(week: datetime.date, hour: int) -> datetime.datetime:
    """When the recap of a week is due: on the Monday after it."""
    return _at(week + datetime.timedelta(weeks=1), hour)


def week_to_count(happened_at: datetime.datetime, now: datetime.datetime, hour: int) -> datetime.date:
    """The week that an event counts for: its own, or the first whose recap is still to come when it is heard of late."""
    week = week_of(happened_at)
    while recap_at(week, hour) <= now:
        week += datetime.timedelta(weeks=1)
    return week


def _at(day: datetime.date, hour: int) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour), PARIS).astimezone(datetime.UTC)
