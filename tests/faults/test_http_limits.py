"""A running portal under hostile clients: slow ones starve nobody, malformed requests neither end it nor make it grow."""

import pytest
from support import malformed, slow_clients
from support.installation import Installation, until

pytestmark = [pytest.mark.timeout(900), pytest.mark.faults, pytest.mark.slow]

IDLE, REQUEST = 3, 6
ROUNDS = 5
"""The figure is taken with 400 (`make bench`)."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """An embedded installation whose limits of time are short."""
    limits = {"PUPITRE_HTTP_IDLE_SECONDS": str(IDLE), "PUPITRE_HTTP_REQUEST_SECONDS": str(REQUEST)}
    made = Installation(tmp_path_factory.mktemp("limits") / "state", extra=limits)
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def footprint(portal):
    pid = portal.process.pid
    return lambda: malformed.Footprint.of(pid)


@pytest.mark.requirement("RS-31")
def test_slow_clients_starve_nobody_and_are_closed_in_time(portal, footprint):
    before = footprint()
    outcome = slow_clients.play(portal.port, half_open=300, uploads=20, patience=60)
    assert outcome.refused == []
    assert len(outcome.half_open) == 300
    assert max(outcome.half_open) < IDLE + 10  # a second by itself; more where the machine is busy with other tests
    assert max(outcome.uploads) < IDLE + REQUEST + 10
    assert outcome.p95 < 5
    until(lambda: footprint().sockets <= before.sockets, 20, "sockets given back")


@pytest.mark.requirement("RS-33")
def test_each_kind_of_broken_exchange_gives_its_socket_back_at_once(portal, footprint):
    _play(portal, 1)  # what is made once is made
    for case in malformed.CASES:
        before = footprint().sockets
        malformed.exchange(portal.port, case)
        until(lambda before=before: footprint().sockets <= before, 20, f"socket given back after {case.name}")


@pytest.mark.requirement("RS-33")
def test_malformed_requests_and_resets_leave_no_trace(portal, footprint):
    _play(portal, 1)  # what is made once is made
    before = footprint()
    _play(portal, ROUNDS)
    until(lambda: footprint().sockets <= before.sockets, 20, "sockets given back")
    assert footprint().memory - before.memory < 20_000_000
    assert portal.is_ready()
    assert "Traceback" not in portal.tail(2000)


def _play(portal, rounds):
    faults = {
        fault
        for _ in range(rounds)
        for case in malformed.CASES
        if (fault := malformed.fault(case, malformed.exchange(portal.port, case)))
    }
    assert faults == set()

