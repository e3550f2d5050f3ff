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
    """Return a user's role, levels with their days of validity, and habilitations in a structure; None when he is not attached.

    ``services`` holds what is limited to one, by its code. What is usual is left out: being attached to the structure itself, and
    managing nothing beside the role.
    """
    link = queries.rattachement(db, structure_id, user_id)
    if link is None:
        return None
    told = {"role": link.role, **_days(link)}
    told |= {"whole_structure": False} if not link.whole_structure else {}
    told |= {name: True for name in ("manages_structure", "manages_users") if getattr(link, name)}
    opened, given, service = tables.open_espace, tables.habilitation, tables.structure_service
    query = (
        sa.select(opened.c.espace, given.c.profile, given.c.starts_on, service.c.code)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .join(service, given.c.structure_service_id == service.c.structure_service_id, isouter=True)
        .where(given.c.rattachement_id == link.rattachement_id, given.c.ended_at.is_(None), opened.c.ended_at.is_(None))
    )
    services: dict[str, dict[str, Any]] = {row.code: {"attached": True, **_days(row)} for row in _services(db, link.rattachement_id)}
    habilitations: dict[str, str] = {}
    for row in db.execute(query):
        at = habilitations if row.code is None else services.setdefault(row.code, {}).setdefault("habilitations", {})
        at[row.espace] = row.profile if row.starts_on is None else f"{row.profile} {row.starts_on}"
    return {**told, "habilitations": habilitations, **({"services": services} if services else {})}


def _days(row: Any) -> dict[str, Any]:
    return {name: day for name in ("starts_on", "ends_on") if (day := getattr(row, name)) is not None}


def _services(db: Any, rattachement_id: uuid.UUID) -> list[Any]:
    """The services that a rattachement holds at, with the days for which it does."""
    at, service = tables.rattachement_service, tables.structure_service
    query = (
        sa.select(service.c.code, at.c.starts_on, at.c.ends_on)
        .join_from(at, service, at.c.structure_service_id == service.c.structure_service_id)
        .where(at.c.rattachement_id == rattachement_id, at.c.ended_at.is_(None))
    )
    return db.execute(query.order_by(service.c.code)).all()


def of_espace(db: Any, structure_id: uuid.UUID, espace: str) -> dict[str, Any]:
    """Return whether a structure has an espace open, and each user's profile in it; ``services`` holds what is limited to one."""
    link, opened, given, service = tables.rattachement, tables.open_espace, tables.habilitation, tables.structure_service
    here = (opened.c.structure_id == structure_id, opened.c.espace == espace, opened.c.ended_at.is_(None))
    if db.execute(sa.select(opened.c.open_espace_id).where(*here)).first() is None:
        return {"open": False}
    query = (
        sa.select(link.c.user_id, given.c.profile, service.c.code)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .join(link, given.c.rattachement_id == link.c.rattachement_id)
        .join(service, given.c.structure_service_id == service.c.structure_service_id, isouter=True)
        .where(*here, given.c.ended_at.is_(None))
    )
    habilitations: dict[str, str] = {}
    services: dict[str, dict[str, str]] = {}
    for row in db.execute(query):
        at = habilitations if row.code is None else services.setdefault(row.code, {})
        at[str(row.user_id)] = row.profile
    return {"open": True, "habilitations": habilitations, **({"services": services} if services else {})}
