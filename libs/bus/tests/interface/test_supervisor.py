"""The supervisor's patience with what dies, and its record of it."""

import io
import sys
import threading

import eventlet
import pytest
from pupitre_bus import supervisor
from pupitre_bus.supervisor import RECORD, Supervisor, restarts_in
from pupitre_bus.testing import wait_until

pytestmark = pytest.mark.requirement("RS-12")


class Clock:
    """Time that passes only while a child lives."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


class Pauses(threading.Event):
    """An end that never comes, and the waits for it that time out at once."""

    def __init__(self):
        super().__init__()
        self.lasted = []

    def wait(self, timeout=None):
        self.lasted.append(timeout)
        return False


def test_the_pause_grows_while_a_child_does_not_last_and_starts_anew_when_one_did(monkeypatch):
    lifetimes = [1, 1, 1, 1, 1, 1, 300, 1, 1]

    class Ending(Supervisor):
        def _run_once(self, name):
            clock.now += lifetimes.pop(0)
            if not lifetimes:
                self._stopping.set()
            return 1

    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    keeper = Ending({"weak": ["nothing"]}, io.StringIO())
    keeper._stopping = Pauses()
    keeper._keep("weak")
    assert keeper._stopping.lasted == [2, 4, 8, 16, 30, 30, 2, 4]
    assert keeper.restarts == {"weak": 8}


def test_a_child_that_is_killed_is_back_and_written_down(tmp_path):
    steady = [sys.executable, "-c", "import time; time.sleep(60)"]
    keeper = Supervisor({"one": steady, "other": steady}, io.StringIO(), record=tmp_path / RECORD)
    assert restarts_in(tmp_path) == {"one": 0, "other": 0}
    keepers = [eventlet.spawn(keeper._keep, name) for name in ("one", "other")]
    try:
        wait_until(lambda: len(keeper.processes) == 2)
        killed = keeper.processes["one"]
        killed.kill()
        wait_until(lambda: restarts_in(tmp_path) == {"one": 1, "other": 0})
        wait_until(lambda: keeper.processes["one"] is not killed)
    finally:
        keeper.stop()
        for each in keepers:
            each.wait()


def test_a_record_that_cannot_be_written_stops_nothing(tmp_path):
    output = io.StringIO()
    Supervisor({"one": []}, output, record=tmp_path / "missing" / RECORD)
    assert "No such file" in output.getvalue()


@pytest.mark.parametrize("content", ["", "[]", '{"restarts": 3}', '{"restarts": {"one": "x"}}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path, content):
    (tmp_path / RECORD).write_text(content)
    assert restarts_in(tmp_path) == {}
