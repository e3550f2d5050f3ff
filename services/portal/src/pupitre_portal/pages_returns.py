"""Invoices that came back to their supplier (B.3): acknowledging them, and having done with a rejected one."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, invoicing

from . import bus, done
from .languages import current, gettext, ngettext
from .pages_invoice import label_of
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("returns", __name__, url_prefix="/factures-emises/retours")

FEW, MOST = 5, 100


def compulsory(counts: list[Any] | None) -> bool:
    """Tell whether something came back more than seven days ago and was not acknowledged: that comes first then."""
    return any(count.returned_overdue for count in counts or [])


def latest(counts: list[Any] | None) -> Any:
    """Ask for some of the returns, if there are any; None when there are none or invoicing cannot tell."""
    if not any(count.returned for count in counts or []):
        return None
    try:
        return bus.call(invoicing.ListReturns, page_size=FEW)
    except (errors.Unavailable, errors.TimedOut, errors.Internal):
        return None


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List what came back and waits for an acknowledgement."""
    return render_template("returns.html", returns=bus.call(invoicing.ListReturns, page_size=MOST), label_of=label_of, done=done.said())


@blueprint.post("/")
@signed_in
def acknowledge() -> Any:
    """Acknowledge the invoices that were ticked, or all of them."""
    if request.form.get("portee") == "toutes":
        asked: dict[str, Any] = {}
    else:
        asked = {"invoice_ids": [identifier for text in request.form.getlist("facture") if (identifier := _read(text))]}
        if not asked["invoice_ids"]:
            done.say(gettext("Cochez au moins une facture : rien n'a été fait."))
            return redirect(url_for("returns.listing"))
    count = bus.call(invoicing.AcknowledgeReturns, key=form_key(), **asked).acknowledged
    done.say(ngettext("%(num)s retour acquitté.", "%(num)s retours acquittés.", count))
    return redirect(url_for("returns.listing"))


@blueprint.post("/<uuid:invoice_id>/rejet")
@signed_in
def treat(invoice_id: uuid.UUID) -> Any:
    """Take a rejected invoice out of the Synthèse."""
    bus.call(invoicing.TreatRejection, key=form_key(), invoice_id=invoice_id, language=current())
    done.say("rejet")
    return redirect(url_for("invoice.show", side="emises", invoice_id=invoice_id))


def _read(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
