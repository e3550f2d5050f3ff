"""Worker processes: what a job may do to its process, and what the service notices of it."""

import itertools
import os
import time
from pathlib import Path

import eventlet
import pytest
from pupitre_bus.testing import wait_until
from pupitre_bus.workers import WorkerDied, WorkerFailed, WorkerPool, WorkerTimeout

CHILD = str(Path(__file__).with_name("worker_child.py"))


@pytest.fixture
def pool():
    made = WorkerPool([CHILD], size=2, timeout=1, memory_mb=300, recycle=5)
    yield made
    made.close()


def test_a_job_gets_its_payload_back_from_a_process_without_eventlet_and_without_secrets(pool, monkeypatch):
    monkeypatch.setenv("PUPITRE_SECRET", "hush")
    answer, payload = pool.run({}, b"x" * 3_000_000)
    assert payload == b"x" * 3_000_000
    assert answer["pid"] != os.getpid()
    assert (answer["eventlet"], answer["settings"]) == (False, None)


def test_jobs_run_beside_each_other_and_the_hub_goes_on(pool):
    pool.run({})
    ticks, running = [], True

    def tick():
        while running:
            ticks.append(time.monotonic())
            eventlet.sleep(0.01)

    ticker = eventlet.spawn(tick)
    started = time.monotonic()
    threads = [eventlet.spawn(pool.run, {"do": "sleep", "seconds": 0.5}) for _ in range(2)]
    for thread in threads:
        thread.wait()
    running = False
    ticker.wait()
    assert time.monotonic() - started < 0.9
    assert max(after - before for before, after in itertools.pairwise(ticks)) < 0.2


@pytest.mark.parametrize("job", [{"do": "sleep", "seconds": 30}, {"do": "spin"}])
def test_a_job_that_takes_too_long_is_killed_and_its_place_filled_again(pool, job):
    started = time.monotonic()
    with pytest.raises(WorkerTimeout):
        pool.run(job)
    assert time.monotonic() - started < 4
    assert pool.timeouts == 1
    assert pool.run({})[0]["pid"]


def test_a_death_costs_a_retry_and_never_an_answer(pool, tmp_path):
    assert pool.run({"do": "die once", "marker": str(tmp_path / "died")})[0]["pid"]


def test_a_job_that_kills_every_process_is_an_error_and_the_pool_recovers(pool):
    with pytest.raises(WorkerDied):
        pool.run({"do": "die"})
    assert pool.run({})[0]["pid"]
    wait_until(lambda: pool.health()[2].startswith("2 of 2"))


def test_a_job_beyond_its_memory_fails_and_the_service_stays(pool):
    with pytest.raises((WorkerFailed, WorkerDied)):
        pool.run({"do": "eat", "bytes": 2_000_000_000})
    assert pool.run({})[0]["pid"]


def test_what_a_job_raises_or_prints_does_not_disturb_the_next(pool):
    with pytest.raises(WorkerFailed, match="not a number"):
        pool.run({"do": "raise"})
    assert pool.run({"do": "print"}, b"kept")[1] == b"kept"


def test_a_process_is_replaced_after_its_share_of_jobs(pool):
    pids = {pool.run({})[0]["pid"] for _ in range(30)}
    assert len(pids) >= 5


def test_closing_the_pool_leaves_no_process():
    pool = WorkerPool([CHILD], size=2)
    pid = pool.run({})[0]["pid"]
    pool.close()
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
