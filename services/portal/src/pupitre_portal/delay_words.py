"""The délai global de paiement in words (B.6, B.7): for lists, the page of an invoice, and the events behind them."""

from typing import Any

from flask import Flask

from .formats import day
from .languages import N_, gettext, ngettext

_TONES = {"late": "danger", "soon": "warning"}
_NO_EFFECT = N_("sans effet sur le délai")
_WITHOUT_EFFECT = {
    "second": N_("sans effet sur le délai : il a déjà été interrompu une fois"),
    "ordered": N_("sans effet sur le délai : la facture était mandatée"),
    "expired": N_("sans effet sur le délai : il avait expiré"),
}
_ENDS = {
    "paid": N_("Fin du délai : mise en paiement"),
    "rejected": N_("Fin du délai : facture rejetée"),
    "abandoned": N_("Fin du délai : facture abandonnée"),
    "recycled": N_("Fin du délai : facture à recycler, un nouveau délai part chez le bon destinataire"),
}


def left(invoice: Any) -> str:
    """Return the days left to pay in time, or by how many they are exceeded; empty where no delay runs."""
    if invoice.delay_state == "INTERRUPTED":
        return gettext("délai interrompu")
    if invoice.days_left is None:
        return ""
    if invoice.days_left < 0:
        return ngettext("en retard de %(num)s jour", "en retard de %(num)s jours", -invoice.days_left)
    if invoice.days_left == 0:
        return gettext("dernier jour")
    return ngettext("%(num)s jour restant", "%(num)s jours restants", invoice.days_left)


def due(invoice: Any) -> Any:
    """Return the due date where it still says something: not of a delay that ended without a payment."""
    return invoice.due_on if invoice.delay_state in ("RUNNING", "PAID") else None


def tone(invoice: Any) -> str:
    """Return the style of the delay's badge; its words say as much."""
    return _TONES.get(invoice.delay_alert or "", "info" if invoice.delay_state == "RUNNING" else "neutral")


def event(each: Any) -> str:
    """Return what happened to a delay, in a sentence without its day."""
    if each.kind == "START":
        text = N_("Mise à disposition : le délai de %(days)s jours commence, échéance le %(due)s")
        return gettext(text, days=each.days, due=day(each.due_on))
    if each.kind == "END":
        return gettext(_ENDS[each.reason]) if each.reason in _ENDS else gettext("Fin du délai")
    if each.kind == "RESUME":
        return gettext("Facture complétée : le délai reprend, échéance le %(due)s", due=day(each.due_on))
    if not each.effect:
        return gettext("Suspension %(why)s", why=gettext(_WITHOUT_EFFECT.get(each.reason, _NO_EFFECT)))
    return ngettext(
        "Suspension : le délai est interrompu, il restait %(num)s jour",
        "Suspension : le délai est interrompu, il restait %(num)s jours",
        each.balance,
    )


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    app.jinja_env.globals.update(delay_due=due, delay_left=left, delay_tone=tone, delay_event=event)
