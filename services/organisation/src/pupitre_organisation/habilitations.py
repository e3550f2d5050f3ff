"""What each user of a structure may do: habilitations given, taken and listed, and gestionnaires secondaires (R122, R123, R135 to R145)."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import habilitations, organisation
from pupitre_contracts.errors import Conflict, EspaceClosed, Forbidden, Invalid, NotFound

from . import access, applications, facts, habilitation_list, model, people, queries, repository, tables
from .rattachements import check_services, rights_in

MOST_REMOVED = 1000


def set_habilitation(request: Any, scope: Any) -> organisation.SetHabilitation.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        _require_may_set(tx, scope, request.structure_id, request.user_id, request.espace, request.profile)
        link = queries.rattachement(tx, request.structure_id, request.user_id)
        if link is None:
            raise NotFound(what=f"rattachement of user {request.user_id}")
        opened = queries.open_espaces(tx, [request.structure_id])[request.structure_id].get(request.espace)
        if opened is None:
            raise EspaceClosed(espace=request.espace, structure=structure.name)
        service = request.structure_service_id
        if service is not None:
            check_services(tx, request.structure_id, [service])
        if request.profile is not None:
            require_level(tx, link, service)
        give(tx, actor, link, request.espace, opened, request.profile, service)
        return tx.answer(organisation.SetHabilitation.Reply(rights=rights_in(tx, request.structure_id, request.user_id)))


def give(
    tx: Any,
    actor: str,
    link: Any,
    espace: str,
    open_espace_id: uuid.UUID,
    profile: str | None,
    service: uuid.UUID | None = None,
    **days: Any,
) -> None:
    """Give a profile at a level of a rattachement, or take away what was given (None); log and tell it when it changes anything."""
    held = facts.of_rattachement(tx, link.structure_id, link.user_id)
    before, changed = repository.set_habilitation(
        tx, actor, link.structure_id, link.rattachement_id, open_espace_id, profile, service, **days
    )
    if not changed:
        return
    about = {"structure_id": link.structure_id, "user_id": link.user_id, "espace": espace, "structure_service_id": service}
    action = "habilitation.given" if profile else "habilitation.taken"
    told = {"before": held, "after": facts.of_rattachement(tx, link.structure_id, link.user_id), "espace": espace}
    repository.log(tx, actor, action, link.structure_id, object=f"user:{link.user_id}", **told)
    if profile is not None:
        tx.publish(habilitations.HabilitationGranted(**about, profile=profile, before=before, granted_by=actor))
    else:
        tx.publish(habilitations.HabilitationRemoved(**about, profile=before, removed_by=actor))


def require_level(tx: Any, link: Any, service: uuid.UUID | None) -> None:
    """Raise Forbidden unless a rattachement covers the service, or without one the structure: nothing is given beyond it (R130, R139)."""
    if link.whole_structure:
        return
    held = {row.structure_service_id for row in queries.attached_services(tx, [link.rattachement_id])[link.rattachement_id]}
    if service is None or service not in held:
        level = "ce service / this service" if service else "la structure / the structure"
        raise Forbidden(needed=f"rattachement: {level}")


def list_habilitations(request: Any, scope: Any) -> habilitations.ListHabilitations.Reply:
    day = model.today(scope.clock.now())
    size = max(1, min(request.page_size, model.LARGEST_PAGE))
    with scope.reading() as db:
        access.require(db, scope.actor, "list_habilitations", request.structure_id, day=day)
        lines, total = habilitation_list.page(db, request, max(1, request.page), size)
        services = queries.services_of(db, request.structure_id, day)
        structure = queries.structure_row(db, request.structure_id)
    known = people.by_id(scope, [line.user_id for line in lines])
    shown = [habilitation_list.message(line, structure, known, services) for line in lines]
    return habilitations.ListHabilitations.Reply(habilitations=shown, total=total)


def remove_habilitations(request: Any, scope: Any) -> habilitations.RemoveHabilitations.Reply:
    if not 0 < len(request.habilitation_ids) <= MOST_REMOVED:
        fault = f"de 1 à {MOST_REMOVED} habilitations / 1 to {MOST_REMOVED} habilitations"
        raise Invalid(what="habilitation", fields={"habilitation_ids": [fault]})
    actor, wanted = access.signature(scope.actor), set(request.habilitation_ids)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "set_habilitation", request.structure_id)
        rows = tx.execute(_given().where(tables.habilitation.c.habilitation_id.in_(wanted))).all()
        if {row.habilitation_id for row in rows if row.structure_id == request.structure_id} != wanted:
            raise NotFound(what="habilitation")
        present = [row for row in rows if row.ended_at is None]
        for row in present:
            _require_may_set(tx, scope, request.structure_id, row.user_id, row.espace, None)
            give(tx, actor, row, row.espace, row.open_espace_id, None, row.structure_service_id)
        return tx.answer(habilitations.RemoveHabilitations.Reply(removed=len(present)))


def set_gestionnaire_secondaire(request: Any, scope: Any) -> habilitations.SetGestionnaireSecondaire.Reply:
    with scope.reading() as db:
        access.require(db, scope.actor, "set_gestionnaire_secondaire", request.structure_id, day=model.today(scope.clock.now()))
    known = people.by_id(scope, [request.user_id])
    if request.user_id not in known:
        raise NotFound(what=f"user {request.user_id}")
    actor = access.signature(scope.actor)
    flags = {"manages_structure": request.manages_structure, "manages_users": request.manages_users}
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "set_gestionnaire_secondaire", request.structure_id)
        _require_not_oneself(tx, scope, request)
        link = queries.rattachement(tx, request.structure_id, request.user_id)
        if link is None:
            raise NotFound(what=f"rattachement of user {request.user_id}")
        if link.role == model.GP or not link.whole_structure:
            raise Conflict(what="a gestionnaire secondaire is a simple user attached to the structure itself")
        before = {name: getattr(link, name) for name in flags}
        if before != flags:
            repository.set_gestionnaire_secondaire(tx, actor, link.rattachement_id, **flags)
            told = {"object": f"user:{request.user_id}", "before": before, "after": flags}
            repository.log(tx, actor, "gestionnaire_secondaire.named", request.structure_id, **told)
            tx.publish(
                habilitations.GestionnaireSecondaireNamed(
                    structure_id=request.structure_id,
                    structure_name=structure.name,
                    user_id=request.user_id,
                    named_by=actor,
                    **flags,
                )
            )
        return tx.answer(
            habilitations.SetGestionnaireSecondaire.Reply(
                member=people.members(tx, request.structure_id, known, model.today(tx.now), only=request.user_id)[0]
            )
        )


def _require_not_oneself(tx: Any, scope: Any, request: Any) -> None:
    """Raise Forbidden for somebody who would make himself more than he is."""
    if access.user_id(scope.actor) == request.user_id and (request.manages_structure or request.manages_users):
        access.require(tx, scope.actor, "set_habilitation: to oneself", request.structure_id)


def _require_may_set(
    tx: Any, scope: Any, structure_id: uuid.UUID, user_id: uuid.UUID, espace: str, profile: str | None
) -> None:
    """Raise Forbidden unless the actor may give this to that user, or take it from him."""
    own = access.user_id(scope.actor) == user_id
    if own and profile is None:
        access.require(tx, scope.actor, "set_habilitation: given up", structure_id, own=True)
        return
    access.require(tx, scope.actor, "set_habilitation", structure_id)
    if espace == applications.ORGANISATION:
        access.require(tx, scope.actor, "set_habilitation: organisation", structure_id)
    if own:
        access.require(tx, scope.actor, "set_habilitation: to oneself", structure_id)


def _given() -> sa.Select:
    given, link, opened = tables.habilitation, tables.rattachement, tables.open_espace
    names = ("habilitation_id", "structure_id", "rattachement_id", "open_espace_id", "structure_service_id", "ended_at")
    return (
        sa.select(*(given.c[name] for name in names), link.c.user_id, opened.c.espace)
        .join_from(given, link, given.c.rattachement_id == link.c.rattachement_id)
        .join(opened, given.c.open_espace_id == opened.c.open_espace_id)
    )
