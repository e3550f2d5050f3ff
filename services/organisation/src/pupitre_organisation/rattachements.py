"""Who is attached to a structure, at which level, and what an actor may do."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from pupitre_contracts import habilitations, identity, organisation
from pupitre_contracts.errors import Conflict, Invalid, NotFound

from . import access, applications, facts, model, queries, repository, rights


def attach_user(request: Any, scope: Any) -> organisation.AttachUser.Reply:
    action = "attach_user: as GP" if request.role == model.GP else "attach_user"
    services = request.structure_service_ids or []
    if services and request.role == model.GP:
        fault = "le gestionnaire principal est rattaché à la structure / the gestionnaire principal belongs to the structure"
        raise Invalid(what="rattachement", fields={"structure_service_ids": [fault]})
    _require_may_attach(scope, action, request.structure_id)
    asked_at, found = scope.clock.now(), scope.bus.call(identity.UsersByIds, user_ids=[request.user_id]).users
    if not found or (request.role == model.GP and found[0].active is False):
        raise NotFound(what=f"user {request.user_id}")
    with scope.begin() as tx:
        if request.role == model.GP:
            access.refuse_departed(tx, request.user_id, asked_at)
        _attach(tx, scope, action, request.structure_id, request.user_id, request.role, services)
        return tx.answer(organisation.AttachUser.Reply(rights=rights_in(tx, request.structure_id, request.user_id)))


def attach_by_address(request: Any, scope: Any) -> habilitations.AttachByAddress.Reply:
    _require_may_attach(scope, "attach_by_address", request.structure_id)
    user_id = scope.bus.call(identity.UserByEmail, email=request.email.strip()).user.user_id
    with scope.begin() as tx:
        services = request.structure_service_ids or []
        _attach(tx, scope, "attach_by_address", request.structure_id, user_id, model.US, services)
        return tx.answer(habilitations.AttachByAddress.Reply(rights=rights_in(tx, request.structure_id, user_id)))


def _require_may_attach(scope: Any, action: str, structure_id: uuid.UUID) -> None:
    """Ask before identity is asked, so that nobody else learns who has an account."""
    with scope.reading() as db:
        access.require(db, scope.actor, action, structure_id, day=model.today(scope.clock.now()))


def _attach(
    tx: Any, scope: Any, action: str, structure_id: uuid.UUID, user_id: uuid.UUID, role: str, services: Sequence[uuid.UUID]
) -> None:
    """Attach a user unasked, or change his role or level; nothing when he has it all."""
    structure = queries.structure_row(tx, structure_id, lock=True)
    access.require(tx, scope.actor, action, structure_id)
    check_services(tx, structure_id, services)
    present = queries.rattachement(tx, structure_id, user_id)
    changes = present is None or present.role != role
    if changes:
        _make_room(tx, structure_id, role, present)
    if changes or missing_levels(tx, present, services):
        by = access.signature(scope.actor)
        attach_in(tx, scope, structure, user_id, role, present, attached_by=by, services=services)


def rights_of_actor(request: Any, scope: Any) -> organisation.RightsOfActor.Reply:
    kind, actor_id, structure_id = _asked_about(request, scope.actor)
    waiting, now = None, scope.clock.now()
    with scope.reading() as db:
        if kind == "user":
            structures = rights.of_user(db, actor_id, now, structure_id)
            managed = [each.structure_id for each in structures if each.manages_users]
            if managed and scope.actor.kind == "user":
                waiting = queries.approbations_waiting(db, managed)
        else:
            structures = rights.of_technical_account(db, structure_id)
        mandants = rights.mandants(db, [each.structure_id for each in structures], model.today(now)) if structures else []
    return organisation.RightsOfActor.Reply(structures=structures, approbations_waiting=waiting, mandants=mandants)


def members_of_espace(request: Any, scope: Any) -> organisation.MembersOfEspace.Reply:
    access.require_questioner(scope.actor, "members_of_espace")
    if len(request.structure_ids) > model.MOST_ASKED:
        raise Invalid(what="members_of_espace", fields={"structure_ids": [f"at most {model.MOST_ASKED}"]})
    with scope.reading() as db:
        found = rights.members(db, request.structure_ids, request.espace, scope.clock.now())
    return organisation.MembersOfEspace.Reply(
        structures=[_members(structure_id, found.get(structure_id, {})) for structure_id in request.structure_ids]
    )


def _members(structure_id: uuid.UUID, found: dict[uuid.UUID, list[uuid.UUID] | None]) -> organisation.StructureMembers:
    return organisation.StructureMembers(
        structure_id=structure_id,
        user_ids=[user_id for user_id, services in found.items() if services is None],
        limited=[
            organisation.LimitedMember(user_id=user_id, structure_service_ids=services)
            for user_id, services in found.items()
            if services is not None
        ],
    )


def attach_in(
    tx: Any,
    scope: Any,
    structure: Any,
    user_id: uuid.UUID,
    role: str,
    present: Any | None = None,
    attached_by: str | None = None,
    services: Sequence[uuid.UUID] = (),
    **days: Any,
) -> None:
    """Attach a user to a structure, or with ``services`` to those of it; or give a present rattachement another role or level.

    Each level comes with the habilitations of the role; ``days`` limit its validity, ``attached_by`` tells who did it unasked.
    A GP gets MODIFICATION in every open espace, a US those that are open by default (R131, R132, R134).
    """
    actor = access.signature(scope.actor)
    before = facts.of_rattachement(tx, structure.structure_id, user_id)
    levels: list[uuid.UUID | None] = list(missing_levels(tx, present, services))
    if present is None:
        own = {"whole_structure": not services, **({} if services else days)}
        rattachement_id = repository.attach(tx, actor, structure.structure_id, user_id, role, **own)
    else:
        rattachement_id = present.rattachement_id
        if present.role != role:
            repository.set_role(tx, actor, rattachement_id, role)
        if None in levels:
            repository.set_level(tx, actor, rattachement_id, True, **days)
    if role == model.GP:
        levels = [None]
    for service in (each for each in levels if each is not None):
        repository.attach_at(tx, actor, structure.structure_id, rattachement_id, service, **days)
    profiles = applications.profiles_of(scope.resources.offers(), structure.type, role)
    opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id]
    for espace, open_espace_id in opened.items():
        profile = model.MODIFICATION if role == model.GP else profiles.get(espace)
        for level in levels if profile else ():
            repository.set_habilitation(
                tx, actor, structure.structure_id, rattachement_id, open_espace_id, profile, level
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
            structure_service_ids=list(services) or None,
        )
    )


def missing_levels(db: Any, present: Any | None, services: Iterable[uuid.UUID]) -> list[uuid.UUID | None]:
    """Return what a rattachement does not cover of ``services``, or without any of the structure (None stands for it)."""
    wanted: list[uuid.UUID | None] = list(dict.fromkeys(services)) or [None]
    if present is None:
        return wanted
    if present.whole_structure:
        return []
    held = {row.structure_service_id for row in queries.attached_services(db, [present.rattachement_id])[present.rattachement_id]}
    return [each for each in wanted if each not in held]


def check_services(db: Any, structure_id: uuid.UUID, services: Iterable[uuid.UUID]) -> None:
    """Raise NotFound for a service that is not the structure's."""
    known = queries.services_of(db, structure_id, model.today(db.now))
    for service in services:
        if service not in known:
            raise NotFound(what=f"service {service}")


