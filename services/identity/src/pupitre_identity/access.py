"""Who may ask identity for what beyond his own account."""

import uuid
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts import organisation
from pupitre_contracts.errors import Forbidden

#: The issuer whose key lies with those who run the platform: the command line signs with it.
OPERATOR = "operator"


def is_operator(actor: Actor) -> bool:
    """Tell whether an operator acts, in his own name."""
    return actor.kind == "service" and actor.id == OPERATOR and actor.behalf_of is None


def require_operator(actor: Actor) -> None:
    if not is_operator(actor):
        raise Forbidden(needed=OPERATOR)


def require_service(actor: Actor) -> None:
    """Let services and operators pass: they show a name or send a mail for somebody they have let in themselves."""
    if actor.kind != "service":
        raise Forbidden(needed="service")


def user_id_of(actor: Actor) -> uuid.UUID:
    """Return the calling user, for what is a person's own. Raises Forbidden for who is not a user."""
    if actor.kind != "user":
        raise Forbidden(needed="user account")
    return uuid.UUID(actor.id)


def roles_of(scope: Any) -> dict[uuid.UUID, str] | None:
    """Return the roles of the asking user by structure; None for an operator, who needs none. Nobody else has any."""
    if is_operator(scope.actor):
        return None
    asking = scope.actor.origin
    if asking.kind != "user":
        return {}
    rights = scope.bus.call(organisation.RightsOfActor, kind="user", actor_id=uuid.UUID(asking.id))
    return {each.structure_id: each.role for each in rights.structures}
