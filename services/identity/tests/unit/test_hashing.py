from types import SimpleNamespace

import eventlet
import pytest
from pupitre_identity.hashing import CONCURRENT, PasswordHasher


@pytest.fixture
def hasher():
    return PasswordHasher(memory_kib=8, passes=1)


def test_a_hash_is_argon2id_and_proves_its_password_alone(hasher):
    stored = hasher.hash("sept bateaux verts")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert hasher.verify("sept bateaux verts", stored)
    assert not hasher.verify("huit bateaux verts", stored)


def test_an_accent_typed_in_two_ways_is_one_password(hasher):
    assert hasher.verify("de\u0301rivent", hasher.hash("d\u00e9rivent"))


def test_without_an_account_a_hash_is_worked_out_all_the_same(hasher):
    worked = []
    real = hasher._argon2

    def verify(stored, password):
        worked.append(password)
        return real.verify(stored, password)

    hasher._argon2 = SimpleNamespace(hash=real.hash, verify=verify)
    assert not hasher.verify("no account has this password", None)
    assert not hasher.verify("anything", None)
    assert len(worked) == 2


def test_a_damaged_hash_proves_nothing(hasher):
    assert not hasher.verify("anything", "not a hash")


def test_other_parameters_make_a_hash_outdated(hasher):
    stored = hasher.hash("sept bateaux verts")
    assert not hasher.outdated(stored)
    assert PasswordHasher(memory_kib=16, passes=1).outdated(stored)


def test_only_a_few_hashes_are_made_at_a_time_and_the_hub_goes_on(hasher):
    at_work, most, together = [], [], eventlet.patcher.original("threading").Barrier(CONCURRENT)

    def slow(password):
        at_work.append(password)
        most.append(len(at_work))
        together.wait(60)
        eventlet.patcher.original("time").sleep(0.02)
        at_work.remove(password)
        return "hash"

    hasher._argon2 = SimpleNamespace(hash=slow)
    ticks = []
    ticker = eventlet.spawn(lambda: [ticks.append(eventlet.sleep(0.005)) for _ in range(6)])
    threads = [eventlet.spawn(hasher.hash, str(number)) for number in range(6)]
    assert [thread.wait() for thread in threads] == ["hash"] * 6
    ticker.wait()
    assert max(most) == CONCURRENT
    assert len(ticks) == 6
