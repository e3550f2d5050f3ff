"""Services restarted in order under deposits: nobody sees more than a repetition. The long form: `python -m benchmarks rolling`."""

import pytest
from support import rolling_trials

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.requirement("RS-05", "RS-12")
@pytest.mark.parametrize(
    "installation", [pytest.param("servers", marks=[pytest.mark.rabbitmq, pytest.mark.postgres])], indirect=True
)
def test_services_stopped_in_order_under_deposits_cost_nobody_more_than_a_repetition(installation):
    outcome = rolling_trials.roll(installation, rounds=1, services=("notifications", "invoicing"))
    assert outcome.longest <= rolling_trials.STOP_SECONDS
    assert outcome.deposits >= 1
