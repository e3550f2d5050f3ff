"""How a request of the portal calls services: in the name of whoever signed in, bounded, traced by one correlation id."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message


class RequestTokens:
    """The actor tokens that identity gave for one request, one per service."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = dict(tokens)

    def token_for(self, audience: str) -> str:
        """Return the token that only ``audience`` accepts. Errors: actor.missing."""
        try:
            return self._tokens[audience]
        except KeyError:
            raise errors.ActorMissing() from None


def act_with(tokens: Mapping[str, str]) -> None:
    """Make the calls of the rest of this request carry ``tokens`` (a user's, or a technical account's)."""
    g.credentials = RequestTokens(tokens)


def call(call_class: type[Call], /, *, key: str | None = None, **values: Any) -> Message:
    """Call the service that owns ``call_class`` for this request; ``key`` is the idempotency key of a write.

    Raises the service's typed error; ``service-unavailable`` and ``service-timeout`` name the service that is missing.
    """
    return call_on(call_class.service, call_class, key=key, **values)


def call_on(service: str, call_class: type[Call], /, *, key: str | None = None, **values: Any) -> Message:
    """As :func:`call`, for the calls that every service answers."""
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
