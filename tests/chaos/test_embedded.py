"""The harness on the embedded run, killed again and again, in its shortest form (F3 in small)."""

import pytest

from chaos import plan, report
from chaos.run import Run

pytestmark = [pytest.mark.faults, pytest.mark.slow]

OPTIONS = plan.Options(seed=5, invoices=40, kills=3, seconds=120, lots=0.6, lot_size=10, clients=4, embedded=True)


@pytest.mark.timeout(900)
@pytest.mark.requirement("RS-07")
def test_the_embedded_run_loses_nothing_when_it_is_killed(tmp_path):
    lines = []
    result = Run(plan.derive(OPTIONS, 2, 1), tmp_path, lines.append).execute()
    told = "\n".join([report.tail(result), *lines])
    assert not result.violations, told
    assert result.stored > 0, told
    assert sum(result.facts.moves.values()) > 0, told
    assert result.kills >= 2, told
