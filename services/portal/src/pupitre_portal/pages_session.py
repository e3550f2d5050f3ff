"""Signing in and out; in the demonstration, the personas that may."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from pupitre_contracts import errors, identity

from . import bus, sessions
from .errors import message
from .forms import SignInForm
from .forms_account import CodeForm
from .languages import gettext
from .pages_second_factor import code_page
from .security import form_key, session_cookie

blueprint = Blueprint("session", __name__)


@blueprint.route("/connexion", methods=["GET", "POST"])
def sign_in() -> Any:
    """Show the form, or open a session."""
    if g.user is not None and request.method == "GET":
        return redirect(sessions.wanted_page())
    form = SignInForm()
    refusal = None
    if form.validate_on_submit():
        try:
            opened = bus.call(
                identity.SignIn,
                key=form_key(),
                email=form.email.data,
                password=form.password.data,
                network=request.remote_addr or "unknown",
                agent=request.user_agent.string or None,
            )
            return sessions.open_for(opened.session)
        except errors.SecondFactorNeeded as error:
            return code_page(CodeForm(formdata=None), error.details["challenge"])
        except (
            errors.SignInRefused,
            errors.TooManyTries,
            errors.NotActivated,
            errors.LocalSignInClosed,
            errors.AccountDeactivated,
        ) as error:
            refusal = error
    elif not form.is_submitted():
        form.email.data = request.args.get("adresse")
    shown = render_template(
        "sign_in.html",
        form=form,
        refusal=message(refusal) if refusal else None,
        provider=current_app.extensions["pupitre"].settings.oidc_label,
        is_technical=refusal is not None and (form.email.data or "").upper().startswith("TECH_"),
        is_inactive=isinstance(refusal, errors.NotActivated),
        deactivated=refusal.details if isinstance(refusal, errors.AccountDeactivated) else None,
        personas=_personas(),
        chosen=_chosen(),
        ending=_ending(),
    )
    return shown, 422 if form.errors else refusal.status if refusal else 200


@blueprint.post("/deconnexion")
def sign_out() -> Response:
    """Close the session, here and at identity."""
    secret = request.cookies.get(session_cookie())
    if secret:
        bus.call(identity.SignOut, key=form_key(), session=secret)
    return sessions.forget_cookie(redirect(url_for("session.sign_in", fin="deconnexion")))


def _ending() -> str | None:
    """Why the visitor is here again, where he was signed in before."""
    return {
        "deconnexion": gettext("Vous êtes déconnecté."),
        "activation": gettext("Votre compte est activé. Connectez-vous."),
        "mot-de-passe": gettext("Votre mot de passe est changé. Connectez-vous."),
        "desactivation": gettext("Votre compte est désactivé. Un mail dit comment le réactiver dans les 60 jours."),
        "reactivation": gettext("Votre compte est réactivé. Connectez-vous avec le nouveau mot de passe."),
        "code": gettext("Le code n'a pas été donné à temps, ou trop de codes étaient faux. Recommencez la connexion."),
        "session": gettext("Votre session est terminée. Identifiez-vous de nouveau pour revenir à la page demandée."),
    }.get(request.args.get("fin", ""))


def _chosen() -> dict[str, Any] | None:
    """The persona whose address and password fill the form."""
    wanted = request.args.get("persona")
    return next((persona for persona in _personas() if persona.get("key") == wanted), None)


def _personas() -> list[dict[str, Any]]:
    settings = current_app.extensions["pupitre"].settings
    if not settings.demo:
        return []
    try:
        personas = json.loads(settings.demo_file.read_text("utf-8"))["personas"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [persona for persona in personas if isinstance(persona, dict)]
