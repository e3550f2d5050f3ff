"""The user's own account: personal data, password, sessions, rattachements and habilitations (R030)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import account_life, errors, identity

from . import bus, done, navigation
from .errors import faults_of, message
from .forms import PasswordForm, PersonalDataForm
from .forms_account import QuestionForm
from .languages import gettext
from .pages_sign_up import network, show_faults
from .security import form_key, form_version, session_cookie
from .sessions import signed_in

blueprint = Blueprint("account", __name__)


@blueprint.get("/mon-compte")
@signed_in
def show() -> str:
    """Show who the user is and what he may do (R014: all that somebody attached to no structure has)."""
    account = bus.call(identity.GetAccount).account
    open_sessions = bus.call(identity.ListSessions, session=_session()).sessions
    structures, trouble = _rights()
    return render_template(
        "account.html",
        account=account,
        sessions=open_sessions,
        structures=structures,
        labels=navigation.espace_labels(),
        trouble=message(trouble) if trouble else None,
        is_manager=any(each.role == "GP" for each in structures),
        is_unattached=structures == [] and trouble is None,
        done=done.said(),
    )


@blueprint.route("/mon-compte/donnees", methods=["GET", "POST"])
@signed_in
def change() -> Any:
    """Change personal data; Annuler leaves everything as it was (R027)."""
    account = bus.call(identity.GetAccount).account
    form = PersonalDataForm(data=account.personal.dump())
    version, refusal, status = account.version, None, 200
    if form.is_submitted():
        version = form_version()
    if form.validate_on_submit():
        personal = {name: form[name].data for name in identity.PersonalData.declared}
        personal |= {name: value or None for name, value in personal.items() if isinstance(value, str) and name not in _NEEDED}
        try:
            bus.call(
                identity.ChangePersonalData,
                key=form_key(),
                personal=identity.PersonalData(**personal),
                version=version,
            )
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        except errors.Conflict as error:
            refusal, status = message(error), error.status
        else:
            done.say(gettext("Vos données personnelles sont enregistrées."))
            return redirect(url_for("account.show"))
    status = status if status != 200 else 422 if form.errors or refusal else 200
    return render_template("personal_data.html", form=form, version=version, refusal=refusal), status


@blueprint.route("/mon-compte/mot-de-passe", methods=["GET", "POST"])
@signed_in
def password() -> Any:
    """Replace the password; the other sessions end (R028)."""
    form, refusal = PasswordForm(), None
    if form.validate_on_submit():
        try:
            ended = bus.call(
                identity.ChangePassword,
                key=form_key(),
                current=form.current.data,
                new=form.password.data,
                session=_session(),
                network=network(),
            ).ended
        except errors.PasswordWrong as error:
            form.current.errors = [message(error)]
        except errors.PasswordTooWeak as error:
            form.password.errors = [message(error)]
        except (errors.TooManyTries, errors.Conflict) as error:
            refusal = message(error)
        else:
            done.say(gettext("Votre mot de passe est changé ; sessions terminées ailleurs : %(count)s.", count=ended))
            return redirect(url_for("account.show"))
    return render_template("password.html", form=form, refusal=refusal), 422 if form.errors or refusal else 200


@blueprint.route("/mon-compte/question-secrete", methods=["GET", "POST"])
@signed_in
def question() -> Any:
    """Choose another secret question and its answer, where they are the policy (R029)."""
    account = bus.call(identity.GetAccount).account
    if not account.wants_question:
        raise errors.NotFound(what="page")
    form, refusal = QuestionForm(), None
    if form.validate_on_submit():
        try:
            bus.call(
                account_life.SetSecretQuestion,
                key=form_key(),
                current=form.current.data,
                question=form.question.data,
                answer=form.new_answer.data,
                network=network(),
            )
        except errors.PasswordWrong as error:
            form.current.errors = [message(error)]
        except errors.Invalid as error:
            faults = faults_of(error)
            form.question.errors, form.new_answer.errors = faults.get("question", []), faults.get("answer", [])
        except errors.TooManyTries as error:
            refusal = message(error)
        else:
            done.say(gettext("Votre question secrète est enregistrée."))
            return redirect(url_for("account.show"))
    elif not form.is_submitted():
        form.question.data = account.question
    return render_template("question.html", form=form, refusal=refusal), 422 if form.errors or refusal else 200


@blueprint.post("/mon-compte/sessions")
@signed_in
def end_sessions() -> Any:
    """End the sessions that were ticked."""
    ended = bus.call(identity.EndSessions, key=form_key(), session_ids=request.form.getlist("session")).ended
    done.say(gettext("Sessions terminées : %(count)s.", count=ended))
    return redirect(url_for("account.show"))


_NEEDED = ("given_name", "family_name")


def _session() -> str:
    return request.cookies.get(session_cookie(), "")


def _rights() -> tuple[list[Any], errors.PupitreError | None]:
    try:
        return navigation.rights(), None
    except (errors.Unavailable, errors.TimedOut, errors.Internal) as error:
        return [], error
