"""Who acts, and what he is to a structure; what that lets him do stands in ``right_to_act``.

What counts is the actor at the origin of the request, not the service in between.
"""

import datetime
import uuid
from typing import Any

from pupitre_bus import row_security
from pupitre_bus.actors import Actor
from pupitre_contracts.errors import Conflict, Forbidden, NotFound

from . import model, queries, right_to_act, standings

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


def relations(
    db: Any, actor: Actor, structure_id: uuid.UUID | None, day: datetime.date | None = None
) -> frozenset[str]:
    """Return what an actor is to a structure on ``day``, by default the transaction's; without a structure, what he is to any."""
    origin = actor.origin
    if is_operator(actor):
        return frozenset({right_to_act.OPERATOR})
    if origin.kind == "service":
        return frozenset({right_to_act.SERVICE})
    if origin.kind == "technical":
        return frozenset({right_to_act.TECHNICAL if origin.structure_id == structure_id else right_to_act.ELSEWHERE})
    if structure_id is None:
        return frozenset({right_to_act.STRANGER})
    found = standings.of_user(db, uuid.UUID(origin.id), day or _today(db), structure_id).get(structure_id)
    return found.relations if found is not None else frozenset({right_to_act.STRANGER})


def require(
    db: Any,
    actor: Actor,
    action: str,
    structure_id: uuid.UUID,
    *,
    own: bool = False,
    day: datetime.date | None = None,
    what: str | None = None,
) -> None:
    """Raise Forbidden, or NotFound where a refusal hides, unless the table lets the actor do ``action`` to a structure.

    From here on the transaction sees the structure's own rows, and not before (RS-42). ``own`` says that it is about himself, or about
    what he made; ``what`` is what a hidden refusal does not find. Raises NotFound too when there is no such structure.
    """
    structure_type = queries.structure_row(db, structure_id).type
    held = relations(db, actor, structure_id, day)
    if right_to_act.allows(action, held, structure_type, own=own):
        row_security.show(db, structure_id)
        return
    if right_to_act.hides(action, held, structure_type):
        raise NotFound(what=what or f"structure {structure_id}")
    raise Forbidden(needed=right_to_act.needed(action, structure_type))


def require_anywhere(
    actor: Actor, action: str, structure_type: str = model.PRIVATE, *, own: bool = False, what: str | None = None
) -> None:
    """Raise Forbidden unless the table lets the actor do what is about no structure that exists yet, or about himself.

    Where a refusal hides, it raises NotFound of ``what``.
    """
    _require(actor, actor.origin, action, structure_type, own=own, what=what)


def require_questioner(actor: Actor, action: str, *, own: bool = False) -> None:
    """Raise Forbidden unless the table lets the actor ask what services ask of each other, as themselves whoever they work for."""
    _require(actor, actor, action, model.PRIVATE, own=own)


def _require(
    actor: Actor, who: Actor, action: str, structure_type: str, *, own: bool, what: str | None = None
) -> None:
    if is_operator(actor):
        held = right_to_act.OPERATOR
    else:
        held = {"service": right_to_act.SERVICE, "technical": right_to_act.TECHNICAL, "user": right_to_act.STRANGER}[who.kind]
    if right_to_act.allows(action, frozenset({held}), structure_type, own=own):
        return
    if right_to_act.hides(action, frozenset({held}), structure_type):
        raise NotFound(what=what or action)
    raise Forbidden(needed=right_to_act.needed(action, structure_type))


def require_organisation_modification(
    db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime | None = None
) -> None:
    """Raise Forbidden unless the actor manages the structure itself: its data, parameters, services, bank details (R085, R121 to R123).

    ``now`` is the moment at which his rattachement has to be in force. Raises NotFound without such a structure.
    """
    require(db, actor, "manage_structure", structure_id, day=model.today(now) if now is not None else None)


def may_modify_organisation(db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Tell what :func:`require_organisation_modification` requires."""
    return may(db, actor, structure_id, "manage_structure", now)


def belongs(db: Any, actor: Actor, structure_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Tell whether an actor deposits or works for a structure: users attached to it now, its technical accounts, services."""
    return may(db, actor, structure_id, "belong", now)


def may(db: Any, actor: Actor, structure_id: uuid.UUID, action: str, now: datetime.datetime) -> bool:
    """Tell whether the table lets an actor do ``action`` to a structure at that moment."""
    structure_type = queries.structure_row(db, structure_id).type
    return right_to_act.allows(action, relations(db, actor, structure_id, model.today(now)), structure_type)


def managed_structures(db: Any, actor: Actor, day: datetime.date) -> list[uuid.UUID]:
    """Return the structures whose users the user at the origin manages: those for which he decides requests."""
    user = user_id(actor)
    return standings.managed_by(db, user, "manage_users", day) if user is not None else []


def _today(db: Any) -> datetime.date:
    """The day of a transaction; a reading has none of its own."""
    return model.today(getattr(db, "now", None) or datetime.datetime.now(datetime.UTC))


def turn_of(user_id: uuid.UUID) -> str:
    """Return what transactions take turns on that give a user the role of gestionnaire principal, or see him leave."""
    return f"user {user_id}"


def refuse_departed(tx: Any, user_id: uuid.UUID, asked_at: datetime.datetime) -> None:
    """Raise Conflict when a user left after identity was asked about him, or let him in: he takes no role over any more (R125)."""
    tx.take_turns(turn_of(user_id))
    if queries.departed_since(tx, user_id, asked_at - model.DOUBT):
        raise Conflict(what=f"user {user_id}")
