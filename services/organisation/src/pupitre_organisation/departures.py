"""A gestionnaire principal who leaves the portal: all his roles pass on together (R052, R125), and erased users go.

Identity says whether a user can take a role over, and that answer may be old when it is acted upon. Whoever gives or hands over
roles takes turns with the user concerned, and departures are found in the log: one later than the question makes the answer void
(``access.refuse_departed``).
"""

import uuid
from typing import Any

from pupitre_contracts import account_life, identity, rattachements
from pupitre_contracts.errors import NotFound, SuccessorByOperator, SuccessorsNeeded

from . import access, facts, model, queries, repository
from .handing_over import hand_over

IDENTITY = "identity"


def hand_over_roles(request: Any, scope: Any) -> rattachements.HandOverRoles.Reply:
    access.require_questioner(scope.actor, "hand_over_roles", own=scope.actor.id == IDENTITY)
    actor = f"user:{request.user_id} via {scope.actor.reference}"
    wanted = {each.structure_id: each.user_id for each in request.successors}
    asked_at, able = scope.clock.now(), can_sign_in(scope, wanted.values())
    with scope.begin() as tx:
        for user_id in sorted({request.user_id, *wanted.values()}, key=str):
            tx.take_turns(access.turn_of(user_id))
        managed = sorted(queries.managed_by(tx, request.user_id), key=str)
        structures = [queries.structure_row(tx, structure_id, lock=True) for structure_id in managed]
        _refuse_without_successor(structures, wanted, request.user_id)
        for structure in structures:
            successor = wanted[structure.structure_id]
            if successor not in able:
                raise NotFound(what=f"user {successor}")
            access.refuse_departed(tx, successor, asked_at)
            hand_over(tx, scope, actor, structure, successor)
        repository.log_departure(tx, actor, request.user_id)
        return tx.answer(rattachements.HandOverRoles.Reply(structure_ids=managed))


def can_sign_in(scope: Any, user_ids: Any) -> set[uuid.UUID]:
    """Return those of these users who exist and can sign in, as identity says now."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return set()
    found = scope.bus.call(identity.UsersByIds, user_ids=wanted).users
    return {user.user_id for user in found if user.active is not False}


def forget_erased(event: account_life.UserErased, scope: Any) -> None:
    """End what a user had whose account is gone: rattachements, habilitations, requests that wait. Nobody is told."""
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        for link in queries.rattachements_of(tx, event.user_id):
            queries.structure_row(tx, link.structure_id, lock=True)
            before = facts.of_rattachement(tx, link.structure_id, event.user_id)
            repository.detach(tx, actor, link.rattachement_id)
            repository.log(tx, actor, "rattachement.ended", link.structure_id, object=f"user:{event.user_id}", before=before)
        for row in queries.waiting_of(tx, event.user_id):
            repository.decide(tx, actor, row.approbation_id, model.ANNULE, None)
            repository.log(tx, actor, "approbation.cancelled", row.structure_id, object=f"approbation:{row.number}")


def _refuse_without_successor(structures: list[Any], wanted: dict[uuid.UUID, uuid.UUID], user_id: uuid.UUID) -> None:
    public = [each.name for each in structures if each.type == model.PUBLIC]
    if public:
        raise SuccessorByOperator(structures=", ".join(public))
    left = [each.name for each in structures if wanted.get(each.structure_id) in (None, user_id)]
    if left:
        raise SuccessorsNeeded(structures=", ".join(left))
