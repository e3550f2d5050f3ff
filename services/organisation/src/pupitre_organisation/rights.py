"""What an actor may do, structure by structure: read afresh for every question, so that a removed right bites."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import organisation

from . import applications, model, queries, right_to_act, standings, tables

#: One habilitation: the espace, the profile, the service or None for the whole structure.
Given = tuple[str, str, uuid.UUID | None]


def of_user(
    db: Any, user_id: uuid.UUID, now: datetime.datetime, structure_id: uuid.UUID | None = None
) -> list[organisation.StructureRights]:
    """Return a user's rights in every structure where his rattachement holds now, or in one: two queries."""
    link, structure, at = tables.rattachement, tables.structure, tables.rattachement_service
    shown = (structure.c[name] for name in ("portal_number", "identifier", "name", "type"))
    query = (
        sa.select(link, *standings.OF_SERVICE, *shown)
        .join_from(link, structure)
        .join(at, standings.HOLDS_AT, isouter=True)
        .where(link.c.user_id == user_id, link.c.ended_at.is_(None), link.c.started_at <= now)
        .order_by(structure.c.name_key, structure.c.portal_number)
    )
    if structure_id is not None:
        query = query.where(link.c.structure_id == structure_id)
    rows: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in db.execute(query):
        rows[row.rattachement_id].append(row)
    day = model.today(now)
    granted, found = _granted(db, list(rows), day), []
    for rattachement_id, each in rows.items():
        given = granted[rattachement_id]
        standing = standings.standing(each, day, (applications.ORGANISATION, model.MODIFICATION, None) in given)
        if standing.in_force:
            found.append(_rights(each[0], standing, given))
    return found


def of_technical_account(db: Any, structure_id: uuid.UUID) -> list[organisation.StructureRights]:
    """Return a technical account's rights: MODIFICATION in every espace its structure has open."""
    row = queries.structure_row(db, structure_id)
    given = [(espace, model.MODIFICATION, None) for espace in queries.open_espaces(db, [structure_id])[structure_id]]
    return [_message(row, model.TECHNICAL, espaces_of(given))]


def mandants(db: Any, structure_ids: Iterable[uuid.UUID], day: datetime.date) -> list[organisation.Mandant]:
    """Return who lets these structures deposit for them on ``day`` (R280): one query."""
    asked = {"mandataires": list(set(structure_ids)), "day": day}
    return [organisation.Mandant(**row._mapping) for row in db.execute(_mandants(), asked)]


@cache
def _mandants() -> sa.Select:
    """Asked with nearly every request, and made once: building it costs more than running it."""
    table, structure, day = tables.mandat, tables.structure, sa.bindparam("day", type_=tables.mandat.c.starts_on.type)
    return (
        sa.select(table.c.mandataire_id, structure.c.structure_id, structure.c.identifier, structure.c.name)
        .join_from(table, structure, table.c.structure_id == structure.c.structure_id)
        .where(table.c.mandataire_id.in_(sa.bindparam("mandataires", expanding=True)), table.c.ended_at.is_(None))
        .where(table.c.starts_on <= day, sa.or_(table.c.ends_on.is_(None), table.c.ends_on >= day))
        .order_by(structure.c.name_key, structure.c.portal_number)
    )


def members(
    db: Any, structure_ids: list[uuid.UUID], espace: str, now: datetime.datetime
) -> dict[uuid.UUID, dict[uuid.UUID, list[uuid.UUID] | None]]:
    """Return the users with a habilitation in ``espace``, by structure: each with the services it is limited to, or None. One query."""
    link, opened, given, at = tables.rattachement, tables.open_espace, tables.habilitation, tables.rattachement_service
    query = (
        sa.select(link, *standings.OF_SERVICE, given.c.habilitation_id, given.c.structure_service_id, given.c.profile)
        .join_from(given, link, given.c.rattachement_id == link.c.rattachement_id)
        .join(opened, given.c.open_espace_id == opened.c.open_espace_id)
        .join(at, standings.HOLDS_AT, isouter=True)
        .where(given.c.structure_id.in_(set(structure_ids)), opened.c.espace == espace)
        .where(given.c.ended_at.is_(None), link.c.ended_at.is_(None), opened.c.ended_at.is_(None))
        .where(standings.took_effect(model.today(now)))
        .order_by(link.c.started_at)
    )
    rows: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in db.execute(query):
        rows[row.rattachement_id].append(row)
    found: dict[uuid.UUID, dict[uuid.UUID, list[uuid.UUID] | None]] = defaultdict(dict)
    for each in rows.values():
        standing = standings.standing(each, model.today(now), False)
        held = {row.habilitation_id: (espace, row.profile, row.structure_service_id) for row in each}
        for right in espaces_of(held.values(), standing.reaches):
            found[each[0].structure_id][each[0].user_id] = right.structure_service_ids
    return found


