"""Who asks, and what he is to a structure; what that lets him do stands in ``right_to_act``."""

import uuid
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_bus.admission import is_operator
from pupitre_contracts import organisation
from pupitre_contracts.errors import Forbidden, NotFound

from . import right_to_act


def user_id_of(actor: Actor) -> uuid.UUID:
    """Return the calling user, for what is a person's own. Raises Forbidden for who is not a user."""
    if actor.kind != "user":
        raise Forbidden(needed="user account")
    return uuid.UUID(actor.id)


def require(scope: Any, action: str, structures: dict[uuid.UUID, str]) -> None:
    """Raise unless the table lets the caller do ``action`` to every structure named, or without any to those he has.

    ``structures`` maps each to what a refusal that hides does not find. Raises Forbidden, or NotFound where a refusal hides.
    """
    relations = _relations(scope, set(structures))
    for structure_id, what in structures.items():
        held = relations[structure_id]
        if right_to_act.RIGHTS.allows(action, [held]):
            continue
        if right_to_act.RIGHTS.hides(action, [held]):
            raise NotFound(what=what)
        raise Forbidden(needed=right_to_act.RIGHTS.needed(action))


def require_gestionnaire(scope: Any, action: str) -> None:
    """Raise Forbidden unless the table lets the caller do what is about none of his structures in particular."""
    if not right_to_act.RIGHTS.allows(action, [right_to_act.GP_ELSEWHERE if _manages(scope) else right_to_act.STRANGER]):
        raise Forbidden(needed=right_to_act.RIGHTS.needed(action))


def _relations(scope: Any, structure_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return what the one at the origin of the call is to each structure; organisation knows it of users."""
    origin = scope.actor.origin
    if origin.kind == "user":
        roles = _roles(scope)
        other = right_to_act.GP_ELSEWHERE if "GP" in roles.values() else right_to_act.STRANGER
        found = {each: right_to_act.GP if role == "GP" else right_to_act.MEMBER for each, role in roles.items()}
        return {each: found.get(each, other) for each in structure_ids}
    if origin.kind == "technical":
        own = origin.structure_id
        return {each: right_to_act.TECHNICAL if each == own else right_to_act.ELSEWHERE for each in structure_ids}
    held = right_to_act.OPERATOR if is_operator(scope.actor) else right_to_act.SERVICE
    return dict.fromkeys(structure_ids, held)


def _manages(scope: Any) -> bool:
    return "GP" in _roles(scope).values()


def _roles(scope: Any) -> dict[uuid.UUID, str]:
    rights = scope.bus.call(organisation.RightsOfActor, kind="user", actor_id=uuid.UUID(scope.actor.origin.id))
    return {each.structure_id: each.role for each in rights.structures}
