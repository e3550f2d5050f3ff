"""When the annuaire's file is due."""

import datetime

import pytest
from pupitre_organisation.annuaire_schedule import Schedule

MONDAY = datetime.date(2026, 11, 23)


def utc(day, hour, minute=0):
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "now, due_on",
    [
        (utc(26, 2, 59), datetime.date(2026, 11, 25)),  # 3:59 in France
        (utc(26, 3, 0), datetime.date(2026, 11, 26)),
        (utc(26, 22, 59), datetime.date(2026, 11, 26)),
        (utc(26, 23, 30), datetime.date(2026, 11, 26)),  # half past midnight in France
    ],
)
def test_the_day_of_a_file_begins_at_its_hour_in_france(now, due_on):
    assert Schedule(hour=4).due_on(now) == due_on


def test_the_whole_comes_on_its_day_of_the_week_and_the_changes_on_the_others():
    week = [MONDAY + datetime.timedelta(days=number) for number in range(7)]
    assert {Schedule(full_day=1).full_since(day) for day in week} == {MONDAY}
    assert [Schedule(full_day=4).full_since(day).isoweekday() for day in week] == [4] * 7
    assert Schedule(full_day=4).full_since(MONDAY) == datetime.date(2026, 11, 19)
    assert [Schedule(full_day=0).full_since(day) for day in week] == week


def test_the_next_file_is_due_at_its_hour_of_the_next_day_on_either_side_of_a_change_of_hour():
    schedule = Schedule(hour=4)
    assert schedule.next_at(datetime.date(2026, 10, 23)) == datetime.datetime(2026, 10, 24, 2, tzinfo=datetime.UTC)
    assert schedule.next_at(datetime.date(2026, 10, 24)) == datetime.datetime(2026, 10, 25, 3, tzinfo=datetime.UTC)
    for day in (MONDAY, datetime.date(2026, 10, 24), datetime.date(2026, 3, 28)):
        at = schedule.next_at(day)
        assert schedule.due_on(at) == day + datetime.timedelta(days=1)
        assert schedule.due_on(at - datetime.timedelta(minutes=1)) == day


def test_a_file_is_kept_for_its_days():
    assert Schedule(kept_days=8).kept_until(utc(1, 3)) == utc(9, 3)
