"""What the migration command declares is what RabbitMQ then does."""

import amqp
import kombu
import pytest
from pupitre_bus import connection, topology
from pupitre_bus.testing import wait_until
from pupitre_contracts.message import Event, fields


class LampLit(Event):
    name, version, owner, subject_field = "lamp.lit", 1, "keeper", "lamp"

    lamp = fields.String(required=True)


SUBSCRIPTIONS = {"sailor": (LampLit,), "keeper": ()}


@pytest.fixture
def link(servers):
    servers.services |= {"sailor", "keeper"}
    with connection.connect(servers.amqp_uri, confirm=True) as opened:
        yield opened


def test_queues_are_named_after_their_service_and_nothing_else_in_the_code():
    names = [make("sailor").name for make in (topology.event_queue, topology.dead_letter_queue, topology.rpc_queue)]
    assert names == ["events.sailor", "dead.sailor", "rpc.sailor"]


def send(link, body=b"lit"):
    producer = kombu.Producer(link.channel(), auto_declare=False)
    producer.publish(
        body, exchange="keeper.events", routing_key=LampLit.type, content_type="application/x", delivery_mode=2
    )


@pytest.mark.requirement("RS-10")
@pytest.mark.rabbitmq
def test_declaring_twice_changes_nothing_and_services_then_find_what_they_need(servers, link):
    assert topology.declare(servers.amqp_uri, SUBSCRIPTIONS) == ["dead.sailor", "events.sailor"]
    assert topology.declare(servers.amqp_uri, SUBSCRIPTIONS) == ["dead.sailor", "events.sailor"]
    topology.verify(servers.amqp_uri, "sailor")


@pytest.mark.requirement("RS-10")
@pytest.mark.rabbitmq
def test_a_queue_with_other_arguments_is_named_by_the_declaration_and_by_the_verification(servers, link):
    kombu.Queue("events.sailor", durable=True, queue_arguments={"x-max-length": 3})(link.channel()).queue_declare()
    with pytest.raises(topology.TopologyWrong, match=r"events\.sailor"):
        topology.declare(servers.amqp_uri, SUBSCRIPTIONS)
    with pytest.raises(topology.TopologyWrong, match=r"events\.sailor"):
        topology.verify(servers.amqp_uri, "sailor")


@pytest.mark.rabbitmq
def test_events_are_kept_in_a_quorum_queue_and_go_to_the_dead_letters_after_the_delivery_limit(servers, link):
    topology.declare(servers.amqp_uri, SUBSCRIPTIONS)
    send(link)
    channel = link.channel()
    deliveries = 0
    while "x-death" not in (message := _next(channel)).headers:
        deliveries += 1
        channel.basic_reject(message.delivery_tag, requeue=True)
    assert deliveries == topology.DELIVERY_LIMIT + 1
    assert message.body in (b"lit", "lit")
    assert message.headers["x-death"][0]["reason"] == "delivery_limit"


def _next(channel):
    """The event or, once the broker gave it up, the dead letter."""
    return wait_until(lambda: channel.basic_get("events.sailor") or channel.basic_get("dead.sailor"))


@pytest.mark.rabbitmq
def test_a_type_that_is_no_longer_consumed_is_unbound(servers, link, monkeypatch):
    monkeypatch.setitem(topology.catalogue.EVENTS, LampLit.type, LampLit)
    topology.declare(servers.amqp_uri, SUBSCRIPTIONS)

    class Other(Event):
        name, version, owner, subject_field = "lamp.broken", 1, "keeper", "lamp"

        lamp = fields.String(required=True)

    topology.declare(servers.amqp_uri, {"sailor": (Other,)})
    send(link)
    with pytest.raises(AssertionError):
        wait_until(lambda: link.channel().basic_get("events.sailor"), timeout=0.5)


@pytest.mark.rabbitmq
def test_verification_says_which_queue_is_missing(servers, link):
    with pytest.raises(topology.TopologyWrong, match=r"events\.sailor.*pupitre migrate"):
        topology.verify(servers.amqp_uri, "sailor")
    with pytest.raises(amqp.exceptions.NotFound):
        link.channel().queue_declare("events.sailor", passive=True)
