"""Closing one's account, with a successor for every structure first, and reopening it (R050 to R056)."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import account_life, errors

from . import bus, done, successor_search
from .errors import message
from .forms import AddressForm
from .forms_account import ReactivationForm, ReactivationWithAnswerForm, ReactivationWithQuestionForm
from .languages import gettext
from .pages_sign_up import network, show_faults
from .security import form_key
from .sessions import forget_cookie, signed_in

blueprint = Blueprint("leaving", __name__)

EVERY = "toutes"
_CHOSEN = "s-"


@blueprint.get("/mon-compte/desactivation")
@signed_in
def confirm() -> Any:
    """Say what it means, and ask for a successor for each structure that the visitor manages (R052)."""
    chosen = _chosen(request.args)
    who, where = successor_search.as_uuid(request.args.get("qui")), request.args.get("pour")
    if who is not None:
        chosen |= {each.structure_id: who for each in successor_search.managed() if where in (EVERY, str(each.structure_id))}
        return redirect(url_for("leaving.confirm", **_carried(chosen)))
    return _page(chosen)


@blueprint.post("/mon-compte/desactivation")
@signed_in
def deactivate() -> Any:
    """Hand every role over and close the account, or do nothing at all."""
    chosen = _chosen(request.form)
    successors = [account_life.Succession(structure_id=at, user_id=who) for at, who in chosen.items()]
    try:
        answer = bus.call(account_life.DeactivateAccount, key=form_key(), successors=successors)
    except (errors.SuccessorsNeeded, errors.SuccessorByOperator, errors.Conflict) as error:
        return _page(chosen, message(error), error.status)
    except errors.NotFound:
        refusal = gettext("Un des successeurs ne peut plus se connecter : rien n'a été fait. Désignez-en un autre.")
        return _page(chosen, refusal, 409)
    if not answer.done:
        done.say(gettext("Votre demande est enregistrée : le compte sera désactivé dès que le service des structures répondra."))
        return redirect(url_for("account.show"))
    return forget_cookie(redirect(url_for("session.sign_in", fin="desactivation")))


@blueprint.route("/reactivation", methods=["GET", "POST"])
def ask() -> Any:
    """Ask for the link that reopens a deactivated account (R054); the answer is the same for every address."""
    form, refusal = AddressForm(), None
    if form.validate_on_submit():
        try:
            bus.call(account_life.AskReactivation, key=form_key(), email=form.email.data, network=network())
            return render_template("link_sent.html", email=form.email.data, is_reactivation=True)
        except errors.TooManyTries as error:
            return render_template("reactivation_ask.html", form=form, refusal=message(error)), error.status
    if not form.is_submitted():
        form.email.data = request.args.get("adresse")
    return render_template("reactivation_ask.html", form=form, refusal=refusal), 422 if form.errors else 200


@blueprint.route("/reactivation/<link>", methods=["GET", "POST"])
def reactivate(link: str) -> Any:
    """Choose the new password, and the new question where there is one; after 60 days only the support is left (R055, R056)."""
    try:
        described = bus.call(account_life.DescribeLink, link=link)
        form = _form_for(described)
        if form.validate_on_submit():
            values = {name: form[name].data for name in ("answer", "question", "new_answer") if name in form}
            found = bus.call(
                account_life.ReactivateAccount, key=form_key(), link=link, password=form.password.data, **values
            )
            return redirect(url_for("session.sign_in", fin="reactivation", adresse=found.email))
    except (errors.LinkRefused, errors.ReactivationOver) as error:
        is_over = isinstance(error, errors.ReactivationOver)
        return render_template("reactivation.html", form=None, refusal=message(error), is_over=is_over), error.status
    except errors.PasswordTooWeak as error:
        form.password.errors = [message(error)]
    except errors.AnswerWrong as error:
        form.answer.errors = [message(error)]
    except errors.Invalid as error:
        show_faults(form, error)
    status = 422 if form.errors else 200
    return render_template("reactivation.html", form=form, question=described.question, refusal=None), status


def _form_for(described: Any) -> Any:
    if described.question:
        return ReactivationWithAnswerForm()
    return ReactivationWithQuestionForm() if described.wants_question else ReactivationForm()


def _page(chosen: dict[uuid.UUID, uuid.UUID], refusal: str | None = None, status: int = 200) -> Any:
    managed = successor_search.managed()
    handed = [each for each in managed if each.type == "PRIVATE"]
    people = successor_search.named(chosen.values()) if handed else {}
    chosen = {at: who for at, who in chosen.items() if who in people and at in {each.structure_id for each in handed}}
    found = successor_search.search() if handed else successor_search.Search({})
    shown = render_template(
        "deactivation.html",
        handed=handed,
        public=[each for each in managed if each.type != "PRIVATE"],
        chosen={at: people[who] for at, who in chosen.items()},
        carried=_carried(chosen),
        is_ready=len(managed) == len(handed) == len(chosen),
        search=found,
        every=EVERY,
        refusal=refusal,
    )
    return shown, status if status != 200 else 422 if found.refusal else 200


def _chosen(values: Mapping[str, str]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the successor of each structure that an address or a form names."""
    pairs = ((successor_search.as_uuid(name.removeprefix(_CHOSEN)), successor_search.as_uuid(values[name])) for name in values)
    return {at: who for at, who in pairs if at is not None and who is not None}


def _carried(chosen: Mapping[uuid.UUID, uuid.UUID]) -> dict[str, str]:
    return {f"{_CHOSEN}{at}": str(who) for at, who in chosen.items()}
