"""When calls to a service are refused, and when they are let through again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_bus.client import Breaker


class Now:
    at = 0.0

    def __call__(self):
        return self.at


@pytest.mark.requirement("RS-09")
def test_it_opens_after_failures_running_and_lets_one_probe_through_after_the_pause():
    now = Now()
    breaker = Breaker(limit=3, pause=2, now=now)
    for _ in range(3):
        assert breaker.admits()
        breaker.failed()
    assert not breaker.admits()
    now.at = 2.1
    assert breaker.admits()
    assert not breaker.admits()
    breaker.succeeded()
    assert breaker.admits()
    assert breaker.admits()


def test_a_probe_that_fails_closes_the_door_for_another_pause():
    now = Now()
    breaker = Breaker(limit=1, pause=2, now=now)
    breaker.failed()
    now.at = 2.1
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    now.at = 4.2
    assert breaker.admits()


@given(st.lists(st.booleans()))
def test_it_never_refuses_for_longer_than_its_pause(outcomes):
    now = Now()
    breaker = Breaker(limit=2, pause=1, now=now)
    for succeeded in outcomes:
        if breaker.admits():
            breaker.succeeded() if succeeded else breaker.failed()
        now.at += 0.1
    now.at += 1.1
    assert breaker.admits()
