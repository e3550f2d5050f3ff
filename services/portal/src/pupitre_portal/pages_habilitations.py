"""One's own habilitations: « Mes habilitations », read-only (R146), and asking for one (R138, R139)."""

import uuid
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from pupitre_contracts import errors, organisation, rattachements

from . import bus, done, navigation, own_rights
from .errors import message
from .forms import WishForm
from .languages import gettext
from .pages_sign_up import show_faults
from .paging import cut, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("habilitations", __name__)
PROFILES = ("CONSULTATION", "MODIFICATION")


@blueprint.get("/mes-habilitations")
@signed_in
def mine() -> str:
    """List what the visitor may do, structure by structure, narrowed by a search."""
    wanted = request.args.get("recherche", "").strip()
    page = cut(own_rights.habilitations(wanted), page_number())
    return render_template("habilitations.html", page=page, wanted=wanted)


@blueprint.route("/rattachements/<uuid:structure_id>/habilitations", methods=["GET", "POST"])
@signed_in
def ask(structure_id: uuid.UUID) -> Any:
    """Ask for an espace at the levels where one is attached: no other is offered (R138, R139)."""
    own = next((each for each in navigation.rights() if each.structure_id == structure_id), None)
    if own is None:
        raise errors.NotFound(what=gettext("structure"))
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    levels, labels = _levels(own, structure), navigation.espace_labels()
    form, refusal = WishForm(), None
    form.espace.choices = [(espace, labels.get(espace, espace)) for espace in structure.espaces]
    if form.validate_on_submit():
        chosen = {value: request.form.get(f"profil-{value}", "") for value, _ in levels}
        wishes = [_wish(form.espace.data, value, profile) for value, profile in chosen.items() if profile in PROFILES]
        values = {"starts_on": form.starts_on.data} if form.starts_on.data else {}
        try:
            asked = bus.call(
                rattachements.AskHabilitation,
                key=form_key(),
                structure_id=structure_id,
                wishes=wishes,
                comment=form.comment.data,
                **values,
            ).approbation
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else gettext("Choisissez un profil pour au moins un service.")
        except (errors.Forbidden, errors.EspaceClosed, errors.RequestPointless) as error:
            refusal = message(error)
        else:
            done.say(gettext("Demande n° %(number)s envoyée au gestionnaire.", number=asked.number))
            return redirect(url_for("rattachements.listing"))
    shown = render_template("habilitation_ask.html", structure=structure, form=form, levels=levels, refusal=refusal)
    return shown, 422 if form.errors or refusal else 200


@blueprint.post("/rattachements/<uuid:structure_id>/renoncement")
@signed_in
def give_up(structure_id: uuid.UUID) -> Any:
    """Give up an espace of a structure, at every level at which one has it (R031)."""
    espace = request.form.get("espace", "")
    own = next((each for each in navigation.rights() if each.structure_id == structure_id), None)
    right = next((each for each in own.espaces if each.espace == espace), None) if own else None
    if right is None:
        raise errors.NotFound(what=gettext("habilitation"))
    levels = own_rights.by_service(right)
    for level, _ in levels:
        values = {"structure_service_id": level} if level else {}
        bus.call(organisation.SetHabilitation, structure_id=structure_id, user_id=g.user.user_id, espace=espace, **values)
    label = navigation.espace_labels().get(espace, espace)
    done.say(gettext("Vous n'avez plus l'espace %(espace)s pour %(structure)s.", espace=label, structure=own.name))
    return redirect(url_for("account.show", _anchor="habilitations"))


def _levels(own: Any, structure: Any) -> list[tuple[str, str]]:
    """Return the levels where the user is attached, the whole structure first: (value, name)."""
    whole = own.whole_structure is not False
    attached = None if whole else set(own.structure_service_ids or ())
    services = [
        (str(each.structure_service_id), f"{each.code}, {each.label}")
        for each in structure.services
        if attached is None or each.structure_service_id in attached
    ]
    return [("", gettext("Toute la structure")), *services] if whole else services


def _wish(espace: str, service: str, profile: str) -> rattachements.Wish:
    level = {"structure_service_id": uuid.UUID(service)} if service else {}
    return rattachements.Wish(espace=espace, profile=profile, **level)
