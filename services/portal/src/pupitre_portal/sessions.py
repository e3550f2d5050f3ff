"""Who visits: each request resumes the session that its cookie names, and acts with the tokens that identity then gives."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, redirect, request, url_for
from pupitre_contracts import errors, identity

from . import bus
from .errors import is_api
from .security import WITHOUT_FORMS, session_cookie


def begin_request() -> None:
    """Give the request its correlation id, and its user where a session is open.

    When identity does not answer, pages that need nobody in particular are still shown; the others say so.
    """
    g.correlation_id = str(uuid.uuid4())
    g.user = g.session_trouble = None
    secret = request.cookies.get(session_cookie())
    if not secret or request.endpoint in WITHOUT_FORMS or is_api():
        return
    try:
        resumed = bus.call(identity.ResumeSession, session=secret)
    except errors.PupitreError as error:
        g.session_trouble = error
        return
    g.user = resumed.user
    bus.act_with(resumed.tokens, lambda: bus.call(identity.ResumeSession, session=secret).tokens)


def signed_in(view: Callable) -> Callable:
    """Show a page only to somebody signed in; others are sent to the sign-in page and come back afterwards."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if g.user is None:
            raise g.session_trouble or errors.ActorMissing()
        return view(*args, **kwargs)

    return guarded


def open_for(secret: str, wanted: str | None = None) -> Response:
    """Answer a successful sign-in: set the session's cookie and go where the visitor wanted to."""
    response = redirect(wanted_page(wanted))
    response.set_cookie(
        session_cookie(), secret, httponly=True, samesite="Lax", path="/", secure=session_cookie().startswith("__Host-")
    )
    return response


def forget_cookie(response: Response) -> Response:
    """Take the session's cookie away from the browser."""
    response.delete_cookie(
        session_cookie(), path="/", secure=session_cookie().startswith("__Host-"), httponly=True, samesite="Lax"
    )
    return response


def wanted_page(wanted: str | None = None) -> str:
    """Return the page asked for before signing in, if it is one of this portal's, else the home page."""
    wanted = request.args.get("suite", "") if wanted is None else wanted
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if inside else url_for("home.home")


def _forget_ended(response: Response) -> Response:
    return forget_cookie(response) if isinstance(g.get("session_trouble"), errors.SessionEnded) else response


def init_app(app: Flask) -> None:
    """Resume the session before anything else happens."""
    app.before_request(begin_request)
    app.after_request(_forget_ended)