def of_members(db: Any, structure_id: uuid.UUID) -> list[tuple[Any, list[organisation.EspaceRight]]]:
    """Return everybody attached to a structure, in force or not, with his habilitations: two queries."""
    rows = queries.rattachements(db, structure_id)
    granted = _granted(db, [row.rattachement_id for row in rows])
    return [(row, espaces_of(granted[row.rattachement_id])) for row in rows]


def espaces_of(
    given: Iterable[Given], reaches: Callable[[uuid.UUID | None], bool] = lambda service: True
) -> list[organisation.EspaceRight]:
    """Return the rights that habilitations give, by espace; ``reaches``: whether the rattachement covers a service, or the structure."""
    by_espace: dict[str, dict[uuid.UUID | None, str]] = defaultdict(dict)
    for espace, profile, service in given:
        if reaches(service):
            by_espace[espace][service] = profile
    return [_right(espace, profiles) for espace, profiles in sorted(by_espace.items())]


def _right(espace: str, profiles: dict[uuid.UUID | None, str]) -> organisation.EspaceRight:
    """Put the profiles of one espace, by service, into one message: a caller that knows nothing of services sees the structure's."""
    everywhere = profiles.get(None)
    services = sorted(service for service in profiles if service is not None)
    able = [service for service in services if profiles[service] == model.MODIFICATION]
    limits: dict[str, Sequence[uuid.UUID]] = {}
    if everywhere is None:
        limits["structure_service_ids"] = services
    if everywhere != model.MODIFICATION and able and (everywhere is not None or len(able) < len(services)):
        limits["modification_service_ids"] = able
    profile = model.MODIFICATION if able or everywhere == model.MODIFICATION else model.CONSULTATION
    return organisation.EspaceRight(espace=espace, profile=profile, **limits)


def _granted(
    db: Any, rattachement_ids: list[uuid.UUID], day: datetime.date | None = None
) -> dict[uuid.UUID, list[Given]]:
    """Return what was given, by rattachement; with a day, what takes effect by then."""
    opened, given = tables.open_espace, tables.habilitation
    query = (
        sa.select(given.c.rattachement_id, opened.c.espace, given.c.profile, given.c.structure_service_id)
        .join_from(given, opened, given.c.open_espace_id == opened.c.open_espace_id)
        .where(given.c.rattachement_id.in_(rattachement_ids), given.c.ended_at.is_(None), opened.c.ended_at.is_(None))
    )
    if day is not None:
        query = query.where(standings.took_effect(day))
    found: dict[uuid.UUID, list[Given]] = defaultdict(list)
    for row in db.execute(query):
        found[row.rattachement_id].append((row.espace, row.profile, row.structure_service_id))
    return found


def _rights(row: Any, standing: standings.Standing, given: list[Given]) -> organisation.StructureRights:
    manages = {
        name: right_to_act.allows(action, standing.relations, row.type)
        for name, action in (("manages_structure", "manage_structure"), ("manages_users", "manage_users"))
    }
    level = {"whole_structure": standing.whole_structure, "structure_service_ids": sorted(standing.services)}
    return _message(row, row.role, espaces_of(given, standing.reaches), **level, **manages)


def _message(row: Any, role: str, espaces: list[organisation.EspaceRight], **more: Any) -> organisation.StructureRights:
    return organisation.StructureRights(
        structure_id=row.structure_id,
        portal_number=row.portal_number,
        identifier=row.identifier,
        name=row.name,
        type=row.type,
        role=role,
        espaces=espaces,
        **more,
    )