def rights_in(tx: Any, structure_id: uuid.UUID, user_id: uuid.UUID) -> organisation.StructureRights:
    """Return the rights of a user in a structure. Raises NotFound while his rattachement does not hold."""
    found = rights.of_user(tx, user_id, tx.now, structure_id)
    if not found:
        raise NotFound(what=f"rattachement of user {user_id}")
    return found[0]


def _make_room(tx: Any, structure_id: uuid.UUID, role: str, present: Any | None) -> None:
    """Raise Conflict when the role asked for would leave the structure with two GP or without one (R120, R125)."""
    if present is not None and present.role == model.GP:
        raise Conflict(what="this user is the gestionnaire principal: the role must be handed over first")
    if role == model.GP and any(each.role == model.GP for each in queries.rattachements(tx, structure_id)):
        raise Conflict(what="the structure has another gestionnaire principal")


def _asked_about(request: Any, actor: Any) -> tuple[str, uuid.UUID, uuid.UUID | None]:
    """Return kind, id and structure of the actor asked about. Raises Forbidden for a question about somebody else."""
    if actor.kind != "service":
        asked = (request.kind or actor.kind, request.actor_id or uuid.UUID(actor.id))
        structure_id = actor.structure_id if actor.kind == "technical" else request.structure_id
        own = asked == (actor.kind, uuid.UUID(actor.id)) and request.structure_id in (None, structure_id)
        access.require_questioner(actor, "rights_of_actor", own=own)
        return *asked, structure_id
    access.require_questioner(actor, "rights_of_actor")
    if request.kind is None or request.actor_id is None:
        raise Invalid(what="rights_of_actor", fields={"actor_id": ["a service says for whom it asks"]})
    if request.kind == "technical" and request.structure_id is None:
        raise Invalid(what="rights_of_actor", fields={"structure_id": ["needed for a technical account"]})
    return request.kind, request.actor_id, request.structure_id
