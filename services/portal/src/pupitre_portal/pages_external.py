"""Signing in through the identity provider, and the data that are checked and validated at the first time (R024, R025)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from pupitre_contracts import errors, external_sign_in, identity

from . import bus, sessions
from .errors import message
from .forms import PersonalDataForm
from .pages_sign_up import network, show_faults
from .security import form_key

blueprint = Blueprint("external", __name__, url_prefix="/connexion/externe")

_WAY, _PENDING = "external", "external_pending"
_NEEDED = ("given_name", "family_name")


@blueprint.get("/")
def begin() -> Any:
    """Send the browser to the identity provider; what ties its answer to this browser stays in the browser."""
    begun = bus.call(external_sign_in.BeginExternalSignIn, redirect_uri=_back())
    session[_WAY] = {"browser_secret": begun.browser_secret, "suite": request.args.get("suite", "")}
    return redirect(begun.address)


@blueprint.get("/retour")
def back() -> Any:
    """Take the provider's answer: a session, or the form of the first time. An answer can be used once."""
    way = session.pop(_WAY, None)
    if way is None or "code" not in request.args:
        raise errors.ExternalSignInRefused(
            why_fr="elle a été abandonnée, ou a été commencée ailleurs", why_en="it was given up, or was begun elsewhere"
        )
    done = bus.call(
        external_sign_in.CompleteExternalSignIn,
        key=form_key(),
        browser_secret=way["browser_secret"],
        state=request.args.get("state", ""),
        code=request.args["code"],
        redirect_uri=_back(),
        network=network(),
        agent=request.user_agent.string or None,
    )
    if done.session:
        return sessions.open_for(done.session, way["suite"])
    session[_PENDING] = {"pending": done.pending, "suite": way["suite"]}
    return redirect(url_for("external.profile"))


@blueprint.route("/profil", methods=["GET", "POST"])
def profile() -> Any:
    """Show what the provider told, to be checked, completed and validated (R025)."""
    kept = session.get(_PENDING)
    if kept is None:
        raise errors.LinkRefused()
    shown = bus.call(external_sign_in.ExternalProfile, pending=kept["pending"])
    form, refusal = PersonalDataForm(data=shown.personal.dump()), None
    if form.validate_on_submit():
        try:
            confirmed = bus.call(
                external_sign_in.ConfirmExternalProfile,
                key=form_key(),
                pending=kept["pending"],
                personal=identity.PersonalData(**_personal(form)),
                network=network(),
                agent=request.user_agent.string or None,
            )
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        else:
            session.pop(_PENDING)
            wanted = kept["suite"]
            if confirmed.structure_identifier and not wanted:
                wanted = url_for("rattachements.search", identifiant=confirmed.structure_identifier)
            return sessions.open_for(confirmed.session, wanted)
    status = 422 if form.errors or refusal else 200
    return render_template("external_profile.html", form=form, shown=shown, refusal=refusal), status


def _personal(form: PersonalDataForm) -> dict[str, Any]:
    values = {name: form[name].data for name in identity.PersonalData.declared}
    return values | {name: value or None for name, value in values.items() if isinstance(value, str) and name not in _NEEDED}


def _back() -> str:
    return url_for("external.back", _external=True)
