"""The broker's exchanges and queues: declared by the migration command, only verified by services.

Every consumer of events has one quorum queue with a delivery limit; what exceeds it goes, at least once, to the
consumer's dead-letter queue, which the consumer empties into its own database.
"""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import amqp
import eventlet
import kombu
from pupitre_contracts import catalogue
from pupitre_contracts.message import Event

from . import connection

log = logging.getLogger(__name__)

CALLS_EXCHANGE = "pupitre.calls"
"""Requests, by the name of the service called: a topic exchange, since RabbitMQ limits accounts by key on those only."""
REPLIES_EXCHANGE = "pupitre.replies"
"""Replies, by the name of the queue that waits for them. The default exchange would let whoever may answer write into
every queue."""
DELIVERY_LIMIT = 20
RPC_QUEUE_EXPIRES_MS = 15_000
LOOK_SECONDS = 1.0
"""How often whoever keeps the topology looks whether it is asked to stop."""

SILENCE_SECONDS = 5.0
"""What a queue may take to answer, and how often those who keep the topology ask."""
SILENCES = 3
"""A queue that does not answer so often running is taken for broken."""
DELETE_SECONDS = 30
"""RabbitMQ waits some seconds for the queue itself before it deletes one that hangs."""

Subscriptions = Mapping[str, Iterable[type[Event]]]


class TopologyWrong(Exception):
    """A queue is missing or was declared otherwise; the text names it and says what to do."""


def event_exchange(owner: str) -> kombu.Exchange:
    return kombu.Exchange(f"{owner}.events", type="topic", durable=True)


def dead_letter_exchange(service: str) -> kombu.Exchange:
    return kombu.Exchange(f"{service}.dlx", type="topic", durable=True)


def calls_exchange() -> kombu.Exchange:
    return kombu.Exchange(CALLS_EXCHANGE, type="topic", durable=True)


def replies_exchange() -> kombu.Exchange:
    return kombu.Exchange(REPLIES_EXCHANGE, type="topic", durable=True)


def reply_queue(name: str, number: str) -> kombu.Queue:
    """The replies to one process of ``name``; it is gone with its connection."""
    queue = f"reply.{name}.{number}"
    return kombu.Queue(queue, replies_exchange(), queue, exclusive=True, auto_delete=True, durable=False)


