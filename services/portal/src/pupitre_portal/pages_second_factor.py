"""A second factor for signing in (RS-54): turning it on and off, and the second step of a sign-in."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import account_life, errors, identity

from . import bus, done, qr, sessions
from .errors import message
from .forms_account import CodeForm, CurrentPasswordForm
from .languages import gettext
from .pages_sign_up import network
from .security import form_key, session_cookie
from .sessions import signed_in

blueprint = Blueprint("second_factor", __name__)


@blueprint.get("/mon-compte/second-facteur")
@signed_in
def show() -> Any:
    """Say whether signing in asks for a code, and offer to change that."""
    return _page(CurrentPasswordForm())


@blueprint.post("/mon-compte/second-facteur")
@signed_in
def start() -> Any:
    """Get a key for the authenticator; nothing counts before a first code is given."""
    return _with_password(
        account_life.StartSecondFactor, lambda reply: redirect(url_for("second_factor.enrol"))
    )


@blueprint.route("/mon-compte/second-facteur/cle", methods=["GET", "POST"])
@signed_in
def enrol() -> Any:
    """Show the key to scan or to type, and take the first code; then the recovery codes are shown, once."""
    form, refusal, status = CodeForm(), None, 200
    if form.validate_on_submit():
        try:
            codes = bus.call(
                account_life.ConfirmSecondFactor,
                key=form_key(),
                code=form.code.data,
                session=request.cookies.get(session_cookie(), ""),
                network=network(),
            ).recovery_codes
            said = gettext("Le second facteur est activé, et vos autres sessions sont terminées.")
            return render_template("recovery_codes.html", codes=codes, said=said)
        except errors.CodeWrong as error:
            form.code.errors = [message(error)]
        except errors.TooManyTries as error:
            refusal, status = message(error), error.status
    pending = bus.call(account_life.PendingSecondFactor)
    drawing = qr.drawing_of(pending.uri)
    key = " ".join(pending.key[at : at + 4] for at in range(0, len(pending.key), 4))
    shown = render_template("second_factor_key.html", form=form, drawing=drawing, key=key, refusal=refusal)
    return shown, status if status != 200 else 422 if form.errors else 200


@blueprint.post("/mon-compte/second-facteur/codes")
@signed_in
def renew() -> Any:
    """Replace the recovery codes; the new ones are shown, once."""
    return _with_password(
        account_life.RenewRecoveryCodes,
        lambda reply: render_template(
            "recovery_codes.html", codes=reply.recovery_codes, said=gettext("Les anciens codes ne servent plus.")
        ),
    )


@blueprint.post("/mon-compte/second-facteur/arret")
@signed_in
def disable() -> Any:
    """Sign in with the password alone from now on."""

    def gone(reply: Any) -> Any:
        done.say(gettext("Le second facteur est désactivé : le mot de passe suffit de nouveau."))
        return redirect(url_for("account.show"))

    return _with_password(account_life.DisableSecondFactor, gone)


@blueprint.post("/connexion/code")
def sign_in() -> Any:
    """Second step of a sign-in, after the password."""
    form, refusal, status = CodeForm(), None, 200
    challenge = request.form.get("challenge", "")
    if form.validate_on_submit():
        try:
            opened = bus.call(
                account_life.SignInWithCode,
                key=form_key(),
                challenge=challenge,
                code=form.code.data,
                network=network(),
                agent=request.user_agent.string or None,
            )
            return sessions.open_for(opened.session)
        except errors.SignInExpired:
            return redirect(url_for("session.sign_in", fin="code", suite=request.args.get("suite")))
        except errors.CodeWrong as error:
            form.code.errors = [message(error)]
        except errors.TooManyTries as error:
            refusal, status = message(error), error.status
    return code_page(form, challenge, refusal), status if status != 200 else 422


def code_page(form: CodeForm, challenge: str, refusal: str | None = None) -> str:
    """Return the page that asks for the code."""
    return render_template("sign_in_code.html", form=form, challenge=challenge, refusal=refusal)


def _with_password(call: Any, answered: Any) -> Any:
    """Call what needs the present password, and say beside it what is wrong with it."""
    form, refusal, status = CurrentPasswordForm(), None, 422
    if form.validate_on_submit():
        try:
            return answered(bus.call(call, key=form_key(), current=form.current.data, network=network()))
        except errors.PasswordWrong as error:
            form.current.errors = [message(error)]
        except (errors.TooManyTries, errors.Conflict) as error:
            refusal, status = message(error), error.status
    return _page(form, refusal, status)


def _page(form: CurrentPasswordForm, refusal: str | None = None, status: int = 200) -> Any:
    account = bus.call(identity.GetAccount).account
    return render_template("second_factor.html", form=form, account=account, refusal=refusal), status
