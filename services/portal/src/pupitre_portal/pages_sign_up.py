"""Getting an account, and getting into it again when the password is forgotten. Nothing here tells which addresses have accounts."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import account_life, errors, identity

from . import bus
from .errors import faults_of, message
from .forms import ActivationForm, AddressForm, ResetForm, SignUpForm
from .forms_account import ResetWithAnswerForm
from .languages import current, gettext
from .security import form_key

blueprint = Blueprint("sign_up", __name__)


@blueprint.route("/inscription", methods=["GET", "POST"])
def sign_up() -> Any:
    """Ask for an account; the link that makes it usable comes by mail (R022)."""
    form = SignUpForm()

    def ask() -> Any:
        bus.call(
            identity.SignUp,
            key=form_key(),
            email=form.email.data,
            given_name=form.given_name.data,
            family_name=form.family_name.data,
            password=form.password.data,
            language=current(),
            network=network(),
        )
        return _sent(form.email.data)

    return _answered("sign_up.html", form, ask)


@blueprint.route("/activation", methods=["GET", "POST"])
def ask_activation() -> Any:
    """Ask for another activation link; the older one is void (R023)."""
    return _ask_for_link("activation", gettext("Recevoir un nouveau lien d'activation"))


@blueprint.route("/activation/<link>", methods=["GET", "POST"])
def activate(link: str) -> Any:
    """Show a page, so that a scanner of mails that follows the link changes nothing; the form activates the account."""
    form = ActivationForm()

    def ask() -> Any:
        activated = bus.call(
            identity.ActivateAccount, key=form_key(), link=link, password=form.password.data, network=network()
        )
        return redirect(url_for("session.sign_in", fin="activation", adresse=activated.email))

    return _answered("activation.html", form, ask)


@blueprint.route("/mot-de-passe/oublie", methods=["GET", "POST"])
def ask_reset() -> Any:
    """Ask for a link that replaces a forgotten password."""
    return _ask_for_link("reset", gettext("Mot de passe oublié"))


@blueprint.route("/mot-de-passe/nouveau/<link>", methods=["GET", "POST"])
def reset(link: str) -> Any:
    """Choose the password that replaces the forgotten one."""
    try:
        question = bus.call(account_life.DescribeLink, link=link).question
    except errors.LinkRefused as error:
        return render_template("reset.html", form=None, refusal=message(error), is_dead=True), error.status
    form = ResetWithAnswerForm() if question else ResetForm()

    def ask() -> Any:
        values = {"answer": form.answer.data} if question else {}
        found = bus.call(identity.ResetPassword, key=form_key(), link=link, password=form.password.data, **values)
        return redirect(url_for("session.sign_in", fin="mot-de-passe", adresse=found.email))

    return _answered("reset.html", form, ask, question=question)


def network() -> str:
    """Return where the request comes from, as identity counts tries."""
    return request.remote_addr or "unknown"


def _ask_for_link(purpose: str, title: str) -> Any:
    form = AddressForm()

    def ask() -> Any:
        bus.call(identity.AskForLink, key=form_key(), email=form.email.data, purpose=purpose, network=network())
        return _sent(form.email.data)

    return _answered("ask_link.html", form, ask, title=title)


def _sent(email: str) -> str:
    return render_template("link_sent.html", email=email)


def _answered(template: str, form: Any, ask: Any, **values: Any) -> Any:
    """Show the form, or do what it asks; what is refused is said beside the form, with nothing of it lost but passwords."""
    refusal = None
    if form.validate_on_submit():
        try:
            return ask()
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        except errors.PasswordTooWeak as error:
            form.password.errors = [message(error)]
        except errors.AnswerWrong as error:
            form.answer.errors = [message(error)]
        except (errors.TooManyTries, errors.PasswordWrong, errors.LinkRefused) as error:
            refusal, values = message(error), {**values, "is_dead": isinstance(error, errors.LinkRefused)}
            status = error.status
            return render_template(template, form=form, refusal=refusal, **values), status
    status = 422 if form.errors or refusal else 200
    return render_template(template, form=form, refusal=refusal, **values), status


def show_faults(form: Any, error: errors.Invalid) -> None:
    """Put what the service found wrong beside the fields of the form."""
    for name, faults in faults_of(error).items():
        if name in form:
            form[name].errors = faults
