"""What monitoring sees of an installation on servers: figures of every service, a process that died, a broker that blinked."""

import os
import signal
import time

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from support.fault_proxy import FaultProxy
from support.installation import Installation, servers, until
from support.node_programs import free_port

pytestmark = [pytest.mark.timeout(900), pytest.mark.faults, pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres]

BLINK_SECONDS = 5
PATIENCE = 45
"""Longer than the default: what is shown is that a blink does not flap, on machines however slow at reconnecting."""
SETTLED_SECONDS = 60


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """An installation whose broker is reached through a proxy: (installation, proxy, address of the metrics)."""
    with servers("servers") as variables, FaultProxy.before(variables["PUPITRE_AMQP_URI"]) as proxy:
        variables = {**variables, "PUPITRE_AMQP_URI": proxy.uri(variables["PUPITRE_AMQP_URI"])}
        metrics = f"127.0.0.1:{free_port()}"
        extra = {"PUPITRE_METRICS": metrics, "PUPITRE_READY_PATIENCE_SECONDS": str(PATIENCE)}
        made = Installation(tmp_path_factory.mktemp("watched") / "state", variables, extra)
        try:
            yield made.start(), proxy, f"http://{metrics}/metrics"
        finally:
            made.close()


def samples(address):
    families = text_string_to_metric_families(requests.get(address, timeout=10).text)
    found = {}
    for sample in (sample for family in families for sample in family.samples):
        labels = {name: value for name, value in sample.labels.items() if name != "instance"}
        found[sample.name, *(labels[name] for name in sorted(labels))] = sample.value
    return found


@pytest.mark.requirement("RS-70")
@pytest.mark.requirement("RS-11")
def test_every_service_tells_its_figures(watched):
    installation, _, metrics = watched
    found = samples(metrics)
    for service in ("identity", "organisation", "invoicing", "notifications"):
        assert found["pupitre_up", service] == 1
        assert found["pupitre_outbox_waiting_events", service] == 0
        assert found["pupitre_parked_messages", service] == 0
        assert found["pupitre_relay_leading", service] == 1
        assert found["pupitre_hub_gap_seconds", service] >= 0
    assert found["pupitre_dead_letter_queue_messages", "notifications"] == 0
    assert found["pupitre_inbox_duplicates_total", "notifications"] >= 0
    assert found["pupitre_ready",] == 1
    gaps = requests.get(f"{installation.base_url}/readyz", timeout=10).json()["hub_gap_ms"]
    assert set(gaps) == {"identity", "organisation", "invoicing", "notifications", "portal"}
    assert requests.get(f"{installation.base_url}/metrics", timeout=10).status_code == 404


@pytest.mark.requirement("RS-70")
@pytest.mark.requirement("RS-12")
def test_a_process_that_is_killed_comes_back_and_is_counted(watched):
    installation, _, metrics = watched
    before = samples(metrics)["pupitre_restarts_total", "organisation"]
    os.kill(installation.pid_of("organisation"), signal.SIGKILL)
    until(lambda: samples(metrics)["pupitre_restarts_total", "organisation"] == before + 1, 20, "counted")
    until(lambda: samples(metrics)["pupitre_up", "organisation"] == 1, SETTLED_SECONDS, "back")
    assert samples(metrics)["pupitre_restarts_total", "notifications"] == 0
    counted = f"restarts {before + 1:.0f}"
    until(lambda: counted in installation.command("health", "organisation", check=False).stdout, SETTLED_SECONDS, counted)


@pytest.mark.requirement("RS-71")
def test_a_broker_that_blinks_is_told_and_takes_nobody_out_of_rotation(watched):
    installation, proxy, _ = watched
    statuses, told = set(), set()

    def look():
        answer = requests.get(f"{installation.base_url}/readyz", timeout=10)
        statuses.add(answer.status_code)
        told.update(each["service"] for each in answer.json()["unsettled"])
        return answer.json()["unsettled"] == []

    began = time.monotonic()
    with proxy.fault("refuse"):
        until(lambda: look() is None or time.monotonic() - began > BLINK_SECONDS, 60, "the blink", pause=0.3)
    until(look, SETTLED_SECONDS, "all well again", pause=0.3)
    assert told
    assert statuses == {200}
    assert requests.get(f"{installation.base_url}/livez", timeout=10).status_code == 200
