"""The consumer under every entrypoint: it drains on stop, survives a reset socket, and decides nothing about bodies.

Stock nameko acknowledges what it cannot decode, redelivers finished work at SIGTERM, and dies when an acknowledgement
meets a closed socket. This one hands raw messages over, keeps count of those in flight, and leaves only when all are
settled.
"""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import eventlet
import kombu
from eventlet.event import Event
from nameko.amqp.consume import Consumer

from . import connection

log = logging.getLogger(__name__)

RECONNECT_LONGEST = 2
HEARTBEAT_EVERY = 1
HANG_SECONDS = 6
"""After which a queue that should let a consumer subscribe or leave is taken to hang."""
LOOK_SECONDS = 0.25
"""How often an idle consumer looks whether it is asked to stop, if the broker does not wake it for that."""


class _Leave(Exception):
    """Leaves kombu's endless loops when the service stops."""


class DrainConsumer(Consumer):
    """Consumes with one connection and hands each raw kombu message to ``on_raw``.

    ``queues(channel)`` is asked after each (re)connection for the bound queues to consume. ``on_raw`` must not block:
    it starts a worker, which settles the message through :meth:`ack` or :meth:`requeue`, from any greenthread.
    ``prefetch_count`` bounds what is in flight; ``on_lost`` is told that the connection ended, ``on_drain`` that no more
    messages come because the consumer is asked to stop.
    """

    def __init__(
        self,
        uri: str,
        queues: Callable[[Any], list[kombu.Queue]],
        on_raw: Callable[[kombu.Message], None],
        prefetch_count: int,
        no_ack: bool = False,
        on_lost: Callable[[], None] = lambda: None,
        on_drain: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(uri, prefetch_count=prefetch_count, no_ack=no_ack)
        self._queues = queues
        self._on_raw = on_raw
        self._no_ack = no_ack
        self._on_lost, self._on_drain = on_lost, on_drain
        self._counts_up_to = not connection.is_in_process(uri)  # the bus of this process knows single messages only
        self.in_flight: dict[int, kombu.Message] = {}
        self._since: dict[int, float] = {}
        self.draining = False
        self.connected = False
        self._cancelled = False
        self._consumers: list[kombu.Consumer] = []
        self._beat_at = 0.0
        self._link: kombu.Connection | None = None
        self.stopped = Event()

    @property
    def connection(self) -> kombu.Connection:
        return connection.connect(self.amqp_uri)

    @contextlib.contextmanager
    def establish_connection(self):
        with self.create_connection() as link:
            link.ensure_connection(self.on_connection_error, None, 0.2, 0.3, RECONNECT_LONGEST)
            self._link = link
            try:
                yield link
            finally:
                self.connected = False
                self._on_lost()

    def on_connection_error(self, exc, interval):
        log.warning("broker %s: %s; next try in %.1f s", connection.shown(self.amqp_uri), exc, interval)
        if self.draining:
            raise _Leave

    def get_consumers(self, consumer_cls, channel):
        self._since.clear()
        self.in_flight.clear()  # a new channel: the broker took back what the former one held
        channel.auto_decode = False  # bodies are bytes, whatever charset their sender named
        consumer = consumer_cls(
            queues=self._queues(channel), on_message=self._receive, no_ack=self._no_ack, auto_declare=False
        )
        consumer.qos(prefetch_count=self.prefetch_count)
        self._consumers, self._cancelled = [consumer], False
        return self._consumers

    def on_consume_ready(self, connection, channel, consumers, **kwargs):
        self.connected = True
        super().on_consume_ready(connection, channel, consumers, **kwargs)

    def on_iteration(self):
        if self.draining:
            if not self._cancelled:
                self._cancelled = True
                if not self._cancel():
                    self._leave_anyway()
                self._on_drain()
            if not self.in_flight:
                self.should_stop = True
                raise _Leave
        if time.monotonic() - self._beat_at >= HEARTBEAT_EVERY:
            self._beat_at = time.monotonic()
            self._link.heartbeat_check()

    def _cancel(self) -> bool:
        """Ask for no more messages; False when a queue hangs, which never confirms it."""
        with eventlet.Timeout(HANG_SECONDS, False):
            for consumer in self._consumers:
                consumer.cancel()
            return True
        return False

    def _leave_anyway(self) -> None:
        """Leave what is in flight to be delivered again: its handlers go on, and the inbox knows what they did."""
        log.warning("a queue does not answer: left without a farewell")
        self.should_stop = True
        self.renew()

    def renew(self) -> None:
        """Connect and subscribe anew; what is in flight is delivered again."""
        if self._link is not None:
            connection.hang_up(self._link)

    def on_decode_error(self, message, exc):
        self._receive(message)

    def _receive(self, message: kombu.Message) -> None:
        if self._no_ack:
            self._on_raw(message)
            return
        self.in_flight[id(message)] = message
        self._since[id(message)] = time.monotonic()
        if self.draining:
            self.requeue(message)
        else:
            self._on_raw(message)

    def oldest_seconds(self) -> float:
        """For how long the oldest message in flight has been held, in seconds; 0 without one."""
        return time.monotonic() - min(self._since.values()) if self._since else 0.0

    def ack(self, message: kombu.Message) -> None:
        """Tell the broker that the message's effect is durable."""
        self._settle(message.ack, message)

    def ack_all(self, messages: Iterable[kombu.Message]) -> None:
        """Tell the broker that the effects of these messages are durable, in as few words as it understands."""
        mine = [message for message in messages if id(message) in self.in_flight]
        if self._counts_up_to:
            others = self.in_flight.keys() - {id(message) for message in mine}
            oldest = min((self.in_flight[each].delivery_tag for each in others), default=math.inf)
            together = sorted((each for each in mine if each.delivery_tag < oldest), key=lambda each: each.delivery_tag)
            if together:
                self._settle(partial(together[-1].ack, multiple=True), *together)
            mine = [each for each in mine if each.delivery_tag > oldest]
        for message in mine:
            self.ack(message)

    def requeue(self, message: kombu.Message) -> None:
        """Give the message back; the broker counts the delivery."""
        self._settle(message.requeue, message)

    def reject(self, message: kombu.Message) -> None:
        """Send the message to its queue's dead letters."""
        self._settle(message.reject, message)

    def _settle(self, act: Callable[[], None], *messages: kombu.Message) -> None:
        message = messages[-1]
        try:
            if message.channel is not None and message.channel.connection is not None:
                act()
        except connection.LOST as error:
            log.warning("message not settled, the broker will deliver it again: %r", error)
        finally:
            for each in messages:
                self.in_flight.pop(id(each), None)
                self._since.pop(id(each), None)
            if self.draining and not self.in_flight:
                self._nudge()

    def run(self):
        try:
            super().run(safety_interval=LOOK_SECONDS)
        except _Leave:
            pass
        finally:
            self.connected = False
            if not self.stopped.ready():
                self.stopped.send(None)

    def stop(self) -> None:
        """Take no more messages, and wait until those in flight are settled."""
        self.draining = True
        self._nudge()
        with eventlet.Timeout(HANG_SECONDS, False):
            self.stopped.wait()
            return
        if not self.connected:
            self._leave_anyway()  # it still waits for a queue to let it subscribe
        self.stopped.wait()

    def kill(self) -> None:
        """Leave at once; the broker delivers again what was in flight."""
        self.draining = self.should_stop = True
        self._nudge()

    def _nudge(self) -> None:
        """Have the loop see at once what changed; a broker that does not answer only makes it later."""
        if self.connected:
            with contextlib.suppress(*connection.LOST):
                connection.nudge(self._consumers[0].channel)


def body_of(message: kombu.Message) -> bytes:
    """The body as it was sent; kombu turns it into text when the sender named an encoding."""
    body = message.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return bytes(body)
