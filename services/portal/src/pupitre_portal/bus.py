"""How a request of the portal calls services: in the name of whoever signed in, bounded, traced by one correlation id."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, g
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message

#: Tokens last a minute: an answer that is sent for longer has them renewed before.
RENEW_SECONDS = 40


class RequestTokens:
    """The actor tokens that identity gave for one request, one per service; ``renew`` asks for them anew, so that who was signed out
    meanwhile gets no further."""

    def __init__(self, tokens: Mapping[str, str], renew: Callable[[], Mapping[str, str]]) -> None:
        self._tokens, self._renew, self._given = dict(tokens), renew, time.monotonic()

    def token_for(self, audience: str) -> str:
        """Return the token that only ``audience`` accepts. Errors: actor.missing, and what renewing raises."""
        if time.monotonic() - self._given > RENEW_SECONDS:
            self._tokens, self._given = dict(self._renew()), time.monotonic()
        try:
            return self._tokens[audience]
        except KeyError:
            raise errors.ActorMissing() from None


def act_with(tokens: Mapping[str, str], renew: Callable[[], Mapping[str, str]]) -> None:
    """Make the calls of the rest of this request carry ``tokens`` (a user's, or a technical account's), and later those of ``renew``."""
    g.credentials = RequestTokens(tokens, renew)


def call(call_class: type[Call], /, *, key: str | None = None, **values: Any) -> Message:
    """Call the service that owns ``call_class`` for this request; ``key`` is the idempotency key of a write.

    Raises the service's typed error; ``service-unavailable`` and ``service-timeout`` name the service that is missing.
    """
    return call_on(call_class.service, call_class, key=key, **values)


def call_with(call_class: type[Call], values: Mapping[str, Any]) -> Message:
    """As :func:`call`, for the calls that have a field called ``key``; a write gets an idempotency key of its own."""
    return _call(call_class.service, call_class, None, values)


def call_on(service: str, call_class: type[Call], /, *, key: str | None = None, **values: Any) -> Message:
    """As :func:`call`, for the calls that every service answers."""
    return _call(service, call_class, key, values)


def _call(service: str, call_class: type[Call], key: str | None, values: Mapping[str, Any]) -> Message:
    credentials = g.get("credentials")
    if credentials is None and not call_class.anonymous:
        raise errors.ActorMissing()
    return current_app.extensions["pupitre"].bus.call_on(
        service,
        call_class,
        credentials=None if call_class.anonymous else credentials,
        correlation_id=g.correlation_id,
        idempotency_key=key,
        **values,
    )
