"""Who is attached to a structure, and what each may do in its open espaces."""

import uuid
from typing import Any

from pupitre_contracts import identity, organisation
from pupitre_contracts.errors import Conflict, EspaceClosed, Forbidden, Invalid, NotFound

from . import access, facts, model, queries, repository, rights


def attach_user(request: Any, scope: Any) -> organisation.AttachUser.Reply:
    with scope.reading() as db:
        access.require_gestionnaire(db, scope.actor, request.structure_id)
    if request.role == model.GP and not access.is_operator(scope.actor):
        raise Forbidden(needed=access.OPERATOR)
    asked_at, found = scope.clock.now(), scope.bus.call(identity.UsersByIds, user_ids=[request.user_id]).users
    if not found or (request.role == model.GP and found[0].active is False):
        raise NotFound(what=f"user {request.user_id}")
    with scope.begin() as tx:
        if request.role == model.GP:
            access.refuse_departed(tx, request.user_id, asked_at)
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_gestionnaire(tx, scope.actor, request.structure_id)
        present = queries.rattachement(tx, request.structure_id, request.user_id)
        if present is None or present.role != request.role:
            _make_room(tx, request, present)
            by = access.signature(scope.actor)
            attach_in(tx, scope, structure, request.user_id, request.role, present, attached_by=by)
        return tx.answer(organisation.AttachUser.Reply(rights=_rights(tx, request)))


def set_habilitation(request: Any, scope: Any) -> organisation.SetHabilitation.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_gestionnaire(tx, scope.actor, request.structure_id)
        link = queries.rattachement(tx, request.structure_id, request.user_id)
        if link is None:
            raise NotFound(what=f"rattachement of user {request.user_id}")
        opened = queries.open_espaces(tx, [request.structure_id])[request.structure_id].get(request.espace)
        if opened is None:
            raise EspaceClosed(espace=request.espace, structure=structure.name)
        before = facts.of_rattachement(tx, request.structure_id, request.user_id)
        if repository.set_habilitation(tx, actor, request.structure_id, link.rattachement_id, opened, request.profile):
            action = "habilitation.given" if request.profile else "habilitation.taken"
            after = facts.of_rattachement(tx, request.structure_id, request.user_id)
            told = {"before": before, "after": after, "espace": request.espace}
            repository.log(tx, actor, action, request.structure_id, object=f"user:{request.user_id}", **told)
        return tx.answer(organisation.SetHabilitation.Reply(rights=_rights(tx, request)))


def rights_of_actor(request: Any, scope: Any) -> organisation.RightsOfActor.Reply:
    kind, actor_id, structure_id = _asked_about(request, scope.actor)
    waiting = None
    with scope.reading() as db:
        if kind == "user":
            structures = rights.of_user(db, actor_id, scope.clock.now(), structure_id)
            managed = [each.structure_id for each in structures if model.is_gestionnaire(each.role)]
            if managed and scope.actor.kind == "user":
                waiting = queries.approbations_waiting(db, managed)
        else:
            structures = rights.of_technical_account(db, structure_id)
    return organisation.RightsOfActor.Reply(structures=structures, approbations_waiting=waiting)


def members_of_espace(request: Any, scope: Any) -> organisation.MembersOfEspace.Reply:
    access.require_service(scope.actor)
    if len(request.structure_ids) > model.MOST_ASKED:
        raise Invalid(what="members_of_espace", fields={"structure_ids": [f"at most {model.MOST_ASKED}"]})
    with scope.reading() as db:
        found = rights.members(db, request.structure_ids, request.espace, scope.clock.now())
    return organisation.MembersOfEspace.Reply(
        structures=[
            organisation.StructureMembers(structure_id=structure_id, user_ids=found.get(structure_id, []))
            for structure_id in request.structure_ids
        ]
    )


def attach_in(
    tx: Any,
    scope: Any,
    structure: Any,
    user_id: uuid.UUID,
    role: str,
    present: Any | None = None,
    attached_by: str | None = None,
    **days: Any,
) -> None:
    """Attach a user, or change the role of a present rattachement, with the habilitations of the role; ``days`` limit its
    validity, ``attached_by`` tells who did it unasked.

    A GP gets every open espace, a US those that are open by default (R132); each in the profile of the role.
    """
    actor = access.signature(scope.actor)
    before = facts.of_rattachement(tx, structure.structure_id, user_id)
    if present is None:
        rattachement_id = repository.attach(tx, actor, structure.structure_id, user_id, role, **days)
    else:
        rattachement_id = present.rattachement_id
        repository.set_role(tx, actor, rattachement_id, role)
    usual = set(model.default_espaces(scope.resources.offers(), structure.type))
    opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id]
    for espace, open_espace_id in opened.items():
        if role == model.GP or espace in usual:
            repository.set_habilitation(
                tx, actor, structure.structure_id, rattachement_id, open_espace_id, model.PROFILE_OF_ROLE[role]
            )
    told = {"before": before, "after": facts.of_rattachement(tx, structure.structure_id, user_id)}
    repository.log(tx, actor, "rattachement.validated", structure.structure_id, object=f"user:{user_id}", **told)
    tx.publish(
        organisation.RattachementValidated(
            structure_id=structure.structure_id,
            structure_name=structure.name,
            user_id=user_id,
            role=role,
            attached_by=attached_by,
        )
    )


def _make_room(tx: Any, request: Any, present: Any | None) -> None:
    """Raise Conflict when the role asked for would leave the structure with two GP or without one (R120, R125)."""
    if present is not None and present.role == model.GP:
        raise Conflict(what="this user is the gestionnaire principal: the role must be handed over first")
    if request.role == model.GP and any(
        each.role == model.GP for each in queries.rattachements(tx, request.structure_id)
    ):
        raise Conflict(what="the structure has another gestionnaire principal")


def _rights(tx: Any, request: Any) -> organisation.StructureRights:
    return rights.of_user(tx, request.user_id, tx.now, request.structure_id)[0]


def _asked_about(request: Any, actor: Any) -> tuple[str, uuid.UUID, uuid.UUID | None]:
    """Return kind, id and structure of the actor asked about. Raises Forbidden for a question about somebody else."""
    if actor.kind != "service":
        asked = (request.kind or actor.kind, request.actor_id or uuid.UUID(actor.id))
        own = actor.structure_id if actor.kind == "technical" else request.structure_id
        if asked != (actor.kind, uuid.UUID(actor.id)) or request.structure_id not in (None, own):
            raise Forbidden(needed="service")
        return *asked, own
    if request.kind is None or request.actor_id is None:
        raise Invalid(what="rights_of_actor", fields={"actor_id": ["a service says for whom it asks"]})
    if request.kind == "technical" and request.structure_id is None:
        raise Invalid(what="rights_of_actor", fields={"structure_id": ["needed for a technical account"]})
    return request.kind, request.actor_id, request.structure_id
