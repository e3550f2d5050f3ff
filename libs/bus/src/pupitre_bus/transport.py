"""The in-process broker: a kombu virtual transport under the alias ``pupitre-inproc``.

``pupitre-inproc://here/name`` reaches the broker of that name in this process. Consumers are woken by the message
itself, never by polling; unacknowledged messages return to the head of their queue when their channel closes; a
mandatory message without a queue is returned to its publisher; a queue declared twice with other arguments is
refused; a rejected message goes to its queue's dead-letter exchange. No operation yields to another greenthread half
way.
"""

import threading
import time
from collections import defaultdict, deque
from queue import Empty

from amqp.exceptions import ChannelError, PreconditionFailed
from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.transport.base import Transport as BaseTransport

SCHEME = "pupitre-inproc"
NO_ROUTE = 312


class Broker:
    """Queues, exchanges and consumers of one virtual host of this process."""

    all: dict[str, "Broker"] = {}

    def __init__(self) -> None:
        self.state = virtual.BrokerState()
        self.queues: dict[str, deque] = {}
        self.arguments: dict[str, dict] = {}
        self.consumers: dict[str, list[Transport]] = defaultdict(list)

    @classmethod
    def named(cls, name: str) -> "Broker":
        return cls.all.setdefault(name, cls())

    def put(self, queue: str, message: dict, at_head: bool = False) -> None:
        waiting = self.queues.get(queue)
        if waiting is None:
            return
        waiting.appendleft(message) if at_head else waiting.append(message)
        for transport in self.consumers[queue]:
            transport.wake.set()

    def lengths(self) -> dict[str, int]:
        return {name: len(waiting) for name, waiting in self.queues.items()}


