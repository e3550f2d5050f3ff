"""The server side of calls: one queue per service, one entrypoint, and the way from a request's bytes to a reply's.

A handler is a method marked with :func:`rpc`. It gets the request and a scope, and returns the reply or raises a
typed error.
"""

import logging
import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import kombu
from nameko.extensions import Entrypoint
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message

from . import actors, topology, wire
from .consumer import DrainConsumer, body_of
from .core import Core
from .intake import DATABASE_DOWN
from .publisher import Publisher, PublishFailed, Unroutable

if TYPE_CHECKING:
    from .core import Runtime
    from .scope import Scope

log = logging.getLogger(__name__)
#: What an enemy tried: every refused identity is a line of it, kept wherever the logs are kept.
security = logging.getLogger("pupitre.security")

CALL_ATTRIBUTE = "pupitre_calls"
PREFETCH = 12
REPLY_SECONDS = 3


def rpc(*calls: type[Call]) -> Callable:
    """Mark a method ``(self, request, scope)`` as the handler of ``calls``.

    It returns the call's ``Reply`` or a dictionary of its fields; calls that write must end with ``tx.answer(reply)``.
    """

    def mark(method: Callable) -> Callable:
        setattr(method, CALL_ATTRIBUTE, (*getattr(method, CALL_ATTRIBUTE, ()), *calls))
        return method

    return mark


def calls_of(service_class: type) -> dict[str, tuple[type[Call], str]]:
    """Every call that ``service_class`` answers: method on the bus -> (call, name of the Python method)."""
    found: dict[str, tuple[type[Call], str]] = {}
    for name in dir(service_class):
        for call in getattr(getattr(service_class, name), CALL_ATTRIBUTE, ()):
            if call.method in found and found[call.method][1] != name:
                raise TypeError(
                    f"{service_class.__name__} answers {call.method} twice: {found[call.method][1]} and {name}"
                )
            found[call.method] = (call, name)
    return found


class CallsEntrypoint(Entrypoint):
    """Takes requests from ``rpc.<service>``, runs each in a worker, sends the reply, then acknowledges.

    A reply that cannot be sent is given up: the effect stands, and the caller repeats with its idempotency key.
    """

    core = Core()

    def start(self) -> None:
        runtime = self.core.runtime
        self.replies = Publisher(runtime.amqp_uri)
        runtime.publishers.append(self.replies)
        self.consumer = DrainConsumer(runtime.amqp_uri, self._declare, self._on_request, prefetch_count=PREFETCH)
        runtime.consumers.append(self.consumer)
        self.container.spawn_managed_thread(self.consumer.run, identifier="calls")

    def stop(self) -> None:
        if hasattr(self, "consumer"):
            self.consumer.stop()
            topology.delete_idle_rpc_queue(self.core.runtime.amqp_uri, self.container.service_name)
            self.replies.close()

    def kill(self) -> None:
        if hasattr(self, "consumer"):
            self.consumer.kill()
            self.replies.close()

    def _declare(self, channel: Any) -> list[kombu.Queue]:
        queue = topology.rpc_queue(self.container.service_name)(channel)
        queue.queue_declare()
        queue.queue_bind()
        return [queue]

    def _on_request(self, message: kombu.Message) -> None:
        self.container.spawn_worker(self, (message,), {}, handle_result=partial(self._finish, message))

    def _finish(self, message: kombu.Message, worker_ctx: Any, result: bytes | None, exc_info: Any) -> tuple:
        if exc_info is not None:
            result = wire.failure(incident(exc_info[1]))
        reply_to = message.properties.get("reply_to")
        if result is not None and reply_to:
            self._reply(result, reply_to, message.properties.get("correlation_id"))
        self.consumer.ack(message)
        return result, None

    def _reply(self, body: bytes, reply_to: str, call_id: str) -> None:
        try:
            self.replies.publish(
                body,
                exchange=topology.REPLIES_EXCHANGE,
                routing_key=reply_to,
                content_type=wire.CONTENT_TYPE,
                persistent=False,
                timeout=REPLY_SECONDS * self.core.runtime.deployment.patience,
                correlation_id=call_id,
            )
        except Unroutable:
            log.info("the caller of %s is gone: its reply was dropped", call_id)
        except PublishFailed as error:
            log.warning("the reply to %s was given up: %s", call_id, error)


