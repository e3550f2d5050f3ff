"""A publisher whose every wait is bounded, on a connection of its own whose socket is dropped at the first doubt."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import eventlet
import kombu
from eventlet.semaphore import Semaphore

from . import connection

BLOCKED_SECONDS = 5.0
"""For how long a notice that the broker is blocked is believed: the one that ends it may have got lost with its connection."""

ANSWER_SECONDS = 1.0


class Unroutable(Exception):
    """The broker confirmed that no queue takes this message."""


class PublishFailed(Exception):
    """The broker did not confirm in time, refused, or could not be reached: whether it holds the message is unknown."""


class Blocked(PublishFailed):
    """The broker takes no message at present, as its disk or its memory is short (an alarm). It is known at once."""


class Unanswered(PublishFailed):
    """The broker answers, and yet no confirm came in time: a queue that should take the message hangs."""


@dataclass(frozen=True)
class Parcel:
    """One of several messages that are published together; ``id`` travels as the message's id. One that is not ``mandatory``
    may find no queue: the broker then need not send it back to say so."""

    id: str
    routing_key: str
    body: bytes
    mandatory: bool = True


class Publisher:
    """Publishes confirmed messages; safe to share between greenthreads, which take turns.

    A call returns when the broker holds the message, and raises within ``2 * timeout + 3`` seconds otherwise; at once
    while the broker is :class:`Blocked`.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        # The broker refuses a message that names another account than its connection's.
        self._sender = {"user_id": user} if (user := connection.user_of(uri)) else {}
        self._connection: kombu.Connection | None = None
        self._producer: kombu.Producer | None = None
        self._windows: Any = None  # the channel of messages that are confirmed together, which counts its own
        self._sent = 0
        self._turn = Semaphore(1)
        self._returned = False
        self._blocked_at: float | None = None

    @property
    def blocked(self) -> bool:
        """Whether the broker has said that it takes no message, and not yet that it does again."""
        # Whoever holds the turn hears it himself.
        if self._blocked_at is not None and self._turn.acquire(blocking=False):
            try:
                self._hear()
            finally:
                self._turn.release()
        return self._blocked_at is not None

    def _hear(self) -> None:
        """Listen, without waiting, whether the broker takes messages again."""
        if self._blocked_at is None:
            return
        try:
            self._connection.drain_events(timeout=0)
        except TimeoutError:
            if time.monotonic() - self._blocked_at > BLOCKED_SECONDS:
                self.drop()
        except connection.LOST:
            self.drop()
        else:
            # The broker now takes what it had begun to read, and confirms it here: the next message needs another channel.
            self.drop()

    def _refuse_while_blocked(self) -> None:
        self._hear()
        if self._blocked_at is not None:
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise Blocked(f"{connection.shown(self._uri)} takes no message: its disk or its memory is short")

    def publish(
        self,
        body: bytes,
        *,
        exchange: str,
        routing_key: str,
        content_type: str,
        mandatory: bool = True,
        persistent: bool = True,
        timeout: float = 3,
        **properties: Any,
    ) -> None:
        """Send one message. Raises :class:`Unroutable` (mandatory only) or :class:`PublishFailed`."""
        limit = eventlet.Timeout(timeout + connection.CONNECT_TIMEOUT)
        try:
            with self._turn:
                self._refuse_while_blocked()
                self._send(
                    timeout,
                    body=body,
                    exchange=exchange,
                    routing_key=routing_key,
                    content_type=content_type,
                    mandatory=mandatory,
                    delivery_mode=2 if persistent else 1,
                    **self._sender,
                    **properties,
                )
        except eventlet.Timeout as fired:
            if fired is not limit:
                raise
            raise PublishFailed(f"no confirm from {connection.shown(self._uri)} in time") from None
        except connection.LOST as error:
            raise PublishFailed(f"{type(error).__name__}: {error}") from error
        finally:
            limit.cancel()

    def _send(self, timeout: float, **message: Any) -> None:
        """Publish; once more when a connection that had served before turns out to be cut (a duplicate does no
        harm).
        """
        reused = self._producer is not None
        try:
            self._attempt(timeout, **message)
        except TimeoutError:
            raise
        except connection.LOST:
            if not reused:
                raise
            self._attempt(timeout, **message)
        if self._returned:
            raise Unroutable(f"no queue takes {message['routing_key']!r} on exchange {message['exchange']!r}")

    def _attempt(self, timeout: float, **message: Any) -> None:
        self._returned = False
        try:
            if self._producer is None:
                self._open()
            self._producer.publish(
                **message, content_encoding="utf-8", retry=False, timeout=timeout, confirm_timeout=timeout
            )
        except Blocked:
            raise
        except BaseException:
            self.drop()
            raise

    def publish_together(
        self, parcels: Sequence[Parcel], *, exchange: str, content_type: str, timeout: float = 3
    ) -> dict[str, Exception]:
        """Send messages, persistent, then wait for all their confirms together; return why some failed, by
        id: :class:`Unroutable` or :class:`PublishFailed` (:class:`Unanswered`, :class:`Blocked`). Their order at the broker
        is theirs here, but a failure of one does not hold back those behind it."""
        limit = eventlet.Timeout(timeout + connection.CONNECT_TIMEOUT)
        window = _Window()
        try:
            with self._turn:
                self._refuse_while_blocked()
                self._together(window, parcels, exchange, content_type, timeout)
        except (Blocked, Unanswered) as known:
            lost: Exception = known
        except eventlet.Timeout as fired:
            if fired is not limit:
                raise
            lost = PublishFailed(f"no confirm from {connection.shown(self._uri)} in time")
        except connection.LOST as error:
            lost = PublishFailed(f"{type(error).__name__}: {error}")
        else:
            lost = PublishFailed(f"refused by {connection.shown(self._uri)}")
        finally:
            limit.cancel()
        failed: dict[str, Exception] = {each.id: lost for each in parcels if each.id not in window.confirmed}
        for each in parcels:
            if each.id in window.returned:
                failed[each.id] = Unroutable(f"no queue takes {each.routing_key!r} on exchange {exchange!r}")
        return failed

    def _together(
        self, window: "_Window", parcels: Sequence[Parcel], exchange: str, content_type: str, timeout: float
    ) -> None:
        reused = self._producer is not None
        try:
            self._send_window(window, parcels, exchange, content_type, timeout)
        except TimeoutError:
            raise
        except connection.LOST:
            if not reused:
                raise
            left = [each for each in parcels if each.id not in window.confirmed]
            self._send_window(window, left, exchange, content_type, timeout)

    def _send_window(
        self, window: "_Window", parcels: Sequence[Parcel], exchange: str, content_type: str, timeout: float
    ) -> None:
        try:
            if self._producer is None:
                self._open()
            if connection.is_in_process(self._uri):
                self._in_process(window, parcels, exchange, content_type)
            else:
                self._to_broker(window, parcels, exchange, content_type, timeout)
        except Blocked:
            raise
        except BaseException:
            self.drop()
            raise

    def _in_process(self, window: "_Window", parcels: Sequence[Parcel], exchange: str, content_type: str) -> None:
        """The broker of this process has the message when the call returns."""
        for each in parcels:
            self._returned = False
            self._producer.publish(
                each.body,
                exchange=exchange,
                routing_key=each.routing_key,
                content_type=content_type,
                content_encoding="utf-8",
                mandatory=each.mandatory,
                delivery_mode=2,
                retry=False,
                message_id=each.id,
            )
            window.confirmed.add(each.id)
            if self._returned:
                window.returned.add(each.id)

    def _to_broker(
        self, window: "_Window", parcels: Sequence[Parcel], exchange: str, content_type: str, timeout: float
    ) -> None:
        channel = self._windows
        if channel is None:
            channel = self._windows = self._connection.channel()
            channel.confirm_select()
            self._sent = 0
        window.listen(channel)
        try:
            for each in parcels:
                message = channel.prepare_message(
                    each.body,
                    content_type=content_type,
                    content_encoding="utf-8",
                    properties={"delivery_mode": 2, "message_id": each.id, **self._sender},
                )
                # the public method would wait for each confirm in turn
                channel._basic_publish(message, exchange, each.routing_key, mandatory=each.mandatory, timeout=timeout)
                self._sent += 1
                window.waiting[self._sent] = each.id
            deadline = time.monotonic() + timeout
            while window.waiting:
                self._connection.drain_events(timeout=max(0.001, deadline - time.monotonic()))
        except TimeoutError:
            if window.waiting and self._broker_answers():
                raise Unanswered(f"{connection.shown(self._uri)} answers, but does not confirm") from None
            raise
        finally:
            window.ignore(channel)

    def _broker_answers(self) -> bool:
        """Whether the broker opens another channel: one that waits for a queue answers nothing on its own."""
        try:
            with eventlet.Timeout(ANSWER_SECONDS, False):
                self._connection.channel()
                return True
        except connection.LOST:
            pass
        return False

    def _open(self) -> None:
        self._connection = connection.connect(
            self._uri, confirm=True, on_blocked=self._on_blocked, on_unblocked=lambda: None
        )
        self._connection.connect()
        self._producer = kombu.Producer(self._connection.default_channel, auto_declare=False, on_return=self._on_return)

    def _on_return(self, *_: Any) -> None:
        self._returned = True

    def _on_blocked(self, reason: str) -> None:
        """Give up waiting for a confirm that will not come, but keep the connection: what ends this is said on it."""
        self._blocked_at = time.monotonic()
        self._producer = self._windows = None
        self._refuse()

    def drop(self) -> None:
        """Forget the connection without a farewell; the next publish opens another."""
        self._blocked_at = None
        lost, self._connection, self._producer, self._windows = self._connection, None, None, None
        connection.drop(lost)

    close = drop


@dataclass
class _Window:
    """What is in flight on a channel: ids by delivery tag, then what the broker said of them."""

    waiting: dict[int, str] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)

    def listen(self, channel: Any) -> None:
        self.waiting.clear()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._on_return)

    def ignore(self, channel: Any) -> None:
        channel.events["basic_ack"].discard(self._acked)
        channel.events["basic_nack"].discard(self._nacked)
        channel.events["basic_return"].discard(self._on_return)

    def _settled(self, tag: int, multiple: bool) -> list[str]:
        tags = [each for each in self.waiting if each <= tag] if multiple else [tag]
        return [self.waiting.pop(each) for each in tags if each in self.waiting]

    def _acked(self, tag: int, multiple: bool) -> None:
        self.confirmed.update(self._settled(tag, multiple))

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._settled(tag, multiple)

    def _on_return(self, error: Any, exchange: str, routing_key: str, message: Any) -> None:
        self.returned.add(message.properties.get("message_id"))
