"""Handing over the role of gestionnaire principal from one's own account: structure, user, Enregistrer (R032, R120)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, rattachements

from . import bus, done, successor_search
from .errors import message
from .languages import gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("handing_over", __name__, url_prefix="/mon-compte/transmission")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the structures that the visitor manages, each with the way to hand it over."""
    return render_template("handing_over.html", structures=successor_search.managed())


@blueprint.route("/<uuid:structure_id>", methods=["GET", "POST"])
@signed_in
def hand_over(structure_id: uuid.UUID) -> Any:
    """Search a user, choose him, confirm: one stays attached as a simple user (R109)."""
    structure = next((each for each in successor_search.managed() if each.structure_id == structure_id), None)
    if structure is None:
        raise errors.NotFound(what=f"structure {structure_id}")
    if structure.type != "PRIVATE":
        raise errors.SuccessorByOperator(structures=structure.name)
    who = successor_search.as_uuid(request.values.get("qui"))
    chosen = successor_search.named([who]).get(who) if who else None
    refusal, status = None, 200
    if request.method == "POST":
        refusal, status = _refusal(chosen)
        if refusal is None:
            try:
                bus.call(
                    rattachements.TransferGestionnairePrincipal, key=form_key(), structure_id=structure_id, user_id=who
                )
            except (errors.Conflict, errors.NotFound) as error:
                refusal, status = message(error), error.status
            else:
                done.say(gettext("Le rôle de gestionnaire principal est transmis."))
                return redirect(url_for("account.show"))
    search = successor_search.search()
    status = status if status != 200 else 422 if search.refusal else 200
    return render_template(
        "handing_over_structure.html", structure=structure, chosen=chosen, search=search, refusal=refusal
    ), status


def _refusal(chosen: Any | None) -> tuple[str | None, int]:
    if chosen is None:
        return gettext("Désignez d'abord un utilisateur."), 422
    if request.form.get("confirmation") != "oui":
        return gettext("Cochez la case pour confirmer : rien n'a été fait."), 422
    return None, 200