def answer(runtime: "Runtime", service: Any, message: kombu.Message) -> bytes | None:
    """Run the handler that ``message`` asks for and return the reply's body; None when nobody waits for it any more."""
    if wire.is_late(message.headers):
        log.info("%s came after its deadline and was dropped", message.properties.get("type"))
        return None
    try:
        return wire.result(_handled(runtime, service, message))
    except errors.PupitreError as error:
        return wire.failure(error)
    except DATABASE_DOWN as error:
        # Not a fault of this service's code: the caller is told to come back, and its key keeps a half-known commit from counting twice.
        log.error("%s: the database failed a call", runtime.name, exc_info=error)
        return wire.failure(errors.Unavailable(service=runtime.name))
    except Exception as error:
        return wire.failure(incident(error))


def _handled(runtime: "Runtime", service: Any, message: kombu.Message) -> dict[str, Any]:
    method, headers = message.properties.get("type"), message.headers
    call, attribute = runtime.calls.get(method, (None, ""))
    if call is None:
        raise errors.UnknownCall(service=runtime.name, method=str(method))
    actor = _actor(runtime, call, headers.get(wire.ACTOR))
    if call.service is not None and service.admission is not None:
        service.admission.admit(call.method, actor)
    request = call.Request.load(_values(body_of(message)))
    key = headers.get(wire.IDEMPOTENCY_KEY) if call.writes else None
    if call.writes and not key:
        raise errors.Invalid(what=method, fields={"idempotency_key": ["a call that writes needs one"]})
    scope = runtime.scope(
        actor=actor,
        correlation_id=headers.get(wire.CORRELATION),
        key_seed=key,
        call=call,
        request=request,
        idempotency_key=key,
    )
    handler = partial(getattr(service, attribute), request, scope)
    return _dumped(call, _once(scope, handler) if key else handler())


def _once(scope: "Scope", handler: Callable[[], Any]) -> Any:
    """Run a writing handler unless its key was already answered; a twin that committed meanwhile gives the answer.

    A twin shows as a key that is taken, or as its effect: a version that has changed, a number that is taken.
    """
    stored = scope.stored_answer()
    if stored is not None:
        return stored
    try:
        return handler()
    except errors.PupitreError:
        stored = scope.stored_answer()
        if stored is None:
            raise
        return stored


def _dumped(call: type[Call], reply: Any) -> dict[str, Any]:
    if not isinstance(reply, Message):
        reply = call.Reply(**(reply or {}))
    return reply.dump()


def _values(body: bytes) -> dict[str, Any]:
    try:
        return wire.load(body)
    except wire.Malformed as error:
        raise errors.Invalid(what="request", fields={"_schema": [str(error)]}) from error


def _actor(runtime: "Runtime", call: type[Call], token: str | None) -> actors.Actor | None:
    if token:
        try:
            return runtime.keyring.verify(token, runtime.name)
        except errors.ActorInvalid as error:
            why, claims = ascii(error.__cause__)[:300], actors.claimed(token)
            security.warning("%s refused %s: the actor token does not hold (%s); %s", runtime.name, call.method, why, claims)
            raise
    if not call.anonymous:
        security.warning("%s refused %s: no actor token", runtime.name, call.method)
        raise errors.ActorMissing()
    return None


def incident(error: BaseException) -> errors.Internal:
    """Log ``error`` under a number and return the error that tells the number and nothing else."""
    number = uuid.uuid4().hex[:12]
    log.error("incident %s", number, exc_info=error)
    return errors.Internal(incident=number)
