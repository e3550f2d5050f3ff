"""What a line of the history keeps of a structure, a rattachement or an espace, as it was before an act and is after it."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from . import queries, tables

_NOT_TOLD = ("structure_id", "structure_service_id")


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a new row what is worth a line: no empty value, and nothing that is only there for searches."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and name not in _NOT_TOLD and not name.endswith("_key")
    }


def of_rattachement(db: Any, structure_id: uuid.UUID, user_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a user's role, days of validity and habilitations in a structure; None when he is not attached."""
    link = queries.rattachement(db, structure_id, user_id)
    if link is None:
        return None
    opened, given = tables.open_espace, tables.habilitation
    query = (
        sa.select(opened.c.espace, given.c.profile)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .where(given.c.rattachement_id == link.rattachement_id, given.c.ended_at.is_(None), opened.c.ended_at.is_(None))
    )
    days = {name: day for name in ("starts_on", "ends_on") if (day := getattr(link, name)) is not None}
    return {"role": link.role, **days, "habilitations": {row.espace: row.profile for row in db.execute(query)}}


def of_espace(db: Any, structure_id: uuid.UUID, espace: str) -> dict[str, Any]:
    """Return whether a structure has an espace open, and each user's profile in it."""
    link, opened, given = tables.rattachement, tables.open_espace, tables.habilitation
    here = (opened.c.structure_id == structure_id, opened.c.espace == espace, opened.c.ended_at.is_(None))
    if db.execute(sa.select(opened.c.open_espace_id).where(*here)).first() is None:
        return {"open": False}
    query = (
        sa.select(link.c.user_id, given.c.profile)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .join(link, given.c.rattachement_id == link.c.rattachement_id)
        .where(*here, given.c.ended_at.is_(None))
    )
    return {"open": True, "habilitations": {str(row.user_id): row.profile for row in db.execute(query)}}
