"""The user's structures: what he may do there, and the catalogue of espaces that a gestionnaire opens and closes (R133, R143, R144)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from pupitre_contracts import organisation

from . import bus, done, navigation
from .forms import EmptyForm
from .languages import current, gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("structures", __name__, url_prefix="/structures")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the structures that the user is attached to."""
    return render_template("structures.html", structures=navigation.rights(), labels=navigation.espace_labels())


@blueprint.get("/<uuid:structure_id>")
@signed_in
def show(structure_id: uuid.UUID) -> str:
    """Show one structure with its services and its catalogue of espaces."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    catalogue = bus.call(organisation.ListEspaces, structure_id=structure_id).espaces
    return render_template(
        "structure.html",
        structure=structure,
        espaces=[_shown(entry) for entry in catalogue],
        is_manager=_manages(structure_id),
        form=EmptyForm(formdata=None),
        done=_done(),
    )


@blueprint.post("/<uuid:structure_id>/espaces/<key>/<any(ouverture, fermeture):action>")
@signed_in
def change(structure_id: uuid.UUID, key: str, action: str) -> Any:
    """Open or close an espace; organisation decides who may."""
    call = organisation.OpenEspace if action == "ouverture" else organisation.CloseEspace
    bus.call(call, key=form_key(), structure_id=structure_id, espace=key)
    done.say(action)
    return redirect(url_for("structures.show", structure_id=structure_id))


def _manages(structure_id: uuid.UUID) -> bool:
    return any(each.structure_id == structure_id and each.role == "GP" for each in navigation.rights())


def _shown(entry: Any) -> dict[str, Any]:
    english = current() == "en"
    core = {key: gettext(label) for key, (label, _) in navigation.CORE_ESPACES.items()}
    return {
        "key": entry.key,
        "label": core.get(entry.key) or (entry.label_en if english else entry.label_fr),
        "description": (entry.description_en if english else entry.description_fr) or "",
        "default": entry.default,
        "open": entry.open,
        "origin": entry.origin,
        "version": entry.version,
        "is_ill": bool(entry.problem),
        "is_core": entry.key in core,
    }


def _done() -> str | None:
    return {
        "ouverture": gettext("L'espace est ouvert : son onglet est dans le menu."),
        "fermeture": gettext("L'espace est fermé : les accès à cet espace sont retirés."),
    }.get(done.said())
