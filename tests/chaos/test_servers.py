"""The harness on RabbitMQ and PostgreSQL of its own, in its shortest form; `make chaos` is the long one."""

import pytest
from pupitre_bus.pytest_plugin import need_servers
from pupitre_bus.testing import Absent

from chaos import plan, report
from chaos.cluster import SERVERS
from chaos.run import Run

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres]

#: A seed whose few faults are of many kinds.
OPTIONS = plan.Options(
    seed=26, invoices=40, kills=7, wipes=1, seconds=150, lot_size=10, lasting=1, lasting_seconds=3, proxied=True
)


@pytest.mark.timeout(900)
@pytest.mark.requirement("RS-07")
def test_nothing_is_lost_and_nothing_happens_twice_whatever_dies(tmp_path):
    """RS-01, RS-02, RS-04, RS-05, RS-07, RS-20, RS-22 together: F1 in small."""
    lines = []
    try:
        result = Run(plan.derive(OPTIONS), tmp_path, lines.append).execute()
    except Absent as absent:
        need_servers(str(absent))
    told = "\n".join([report.tail(result), *lines])
    assert not result.violations, told
    assert result.stored > 0, told
    assert sum(result.injected.values()) >= 5, told
    assert result.kills >= 2, told


def test_the_short_run_has_faults_of_many_kinds():
    derived = plan.derive(OPTIONS)
    kinds = {step.kind for step in derived.steps}
    assert {"service-kill", "broker-wipe"} <= kinds
    assert any(kind.startswith("database-") for kind in kinds)
    assert any(kind in plan.NETWORK for kind in kinds)
    known = {f"{name}.{number + 1}" for name, count in SERVERS.items() for number in range(count)}
    assert {step.target for step in derived.steps if step.target} <= known
