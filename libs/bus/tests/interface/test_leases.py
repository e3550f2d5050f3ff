from datetime import timedelta

import eventlet
import sqlalchemy as sa
from pupitre_bus import leases, tables
from pupitre_bus.testing import wait_until


def test_of_many_instances_one_gets_the_lease(database):
    asked = eventlet.GreenPool(6).imap(lambda holder: leases.acquire(database, "purge", f"{holder}", 60), range(6))
    assert sorted(asked) == [False] * 5 + [True]


def test_a_lease_is_free_again_when_its_time_is_over(database, clock):
    assert leases.acquire(database, "purge", "one", 60)
    clock.advance(59)
    assert not leases.acquire(database, "purge", "other", 60)
    clock.advance(1)
    assert leases.acquire(database, "purge", "other", 60)


def test_the_lease_of_a_process_that_is_gone_is_waited_for_only_where_another_may_still_run(database, clock):
    assert leases.acquire(database, "purge", "one", 60)
    leases._of_this_process.discard("one")  # as in the process that is started after a kill
    assert leases.acquire(database, "purge", "other", 60) is database.on_sqlite


def test_work_that_lasts_keeps_its_lease(database, clock):
    leases.acquire(database, "purge", "one", 60)
    clock.advance(59)
    assert leases.extend(database, "purge", "one", 60)
    assert not leases.extend(database, "purge", "other", 60)
    clock.advance(59)
    assert not leases.acquire(database, "purge", "other", 60)
    clock.advance(2)
    assert not leases.extend(database, "purge", "one", 60)


def test_work_done_is_not_started_again_before_its_time(database, clock):
    assert leases.acquire(database, "purge", "one", 10, every=60)
    leases.release(database, "purge", "one")
    clock.advance(30)
    assert not leases.acquire(database, "purge", "other", 10, every=60)
    clock.advance(30)
    assert leases.acquire(database, "purge", "other", 10, every=60)


def test_runs_missed_while_everything_was_down_are_made_up_once(database, clock):
    assert leases.acquire(database, "purge", "one", 10, every=60)
    clock.advance(days=3)
    assert leases.acquire(database, "purge", "two", 10, every=60)
    leases.release(database, "purge", "two")
    assert not leases.acquire(database, "purge", "two", 10, every=60)
    assert leases.last_run(database, "purge") == clock.now()


def test_nobody_gives_back_the_lease_of_another(database, clock):
    leases.acquire(database, "purge", "one", 60)
    leases.release(database, "purge", "other")
    assert not leases.acquire(database, "purge", "other", 60)


def test_leases_of_different_works_are_independent(database, clock):
    assert leases.acquire(database, "purge", "one", 60)
    assert leases.acquire(database, "sweep", "other", 60)
    assert leases.last_run(database, "never") is None
    assert clock.now() - leases.last_run(database, "purge") == timedelta(0)


def test_work_under_a_lease_keeps_it_by_itself_and_gives_it_back(database, clock, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)

    def until():
        with database.reading() as db:
            return db.execute(sa.select(tables.lease.c.until)).scalar_one()

    with leases.held(database, "purge", "one") as is_ours:
        assert is_ours
        for _ in range(3):
            clock.advance(leases.SECONDS - 1)
            wait_until(lambda: until() == clock.now() + timedelta(seconds=leases.SECONDS))
            with leases.held(database, "purge", "other") as is_anothers:
                assert not is_anothers
    assert leases.acquire(database, "purge", "other", 60)


def test_the_lease_of_a_holder_that_was_killed_is_soon_free(database, clock):
    assert leases.acquire(database, "purge", "one", leases.SECONDS)  # and never renewed
    clock.advance(leases.SECONDS)
    with leases.held(database, "purge", "other") as is_ours:
        assert is_ours
