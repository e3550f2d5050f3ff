"""Who may do what to a structure. What counts is the actor at the origin of the request, not the service in between."""

import datetime
import uuid
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts.errors import Conflict, Forbidden

from . import model, queries

#: The issuer whose key lies with those who run the platform: the command line signs with it.
OPERATOR = "operator"


def is_operator(actor: Actor) -> bool:
    """Tell whether an operator acts, in his own name."""
    return actor.kind == "service" and actor.id == OPERATOR and actor.behalf_of is None


def signature(actor: Actor) -> str:
    """Return what the log and the rows keep of who acted: the origin, and the service that carried it out."""
    origin = actor.origin
    return origin.reference if origin is actor else f"{origin.reference} via {actor.reference}"


def user_id(actor: Actor) -> uuid.UUID | None:
    """Return the user at the origin, or None when it is a technical account or a service."""
    return uuid.UUID(actor.origin.id) if actor.origin.kind == "user" else None


def require_gestionnaire(db: Any, actor: Actor, structure_id: uuid.UUID) -> None:
    """Raise Forbidden unless a gestionnaire of the structure or an operator acts, NotFound without such a structure."""
    queries.structure_row(db, structure_id)
    if is_operator(actor):
        return
    user = user_id(actor)
    link = queries.rattachement(db, structure_id, user) if user is not None else None
    if link is None or not model.is_gestionnaire(link.role):
        raise Forbidden(needed="GP")


def require_organisation_modification(
    db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime | None = None
) -> None:
    """Raise Forbidden unless an operator, a gestionnaire, or a user with MODIFICATION of organisation acts (R085, R122).

    ``now`` is the moment at which his rattachement has to be in force. Raises NotFound without such a structure.
    """
    queries.structure_row(db, structure_id)
    if not may_modify_organisation(db, actor, structure_id, now):
        raise Forbidden(needed=f"{model.ORGANISATION}, {model.MODIFICATION}")


def may_modify_organisation(db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime | None = None) -> bool:
    """Tell what :func:`require_organisation_modification` requires."""
    if is_operator(actor):
        return True
    user = user_id(actor)
    link = queries.rattachement(db, structure_id, user) if user is not None else None
    if link is None:
        return False
    day = model.today(now or datetime.datetime.now(datetime.UTC))
    held = queries.profile_in(db, link.rattachement_id, model.ORGANISATION) == model.MODIFICATION
    return model.is_gestionnaire(link.role) or (held and model.in_force(link.starts_on, link.ends_on, day))


def belongs(db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Tell whether an actor deposits or works for a structure: users attached to it now, its technical accounts, services."""
    origin = actor.origin
    if origin.kind == "service":
        return True
    if origin.kind == "technical":
        return origin.structure_id == structure_id
    link = queries.rattachement(db, structure_id, uuid.UUID(origin.id))
    return link is not None and model.in_force(link.starts_on, link.ends_on, model.today(now))


def require_service(actor: Actor) -> None:
    if actor.kind != "service":
        raise Forbidden(needed="service")


def managed_structures(db: Any, actor: Actor) -> list[uuid.UUID]:
    """Return the structures that the user at the origin manages."""
    user = user_id(actor)
    return queries.managed_by(db, user) if user is not None else []


def sees_espaces(db: Any, actor: Actor, structure_id: uuid.UUID) -> bool:
    """Tell whether an actor may see a structure's espaces: users attached to it, its technical accounts, services."""
    origin = actor.origin
    if origin.kind == "service":
        return True
    if origin.kind == "technical":
        return origin.structure_id == structure_id
    return queries.rattachement(db, structure_id, uuid.UUID(origin.id)) is not None


def turn_of(user_id: uuid.UUID) -> str:
    """Return what transactions take turns on that give a user the role of gestionnaire principal, or see him leave."""
    return f"user {user_id}"


def refuse_departed(tx: Any, user_id: uuid.UUID, asked_at: datetime.datetime) -> None:
    """Raise Conflict when a user left after identity was asked about him, or let him in: he takes no role over any more (R125)."""
    tx.take_turns(turn_of(user_id))
    if queries.departed_since(tx, user_id, asked_at - model.DOUBT):
        raise Conflict(what=f"user {user_id}")
