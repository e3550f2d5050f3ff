"""The habilitations of a structure's users, for its gestionnaires: seen, given and taken away (R139, R144, R145)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, habilitations, organisation, rattachements

from . import bus, done, navigation
from .errors import message
from .languages import gettext
from .paging import last_page, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("member_habilitations", __name__)
PAGE_SIZE = 25
PROFILES = ("CONSULTATION", "MODIFICATION")


@blueprint.get("/structures/<uuid:structure_id>/habilitations/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the habilitations of a structure's users, narrowed by user, service, espace and profile (R145)."""
    return _listing(structure_id)


@blueprint.post("/structures/<uuid:structure_id>/habilitations/")
@signed_in
def give(structure_id: uuid.UUID) -> Any:
    """Give a profile to a user, for the structure or a service of it; what he had there is replaced."""
    values: dict[str, Any] = {}
    if service := request.form.get("service"):
        values["structure_service_id"] = _identifier(service)
    try:
        bus.call(
            organisation.SetHabilitation,
            key=form_key(),
            structure_id=structure_id,
            user_id=_identifier(request.form.get("utilisateur", "")),
            espace=request.form.get("espace", ""),
            profile=_profile(request.form.get("profil", "")),
            **values,
        )
    except (errors.Forbidden, errors.EspaceClosed) as error:
        return _listing(structure_id, message(error)), error.status
    done.say(gettext("L'habilitation est enregistrée."))
    return redirect(url_for("member_habilitations.listing", structure_id=structure_id))


@blueprint.post("/structures/<uuid:structure_id>/habilitations/retrait")
@signed_in
def remove(structure_id: uuid.UUID) -> Any:
    """Take the habilitations away that were ticked."""
    ids = [_identifier(text) for text in request.form.getlist("habilitation")]
    if not ids:
        return _listing(structure_id, gettext("Cochez au moins une habilitation.")), 422
    removed = bus.call(
        habilitations.RemoveHabilitations, key=form_key(), structure_id=structure_id, habilitation_ids=ids
    ).removed
    done.say(gettext("Habilitations retirées : %(count)s.", count=removed))
    return redirect(url_for("member_habilitations.listing", structure_id=structure_id))


def _listing(structure_id: uuid.UUID, refusal: str | None = None) -> str:
    page = page_number()
    criteria = {name: request.args.get(name, "") for name in ("utilisateur", "service", "espace", "profil")}
    wanted: dict[str, Any] = {
        "user_id": _identifier(criteria["utilisateur"]) if criteria["utilisateur"] else None,
        "structure_service_id": _identifier(criteria["service"]) if criteria["service"] else None,
        "espace": criteria["espace"] or None,
        "profile": _profile(criteria["profil"]) if criteria["profil"] else None,
    }
    wanted = {name: value for name, value in wanted.items() if value is not None}
    found = bus.call(
        habilitations.ListHabilitations, structure_id=structure_id, page=page, page_size=PAGE_SIZE, **wanted
    )
    return render_template(
        "member_habilitations.html",
        structure=bus.call(organisation.GetStructure, structure_id=structure_id).structure,
        members=bus.call(rattachements.ListMembers, structure_id=structure_id).members,
        lines=found.habilitations,
        total=found.total,
        page=page,
        size=PAGE_SIZE,
        last_page=last_page(found.total, PAGE_SIZE),
        criteria=criteria,
        labels=navigation.espace_labels(),
        refusal=refusal,
        done=done.said(),
    )


def _profile(text: str) -> str:
    if text not in PROFILES:
        raise errors.NotFound(what=gettext("profil"))
    return text


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.NotFound(what="habilitation") from None
