"""The users behind the identifiers that organisation keeps: asked of identity, in one call for all."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_bus.search_texts import search_key
from pupitre_contracts import identity, organisation, rattachements

from . import model, queries, rights


def by_id(scope: Any, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, identity.User]:
    """Return users by id; who is gone is left out."""
    wanted = sorted(set(user_ids))
    return {user.user_id: user for user in scope.bus.call(identity.UsersByIds, user_ids=wanted).users} if wanted else {}


def name(user: identity.User | None) -> str:
    return f"{user.given_name} {user.family_name}" if user else "?"


def members(
    db: Any,
    structure_id: uuid.UUID,
    known: Mapping[uuid.UUID, identity.User],
    day: datetime.date,
    only: uuid.UUID | None = None,
) -> list[rattachements.Member]:
    """Return those of a structure's users who are known, by name, as they are on ``day``; ``only`` one of them."""
    found = [each for each in rights.of_members(db, structure_id) if only in (None, each[0].user_id)]
    services = queries.attached_services(db, [row.rattachement_id for row, _ in found])
    shown = [
        _member(row, espaces, known[row.user_id], [named(each, day) for each in services[row.rattachement_id]])
        for row, espaces in found
        if row.user_id in known
    ]
    return sorted(shown, key=_by_name)


def named(row: Any, day: datetime.date) -> rattachements.NamedService:
    """Return what people know a service by."""
    active = model.in_service(row.active, row.starts_on, row.ends_on, day)
    return rattachements.NamedService(
        structure_service_id=row.structure_service_id, code=row.code, label=row.label, active=active
    )


def _member(
    row: Any,
    espaces: list[organisation.EspaceRight],
    user: identity.User,
    services: list[rattachements.NamedService],
) -> rattachements.Member:
    return rattachements.Member(
        user_id=row.user_id,
        email=user.email,
        given_name=user.given_name,
        family_name=user.family_name,
        role=row.role,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        espaces=espaces,
        whole_structure=row.whole_structure,
        services=services,
        manages_structure=row.manages_structure,
        manages_users=row.manages_users,
    )


def _by_name(member: rattachements.Member) -> tuple[str, str, uuid.UUID]:
    return search_key(member.family_name), search_key(member.given_name), member.user_id
