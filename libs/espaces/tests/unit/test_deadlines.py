"""The time of a plugin's call: what it uses itself counts, what the platform takes in it does not."""

import contextlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pupitre_espaces import PortRefused, Ports, deadlines, watching
from pupitre_espaces.deadlines import excused, run_within
from pupitre_espaces.testing import a_context
from pupitre_espaces.watching import Meter


class Time:
    """A clock that the work moves, and a guard that keeps to it: it raises when its block is left after its end."""

    def __init__(self):
        self.now, self.given = 100.0, []

    def monotonic(self):
        return self.now

    def pass_by(self, seconds):
        self.now += seconds

    @contextlib.contextmanager
    def guard(self, seconds):
        self.given.append(round(seconds, 3))
        end = self.now + seconds
        yield
        if self.now > end:
            raise TimeoutError(f"no answer after {seconds:g} s")


@pytest.fixture
def time(monkeypatch):
    made = Time()
    monkeypatch.setattr(deadlines, "time", made)
    return made


def waits(time, own, *, most=50.0):
    """Work of 1 s, a wait of `most` at the longest that takes 30 s, and `own` more seconds."""

    def work():
        time.pass_by(1)
        with excused(most):
            time.pass_by(30)
        time.pass_by(own)
        return "done"

    return work


def test_what_the_platform_takes_is_not_the_plugins_time(time):
    assert run_within(2, waits(time, 0.5), time.guard) == ("done", 1.5)
    assert time.given == [2, 50, 1]


def test_its_own_time_counts_before_and_after(time):
    with pytest.raises(TimeoutError, match="no answer after 1 s"):
        run_within(2, waits(time, 1.5), time.guard)


def test_the_wait_has_a_bound_of_its_own(time):
    with pytest.raises(TimeoutError, match="no answer after 20 s"):
        run_within(2, waits(time, 0, most=20), time.guard)


def test_without_a_guard_the_thread_is_waited_for_while_the_platform_works():
    def work():
        with excused(50):
            # The deadline is long over when this returns, and the one who waits is still there.
            assert deadlines._RUNNING.get().left > 0
        return "done"

    result, used = run_within(5, work)
    assert (result, used < 5) == ("done", True)


def test_outside_any_call_of_a_plugin_there_is_nothing_to_excuse(time):
    with excused(1):
        time.pass_by(30)
    assert time.given == []


def context_with(check):
    flux = SimpleNamespace(check=check, search=check)
    return replace(a_context(), ports=Ports(flux=flux))


def test_the_check_of_a_file_is_excused_and_says_so_when_the_engine_is_too_busy(time):
    context = context_with(lambda *given: time.pass_by(30))
    lent = watching.watched(context, print, Meter("p")).ports.flux
    assert run_within(2, lambda: lent.check("a.xml", b""), time.guard)[1] == 0
    hasty = watching.watched(context, print, Meter("p"), most=20).ports.flux
    with pytest.raises(PortRefused) as refused:
        run_within(2, lambda: hasty.check("a.xml", b""), time.guard)
    assert (refused.value.code, "moteur de règles est occupé" in str(refused.value)) == ("busy", True)


def test_any_other_port_is_in_the_plugins_time(time):
    lent = watching.watched(context_with(lambda *given: time.pass_by(30)), print, Meter("p")).ports.flux
    with pytest.raises(TimeoutError):
        run_within(2, lent.search, time.guard)