def event_queue(service: str) -> kombu.Queue:
    """The queue of every event that ``service`` consumes."""
    return kombu.Queue(
        f"events.{service}",
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": f"{service}.dlx",
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def dead_letter_queue(service: str) -> kombu.Queue:
    """What the broker gave up delivering to ``service``."""
    return kombu.Queue(
        f"dead.{service}", dead_letter_exchange(service), "#", durable=True, queue_arguments={"x-queue-type": "quorum"}
    )


def rpc_queue(service: str) -> kombu.Queue:
    """The requests to ``service``: short-lived, so declared by the service itself and gone soon after its last
    instance.
    """
    return kombu.Queue(
        f"rpc.{service}",
        calls_exchange(),
        service,
        durable=True,
        queue_arguments={"x-expires": RPC_QUEUE_EXPIRES_MS},
    )


def declare(amqp_uri: str, subscriptions: Subscriptions | None = None) -> list[str]:
    """Create what is missing and return the queue names; ``subscriptions`` default to the catalogue's.

    Raises :class:`TopologyWrong` when a queue exists with other arguments: it must be emptied and deleted by hand
    first.
    """
    subscriptions = catalogue.SUBSCRIPTIONS if subscriptions is None else subscriptions
    with connection.connect(amqp_uri) as link:
        channel = link.channel()
        for exchange in _exchanges(subscriptions):
            exchange(channel).declare()
        names = []
        for service, events in subscriptions.items():
            names += _declare_queues(link, service, tuple(events)) if events else []
    return names


def keep(amqp_uri: str, stopping: Callable[[], bool], subscriptions: Subscriptions | None = None) -> None:
    """Declare the topology now and each time the broker comes back, until ``stopping``: one that lost its data has no queue
    until somebody declares it. A queue that ceases to answer is replaced.
    """
    silences: Counter[str] = Counter()
    while not stopping():
        try:
            declare(amqp_uri, subscriptions)
            with connection.connect(amqp_uri) as link:
                link.connect()
                look_at = time.monotonic()
                while not stopping():
                    link.heartbeat_check()
                    with contextlib.suppress(TimeoutError):
                        link.drain_events(timeout=LOOK_SECONDS)
                    if time.monotonic() >= look_at:
                        mend(amqp_uri, subscriptions, silences)
                        look_at = time.monotonic() + SILENCE_SECONDS
        except TopologyWrong as error:
            log.error("%s", error)
            eventlet.sleep(LOOK_SECONDS)
        except connection.LOST as error:
            log.debug("the broker is away: %s", error)
            eventlet.sleep(LOOK_SECONDS)


def mend(amqp_uri: str, subscriptions: Subscriptions | None = None, silences: Counter[str] | None = None) -> list[str]:
    """Ask every queue of events and of dead letters once, delete and declare anew those that were silent three times running,
    and return their names. ``silences`` carries the count from one call to the next; without it the silent ones are asked
    three times here.

    A queue whose process hangs confirms nothing, so that no event that it hears leaves its source any more; RabbitMQ does not
    restart it, nor call it anything but running. What it held is not lost: its consumer, whose subscription ends with the
    queue, fetches from every source what it has not seen. Raises one of :data:`connection.LOST` when it is the broker that
    does not answer.
    """
    subscriptions = catalogue.SUBSCRIPTIONS if subscriptions is None else subscriptions
    patient, silences = silences is not None, Counter() if silences is None else silences
    names = [queue(service).name for service, events in subscriptions.items() if events for queue in _QUEUES]
    for _ in range(1 if patient else SILENCES):
        for name in names:
            if _answers(amqp_uri, name):
                silences.pop(name, None)
            else:
                silences[name] += 1
                log.warning("queue %s does not answer (%d of %d)", name, silences[name], SILENCES)
        names = list(silences)
    broken = [name for name in names if silences[name] >= SILENCES]
    for name in broken:
        del silences[name]
        log.error("queue %s does not answer, though the broker does: it is deleted and declared anew", name)
        with eventlet.Timeout(DELETE_SECONDS, TimeoutError(f"queue {name} is not deleted in time")):
            with connection.connect(amqp_uri) as link:
                link.channel().queue_delete(name)
    if broken:
        declare(amqp_uri, subscriptions)
    return broken


_QUEUES = (event_queue, dead_letter_queue)


def _answers(amqp_uri: str, name: str) -> bool:
    """Whether a queue answers in time, or is not there at all."""
    link = connection.connect(amqp_uri)
    with contextlib.suppress(amqp.exceptions.NotFound):
        try:
            with eventlet.Timeout(SILENCE_SECONDS, False):
                channel = link.channel()
                # The broker tells of a queue that hangs as of one that is empty and that nobody consumes.
                told = channel.queue_declare(name, passive=True)
                if not told.message_count and not told.consumer_count:
                    message = channel.basic_get(name)
                    if message is not None:
                        channel.basic_reject(message.delivery_tag, requeue=True)
                return True
        finally:
            connection.drop(link)
        with eventlet.Timeout(SILENCE_SECONDS, TimeoutError("the broker does not answer")):
            with connection.connect(amqp_uri) as other:
                other.channel()
        return False
    return True


def definitions(vhost: str, subscriptions: Subscriptions | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the same exchanges, queues and bindings as RabbitMQ imports them, which spares a broker that lost its data an
    operator.
    """
    subscriptions = catalogue.SUBSCRIPTIONS if subscriptions is None else subscriptions
    exchanges, queues, bindings = list(_exchanges(subscriptions)), [], []
    for service, events in subscriptions.items():
        if not events:
            continue
        dead, queue = dead_letter_queue(service), event_queue(service)
        exchanges.append(dead.exchange)
        queues += [dead, queue]
        bindings.append((dead.exchange.name, dead.name, dead.routing_key))
        bindings += [(event_exchange(event.owner).name, queue.name, event.type) for event in events]
    return {
        "exchanges": [
            {"name": each.name, "vhost": vhost, "type": each.type, "durable": True, "auto_delete": False, "arguments": {}}
            for each in exchanges
        ],
        "queues": [
            {"name": each.name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": each.queue_arguments}
            for each in queues
        ],
        "bindings": [
            {
                "source": source,
                "vhost": vhost,
                "destination": destination,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for source, destination, key in bindings
        ],
    }


def _exchanges(subscriptions: Subscriptions) -> Iterator[kombu.Exchange]:
    """Whatever messages are sent to, but for the dead letters'."""
    heard = (event.owner for events in subscriptions.values() for event in events)
    yield from (calls_exchange(), replies_exchange())
    yield from map(event_exchange, sorted({*catalogue.SERVICES, *subscriptions, *heard}))


def _declare_queues(link: kombu.Connection, service: str, events: tuple[type[Event], ...]) -> list[str]:
    channel = link.channel()
    dead_letter_exchange(service)(channel).declare()
    dead, queue = dead_letter_queue(service), event_queue(service)
    _declare_queue(channel, dead)
    dead(channel).queue_bind()
    _declare_queue(channel, queue)
    for event in events:
        queue(channel).bind_to(event_exchange(event.owner), routing_key=event.type)
    for event in set(catalogue.EVENTS.values()) - set(events):  # what the service has ceased to consume
        queue(channel).unbind_from(event_exchange(event.owner), routing_key=event.type)
    channel.close()
    return [dead.name, queue.name]


def _declare_queue(channel, queue: kombu.Queue) -> None:
    try:
        queue(channel).queue_declare()
    except amqp.exceptions.PreconditionFailed as error:
        raise TopologyWrong(
            f"queue {queue.name} exists with other arguments ({error}): empty it, delete it, then run `pupitre migrate`"
        ) from error


def verify(amqp_uri: str, service: str) -> None:
    """Raise :class:`TopologyWrong` when a queue that ``service`` consumes is missing or has other arguments."""
    with connection.connect(amqp_uri) as link:
        for queue in (event_queue(service), dead_letter_queue(service)):
            _verify_queue(link, queue)


def _verify_queue(link: kombu.Connection, queue: kombu.Queue) -> None:
    try:
        queue(link.channel()).queue_declare(passive=True)
    except amqp.exceptions.ChannelError as error:
        raise TopologyWrong(f"queue {queue.name} is not usable ({error}): run `pupitre migrate`") from error
    # AMQP compares arguments only in an active declaration, which a broker user that may not configure is refused.
    with contextlib.suppress(amqp.exceptions.AccessRefused):
        _declare_queue(link.channel(), queue)


def delete_idle_rpc_queue(amqp_uri: str, service: str) -> None:
    """Delete the request queue of a service whose last instance stopped, so that callers learn it at once."""
    try:
        with eventlet.Timeout(2), connection.connect(amqp_uri) as link:
            rpc_queue(service)(link.channel()).delete(if_unused=True, if_empty=True)
    except (*connection.LOST, eventlet.Timeout):
        pass  # another instance consumes it, requests wait in it, or the broker is away: it expires by itself
