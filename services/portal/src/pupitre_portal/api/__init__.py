"""What programs talk to: Pupitre's own API under /api/v1, and the routes that existing Chorus Pro clients speak under /cpro.

Both sit on the same calls as the pages, so the same check gives the same answer everywhere; neither decides anything.
"""

from collections.abc import Callable

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from . import (
    answers,
    callers,
    factures,
    own,
    searches,
    structures,
    submitting,
    telecharger,
    tokens,
    traitement,
    transverses,
    valideur,
)

BLUEPRINTS = (
    tokens.blueprint,
    factures.blueprint,
    searches.blueprint,
    traitement.blueprint,
    valideur.blueprint,
    structures.blueprint,
    submitting.blueprint,
    telecharger.blueprint,
    transverses.blueprint,
)


def init_app(app: Flask, csrf: CSRFProtect, pause: Callable[[], None]) -> None:
    """Register the routes; a bearer token, not a cookie, proves who calls, so that no form token is asked for. ``pause`` is called
    after each part."""
    for blueprint in BLUEPRINTS:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
        pause()
    for blueprint in own.WITH_TOKEN:
        csrf.exempt(blueprint)
    own.init_app(app, csrf, pause)
    app.after_request(answers.enveloped)
    app.after_request(callers.tell_expiry)
