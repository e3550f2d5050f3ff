"""Writing to the support, signed in or not (R056)."""

from typing import Any

from flask import Blueprint, g, render_template
from pupitre_contracts import account_life, errors

from . import bus
from .errors import message
from .forms_account import SupportForm
from .languages import current
from .pages_sign_up import network, show_faults
from .security import form_key

blueprint = Blueprint("support", __name__)


@blueprint.route("/support/ecrire", methods=["GET", "POST"])
def ask() -> Any:
    """Show the form, or send what was written; the answer is a number to quote."""
    form, refusal, status = SupportForm(), None, 200
    if form.validate_on_submit():
        try:
            number = bus.call(
                account_life.AskSupport,
                key=form_key(),
                name=form.name.data,
                email=form.email.data,
                message=form.message.data,
                language=current(),
                network=network(),
            ).number
            return render_template("support_ask.html", form=None, number=number, email=form.email.data)
        except errors.Invalid as error:
            show_faults(form, error)
        except errors.TooManyTries as error:
            refusal, status = message(error), error.status
    elif not form.is_submitted() and g.user is not None:
        form.name.data = f"{g.user.given_name} {g.user.family_name}"
        form.email.data = g.user.contact_email or g.user.email
    status = status if status != 200 else 422 if form.errors else 200
    return render_template("support_ask.html", form=form, refusal=refusal), status
