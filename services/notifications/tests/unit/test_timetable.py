import datetime

import pytest
from pupitre_notifications import timetable
from pupitre_notifications.timetable import PARIS


def paris(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "now, due",
    [
        ("2026-03-02T06:59", "2026-03-02T07:00"),
        ("2026-03-02T07:00", "2026-03-03T07:00"),
        ("2026-03-28T23:59", "2026-03-29T07:00"),  # the clocks go forward that night
        ("2026-10-24T08:00", "2026-10-25T07:00"),  # and back that night
        ("2026-12-31T12:00", "2027-01-01T07:00"),
    ],
)
@pytest.mark.requirement("R040")
def test_the_digest_is_due_at_its_hour_in_paris_in_every_season(now, due):
    assert timetable.next_digest(paris(now), 7) == paris(due)


@pytest.mark.parametrize(
    "happened, now, week",
    [
        ("2026-03-04T12:00", "2026-03-04T12:00", "2026-03-02"),
        ("2026-03-08T23:59", "2026-03-09T06:59", "2026-03-02"),  # its recap is still to come
        ("2026-03-08T23:59", "2026-03-09T07:00", "2026-03-09"),  # too late for it
        ("2026-03-09T00:00", "2026-03-09T07:00", "2026-03-09"),
        ("2026-01-01T00:00", "2026-03-10T07:00", "2026-03-09"),
    ],
)
@pytest.mark.requirement("R042")
def test_a_movement_counts_for_its_week_or_the_first_that_is_not_told(happened, now, week):
    assert timetable.week_to_count(paris(happened), paris(now), 7) == datetime.date.fromisoformat(week)


def test_the_recap_is_due_on_the_monday_after():
    assert timetable.recap_at(datetime.date(2026, 3, 2), 7) == paris("2026-03-09T07:00")
