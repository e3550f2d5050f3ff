import datetime

import pytest
from pupitre_identity import secret_life

START = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.mark.requirement("R236")
def test_a_secret_lives_by_the_rule_of_the_day_on_which_it_is_made():
    lives = secret_life.read_lives("424, 2027-01-01=365,2030-01-01=200")
    assert secret_life.expiry(lives, START) == START + 424 * DAY
    assert secret_life.expiry(lives, datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)).date() == datetime.date(2028, 1, 1)
    assert secret_life.expiry(lives, START.replace(year=2031)) == START.replace(year=2031) + 200 * DAY


@pytest.mark.parametrize("text", ["", "0", "4000", "2027-01-01=365", "424,2027-01-01", "424,2028-01-01=1,2027-01-01=2", "424=2027-01-01"])
def test_a_rule_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError):
        secret_life.read_lives(text)


def test_each_warning_follows_the_one_before_it():
    expires_at, moment, days = START + 424 * DAY, START, []
    while (moment := secret_life.next_warning(expires_at, moment)) is not None:
        days.append(secret_life.days_announced(expires_at, moment))
    assert days == [30, 15, 7, 1, 0]


def test_a_short_life_skips_the_warnings_that_would_lie_before_it():
    assert secret_life.next_warning(START + 10 * DAY, START) == START + 3 * DAY


@pytest.mark.parametrize("left, days", [(29, 30), (15, 15), (14, 15), (6, 7), (0.5, 1), (0, 0), (-90, 0)])
def test_after_a_long_stop_only_the_most_pressing_is_announced(left, days):
    assert secret_life.days_announced(START, START - left * DAY) == days
