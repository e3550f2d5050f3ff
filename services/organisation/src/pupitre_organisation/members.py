"""Who belongs to a structure: the list for its gestionnaires, leaving, and handing over the role of gestionnaire principal."""

import uuid
from typing import Any

from pupitre_contracts import rattachements, technical_accounts
from pupitre_contracts.errors import NotFound, SuccessorNeeded

from . import access, facts, model, people, queries, repository
from .handing_over import hand_over


def list_members(request: Any, scope: Any) -> rattachements.ListMembers.Reply:
    day = model.today(scope.clock.now())
    with scope.reading() as db:
        access.require(db, scope.actor, "list_members", request.structure_id, day=day)
        attached = [row.user_id for row in queries.rattachements(db, request.structure_id)]
    known = people.by_id(scope, attached)
    with scope.reading() as db:
        return rattachements.ListMembers.Reply(members=people.members(db, request.structure_id, known, day))


def detach(request: Any, scope: Any) -> rattachements.Detach.Reply:
    actor, services = access.signature(scope.actor), set(request.structure_service_ids or ())
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        own = access.user_id(scope.actor) == request.user_id
        access.require(tx, scope.actor, "detach", request.structure_id, own=own)
        link = queries.rattachement(tx, request.structure_id, request.user_id)
        if link is None:
            raise NotFound(what=f"rattachement of user {request.user_id}")
        held = {row.structure_service_id for row in queries.attached_services(tx, [link.rattachement_id])[link.rattachement_id]}
        if services - held or (request.structure_level_only and not link.whole_structure):
            raise NotFound(what=f"rattachement of user {request.user_id} at this level")
        left_whole = link.whole_structure and bool(services) and not request.structure_level_only
        left_services = held - services if services or request.structure_level_only else set()
        if link.role == model.GP and not left_whole:
            raise SuccessorNeeded(structure=structure.name)
        before = facts.of_rattachement(tx, request.structure_id, request.user_id)
        _take_off(tx, actor, link, services, left_whole, left_services)
        told = {"before": before, "after": facts.of_rattachement(tx, request.structure_id, request.user_id)}
        repository.log(tx, actor, "rattachement.ended", request.structure_id, object=f"user:{request.user_id}", **told)
        level: dict[str, Any] = {"structure_service_ids": sorted(services)} if services else {}
        if request.structure_level_only:
            level["structure_level_only"] = True
        tx.publish(
            rattachements.RattachementEnded(
                structure_id=request.structure_id,
                structure_name=structure.name,
                user_id=request.user_id,
                ended_by=actor,
                **level,
            )
        )
        return tx.answer(rattachements.Detach.Reply())


def _take_off(
    tx: Any, actor: str, link: Any, services: set[uuid.UUID], left_whole: bool, left_services: set[uuid.UUID]
) -> None:
    """End the levels named, and what hangs on them (R108); without any level left, the rattachement itself."""
    if not left_whole and not left_services:
        repository.detach(tx, actor, link.rattachement_id)
        return
    repository.detach_from(tx, actor, link.rattachement_id, services)
    if link.whole_structure and not left_whole:
        repository.set_level(tx, actor, link.rattachement_id, False)
    repository.end_uncovered(tx, actor, link.rattachement_id, left_whole, left_services)


def transfer_gestionnaire_principal(request: Any, scope: Any) -> rattachements.TransferGestionnairePrincipal.Reply:
    actor = access.signature(scope.actor)
    day = model.today(scope.clock.now())
    with scope.reading() as db:
        access.require(db, scope.actor, "transfer_gestionnaire_principal", request.structure_id, day=day)
    asked_at, known = scope.clock.now(), people.by_id(scope, [request.user_id])
    if not known or known[request.user_id].active is False:
        raise NotFound(what=f"user {request.user_id}")
    with scope.begin() as tx:
        access.refuse_departed(tx, request.user_id, asked_at)
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "transfer_gestionnaire_principal", request.structure_id)
        hand_over(tx, scope, actor, structure, request.user_id)
        (member,) = people.members(tx, request.structure_id, known, day, only=request.user_id)
        return tx.answer(rattachements.TransferGestionnairePrincipal.Reply(member=member))


def get_gestionnaire_principal(request: Any, scope: Any) -> technical_accounts.GetGestionnairePrincipal.Reply:
    """Tell a service whom to write to about what only the GP may do."""
    access.require_questioner(scope.actor, "get_gestionnaire_principal")
    with scope.reading() as db:
        structure = queries.structure_row(db, request.structure_id)
        holders = queries.gestionnaires(db, request.structure_id)
    found = {"user_id": holders[0]} if holders else {}
    return technical_accounts.GetGestionnairePrincipal.Reply(structure_name=structure.name, **found)
