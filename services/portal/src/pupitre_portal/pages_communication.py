"""Communication: one-way messages of public structures to their suppliers (R007), and how somebody wants to be told (R040 to R044)."""

import uuid
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pupitre_contracts import communication, errors
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from . import bus, done, navigation
from .errors import message
from .forms import Needed
from .languages import N_, gettext
from .pages_sign_up import show_faults
from .paging import last_page, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("communication", __name__)
PAGE_SIZE = 25
MESSAGES = "mes-messages"


class MessageForm(FlaskForm):
    """A message to all suppliers of a structure."""

    structure = SelectField(N_("Structure"), [Needed(N_("Choisissez une structure."))])
    subject = StringField(
        N_("Objet"),
        [Needed(N_("Écrivez l'objet du message.")), Length(max=200, message=N_("L'objet dépasse 200 caractères."))],
    )
    text = TextAreaField(
        N_("Message"),
        [Needed(N_("Écrivez le message.")), Length(max=10_000, message=N_("Le message dépasse 10 000 caractères."))],
    )


class PreferencesForm(FlaskForm):
    """When mails about invoices are sent."""

    mode = RadioField(
        N_("Mails sur les factures"),
        choices=[SelectChoice("immediate", N_("immédiatement")), SelectChoice("daily", N_("récapitulatif quotidien"))],
        validators=[Needed(N_("Choisissez quand vous recevez les mails."))],
    )
    weekly_recap = BooleanField(N_("Récapitulatif hebdomadaire de mes structures"))


@blueprint.get("/communication")
@signed_in
def received() -> str:
    """List the messages that reached the user's structures."""
    page = page_number()
    found = bus.call(communication.ReceivedMessages, page=page, page_size=PAGE_SIZE)
    return _list(found, page, is_sent=False)


@blueprint.get("/communication/envoyes")
@signed_in
def sent() -> str:
    """Mes messages: list what the user's public structures have sent."""
    page = page_number()
    found = bus.call(communication.SentMessages, page=page, page_size=PAGE_SIZE)
    return _list(found, page, is_sent=True)


@blueprint.get("/communication/messages/<uuid:message_id>")
@signed_in
def read(message_id: uuid.UUID) -> str:
    """Show one message; nobody can answer it."""
    item = bus.call(communication.ReadMessage, message_id=message_id).message
    is_sent = any(each.structure_id == item.structure_id for each in navigation.rights())
    return render_template("message.html", item=item, is_sent=is_sent, done=done.said())


@blueprint.route("/communication/nouveau", methods=["GET", "POST"])
@signed_in
def write() -> Any:
    """Write to the suppliers of one of the user's public structures."""
    able = _senders()
    if not able:
        raise errors.Forbidden(needed=f"{MESSAGES}, MODIFICATION")
    form, refusal = MessageForm(), None
    form.structure.choices = [SelectChoice(str(each.structure_id), each.name) for each in able]
    if form.validate_on_submit():
        values = {"structure_id": uuid.UUID(form.structure.data), "subject": form.subject.data, "text": form.text.data}
        try:
            item = bus.call(communication.SendMessage, key=form_key(), **values).message
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        else:
            done.say(gettext("Le message est envoyé : il parvient à vos fournisseurs dans les instants qui suivent."))
            return redirect(url_for("communication.read", message_id=item.message_id))
    status = 422 if form.errors or refusal else 200
    return render_template("message_write.html", form=form, refusal=refusal), status


@blueprint.route("/notifications/reglages", methods=["GET", "POST"])
@signed_in
def preferences() -> Any:
    """Choose when mails about invoices come (R040, R042)."""
    form = PreferencesForm()
    if form.validate_on_submit():
        values = {"mode": form.mode.data, "weekly_recap": form.weekly_recap.data}
        bus.call(communication.SetPreferences, key=form_key(), **values)
        done.say(gettext("Vos réglages sont enregistrés."))
        return redirect(url_for("communication.preferences"))
    if not form.is_submitted():
        present = bus.call(communication.MyPreferences).preferences
        form.mode.data, form.weekly_recap.data = present.mode, present.weekly_recap
    shown = render_template("preferences.html", form=form, switches=_switches(), done=done.said())
    return shown, 422 if form.errors else 200


def _switches() -> list[tuple[str, bool]]:
    """The switches of the account (R044); what is not told is on."""
    return [
        (gettext("Notification Facturation"), g.user.notify_invoicing is not False),
        (gettext("Notification Actualités"), g.user.notify_news is not False),
    ]


def _list(found: Any, page: int, *, is_sent: bool) -> str:
    return render_template(
        "messages.html",
        messages=found.messages,
        total=found.total,
        page=page,
        page_size=PAGE_SIZE,
        last_page=last_page(found.total, PAGE_SIZE),
        is_sent=is_sent,
        may_write=bool(_senders()),
        has_sent=is_sent or any(each.type == "PUBLIC" for each in _rights()),
        here=request.endpoint,
        done=done.said(),
    )


def _senders() -> list[Any]:
    """The structures that the user may write for; the service decides, this only hides."""
    able = []
    for structure in _rights():
        profiles = {right.espace: right.profile for right in structure.espaces}
        profile = profiles.get(MESSAGES, profiles.get(navigation.RECEIVED))
        if structure.type == "PUBLIC" and profile == "MODIFICATION":
            able.append(structure)
    return able


def _rights() -> list[Any]:
    try:
        return navigation.rights()
    except (errors.Unavailable, errors.TimedOut, errors.Internal):
        return []
