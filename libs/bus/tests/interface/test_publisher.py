"""Publishers of one process share nothing: what one of them asks for is no other's affair."""

import pytest
from pupitre_bus import connection, topology
from pupitre_bus.publisher import Publisher, Unroutable

NOWHERE = {"exchange": "tower.events", "routing_key": "bell.rung.v1", "content_type": "application/x"}


@pytest.fixture
def publishers(backend):
    topology.declare(backend.amqp_uri, {"tower": ()})
    made = [Publisher(backend.amqp_uri) for _ in range(2)]
    yield made
    for each in made:
        each.close()


@pytest.mark.requirement("RS-02")
def test_a_publisher_that_need_not_be_heard_does_not_silence_the_others(publishers):
    careless, careful = publishers
    careless.publish(b"x", mandatory=False, **NOWHERE)
    with pytest.raises(Unroutable):
        careful.publish(b"x", **NOWHERE)
    careless.publish(b"x", mandatory=False, **NOWHERE)
    with pytest.raises(Unroutable):
        careless.publish(b"x", **NOWHERE)


@pytest.mark.rabbitmq
def test_a_publisher_always_waits_for_the_confirmation(servers):
    assert connection.connect(servers.amqp_uri, confirm=True).transport_options == {"confirm_publish": True}
    publisher = Publisher(servers.amqp_uri)
    topology.declare(servers.amqp_uri, {"tower": ()})
    publisher.publish(b"x", mandatory=False, **NOWHERE)
    assert publisher._producer.channel.connection.confirm_publish
    publisher.close()
