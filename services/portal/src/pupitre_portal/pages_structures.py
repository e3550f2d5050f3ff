"""The user's structures: what he may do there, and the catalogue of espaces that a gestionnaire opens and closes (R133, R143, R144)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, organisation
from wtforms import SelectChoice

from . import bus, done, navigation
from .errors import message
from .forms import IDENTIFIER_TYPES, EmptyForm, StructureForm
from .languages import N_, current, gettext
from .pages_sign_up import show_faults
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("structures", __name__, url_prefix="/structures")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the structures that the user is attached to."""
    return render_template("structures.html", structures=navigation.rights(), labels=navigation.espace_labels())


@blueprint.route("/creation", methods=["GET", "POST"])
@signed_in
def create() -> Any:
    """Create a private structure, whose creator becomes its gestionnaire principal (R062 to R064)."""
    form, refusal, known = StructureForm(), None, []
    form.identifier_type.choices = [SelectChoice(value, gettext(label)) for value, label in IDENTIFIER_TYPES]
    form.type.choices = [SelectChoice(value, gettext(label)) for value, label in _TYPES]
    valid = form.validate_on_submit()
    if valid and form.type.data == "PUBLIC":
        form.type.errors = [
            gettext("Une structure publique se demande à l'exploitant de la plateforme : suivez le lien sous ce formulaire.")
        ]
    elif valid:
        try:
            created = _create(form)
        except errors.StructureExists as error:
            refusal, known = message(error), _same_identifier(form)
        except errors.IdentifierWrong as error:
            form.identifier.errors = [message(error)]
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        else:
            done.say("creation")
            return redirect(url_for("structures.show", structure_id=created.structure_id))
    elif not form.is_submitted():
        form.identifier.data = request.args.get("identifiant")
    shown = render_template("structure_create.html", form=form, refusal=refusal, known=known)
    return shown, 422 if form.errors or refusal else 200


_TYPES = (("PRIVATE", N_("Structure privée")), ("PUBLIC", N_("Structure publique")))


def _create(form: StructureForm) -> Any:
    names = ("label", "email", "phone", "given_name", "family_name")
    values = {name: form[name].data for name in names if form[name].data}
    places = ("line", "complement", "complement2", "postal_code", "city", "country")
    address = {name: form[name].data for name in places if form[name].data}
    return bus.call(
        organisation.CreateStructure,
        key=form_key(),
        identifier_type=form.identifier_type.data,
        identifier=form.identifier.data or "",
        name=form.name.data or "",
        non_diffusible=form.non_diffusible.data,
        type="PRIVATE",
        address=organisation.Address(**address),
        **values,
    ).structure


def _same_identifier(form: StructureForm) -> list[Any]:
    return bus.call(
        organisation.FindStructures, identifiers=[form.identifier.data], include_private=True, page_size=5
    ).structures


@blueprint.get("/<uuid:structure_id>")
@signed_in
def show(structure_id: uuid.UUID) -> str:
    """Show one structure with its services and its catalogue of espaces."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    catalogue = bus.call(organisation.ListEspaces, structure_id=structure_id).espaces
    own = next((each for each in navigation.rights() if each.structure_id == structure_id), None)
    said, pages = done.said(), navigation.shown_espaces().keys() | {each.key for each in navigation.all_applications()}
    return render_template(
        "structure.html",
        structure=structure,
        espaces=[_shown(entry, pages) for entry in catalogue],
        is_manager=own is not None and navigation.manages(own, "structure"),
        manages_users=own is not None and navigation.manages(own, "users"),
        is_principal=own is not None and own.role == "GP",
        form=EmptyForm(formdata=None),
        done=_done(said),
        opened=said.startswith(_OPENED),
    )


@blueprint.post("/<uuid:structure_id>/espaces/<key>/<any(ouverture, fermeture):action>")
@signed_in
def change(structure_id: uuid.UUID, key: str, action: str) -> Any:
    """Open or close an espace; organisation decides who may."""
    call = organisation.OpenEspace if action == "ouverture" else organisation.CloseEspace
    bus.call(call, key=form_key(), structure_id=structure_id, espace=key)
    done.say(f"{_OPENED}{key}" if action == "ouverture" else action)
    return redirect(url_for("structures.show", structure_id=structure_id))


#: What the page that follows is told of an espace that was opened, before its key.
_OPENED = "ouverture "
#: The distribution that names the portal's own espaces.
_PORTAL = "pupitre-organisation"


def _shown(entry: Any, pages: set[str]) -> dict[str, Any]:
    english = current() == "en"
    core = {key: gettext(label) for key, (label, _) in navigation.CORE_ESPACES.items()} | {
        key: gettext(label) for key, label in navigation.RESERVED.items() if entry.origin == _PORTAL
    }
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
        # What organisation itself manages needs no page of its own; the rest is shown by the portal, by a plugin, or nowhere.
        "has_pages": entry.key in pages or entry.key == "organisation" or bool(entry.problem),
    }


def _done(said: str) -> str | None:
    if said.startswith(_OPENED):
        # An espace without pages has no tab; a gestionnaire secondaire has none before the request made for him is approved.
        in_menu = any(each.key == said.removeprefix(_OPENED) for each in navigation.menu())
        return gettext("L'espace est ouvert : son onglet est dans le menu.") if in_menu else gettext("L'espace est ouvert.")
    return {
        "creation": gettext("La structure est créée : vous en êtes le gestionnaire principal."),
        "fermeture": gettext("L'espace est fermé : les accès à cet espace sont retirés."),
    }.get(said, said or None)
