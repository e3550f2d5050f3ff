"""Asking for a rattachement, following one's requests, and leaving a structure (R102 to R108)."""

import uuid
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from pupitre_contracts import errors, organisation, rattachements

from . import bus, done, navigation, own_rights
from .errors import message
from .forms import RattachementForm, squeezed
from .languages import gettext
from .pages_members import level_of
from .pages_sign_up import show_faults
from .paging import last_page, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("rattachements", __name__, url_prefix="/rattachements")
PAGE_SIZE = 25


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the user's own requests, and the structures that he may leave."""
    page, wanted = page_number(), request.args.get("recherche", "").strip()
    found = bus.call(rattachements.ListApprobations, side="mine", page=page, page_size=PAGE_SIZE)
    structures = navigation.rights()
    services = own_rights.services_of(each for each in structures if each.structure_service_ids)
    return render_template(
        "rattachements.html",
        approbations=found.approbations,
        structures=structures,
        lines=own_rights.rattachements(wanted),
        wanted=wanted,
        services=services,
        labels=navigation.espace_labels(),
        total=found.total,
        size=PAGE_SIZE,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
        done=done.said(),
    )


@blueprint.get("/recherche")
@signed_in
def search() -> str:
    """Find the structure to be attached to, public or private, by identifier, name, city or postal code (R103)."""
    asked, page, found = criteria(), page_number(), None
    values = search_values(asked)
    if values:
        found = bus.call(organisation.FindStructures, include_private=True, page=page, page_size=PAGE_SIZE, **values)
    return render_template(
        "rattachement_search.html",
        criteria=asked,
        found=found,
        page=page,
        size=PAGE_SIZE,
        last_page=last_page(found.total, PAGE_SIZE) if found else 1,
    )


def criteria() -> dict[str, str]:
    """Return what the address of a search asks for."""
    return {name: request.args.get(name, "").strip() for name in ("identifiant", "nom", "ville", "code_postal")}


def search_values(asked: dict[str, str]) -> dict[str, Any]:
    """Return the search of structures; empty when nothing is asked for."""
    values: dict[str, Any] = {"city": asked["ville"], "postal_code": asked["code_postal"], "name": asked["nom"]}
    values = {name: value for name, value in values.items() if value}
    if asked["identifiant"]:
        values["identifiers"] = [squeezed(asked["identifiant"])]
    return values


@blueprint.route("/demande/<uuid:structure_id>", methods=["GET", "POST"])
@signed_in
def ask(structure_id: uuid.UUID) -> Any:
    """Ask for a rattachement; its gestionnaire decides (R106)."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    form, refusal = RattachementForm(), None
    if form.validate_on_submit():
        days: dict[str, Any] = {name: form[name].data for name in ("starts_on", "ends_on") if form[name].data}
        known = {str(each.structure_service_id): each.structure_service_id for each in structure.services}
        if ticked := [known[text] for text in request.form.getlist("service") if text in known]:
            days["structure_service_ids"] = ticked
        try:
            asked = bus.call(
                rattachements.AskRattachement,
                key=form_key(),
                structure_id=structure_id,
                comment=form.comment.data,
                **days,
            ).approbation
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        except errors.RequestPointless as error:
            refusal = message(error)
        else:
            done.say(gettext("Demande n° %(number)s envoyée au gestionnaire.", number=asked.number))
            return redirect(url_for("rattachements.listing"))
    shown = render_template("rattachement_ask.html", structure=structure, form=form, refusal=refusal)
    return shown, 422 if form.errors or refusal else 200


@blueprint.post("/demandes/<uuid:approbation_id>/annulation")
@signed_in
def cancel(approbation_id: uuid.UUID) -> Any:
    """Take a request back."""
    asked = bus.call(rattachements.CancelApprobation, key=form_key(), approbation_id=approbation_id).approbation
    done.say(gettext("Demande n° %(number)s annulée.", number=asked.number))
    return redirect(url_for("rattachements.listing"))


@blueprint.post("/departs")
@signed_in
def leave_ticked() -> Any:
    """Leave every structure that was ticked, once the box is; where one is the gestionnaire principal, it is said and nothing is done."""
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
        return redirect(url_for("rattachements.listing"))
    key, said, left = form_key(), [], 0
    for each in navigation.rights():
        if str(each.structure_id) not in request.form.getlist("structure"):
            continue
        try:
            this = str(uuid.uuid5(uuid.UUID(key), str(each.structure_id)))
            bus.call(rattachements.Detach, key=this, structure_id=each.structure_id, user_id=g.user.user_id)
            left += 1
        except errors.SuccessorNeeded as error:
            said.append(message(error))
    done.say(" ".join([gettext("Rattachements supprimés : %(count)s.", count=left), *said]))
    return redirect(url_for("rattachements.listing"))


@blueprint.post("/<uuid:structure_id>/depart")
@signed_in
def leave(structure_id: uuid.UUID) -> Any:
    """Leave a structure, once the box is ticked (R108, R109)."""
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
        return redirect(url_for("rattachements.listing"))
    level = level_of(request.form.get("niveau", ""))
    bus.call(rattachements.Detach, key=form_key(), structure_id=structure_id, user_id=g.user.user_id, **level)
    done.say(gettext("Vous n'êtes plus rattaché(e) à ce niveau.") if level else gettext("Vous n'êtes plus rattaché(e) à cette structure."))
    return redirect(url_for("rattachements.listing"))
