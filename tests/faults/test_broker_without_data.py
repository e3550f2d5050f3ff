"""A broker that comes back without its data gets its exchanges, queues and bindings again, and no operator is needed."""

import contextlib
import json

import eventlet
import pytest
from pupitre_bus import connection, topology
from pupitre_bus.testing import wait_until
from pupitre_contracts.catalogue import SUBSCRIPTIONS
from support.nodes import rabbitmq_node

pytestmark = [pytest.mark.faults, pytest.mark.rabbitmq]

SECONDS = 20


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with rabbitmq_node(tmp_path_factory.mktemp("broker")) as made:
        yield made


def is_complete(uri):
    """Whether every consumer of the catalogue would start."""
    with contextlib.suppress(topology.TopologyWrong, *connection.LOST):
        for service, events in SUBSCRIPTIONS.items():
            if events:
                topology.verify(uri, service)
        return True
    return False


def contents(node, vhost):
    """What RabbitMQ says of its exchanges, queues and bindings."""
    lists = {
        "list_exchanges": ("name", "type", "durable", "auto_delete", "arguments"),
        "list_queues": ("name", "durable", "auto_delete", "arguments"),
        "list_bindings": ("source_name", "destination_name", "routing_key", "arguments"),
    }
    found = {}
    for what, columns in lists.items():
        rows = json.loads(node.control(what, "-p", vhost, *columns, "--formatter", "json"))
        for row in rows:
            row["arguments"] = sorted((name, value) for name, _, value in row["arguments"])
        found[what] = sorted(map(str, rows))
    return found


@pytest.mark.requirement("RS-10")
def test_what_the_broker_imports_is_what_the_migration_declares(node, tmp_path):
    node.control("add_vhost", "imported")
    file = tmp_path / "definitions.json"
    file.write_text(json.dumps(topology.definitions("imported")))
    node.control("import_definitions", str(file))
    topology.declare(node.uri)
    found, declared = contents(node, "imported"), contents(node, "/")
    assert found == declared
    assert len(found["list_bindings"]) > len(found["list_queues"]) > 0


@pytest.mark.requirement("RS-07")
def test_whoever_keeps_the_topology_declares_it_anew_each_time_the_broker_comes_back(node):
    over = []
    keeper = eventlet.spawn(topology.keep, node.uri, lambda: bool(over))
    wait_until(lambda: is_complete(node.uri), SECONDS)
    for _ in range(2):
        node.wipe()
        node.start()
        wait_until(lambda: is_complete(node.uri), SECONDS)
    over.append(True)
    keeper.wait()
