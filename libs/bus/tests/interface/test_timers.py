"""Scheduled work: one instance, made up once, and never in the way of a stop."""

import datetime

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import Service, every
from pupitre_bus.clock import FrozenClock
from pupitre_bus.testing import wait_until


class Sweeper(Service):
    name = "sweeper"
    runs: list = []

    @every(seconds=60, lease="sweep")
    def sweep(self, scope):
        self.runs.append((scope.clock.now(), scope.actor.reference))
        if len(self.runs) == 1:
            raise RuntimeError("the first time fails")


@pytest.fixture(autouse=True)
def _no_runs():
    Sweeper.runs = []


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))


def test_work_runs_when_due_as_the_service_itself_whatever_its_last_run_did(running, service_clock):
    running(Sweeper)
    wait_until(lambda: len(Sweeper.runs) == 1)
    service_clock.advance(61)
    wait_until(lambda: len(Sweeper.runs) == 2)
    assert {actor for _, actor in Sweeper.runs} == {"service:sweeper"}


def test_of_two_instances_one_runs_the_work_and_what_was_missed_is_made_up_once(running, bench, service_clock):
    hosts = [running(Sweeper), running(Sweeper)]
    wait_until(lambda: len(Sweeper.runs) == 1)
    for host in hosts:
        bench.stop(host)
    service_clock.advance(days=3)
    running(Sweeper)
    running(Sweeper)
    wait_until(lambda: len(Sweeper.runs) == 2)
    eventlet.sleep(1.2)  # time enough for a second instance to look
    assert len(Sweeper.runs) == 2


def _asks_what_is_not_there(db, now):
    return db.execute(sa.text("SELECT 1 FROM nothing_of_that_name")).first()


class HalfIll(Service):
    name = "half_ill"
    runs: list = []

    @every(seconds=1, lease="ill", when=_asks_what_is_not_there)
    def ill(self, scope):
        self.runs.append("ill")

    @every(seconds=1, lease="well", when=lambda db, now: db.execute(sa.select(1)).first() is not None)
    def well(self, scope):
        self.runs.append("well")


def test_work_whose_question_fails_holds_up_no_other(running, service_clock, caplog):
    HalfIll.runs = []
    running(HalfIll)
    wait_until(lambda: HalfIll.runs == ["well"])
    service_clock.advance(2)
    wait_until(lambda: HalfIll.runs == ["well", "well"])
    assert "timer ill is held up" in caplog.text
    assert "timer well" not in caplog.text
