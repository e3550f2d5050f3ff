"""The user's notifications, and the local mailbox of a demonstration, where every mail can be read."""

import uuid
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from pupitre_contracts import notifications

from . import bus
from .paging import last_page, page_number
from .sessions import signed_in

blueprint = Blueprint("mail", __name__)
PAGE_SIZE = 25


@blueprint.get("/notifications")
@signed_in
def mine() -> str:
    """List the mails sent to the user."""
    return _list(notifications.MyMails, "mail.mine", "mail.read")


@blueprint.get("/notifications/<uuid:mail_id>")
@signed_in
def read(mail_id: uuid.UUID) -> str:
    """Show one mail sent to the user."""
    return render_template(
        "mail.html", mail=bus.call(notifications.GetMail, mail_id=mail_id).mail, is_local=False, back="mail.mine"
    )


@blueprint.get("/boite-locale")
@signed_in
def local() -> str:
    """List every mail that the demonstration sent, whoever it was for; elsewhere the page does not exist."""
    _only_in_demo()
    wanted = request.args.get("destinataire", "").strip()
    return _list(notifications.LocalMailbox, "mail.local", "mail.read_local", **({"to": wanted} if wanted else {}))


@blueprint.get("/boite-locale/<uuid:mail_id>")
@signed_in
def read_local(mail_id: uuid.UUID) -> str:
    """Show one mail of the local mailbox."""
    _only_in_demo()
    return render_template(
        "mail.html", mail=bus.call(notifications.LocalMail, mail_id=mail_id).mail, is_local=True, back="mail.local"
    )


def _list(call: Any, here: str, reader: str, **values: Any) -> str:
    page = page_number()
    found = bus.call(call, page=page, page_size=PAGE_SIZE, **values)
    return render_template(
        "mails.html",
        mails=found.mails,
        total=found.total,
        size=PAGE_SIZE,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
        here=here,
        reader=reader,
        is_local=here == "mail.local",
        wanted=values.get("to", ""),
    )


def _only_in_demo() -> None:
    if not current_app.extensions["pupitre"].settings.demo:
        abort(404)
