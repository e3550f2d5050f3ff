"""A broken network between services and their servers costs time, and no event: some of the cases, at once.

All of them, one after the other: `python -m benchmarks network`.
"""

import pytest
from pupitre_bus.testing import ServerSpace
from support.network_trials import ALL, FAULTS, MOMENTS, SERVERS, Case, run_all

#: Every fault once, with servers and moments taking turns.
SOME = [
    Case(fault, SERVERS[number % 2], MOMENTS[number % 3])
    for number, fault in enumerate(("blackhole", "refuse", "cut-up", "cut-down", "reset", "blackhole"))
]


def test_there_are_six_faults_and_a_reset_at_two_servers_and_three_moments():
    assert len(ALL) == len(FAULTS) * len(SERVERS) * len(MOMENTS) == 42


@pytest.mark.faults
@pytest.mark.rabbitmq
@pytest.mark.postgres
@pytest.mark.requirement("RS-02", "RS-09")
def test_under_faults_of_the_network_no_event_is_lost_and_no_call_hangs(server_space: ServerSpace, tmp_path):
    outcomes = run_all(SOME, server_space, tmp_path)
    assert [outcome.case for outcome in outcomes] == SOME
    assert any(outcome.failed for outcome in outcomes), "no fault was felt"
