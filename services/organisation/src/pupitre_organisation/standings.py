"""What a user is to the structures he is attached to, and at which level: read afresh for every question.

Two queries, whatever the number of structures.
"""

import datetime
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import applications, model, right_to_act, tables

_at = tables.rattachement_service
#: The services of a rattachement, joined to it: one row for each, and one of empty columns without any.
HOLDS_AT = sa.and_(_at.c.rattachement_id == tables.rattachement.c.rattachement_id, _at.c.ended_at.is_(None))
OF_SERVICE = tuple(_at.c[name].label(f"of_{name}") for name in ("structure_service_id", "starts_on", "ends_on"))


@dataclass(frozen=True)
class Standing:
    """A user's rattachement to one structure on one day. ``services`` are those it holds at, ``relations`` what it makes him.

    A rattachement that holds on another day only is none: ``relations`` says stranger then (R105).
    """

    rattachement_id: uuid.UUID
    structure_id: uuid.UUID
    role: str
    whole_structure: bool
    services: frozenset[uuid.UUID]
    relations: frozenset[str]

    @property
    def in_force(self) -> bool:
        return self.whole_structure or bool(self.services)

    def reaches(self, structure_service_id: uuid.UUID | None) -> bool:
        """Tell whether the rattachement covers a service, or without one the whole structure."""
        return self.whole_structure or (structure_service_id is not None and structure_service_id in self.services)


def of_user(
    db: Any, user_id: uuid.UUID, day: datetime.date, structure_id: uuid.UUID | None = None
) -> dict[uuid.UUID, Standing]:
    """Return a user's standing in every structure he is attached to, or in one, by structure."""
    link = tables.rattachement
    query = (
        sa.select(link, *OF_SERVICE)
        .join_from(link, _at, HOLDS_AT, isouter=True)
        .where(link.c.user_id == user_id, link.c.ended_at.is_(None))
    )
    managing = _organisation_modification(day).where(link.c.user_id == user_id)
    if structure_id is not None:
        query, managing = (each.where(link.c.structure_id == structure_id) for each in (query, managing))
    rows: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in db.execute(query):
        rows[row.structure_id].append(row)
    manages = set(db.execute(managing).scalars()) if rows else set()
    return {structure: standing(found, day, structure in manages) for structure, found in rows.items()}


def managed_by(db: Any, user_id: uuid.UUID, action: str, day: datetime.date) -> list[uuid.UUID]:
    """Return the structures where a user may do ``action``; it must not depend on the type of structure."""
    return [
        structure_id
        for structure_id, found in of_user(db, user_id, day).items()
        if right_to_act.allows(action, found.relations, model.PRIVATE)
    ]


def managers(db: Any, structure_id: uuid.UUID, action: str, day: datetime.date) -> list[uuid.UUID]:
    """Return the users of a structure who may do ``action``, the gestionnaire principal first."""
    link = tables.rattachement
    query = sa.select(link).where(link.c.structure_id == structure_id, link.c.ended_at.is_(None), link.c.whole_structure)
    rows = db.execute(query.order_by(link.c.role, link.c.started_at)).all()
    managing = _organisation_modification(day, link.c.user_id).where(link.c.structure_id == structure_id)
    manage = set(db.execute(managing).scalars())
    found = {row.user_id: _relations(row, model.in_force(row.starts_on, row.ends_on, day), row.user_id in manage) for row in rows}
    return [user_id for user_id, held in found.items() if held and right_to_act.allows(action, held, model.PRIVATE)]


def took_effect(day: datetime.date) -> Any:
    """What a habilitation must fulfil to count on ``day`` (R138)."""
    starts_on = tables.habilitation.c.starts_on
    return sa.or_(starts_on.is_(None), starts_on <= day)


def _organisation_modification(day: datetime.date, column: Any = tables.rattachement.c.structure_id) -> sa.Select:
    """Habilitations that make their holder manage the whole structure (R122)."""
    link, given, opened = tables.rattachement, tables.habilitation, tables.open_espace
    return (
        sa.select(column)
        .join_from(link, given, given.c.rattachement_id == link.c.rattachement_id)
        .join(opened, opened.c.open_espace_id == given.c.open_espace_id)
        .where(link.c.ended_at.is_(None), given.c.ended_at.is_(None), opened.c.ended_at.is_(None))
        .where(opened.c.espace == applications.ORGANISATION, given.c.profile == model.MODIFICATION)
        .where(given.c.structure_service_id.is_(None), took_effect(day))
    )


def standing(rows: list[Any], day: datetime.date, manages: bool) -> Standing:
    """Return what the rows of one rattachement, one for each service, make of its user on ``day``; ``manages``: the organisation."""
    link = rows[0]
    whole = link.whole_structure and model.in_force(link.starts_on, link.ends_on, day)
    services = frozenset(
        row.of_structure_service_id
        for row in rows
        if row.of_structure_service_id is not None and model.in_force(row.of_starts_on, row.of_ends_on, day)
    )
    held = _relations(link, whole, manages) or {right_to_act.SERVICE_LEVEL if services else right_to_act.STRANGER}
    return Standing(link.rattachement_id, link.structure_id, link.role, whole, services, frozenset(held))


def _relations(link: Any, whole_structure: bool, manages: bool) -> frozenset[str]:
    """Return what a rattachement at the structure's level makes of its user; nothing when it doesn't hold."""
    if not whole_structure:
        return frozenset()
    held = {
        right_to_act.GP: link.role == model.GP,
        right_to_act.ORGANISATION: manages,
        right_to_act.GS_STRUCTURE: link.manages_structure,
        right_to_act.GS_USERS: link.manages_users,
        right_to_act.US: True,
    }
    return frozenset(relation for relation, held_now in held.items() if held_now)
