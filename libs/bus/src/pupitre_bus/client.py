"""Calls to services: one reply queue, many calls in flight, a limit on every wait, typed errors."""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import amqp
import eventlet
import kombu
from eventlet.event import Event as Signal
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message

from . import connection, topology, wire
from .consumer import DrainConsumer, body_of
from .publisher import Blocked, Publisher, PublishFailed, Unroutable

log = logging.getLogger(__name__)

CONFIRM_SECONDS = 3

DOUBT_SECONDS = 0.7
"""After which silence a caller asks the broker whether it takes messages at all: an answer that it does not take never comes."""


class Credentials(Protocol):
    """Who calls: gives a signed actor token that only ``audience`` accepts."""

    def token_for(self, audience: str) -> str: ...


class _NoAnswerComes(Exception):
    """The one who was asked cannot answer, whatever he does."""


class CallInTransaction(RuntimeError):
    """A call was tried while a transaction is open: it would hold the database's lock for as long as the other
    service likes.
    """


class Breaker:
    """Refuses calls to a service that failed ``limit`` times running; after ``pause`` seconds lets one through as a
    probe.
    """

    def __init__(self, limit: int = 5, pause: float = 2.0, now: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._now = limit, pause, now
        self._failures = 0
        self._closed_until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at present, but for a probe."""
        return self._failures >= self._limit

    def admits(self) -> bool:
        if self._failures < self._limit:
            return True
        if self._probing or self._now() < self._closed_until:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        self._failures, self._probing = 0, False

    def failed(self) -> None:
        self._failures += 1
        self._probing = False
        self._closed_until = self._now() + self._pause


class Bus:
    """Calls services in the name of ``name``; shared by all greenthreads of a process.

    ``in_transaction`` tells whether the running greenthread holds a transaction; calls are refused then. Nothing
    connects before the first call. Every call ends within its time-out: with a reply, or with an error of the
    contracts, of which :class:`errors.TimedOut` means that the outcome is unknown and :class:`errors.Unavailable`
    that the service is not there. ``patience`` multiplies the time-outs that the calls bring.
    """

    def __init__(
        self, uri: str, name: str, in_transaction: Callable[[], bool] = lambda: False, patience: float = 1
    ) -> None:
        self._uri, self.name, self._in_transaction, self._patience = uri, name, in_transaction, patience
        self._publisher = Publisher(uri)
        self._pending: dict[str, tuple[str, Signal]] = {}
        self._breakers: dict[str, Breaker] = {}
        self.timeouts: Counter[str] = Counter()
        """How many calls to each service ended without an answer in time."""
        self._listener: DrainConsumer | None = None
        self._thread: eventlet.greenthread.GreenThread | None = None
        self._reply_to = ""
        self._asked_at = float("-inf")
        self._connected = Signal()

    def call(
        self,
        call: type[Call],
        /,
        *,
        credentials: Credentials | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        correlation_id: str | None = None,
        **values: Any,
    ) -> Message:
        """Call the service that owns ``call`` and return its reply; see :meth:`call_on`."""
        return self.call_on(
            call.service,
            call,
            credentials=credentials,
            idempotency_key=idempotency_key,
            timeout=timeout,
            correlation_id=correlation_id,
            **values,
        )

    def call_on(
        self,
        service: str,
        call: type[Call],
        /,
        *,
        credentials: Credentials | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        correlation_id: str | None = None,
        **values: Any,
    ) -> Message:
        """Send ``call`` with ``values`` to ``service`` and wait ``timeout`` seconds (the call's own by default) for
        its reply.

        A write call without ``idempotency_key`` gets a new one; pass the first one again to repeat a call whose
        outcome is unknown. Raises the service's typed error, :class:`errors.TimedOut` or :class:`errors.Unavailable`.
        """
        if self._in_transaction():
            raise CallInTransaction(f"{service}.{call.method} was called inside a transaction")
        timeout = call.timeout * self._patience if timeout is None else timeout
        headers = {wire.CORRELATION: correlation_id or str(uuid.uuid4()), wire.DEADLINE: wire.deadline(timeout)}
        if credentials is not None:
            headers[wire.ACTOR] = credentials.token_for(service)
        if call.writes:
            headers[wire.IDEMPOTENCY_KEY] = idempotency_key or str(uuid.uuid4())
        reply = self._exchange(service, call.method, wire.dump(call.Request(**values).dump()), headers, timeout)
        return call.Reply.load(reply)

    def _exchange(
        self, service: str, method: str, body: bytes, headers: dict[str, Any], timeout: float
    ) -> dict[str, Any]:
        breaker = self._breakers.setdefault(service, Breaker())
        if not breaker.admits():
            raise errors.Unavailable(service=service)
        try:
            raw = self._round_trip(service, method, body, headers, timeout)
        except (Unroutable, Blocked) as refused:
            breaker.succeeded()  # the broker answered at once: asking again costs nothing
            raise errors.Unavailable(service=service) from refused
        except PublishFailed as error:
            breaker.failed()
            raise errors.Unavailable(service=service) from error
        except errors.TimedOut:
            breaker.succeeded() if self.blocked else breaker.failed()
            self.timeouts[service] += 1
            raise
        except BaseException:
            breaker.failed()
            raise
        breaker.succeeded()
        return _opened(service, raw)

    def _round_trip(self, service: str, method: str, body: bytes, headers: dict[str, Any], timeout: float) -> bytes:
        call_id = str(uuid.uuid4())
        answer = Signal()
        self._pending[call_id] = (service, answer)
        limit = eventlet.Timeout(timeout)
        try:
            self._listen()
            self._publisher.publish(
                body,
                exchange=topology.CALLS_EXCHANGE,
                routing_key=service,
                content_type=wire.CONTENT_TYPE,
                mandatory=True,
                persistent=False,
                timeout=min(timeout, CONFIRM_SECONDS * self._patience),
                headers=headers,
                type=method,
                reply_to=self._reply_to,
                correlation_id=call_id,
                expiration=timeout,
            )
            return self._awaited(answer)
        except eventlet.Timeout as fired:
            if fired is not limit:
                raise
            raise errors.TimedOut(service=service) from None
        except _NoAnswerComes as error:
            raise errors.TimedOut(service=service) from error
        finally:
            limit.cancel()
            self._pending.pop(call_id, None)

    def _awaited(self, answer: Signal) -> bytes:
        """Wait for an answer, and give it up when the broker turns out to be blocked: the one who answers could not send
        it. Raises :class:`_NoAnswerComes`.
        """
        while not connection.is_in_process(self._uri):
            with eventlet.Timeout(DOUBT_SECONDS, False):
                return answer.wait()
            self._ask_broker()
            if self.blocked and not answer.ready():
                raise _NoAnswerComes("the broker takes no message")
        return answer.wait()

    def _ask_broker(self) -> None:
        """Have the broker say whether it takes messages, once for all who wait; other troubles are not looked for here."""
        if self.blocked or time.monotonic() - self._asked_at < DOUBT_SECONDS:
            return
        self._asked_at = time.monotonic()
        try:
            self._publisher.publish(
                b"",
                exchange=topology.REPLIES_EXCHANGE,
                routing_key=self._reply_to,
                content_type=wire.CONTENT_TYPE,
                mandatory=False,
                persistent=False,
            )
        except PublishFailed as error:
            if isinstance(error.__cause__, amqp.exceptions.AccessRefused):
                self._asked_at = float("inf")  # the operator's account sends no replies, not even to itself

    @property
    def blocked(self) -> bool:
        """Whether the broker takes no message at present, its disk or its memory being short."""
        return self._publisher.blocked

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = DrainConsumer(
                self._uri,
                self._declare_reply_queue,
                self._on_reply,
                prefetch_count=0,
                no_ack=True,
                on_lost=self._on_lost,
            )
            self._thread = eventlet.spawn(self._listener.run)
        while not self._reply_to:
            self._connected.wait()

    def _declare_reply_queue(self, channel: Any) -> list[kombu.Queue]:
        queue = topology.reply_queue(self.name, str(uuid.uuid4()))(channel)
        queue.queue_declare()
        queue.queue_bind()
        self._reply_to = queue.name
        waiting, self._connected = self._connected, Signal()
        waiting.send(None)
        return [queue]

    def _on_reply(self, message: kombu.Message) -> None:
        if "correlation_id" not in message.properties:
            return  # its own question to the broker
        _, answer = self._pending.pop(message.properties.get("correlation_id"), ("", None))
        if answer is None:
            log.info("a reply came too late and was dropped")
            return
        answer.send(body_of(message))

    def _on_lost(self) -> None:
        """The reply queue died with its connection: those who wait for it must not wait in vain."""
        if not self._reply_to:
            return
        self._reply_to = ""
        pending, self._pending = self._pending, {}
        for service, answer in pending.values():
            answer.send_exception(errors.TimedOut(service=service))

    def refused(self) -> list[str]:
        """The services whose calls are refused at present because they failed again and again."""
        return sorted(service for service, breaker in self._breakers.items() if breaker.is_open)

    def close(self) -> None:
        """Close the connections; calls in flight get :class:`errors.TimedOut`."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.kill()
            with eventlet.Timeout(3, False):
                listener.stopped.wait()
            self._thread.kill()
        self._publisher.close()

    def acting(
        self, credentials: Credentials | None, correlation_id: str | None = None, key_seed: str | None = None
    ) -> "BoundBus":
        """A form of this bus whose calls all carry ``credentials`` and ``correlation_id``.

        With ``key_seed`` (an event's id, the idempotency key of the call being answered) the keys of write calls are
        derived from it and the request, so that a repeated handler repeats its calls instead of doing them twice.
        """
        return BoundBus(self, credentials, correlation_id, key_seed)


class BoundBus:
    """A :class:`Bus` that always calls in the same name."""

    def __init__(
        self, bus: Bus, credentials: Credentials | None, correlation_id: str | None, key_seed: str | None
    ) -> None:
        self._bus, self._credentials, self._correlation_id, self._key_seed = bus, credentials, correlation_id, key_seed

    def call(self, call: type[Call], /, **options: Any) -> Message:
        """See :meth:`Bus.call`."""
        return self.call_on(call.service, call, **options)

    def call_on(self, service: str, call: type[Call], /, **options: Any) -> Message:
        """See :meth:`Bus.call_on`."""
        options.setdefault("credentials", self._credentials)
        options.setdefault("correlation_id", self._correlation_id)
        if call.writes and self._key_seed is not None and options.get("idempotency_key") is None:
            options["idempotency_key"] = self._derived_key(service, call, options)
        return self._bus.call_on(service, call, **options)

    def _derived_key(self, service: str, call: type[Call], options: dict[str, Any]) -> str:
        values = {name: value for name, value in options.items() if name not in _OPTIONS}
        request = wire.fingerprint(call.method, call.Request(**values).dump())
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._key_seed}/{service}/{request}"))


_OPTIONS = {"credentials", "idempotency_key", "timeout", "correlation_id"}


def _opened(service: str, raw: bytes) -> dict[str, Any]:
    """The reply's result, or its error raised."""
    try:
        reply = wire.load(raw)
    except wire.Malformed as error:
        log.error("%s answered with something that is not a reply: %s", service, error)
        raise errors.Internal(incident="malformed-reply") from error
    if isinstance(reply.get("error"), dict):
        raise errors.load(reply["error"])
    return reply.get("result") or {}
