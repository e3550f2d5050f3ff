"""POST /api/oauth/token: OAuth 2 client credentials, in the forms that real clients send."""

import functools
import logging
import urllib.parse
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Response, g, request
from pupitre_contracts import errors, identity
from werkzeug.exceptions import HTTPException

from .. import bus
from . import words
from .answers import json_response

log = logging.getLogger(__name__)

blueprint = Blueprint("api_tokens", __name__)

GRANT = "client_credentials"


def oauth(view: Callable) -> Callable:
    """Turn every error into the JSON of RFC 6749, which clients parse whatever the status; answers are never cached."""

    @functools.wraps(view)
    def answered() -> Response:
        try:
            response = view()
        except errors.ClientRefused as error:
            response = _refused("invalid_client", words.of(error))
        except errors.SecretExpired as error:
            response = _refused("invalid_client", words.of(error), code=error.code)
        except errors.PupitreError as error:
            response = _refused("temporarily_unavailable" if error.status > 500 else "server_error", words.of(error), error.status)
        except HTTPException as error:
            response = _refused("invalid_request", error.name, error.code or 400)
        except Exception:
            incident = g.get("correlation_id") or uuid.uuid4()
            log.exception("request failed, incident %s", incident)
            response = _refused("server_error", words.of(errors.Internal(incident=incident)), 500)
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


@blueprint.post("/api/oauth/token")
@oauth
def token() -> Response:
    """Exchange a client's id and secret, in the form or in a Basic header, for a bearer token of one hour."""
    form = _form()
    if _decoded(form.get("grant_type", "")) != GRANT:
        return _refused("unsupported_grant_type", words.either(f"grant_type doit valoir {GRANT}", f"grant_type must be {GRANT}"))
    pairs = [pair for pair in _credentials(form) if all(pair)]
    if not pairs:
        return _refused(
            "invalid_request",
            words.either(
                "client_id et client_secret sont obligatoires, dans le formulaire ou dans un en-tête Basic",
                "client_id and client_secret are required, in the form or in a Basic header",
            ),
        )
    issued = _issued(pairs, _decoded(form.get("scope", "")) or "openid")
    g.secret_expires_at = issued.secret_expires_at
    return json_response(
        {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": issued.scope,
        }
    )


def _issued(pairs: Iterable[tuple[str, str]], scope: str) -> Any:
    """Ask with each reading of the credentials; the first that identity knows counts."""
    for client_id, secret in pairs:
        if not (client_id + secret).isprintable():
            continue
        try:
            return bus.call(identity.IssueAccessToken, client_id=client_id, client_secret=secret, scope=scope)
        except errors.ClientRefused:
            continue
    raise errors.ClientRefused()


def _form() -> dict[str, str]:
    """The fields as they were sent, still encoded, whatever Content-Type says: the first of each name."""
    fields: dict[str, str] = {}
    for field in request.get_data().decode("utf-8", "replace").strip().split("&"):
        name, _, value = field.partition("=")
        fields.setdefault(_decoded(name), value)
    return fields


def _credentials(form: dict[str, str]) -> list[tuple[str, str]]:
    """The ways to read the credentials, most usual first.

    Clients exist that put the secret into the form, or into the Basic header, without the encoding that the standard asks for: a
    ``+`` or a ``%`` is then meant as it stands.
    """
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        sent = basic.username or "", basic.password or ""
        return _distinct(sent, tuple(map(_decoded, sent)))
    sent = form.get("client_id", ""), form.get("client_secret", "")
    return _distinct(tuple(map(_decoded, sent)), sent, tuple(map(urllib.parse.unquote, sent)))


def _distinct(*pairs: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(pairs))


def _decoded(value: str) -> str:
    return urllib.parse.unquote_plus(value)


def _refused(error: str, description: str, status: int = 400, **more: str) -> Response:
    return json_response({"error": error, "error_description": description, **more}, status)
