"""Worker processes: what a job may do to its process, and what the service notices of it."""

import os
from pathlib import Path

import eventlet
import pytest
from pupitre_bus.testing import wait_until
from pupitre_bus.workers import WorkerDied, WorkerFailed, WorkerPool, WorkerTimeout

CHILD = str(Path(__file__).with_name("worker_child.py"))


@pytest.fixture
def new_pool():
    made = []

    def start(seconds):
        made.append(WorkerPool([CHILD], size=2, timeout=seconds, memory_mb=300, recycle=5))
        return made[-1]

    yield start
    for pool in made:
        pool.close()


@pytest.fixture
def pool(new_pool):
    """One whose jobs may take as long as any machine needs for them."""
    return new_pool(60)


def test_a_job_gets_its_payload_back_from_a_process_without_eventlet_and_without_secrets(pool, monkeypatch):
    monkeypatch.setenv("PUPITRE_SECRET", "hush")
    answer, payload = pool.run({}, b"x" * 3_000_000)
    assert payload == b"x" * 3_000_000
    assert answer["pid"] != os.getpid()
    assert (answer["eventlet"], answer["settings"]) == (False, None)


def test_jobs_run_beside_each_other_and_the_hub_goes_on(pool, tmp_path):
    jobs = [eventlet.spawn(pool.run, {"do": "meet", "folder": str(tmp_path), "me": str(number)}) for number in range(2)]
    wait_until(lambda: {each.name for each in tmp_path.iterdir()} == {"0", "1"})
    (tmp_path / "go on").touch()
    for job in jobs:
        job.wait()


@pytest.mark.parametrize("job", [{"do": "sleep", "seconds": 1000}, {"do": "spin"}])
def test_a_job_that_takes_too_long_is_killed_and_its_place_filled_again(new_pool, job):
    pool = new_pool(1)
    with pytest.raises(WorkerTimeout):
        pool.run(job)
    assert pool.timeouts == 1
    wait_until(lambda: _served(pool))


def _served(pool):
    try:
        return pool.run({})[0]["pid"]
    except WorkerTimeout:
        return None


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
