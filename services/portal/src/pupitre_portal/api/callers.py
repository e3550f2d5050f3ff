"""Who calls the API: the bearer token of an application and, on the compatible routes, the technical account's own login."""

import base64
import binascii
import datetime
import functools
from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from pupitre_contracts import errors, identity

from .. import bus

EXPIRY_HEADER = "Pupitre-Secret-Expires"

def technical_account(view: Callable) -> Callable:
    """Let a compatible route be called only with a valid token and ``cpro-account``; the account is then ``g.account``.

    Errors: identity.session-ended (token), identity.account-refused (login or password), identity.secret-expired (either).
    """

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        token = _bearer()
        login, password = _cpro_account()
        _act_as(access_token=token, login=login, password=password)
        return view(*args, **kwargs)

    return guarded


def resume_client() -> None:
    """Let Pupitre's own API act with the account of the client whose token comes. Errors: actor.missing, identity.session-ended."""
    if "Authorization" not in request.headers:
        raise errors.ActorMissing()
    _act_as(access_token=_bearer())


def tell_expiry(response: Response) -> Response:
    """Say on every answer to a technical account when the first of its secrets in use stops being good: a client can warn in time."""
    expires_at = g.get("secret_expires_at")
    if expires_at is not None:
        response.headers[EXPIRY_HEADER] = expires_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return response


def _act_as(**said: str) -> None:
    resumed = bus.call(identity.ResumeAccessToken, **said)
    g.account, g.secret_expires_at = resumed.account, resumed.secret_expires_at
    bus.act_with(resumed.tokens, lambda: bus.call(identity.ResumeAccessToken, **said).tokens)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.SessionEnded()
    return token.strip()


def _cpro_account() -> tuple[str, str]:
    try:
        decoded = base64.b64decode(request.headers.get("cpro-account", ""), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise errors.AccountRefused() from error
    login, separator, password = decoded.partition(":")
    if not (login and separator and decoded.isprintable()):
        raise errors.AccountRefused()
    return login, password
