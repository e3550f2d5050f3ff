"""The list of a structure's habilitations: those in force, and those that are asked for (R137, R140, R145)."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import habilitations, identity, organisation

from . import model, people, tables


@dataclass(frozen=True)
class Line:
    """One habilitation of one user; with ``approbation_id`` it is asked for, otherwise in force."""

    espace: str
    user_id: uuid.UUID
    service: uuid.UUID | None
    profile: str
    habilitation_id: uuid.UUID | None = None
    approbation_id: uuid.UUID | None = None


def page(db: Any, request: Any, number: int, size: int) -> tuple[list[Line], int]:
    """Return a page of the lines that fulfil every criterion, and how many there are."""
    wanted = [line for line in (*_in_force(db, request), *_asked_for(db, request)) if _fits(line, request)]
    ordered = sorted(wanted, key=_order)
    return ordered[(number - 1) * size : number * size], len(ordered)


def _in_force(db: Any, request: Any) -> Iterable[Line]:
    given, link, opened = tables.habilitation, tables.rattachement, tables.open_espace
    query = (
        sa.select(given.c.habilitation_id, given.c.structure_service_id, given.c.profile, link.c.user_id, opened.c.espace)
        .join_from(given, link, given.c.rattachement_id == link.c.rattachement_id)
        .join(opened, given.c.open_espace_id == opened.c.open_espace_id)
        .where(given.c.structure_id == request.structure_id, given.c.ended_at.is_(None))
    )
    for row in db.execute(query):
        yield Line(row.espace, row.user_id, row.structure_service_id, row.profile, habilitation_id=row.habilitation_id)


def _asked_for(db: Any, request: Any) -> Iterable[Line]:
    table = tables.approbation
    query = sa.select(table.c.approbation_id, table.c.user_id, table.c.wishes).where(
        table.c.structure_id == request.structure_id,
        table.c.kind == model.HABILITATION,
        table.c.state == model.DEMANDE,
    )
    for row in db.execute(query):
        for wish in row.wishes:
            service = wish.get("structure_service_id")
            yield Line(
                wish["espace"],
                row.user_id,
                uuid.UUID(service) if service else None,
                wish["profile"],
                approbation_id=row.approbation_id,
            )


def _fits(line: Line, request: Any) -> bool:
    criteria = (
        (request.user_id, line.user_id),
        (request.structure_service_id, line.service),
        (request.espace, line.espace),
        (request.profile, line.profile),
    )
    return all(wanted is None or wanted == found for wanted, found in criteria)


def _order(line: Line) -> tuple[str, str, str, bool, str]:
    return line.espace, str(line.user_id), str(line.service or ""), line.approbation_id is not None, str(line.approbation_id)


def message(
    line: Line,
    structure: Any,
    known: Mapping[uuid.UUID, identity.User],
    services: Mapping[uuid.UUID, organisation.StructureService],
) -> habilitations.HabilitationLine:
    """Return a line as the list shows it."""
    user = known.get(line.user_id)
    service = services.get(line.service) if line.service else None
    at = {"code_service": service.code, "service_label": service.label, "service_active": service.active} if service else {}
    return habilitations.HabilitationLine(
        standing="EN_COURS" if line.approbation_id else "VALIDE",
        habilitation_id=line.habilitation_id,
        approbation_id=line.approbation_id,
        structure_id=structure.structure_id,
        structure_identifier=structure.identifier,
        structure_name=structure.name,
        user_id=line.user_id,
        user_name=people.name(user),
        user_email=user.email if user else "?",
        espace=line.espace,
        profile=line.profile,
        structure_service_id=line.service,
        **at,
    )
