"""What every answer of the portal carries, and what every form must: headers, CSRF tokens bound to the session, keys of writes."""

import hashlib
import uuid

from flask import Flask, Response, abort, current_app, request, session
from flask_wtf.csrf import CSRFProtect
from pupitre_contracts import errors

from .errors import is_api

csrf = CSRFProtect()

WITHOUT_FORMS = frozenset({"static", "health.livez", "health.readyz", "espace_assets.asset"})
"""Endpoints that need neither session nor form token."""

REVALIDATED = frozenset({"api_directory.download"})
"""Endpoints with an ETag whose answers hold nobody's data: kept by whoever likes, and asked for again each time."""

ASSETS = "espace_assets.asset"
"""Assets of plugins, which are nobody's data and say themselves for how long they are kept."""

_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def session_cookie() -> str:
    """Return the name of the cookie that holds the session's secret; its prefix makes browsers refuse it from elsewhere."""
    return "__Host-pupitre" if current_app.extensions["pupitre"].settings.cookie_secure else "pupitre"


def form_key() -> str:
    """Return the idempotency key that the submitted form was shown with, or a new one where it is missing or altered."""
    try:
        return str(uuid.UUID(request.form.get("idempotency_key", "")))
    except ValueError:
        return str(uuid.uuid4())


def form_version(name: str = "version") -> int:
    """Return the version that the submitted form was shown for. Errors: invalid when it is missing or altered."""
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise errors.Invalid(what="version", fields={"version": [text]})
    return int(text)


def _bind_forms_to_session() -> None:
    """Forget the form token of another session: one got before signing in, or by somebody else, opens nothing."""
    if is_api() or request.endpoint in WITHOUT_FORMS:
        return
    secret = request.cookies.get(session_cookie(), "")
    owner = hashlib.sha256(secret.encode()).hexdigest()[:32]
    if session.get("owner") != owner:
        session.clear()
        session["owner"] = owner


def _refuse_foreign_forms() -> None:
    """Browsers say where a request comes from: a form of another site is refused before its token is looked at."""
    if request.method in _UNSAFE and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(403)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint == "static":
        headers["Cache-Control"] = "public, max-age=3600"
    elif request.endpoint == ASSETS and response.status_code in (200, 304):
        pass  # its address names its content, or its ETag is asked for
    elif request.endpoint in REVALIDATED and response.status_code in (200, 304):
        headers["Cache-Control"] = "public, no-cache"
    else:
        headers["Cache-Control"] = "no-store"
    if current_app.extensions["pupitre"].settings.cookie_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def init_app(app: Flask) -> None:
    """Protect all forms; blueprints for programs are exempted with ``csrf.exempt(blueprint)``."""
    app.config.update(
        SESSION_COOKIE_NAME="pupitre_formulaires",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.extensions["pupitre"].settings.cookie_secure,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy may hide the Referer; Sec-Fetch-Site and the bound token do this work
    )
    app.before_request(_refuse_foreign_forms)
    app.before_request(_bind_forms_to_session)
    csrf.init_app(app)
    app.after_request(_add_headers)
    app.jinja_env.globals["new_key"] = lambda: str(uuid.uuid4())
