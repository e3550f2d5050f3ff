"""The in-process broker keeps the promises that nameko and kombu expect of a real one."""

import time
import uuid

import amqp
import eventlet
import kombu
import pytest
from pupitre_bus import transport
from pupitre_bus.testing import wait_until


@pytest.fixture
def uri():
    name = uuid.uuid4().hex
    yield f"{transport.SCHEME}://here/{name}"
    transport.Broker.all.pop(name, None)


@pytest.fixture
def channel(uri):
    with kombu.Connection(uri) as link:
        yield link.channel()


def queue(channel, name="q", **arguments):
    made = kombu.Queue(name, kombu.Exchange("e", type="topic"), "a.#", durable=True, **arguments)(channel)
    made.declare()
    return made


def publish(channel, body=b"x", key="a.b", **options):
    producer = kombu.Producer(channel, auto_declare=False, on_return=options.pop("on_return", None))
    producer.publish(
        body, exchange="e", routing_key=key, content_type="application/x", content_encoding="utf-8", **options
    )


def test_a_message_keeps_its_bytes_type_headers_and_properties(channel):
    made = queue(channel)
    publish(channel, b"\xff\x00", headers={"h": "1"}, correlation_id="c", reply_to="r", type="t")
    message = made.get()
    assert (message.body, message.content_type, message.headers) == (b"\xff\x00", "application/x", {"h": "1"})
    assert message.properties["content_type"] == "application/x"
    assert [message.properties[name] for name in ("correlation_id", "reply_to", "type")] == ["c", "r", "t"]


def test_a_consumer_is_woken_by_the_message_and_not_by_a_poll(uri, channel):
    queue(channel)
    arrived = []

    def consume():
        with kombu.Connection(uri) as link, link.channel() as own:
            consumer = kombu.Consumer(own, [kombu.Queue("q")], on_message=arrived.append, auto_declare=False)
            consumer.consume()
            while True:
                link.drain_events(timeout=60)

    thread = eventlet.spawn(consume)
    wait_until(lambda: transport.Broker.named(uri.rsplit("/", 1)[1]).consumers["q"])
    delays = []
    for number in range(1, 21):
        started = time.monotonic()
        publish(channel)
        wait_until(lambda n=number: len(arrived) == n, every=0)
        delays.append(time.monotonic() - started)
    thread.kill()
    # The best of twenty: a machine that halts for a moment makes some of them long, and kombu's poll of a second all.
    assert min(delays) < 0.5


def test_draining_nothing_ends_with_a_time_out(uri):
    with kombu.Connection(uri) as link:
        link.channel()
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=0.05)


def test_every_bound_queue_gets_its_own_copy(channel):
    first, second = queue(channel, "q1"), queue(channel, "q2")
    publish(channel)
    one, two = first.get(), second.get()
    assert one.body == two.body == b"x"
    assert one.delivery_tag != two.delivery_tag


def test_what_was_not_acknowledged_returns_in_order_to_its_own_queue_when_the_channel_closes(uri, channel):
    made, other = queue(channel), queue(channel, "other")
    for body in (b"1", b"2", b"3"):
        publish(channel, body)
    with kombu.Connection(uri) as link:
        taken = kombu.Queue("q")(link.channel())
        taken.get().ack()
        taken.get()
        taken.get()
    assert [made.get().body, made.get().body, made.get()] == [b"2", b"3", None]
    assert other.queue_declare(passive=True).message_count == 3


def test_prefetch_bounds_what_is_in_flight_and_an_acknowledgement_lets_the_next_in(uri, channel):
    queue(channel)
    for _ in range(3):
        publish(channel)
    taken = []
    with kombu.Connection(uri) as link:
        own = link.channel()
        consumer = kombu.Consumer(own, [kombu.Queue("q")], on_message=taken.append, auto_declare=False)
        consumer.qos(prefetch_count=2)
        consumer.consume()
        for _ in range(2):
            link.drain_events(timeout=0.1)
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=0.05)
        taken[0].ack()
        link.drain_events(timeout=0.1)
    assert len(taken) == 3


@pytest.mark.parametrize("mandatory", [True, False])
def test_only_a_mandatory_message_without_a_queue_is_returned(channel, mandatory):
    queue(channel)
    returned = []
    publish(channel, key="nobody", mandatory=mandatory, on_return=lambda *returning: returned.append(returning))
    assert bool(returned) is mandatory


def test_a_queue_that_exists_with_other_arguments_is_refused(channel):
    queue(channel)
    with pytest.raises(amqp.exceptions.PreconditionFailed):
        kombu.Queue("q", queue_arguments={"x-queue-type": "quorum"})(channel).queue_declare()


def test_a_queue_that_does_not_exist_cannot_be_seen_or_consumed(channel):
    with pytest.raises(amqp.exceptions.ChannelError):
        kombu.Queue("absent")(channel).queue_declare(passive=True)
    with pytest.raises(amqp.exceptions.ChannelError):
        kombu.Queue("absent")(channel).consume("tag", callback=print)


def test_a_rejected_message_goes_to_the_dead_letter_exchange(channel):
    dead = kombu.Queue("dead", kombu.Exchange("dlx", type="topic"), "#")(channel)
    dead.declare()
    made = queue(channel, queue_arguments={"x-dead-letter-exchange": "dlx"})
    publish(channel)
    made.get().reject()
    letter = dead.get()
    assert letter.body == b"x"
    assert letter.headers["x-death"][0]["queue"] == "q"


def test_an_exclusive_queue_dies_with_its_channel_and_replies_to_it_are_dropped(uri, channel):
    with kombu.Connection(uri) as link:
        kombu.Queue("reply", exclusive=True)(link.channel()).queue_declare()
    kombu.Producer(channel, auto_declare=False).publish(b"x", routing_key="reply", content_type="application/x")
    assert "reply" not in transport.Broker.named(uri.rsplit("/", 1)[1]).queues


def test_two_names_are_two_brokers(uri, channel):
    queue(channel)
    with kombu.Connection(uri + "-other") as link, pytest.raises(amqp.exceptions.ChannelError):
        kombu.Queue("q")(link.channel()).queue_declare(passive=True)
    transport.Broker.all.pop(uri.rsplit("/", 1)[1] + "-other", None)
