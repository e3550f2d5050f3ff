"""Processing many received invoices at once: rows that were ticked or all that were found, one status, one report."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pupitre_contracts import invoicing
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from . import bus, done, invoice_lists, statuses
from .forms import Needed, stripped
from .languages import N_, current, gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("mass", __name__, url_prefix="/factures-recues/traitement")

#: What may be chosen for many invoices at once, in the order of the ladder, returns last; invoicing says for each invoice whether it may.
STATUSES = (
    "PRISE_EN_COMPTE_DESTINATAIRE",
    "SERVICE_FAIT",
    "MANDATEE",
    "MISE_A_DISPOSITION_COMPTABLE",
    "COMPTABILISEE",
    "MISE_EN_PAIEMENT",
    "SUSPENDUE",
    "A_RECYCLER",
    "REJETEE",
)
RETURNS = STATUSES[-3:]
_TEXT_LENGTH = 2000


class MassForm(FlaskForm):
    """One change of status for all the invoices chosen."""

    to = SelectField(N_("Nouveau statut"), [Needed(N_("Choisissez le nouveau statut."))], choices=[])
    motive = TextAreaField(N_("Motif"), [Length(max=_TEXT_LENGTH, message=N_("Le motif dépasse 2000 caractères."))], filters=[stripped])
    comment = TextAreaField(
        N_("Commentaire"), [Length(max=_TEXT_LENGTH, message=N_("Le commentaire dépasse 2000 caractères."))], filters=[stripped]
    )
    mandat_refused = BooleanField(N_("J'atteste que le comptable a refusé le mandat"))
    chosen = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to.choices = [("", gettext("Choisir"))] + [(code, statuses.label(code)) for code in STATUSES]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and self.to.data in RETURNS and not self.motive.data:
            self.motive.errors = [gettext("Un motif est obligatoire pour ce statut : le fournisseur doit savoir que corriger.")]
            return False
        return valid


@blueprint.get("/")
@signed_in
def start_again() -> Any:
    """Lead whoever reloads a refused form, or changes its language, back to the list."""
    return redirect(url_for("received.listing"))


@blueprint.post("/choix")
@signed_in
def choose() -> Any:
    """Show the invoices that were ticked in the list, or all that it found, and ask what to do with them."""
    everything = request.form.get("portee") == "toutes"
    found = invoice_lists.found_again("received", everything, invoicing.MOST_MOVES)
    ticked = set(request.form.getlist("facture"))
    chosen = [each for each in found if everything or str(each.invoice_id) in ticked]
    if not chosen:
        done.say(gettext("Cochez au moins une facture : rien n'a été fait."))
        return redirect(url_for("received.listing", **request.args))
    return _page(MassForm(formdata=None), [(each.invoice_id, each.version, each.number, each.supplier_name) for each in chosen])


@blueprint.post("/")
@signed_in
def process() -> Any:
    """Make the moves and show what became of each; a form that is incomplete comes back with the same invoices."""
    chosen = _chosen()
    form = MassForm()
    if not chosen:
        return redirect(url_for("received.listing"))
    if not form.validate_on_submit():
        return _page(form, chosen), 422
    said = {
        "to": form.to.data,
        "motive": form.motive.data or None,
        "comment": form.comment.data or None,
        "mandat_refused": form.mandat_refused.data,
    }
    wanted = [invoicing.WantedMove(invoice_id=each, version=version, **said) for each, version, _, _ in chosen]
    lines = bus.call(invoicing.ProcessInvoices, key=form_key(), moves=wanted).lines
    counts = {outcome: sum(line.outcome == outcome for line in lines) for outcome in ("done", "late", "refused")}
    numbers = {each: number for each, _, number, _ in chosen}
    return render_template("mass_report.html", lines=lines, counts=counts, numbers=numbers, to=form.to.data, english=current() == "en")


def _page(form: MassForm, chosen: list[tuple[uuid.UUID, int, str, str]]) -> str:
    return render_template("mass.html", form=form, chosen=chosen, returns=RETURNS)


def _chosen() -> list[tuple[uuid.UUID, int, str, str]]:
    """Read the invoices that the form carries: identifier, version, number, supplier; what was altered is left out."""
    found = []
    for text in request.form.getlist("facture")[: invoicing.MOST_MOVES]:
        identifier, _, rest = text.partition("|")
        version, _, rest = rest.partition("|")
        number, _, supplier = rest.partition("|")
        try:
            found.append((uuid.UUID(identifier), int(version), number, supplier))
        except ValueError:
            continue
    return found
