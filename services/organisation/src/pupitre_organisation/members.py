"""Who belongs to a structure: the list for its gestionnaires, leaving, and handing over the role of gestionnaire principal."""

import uuid
from typing import Any

from pupitre_contracts import identity, rattachements, technical_accounts
from pupitre_contracts.errors import Forbidden, NotFound, SuccessorNeeded

from . import access, facts, model, queries, repository, rights
from .approbations import people
from .handing_over import hand_over


def list_members(request: Any, scope: Any) -> rattachements.ListMembers.Reply:
    with scope.reading() as db:
        access.require_gestionnaire(db, scope.actor, request.structure_id)
        found = rights.of_members(db, request.structure_id)
    known = people(scope, [row.user_id for row, _ in found])
    members = [_member(row, espaces, known[row.user_id]) for row, espaces in found if row.user_id in known]
    return rattachements.ListMembers.Reply(members=sorted(members, key=_by_name))


def detach(request: Any, scope: Any) -> rattachements.Detach.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        if access.user_id(scope.actor) != request.user_id:
            access.require_gestionnaire(tx, scope.actor, request.structure_id)
        link = queries.rattachement(tx, request.structure_id, request.user_id)
        if link is None:
            raise NotFound(what=f"rattachement of user {request.user_id}")
        if link.role == model.GP:
            raise SuccessorNeeded(structure=structure.name)
        before = facts.of_rattachement(tx, request.structure_id, request.user_id)
        repository.detach(tx, actor, link.rattachement_id)
        repository.log(tx, actor, "rattachement.ended", request.structure_id, object=f"user:{request.user_id}", before=before)
        tx.publish(
            rattachements.RattachementEnded(
                structure_id=request.structure_id, structure_name=structure.name, user_id=request.user_id, ended_by=actor
            )
        )
        return tx.answer(rattachements.Detach.Reply())


def transfer_gestionnaire_principal(request: Any, scope: Any) -> rattachements.TransferGestionnairePrincipal.Reply:
    actor = access.signature(scope.actor)
    with scope.reading() as db:
        structure = queries.structure_row(db, request.structure_id)
        _require_may_transfer(db, scope, structure)
    asked_at, found = scope.clock.now(), scope.bus.call(identity.UsersByIds, user_ids=[request.user_id]).users
    if not found or found[0].active is False:
        raise NotFound(what=f"user {request.user_id}")
    with scope.begin() as tx:
        access.refuse_departed(tx, request.user_id, asked_at)
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        _require_may_transfer(tx, scope, structure)
        hand_over(tx, scope, actor, structure, request.user_id)
        row, espaces = next(each for each in rights.of_members(tx, request.structure_id) if each[0].user_id == request.user_id)
        return tx.answer(rattachements.TransferGestionnairePrincipal.Reply(member=_member(row, espaces, found[0])))


def _require_may_transfer(db: Any, scope: Any, structure: Any) -> None:
    access.require_gestionnaire(db, scope.actor, structure.structure_id)
    if structure.type == model.PUBLIC and not access.is_operator(scope.actor):
        raise Forbidden(needed=access.OPERATOR)


def _member(row: Any, espaces: list[Any], user: identity.User) -> rattachements.Member:
    return rattachements.Member(
        user_id=row.user_id,
        email=user.email,
        given_name=user.given_name,
        family_name=user.family_name,
        role=row.role,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        espaces=espaces,
    )


def _by_name(member: rattachements.Member) -> tuple[str, str, uuid.UUID]:
    return model.search_key(member.family_name), model.search_key(member.given_name), member.user_id


def get_gestionnaire_principal(request: Any, scope: Any) -> technical_accounts.GetGestionnairePrincipal.Reply:
    """Tell a service whom to write to about what only the GP may do."""
    access.require_service(scope.actor)
    with scope.reading() as db:
        structure = queries.structure_row(db, request.structure_id)
        holders = [row.user_id for row in queries.rattachements(db, request.structure_id) if row.role == model.GP]
    found = {"user_id": holders[0]} if holders else {}
    return technical_accounts.GetGestionnairePrincipal.Reply(structure_name=structure.name, **found)
