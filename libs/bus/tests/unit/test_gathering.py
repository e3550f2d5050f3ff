"""Who leaves a line, when, and with whom."""

from types import SimpleNamespace

import pytest
from pupitre_bus.gathering import Line, cut

GATHER = 0.1


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def line(clock):
    return Line(3, GATHER, clock)


def waiting(name, method=None):
    return SimpleNamespace(name=name, method=method)


def names(run):
    return "".join(one.name for one in run)


def fill(line, several, method="tell"):
    for name in several:
        line.add(waiting(name, method))


def test_what_finds_the_line_at_rest_leaves_at_once_and_those_behind_it_gather(line, clock):
    fill(line, "a")
    assert names(line.next()) == "a"
    fill(line, "bc")
    assert line.next() == [] and line.pause() == pytest.approx(GATHER)
    clock.now += GATHER
    assert names(line.next()) == "bc" and not line


def test_as_many_as_may_leave_together_do_not_wait(line):
    fill(line, "a")
    line.next()
    fill(line, "bcde")
    assert names(line.next()) == "bcd"
    assert line.next() == [], "the rest gathers again"


def test_what_is_taken_alone_waits_for_nobody_and_nobody_overtakes(line, clock):
    fill(line, "a")
    line.next()
    fill(line, "b")
    fill(line, "c", method=None)
    fill(line, "d")
    assert [names(line.next()) for _ in range(3)] == ["b", "c", ""]
    clock.now += GATHER
    assert names(line.next()) == "d"


def test_two_methods_never_share_a_run(line):
    fill(line, "a", "tell")
    fill(line, "b", "count")
    assert [names(line.next()) for _ in range(2)] == ["a", ""]


def test_what_comes_back_leaves_first_in_its_order(line):
    fill(line, "d")
    line.put_first([waiting("a"), waiting("b")])
    assert [names(line.next()) for _ in range(3)] == ["a", "b", "d"]


def test_emptied_it_holds_nothing(line):
    fill(line, "ab")
    assert names(line.empty()) == "ab"
    assert line.next() == [] and line.pause() == 0


def test_runs_follow_each_other_in_order():
    several = [waiting(name, method) for name, method in zip("abcdefg", ["x"] * 4 + [None] * 2 + ["x"], strict=True)]
    assert [names(run) for run in cut(several, 3)] == ["abc", "d", "e", "f", "g"]
