"""Mandats de facturation: letting another structure deposit for one's own, and ending it (R280)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, mandats, organisation

from . import bus, done, formats, navigation
from .errors import message
from .forms import MandatForm, squeezed
from .languages import gettext
from .pages_sign_up import show_faults
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("mandats", __name__, url_prefix="/mandats")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the mandats that the user's structures gave or hold, newest first."""
    able = _able()
    found = {each.structure_id: bus.call(mandats.ListMandats, structure_id=each.structure_id).mandats for each in able}
    shown = {mandat.mandat_id: mandat for each in found.values() for mandat in each}
    return render_template(
        "mandats.html",
        mandats=sorted(shown.values(), key=lambda mandat: -mandat.number),
        done=done.said(),
    )


@blueprint.route("/souscrire", methods=["GET", "POST"])
@signed_in
def give() -> Any:
    """Let another structure, named by its identifier, deposit invoices from a day on."""
    form, refusal = MandatForm(), None
    form.structure.choices = [(str(each.structure_id), f"{each.name} ({formats.siret(each.identifier)})") for each in _able()]
    if form.validate_on_submit():
        other = _structure(squeezed(form.mandataire.data) or "")
        values = {"ends_on": form.ends_on.data} if form.ends_on.data else {}
        if other is None:
            form.mandataire.errors = [gettext("Aucune structure ne porte cet identifiant.")]
        else:
            try:
                made = bus.call(
                    mandats.GiveMandat,
                    key=form_key(),
                    structure_id=uuid.UUID(form.structure.data),
                    mandataire_id=other.structure_id,
                    starts_on=form.starts_on.data,
                    **values,
                ).mandat
            except errors.Invalid as error:
                show_faults(form, error)
                refusal = None if form.errors else message(error)
            except errors.MandatExists as error:
                refusal = message(error)
            else:
                done.say(gettext("Mandat n° %(number)s donné à %(name)s.", number=made.number, name=made.mandataire_name))
                return redirect(url_for("mandats.listing"))
    return render_template("mandat_give.html", form=form, refusal=refusal), 422 if form.errors or refusal else 200


@blueprint.post("/<uuid:mandat_id>/fin")
@signed_in
def end(mandat_id: uuid.UUID) -> Any:
    """Revoke a mandat, or give it back, once the box is ticked."""
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
        return redirect(url_for("mandats.listing"))
    try:
        made = bus.call(mandats.EndMandat, key=form_key(), mandat_id=mandat_id).mandat
    except errors.MandatOver as error:
        done.say(message(error))
    else:
        done.say(gettext("Le mandat n° %(number)s a pris fin.", number=made.number))
    return redirect(url_for("mandats.listing"))


def _able() -> list[Any]:
    """Return the structures for which the user may give mandats. Raises Forbidden without any."""
    able = [each for each in navigation.rights() if navigation.manages(each, "structure")]
    if not able:
        raise errors.Forbidden(needed=gettext("gestionnaire d'une structure"))
    return able


def _structure(identifier: str) -> Any | None:
    found = bus.call(organisation.FindStructures, identifiers=[identifier], include_private=True, page_size=2).structures
    return found[0] if len(found) == 1 else None
