"""What an actor may do, structure by structure: read afresh for every question, so that a removed right bites."""

import datetime
import uuid
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import organisation

from . import model, queries, tables


def of_user(
    db: Any, user_id: uuid.UUID, now: datetime.datetime, structure_id: uuid.UUID | None = None
) -> list[organisation.StructureRights]:
    """Return a user's rights in every structure he is attached to, or in one: two queries."""
    link, structure = tables.rattachement, tables.structure
    query = (
        sa.select(structure, link.c.rattachement_id, link.c.role)
        .join_from(link, structure)
        .where(link.c.user_id == user_id, link.c.ended_at.is_(None), link.c.started_at <= now, *_in_force(now))
        .order_by(structure.c.name_key, structure.c.portal_number)
    )
    if structure_id is not None:
        query = query.where(link.c.structure_id == structure_id)
    rows = db.execute(query).all()
    granted = _granted(db, [row.rattachement_id for row in rows])
    return [_rights(row, row.role, granted[row.rattachement_id]) for row in rows]


def of_technical_account(db: Any, structure_id: uuid.UUID) -> list[organisation.StructureRights]:
    """Return a technical account's rights: MODIFICATION in every espace its structure has open."""
    row = queries.structure_row(db, structure_id)
    espaces = queries.open_espaces(db, [structure_id])[structure_id]
    return [_rights(row, model.TECHNICAL, dict.fromkeys(espaces, model.MODIFICATION))]


def members(db: Any, structure_ids: list[uuid.UUID], espace: str, now: datetime.datetime) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return the users with a habilitation in ``espace``, by structure: one query."""
    link, opened, given = tables.rattachement, tables.open_espace, tables.habilitation
    query = (
        sa.select(given.c.structure_id, link.c.user_id)
        .join_from(given, link, given.c.rattachement_id == link.c.rattachement_id)
        .join(opened, given.c.open_espace_id == opened.c.open_espace_id)
        .where(given.c.structure_id.in_(set(structure_ids)), opened.c.espace == espace)
        .where(given.c.ended_at.is_(None), link.c.ended_at.is_(None), opened.c.ended_at.is_(None), *_in_force(now))
        .order_by(link.c.started_at)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for row in db.execute(query):
        found[row.structure_id].append(row.user_id)
    return found


def _in_force(now: datetime.datetime) -> tuple[Any, Any]:
    """What a rattachement must fulfil for its days of validity to hold at ``now`` (R105)."""
    link, day = tables.rattachement, model.today(now)
    return (
        sa.or_(link.c.starts_on.is_(None), link.c.starts_on <= day),
        sa.or_(link.c.ends_on.is_(None), link.c.ends_on >= day),
    )


def of_members(db: Any, structure_id: uuid.UUID) -> list[tuple[Any, list[organisation.EspaceRight]]]:
    """Return everybody attached to a structure, in force or not, with his habilitations: two queries."""
    rows = queries.rattachements(db, structure_id)
    granted = _granted(db, [row.rattachement_id for row in rows])
    return [(row, _espaces(granted[row.rattachement_id])) for row in rows]


def _granted(db: Any, rattachement_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    opened, given = tables.open_espace, tables.habilitation
    query = (
        sa.select(given.c.rattachement_id, opened.c.espace, given.c.profile)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .where(given.c.rattachement_id.in_(rattachement_ids), given.c.ended_at.is_(None), opened.c.ended_at.is_(None))
    )
    found: dict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for row in db.execute(query):
        found[row.rattachement_id][row.espace] = row.profile
    return found


def _rights(row: Any, role: str, profiles: dict[str, str]) -> organisation.StructureRights:
    return organisation.StructureRights(
        structure_id=row.structure_id,
        portal_number=row.portal_number,
        identifier=row.identifier,
        name=row.name,
        type=row.type,
        role=role,
        espaces=_espaces(profiles),
    )


def _espaces(profiles: dict[str, str]) -> list[organisation.EspaceRight]:
    return [organisation.EspaceRight(espace=espace, profile=profile) for espace, profile in sorted(profiles.items())]
