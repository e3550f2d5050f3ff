"""What held the hub, and what was only a machine with too much to do (RS-11)."""

import itertools
import time
from pathlib import Path

import eventlet
import eventlet.hubs
import pytest
from eventlet import patcher
from pupitre_bus import health

pytestmark = pytest.mark.requirement("RS-11")

BLOCKED_SECONDS = 0.15


@pytest.fixture
def monitor():
    each = health.HubMonitor()
    each.start()
    eventlet.sleep(0.05)  # the ticker ticks
    each.reset()
    yield each
    each.stop()


def _hold_the_hub() -> None:
    patcher.original("time").sleep(BLOCKED_SECONDS)
    eventlet.sleep(0.05)


def test_what_does_not_yield_is_a_gap_that_the_process_made_itself(monitor):
    _hold_the_hub()
    assert monitor.recent().gap > BLOCKED_SECONDS * 900
    assert monitor.recent().held > BLOCKED_SECONDS * 500  # a busy machine may take its part of any gap
    assert monitor.longest.gap >= monitor.recent().gap


@pytest.fixture
def waited(monkeypatch):
    """For how many seconds the kernel says that this thread has waited for a processor."""
    seconds = [0.0]
    monkeypatch.setattr(health, "_queued", lambda: (seconds[0] for _ in itertools.count()))
    return seconds


def test_waiting_for_a_processor_is_no_part_of_what_was_held(waited, monitor):
    waited[0] += BLOCKED_SECONDS
    _hold_the_hub()
    assert monitor.longest.gap > BLOCKED_SECONDS * 900
    assert monitor.longest.held < monitor.longest.gap - BLOCKED_SECONDS * 500


def test_what_was_waited_before_a_gap_is_not_taken_off_it(waited, monitor):
    waited[0] += BLOCKED_SECONDS
    eventlet.sleep(0.05)
    monitor.reset()
    _hold_the_hub()
    assert monitor.longest.held > BLOCKED_SECONDS * 900


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the kernel does not count")
def test_the_kernel_counts_in_seconds_and_only_onwards():
    queued, began = health._queued(), time.monotonic()
    first, second = next(queued), next(queued)
    assert 0 <= first <= second <= first + (time.monotonic() - began) + 1


def test_sleeping_is_no_gap_and_what_is_stopped_looks_no_more(monitor):
    hub = eventlet.hubs.get_hub()
    eventlet.sleep(1.0)
    assert monitor.recent().held < 500, "a sleep of a second was taken for a gap"
    monitor.stop()
    monitor.reset()
    _hold_the_hub()
    assert monitor.longest.gap == 0
    monitor.start()
    eventlet.sleep(0.05)
    monitor.reset()
    _hold_the_hub()
    assert eventlet.hubs.get_hub() is hub
    assert monitor.longest.gap > BLOCKED_SECONDS * 900


def test_a_hub_whose_loop_cannot_be_looked_into_is_watched_by_a_ticker():
    noted = []
    ticker = eventlet.spawn(health._tick, lambda *gap: noted.append(gap))
    eventlet.sleep(0.05)
    _hold_the_hub()
    ticker.kill()
    assert max(gap for _, gap, _ in noted) > (BLOCKED_SECONDS - health.GAP_TICK) * 0.9
