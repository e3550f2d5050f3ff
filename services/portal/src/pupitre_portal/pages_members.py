"""The users of a structure, for its gestionnaires: habilitations, detaching, and handing over one's role (R107 to R110, R120, R145)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import habilitations, organisation, rattachements
from pupitre_contracts.errors import Conflict, NotFound

from . import bus, done, member_lists, navigation
from .errors import message
from .languages import gettext
from .paging import cut, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("members", __name__, url_prefix="/structures/<uuid:structure_id>/utilisateurs")


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the users with role, validity and habilitations."""
    return _listing(structure_id)


def _listing(structure_id: uuid.UUID, refusal: str | None = None) -> str:
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    wanted = request.args.get("recherche", "").strip()
    page = cut(member_lists.found(structure_id, wanted), page_number())
    return render_template(
        "members.html",
        structure=structure,
        members=page.rows,
        page=page,
        wanted=wanted,
        refusal=refusal,
        labels=navigation.espace_labels(),
        done=done.said(),
    )


@blueprint.post("/rattachement")
@signed_in
def attach(structure_id: uuid.UUID) -> Any:
    """Attach the user of an address, to the structure or to the services ticked (R110)."""
    services = [_identifier(text) for text in request.form.getlist("service")]
    values = {"structure_service_ids": services} if services else {}
    email = request.form.get("email", "").strip()
    try:
        bus.call(habilitations.AttachByAddress, key=form_key(), structure_id=structure_id, email=email, **values)
    except (NotFound, Conflict) as error:
        text = message(error) if isinstance(error, Conflict) else gettext("Aucun compte n'utilise l'adresse %(email)s.", email=email)
        return _listing(structure_id, text), 422
    done.say(gettext("L'utilisateur est rattaché ; un mail le lui dit."))
    return redirect(url_for("members.listing", structure_id=structure_id))


@blueprint.post("/<uuid:user_id>/gestionnaire-secondaire")
@signed_in
def name_secondary(structure_id: uuid.UUID, user_id: uuid.UUID) -> Any:
    """Let a user manage the structure, its users, or both; no box ticked takes it back (R123)."""
    bus.call(
        habilitations.SetGestionnaireSecondaire,
        key=form_key(),
        structure_id=structure_id,
        user_id=user_id,
        manages_structure=request.form.get("structure") == "oui",
        manages_users=request.form.get("utilisateurs") == "oui",
    )
    done.say(gettext("Le rôle de gestionnaire secondaire est enregistré."))
    return redirect(url_for("members.listing", structure_id=structure_id))


@blueprint.post("/<uuid:user_id>/habilitations")
@signed_in
def change(structure_id: uuid.UUID, user_id: uuid.UUID) -> Any:
    """Give each open espace the profile chosen for this user; empty takes it away (R145)."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    present = {
        right.espace: right.profile
        for right in _member(structure_id, user_id).espaces
        if right.structure_service_ids is None and right.modification_service_ids is None
    }
    key = form_key()
    for espace in structure.espaces:
        chosen = request.form.get(f"profil-{espace}")
        if chosen is None or (chosen or None) == present.get(espace):
            continue
        bus.call(
            organisation.SetHabilitation,
            key=str(uuid.uuid5(uuid.UUID(key), espace)),
            structure_id=structure_id,
            user_id=user_id,
            espace=espace,
            **({"profile": chosen} if chosen else {}),
        )
    done.say(gettext("Les habilitations sont enregistrées."))
    return redirect(url_for("members.listing", structure_id=structure_id))


@blueprint.post("/<uuid:user_id>/detachement")
@signed_in
def detach(structure_id: uuid.UUID, user_id: uuid.UUID) -> Any:
    """End a user's rattachement, or the level of it that was chosen."""
    level = level_of(request.form.get("niveau", ""))
    bus.call(rattachements.Detach, key=form_key(), structure_id=structure_id, user_id=user_id, **level)
    done.say(gettext("L'utilisateur est détaché : ses accès sont retirés."))
    return redirect(url_for("members.listing", structure_id=structure_id))


@blueprint.post("/<uuid:user_id>/transmission")
@signed_in
def transfer(structure_id: uuid.UUID, user_id: uuid.UUID) -> Any:
    """Hand the role of gestionnaire principal over; one stays attached as a simple user (R109)."""
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
        return redirect(url_for("members.listing", structure_id=structure_id))
    bus.call(rattachements.TransferGestionnairePrincipal, key=form_key(), structure_id=structure_id, user_id=user_id)
    done.say(gettext("Le rôle de gestionnaire principal est transmis."))
    return redirect(url_for("structures.show", structure_id=structure_id))


def level_of(text: str) -> dict[str, Any]:
    """Return what Detach is told for a choice of level: everything, the structure's own, or one service (R108)."""
    if not text:
        return {}
    return {"structure_level_only": True} if text == "structure" else {"structure_service_ids": [_identifier(text)]}


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(what=gettext("service")) from None


def _member(structure_id: uuid.UUID, user_id: uuid.UUID) -> Any:
    members = bus.call(rattachements.ListMembers, structure_id=structure_id).members
    found = next((member for member in members if member.user_id == user_id), None)
    if found is None:
        raise NotFound(what="user")
    return found
