"""What held the hub, and what was only a machine with too much to do (RS-11)."""

import time
from pathlib import Path

import eventlet
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


def test_waiting_for_a_processor_is_no_part_of_what_was_held(monkeypatch):
    waited = 0.0  # seconds, as the kernel counts them

    def queued():
        while True:
            yield waited

    monkeypatch.setattr(health, "_queued", queued)
    monitor = health.HubMonitor()
    monitor.start()
    eventlet.sleep(0.05)
    monitor.reset()
    waited += BLOCKED_SECONDS
    _hold_the_hub()
    monitor.stop()
    assert monitor.longest.gap > BLOCKED_SECONDS * 900
    assert monitor.longest.held < monitor.longest.gap - BLOCKED_SECONDS * 500


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the kernel does not count")
def test_the_kernel_counts_in_seconds_and_only_onwards():
    queued, began = health._queued(), time.monotonic()
    first, second = next(queued), next(queued)
    assert 0 <= first <= second <= first + (time.monotonic() - began) + 1