class Channel(virtual.Channel):
    """A channel of the in-process broker; bodies travel as the bytes that were sent."""

    body_encoding = None

    def __init__(self, connection, **kwargs) -> None:
        super().__init__(connection, **kwargs)
        self.broker: Broker = connection.broker
        self.events = defaultdict(set)
        self.exclusive: set[str] = set()

    def queue_declare(self, queue=None, passive=False, exclusive=False, arguments=None, **kwargs):
        known = self.broker.arguments.get(queue)
        if not passive and known is not None and known != (arguments or {}):
            raise PreconditionFailed(f"inequivalent arguments for queue '{queue}'", (50, 10), "Queue.declare", 406)
        declared = super().queue_declare(queue, passive=passive, arguments=arguments, **kwargs)
        if exclusive:
            self.exclusive.add(declared.queue)
        return declared

    def queue_delete(self, queue, if_unused=False, if_empty=False, **kwargs):
        if (if_unused and self.broker.consumers[queue]) or (if_empty and self._size(queue)):
            raise PreconditionFailed(f"queue '{queue}' in use or not empty", (50, 40), "Queue.delete", 406)
        for exchange, routing_key, arguments in list(self.state.queue_bindings(queue)):
            self.queue_unbind(queue, exchange, routing_key, arguments)
        self.state.queue_bindings_delete(queue)
        self._delete(queue)

    def _new_queue(self, queue, arguments=None, **kwargs):
        if queue not in self.broker.queues:
            self.broker.queues[queue] = deque()
            self.broker.arguments[queue] = dict(arguments or {})

    def _has_queue(self, queue, **kwargs):
        return queue in self.broker.queues

    def _size(self, queue):
        return len(self.broker.queues.get(queue, ()))

    def _purge(self, queue):
        size = self._size(queue)
        self.broker.queues.get(queue, deque()).clear()
        return size

    def _delete(self, queue, *args, **kwargs):
        self.broker.queues.pop(queue, None)
        self.broker.arguments.pop(queue, None)

    def _get(self, queue, timeout=None):
        waiting = self.broker.queues.get(queue)
        if not waiting:
            raise Empty
        return waiting.popleft()

    def _put(self, queue, message, **kwargs):
        properties = dict(message["properties"], delivery_tag=self._next_delivery_tag())
        properties["delivery_info"] = dict(properties["delivery_info"], queue=queue)
        self.broker.put(queue, dict(message, properties=properties))

    def _restore(self, message):
        raw = message.serializable()
        raw["redelivered"] = True
        self.broker.put(message.delivery_info["queue"], raw, at_head=True)

    def prepare_message(
        self, body, priority=None, content_type=None, content_encoding=None, headers=None, properties=None
    ):
        properties = dict(properties or {}, content_type=content_type, content_encoding=content_encoding)
        return super().prepare_message(body, priority, content_type, content_encoding, headers, properties)

    def basic_publish(self, message, exchange, routing_key, mandatory=False, **kwargs):
        found = self._lookup(exchange, routing_key) if exchange else [routing_key]
        if mandatory and not any(queue in self.broker.queues for queue in found):
            self._return(message, exchange, routing_key)
            return None
        return super().basic_publish(message, exchange, routing_key)

    def _return(self, message, exchange, routing_key):
        error = ChannelError("NO_ROUTE", (60, 50), "Basic.return", NO_ROUTE)
        handlers = self.events.get("basic_return")
        if not handlers:
            raise error
        for handler in list(handlers):
            handler(error, exchange, routing_key, message)

    def basic_consume(self, queue, no_ack, callback, consumer_tag, **kwargs):
        if queue not in self.broker.queues:
            raise ChannelError(f"NOT_FOUND - no queue '{queue}'", (60, 20), "Basic.consume", 404)
        super().basic_consume(queue, no_ack, callback, consumer_tag, **kwargs)
        self.broker.consumers[queue].append(self.connection)
        self.connection.wake.set()

    def basic_cancel(self, consumer_tag):
        queue = self._tag_to_queue.get(consumer_tag)
        super().basic_cancel(consumer_tag)
        if queue and self.connection in self.broker.consumers[queue]:
            self.broker.consumers[queue].remove(self.connection)

    def basic_ack(self, delivery_tag, multiple=False):
        super().basic_ack(delivery_tag, multiple)
        self.connection.wake.set()

    def basic_reject(self, delivery_tag, requeue=False):
        message = self.qos.get(delivery_tag)
        super().basic_reject(delivery_tag, requeue)
        if not requeue:
            self._dead_letter(message)
        self.connection.wake.set()

    def _dead_letter(self, message):
        queue = message.delivery_info["queue"]
        exchange = self.broker.arguments.get(queue, {}).get("x-dead-letter-exchange")
        if exchange and exchange in self.state.exchanges:
            raw = message.serializable()
            raw["headers"]["x-death"] = [{"queue": queue, "reason": "rejected", "count": 1}]
            self.typeof(exchange).deliver(raw, exchange, message.delivery_info["routing_key"])

    def close(self):
        if not self.closed:
            for queue in self.exclusive:
                self.queue_delete(queue)
        super().close()


class Transport(virtual.Transport):
    """One connection to an in-process broker."""

    Channel = Channel
    driver_type = "pupitre-inproc"
    driver_name = "pupitre-inproc"
    implements = BaseTransport.implements.extend(exchange_type=frozenset(["direct", "topic"]))
    connection_errors = (*BaseTransport.connection_errors, OSError)

    def __init__(self, client, **kwargs) -> None:
        super().__init__(client, **kwargs)
        self.broker = Broker.named(client.virtual_host or "/")
        self.state = self.broker.state
        self.wake = threading.Event()
        self._nudged = False

    def nudge(self) -> None:
        """End the wait of whoever drains, as an answer without meaning does."""
        self._nudged = True
        self.wake.set()

    def drain_events(self, connection, timeout=None):
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            self.wake.clear()
            if self._nudged:
                self._nudged = False
                return None
            try:
                return self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = None if deadline is None else deadline - time.monotonic()
                if (left is not None and left <= 0) or not self.wake.wait(left):
                    raise TimeoutError from None


def register() -> None:
    """Make ``pupitre-inproc://`` known to kombu."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


register()
