"""What organisation reads about structures. ``db`` is a reading connection or an open transaction.

Whatever the number of structures, a reading takes a fixed number of queries.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import organisation
from pupitre_contracts.errors import NotFound

from . import model, tables

_structure = tables.structure
_SUMMARY = (
    "structure_id",
    "portal_number",
    "identifier_type",
    "identifier",
    "name",
    "label",
    "type",
    "active",
    "city",
    "postal_code",
)
_ADDRESS = ("line", "complement", "complement2", "postal_code", "city", "country")
PARAMETERS = (
    "requires_service",
    "requires_engagement",
    "requires_service_or_engagement",
    "payment_not_reported",
    "receives_edi",
    "moa_presence",
)
_SERVICE = (
    "structure_service_id",
    "portal_number",
    "code",
    "label",
    "description",
    "starts_on",
    "ends_on",
    "requires_engagement",
    "version",
)


def structure_row(db: Any, structure_id: uuid.UUID, *, lock: bool = False) -> Any:
    """Return a structure's row; ``lock`` makes other writers of the structure wait until the transaction ends."""
    row = db.execute(_STRUCTURE_LOCKED if lock else _STRUCTURE, {"structure": structure_id}).one_or_none()
    if row is None:
        raise NotFound(what=f"structure {structure_id}")
    return row


# Made once: building a statement costs more than running it.
_STRUCTURE = sa.select(_structure).where(_structure.c.structure_id == sa.bindparam("structure"))
_STRUCTURE_LOCKED = _STRUCTURE.with_for_update()


def structure_by_number(db: Any, portal_number: int) -> Any:
    row = db.execute(sa.select(_structure).where(_structure.c.portal_number == portal_number)).one_or_none()
    if row is None:
        raise NotFound(what=f"structure {portal_number}")
    return row


def structures_by_siret(db: Any, sirets: Iterable[str]) -> dict[str, Any]:
    """Return the rows of the structures that have these SIRETs, by SIRET."""
    query = sa.select(_structure).where(
        _structure.c.identifier_type == "SIRET", _structure.c.identifier.in_(set(sirets))
    )
    return {row.identifier: row for row in db.execute(query)}


def active_public_by_siren(db: Any, sirens: Iterable[str]) -> dict[str, list[Any]]:
    """Return the rows of active public structures, by SIREN: what a wrong SIRET may have meant (R075)."""
    query = sa.select(_structure).where(
        _structure.c.siren.in_(set(sirens)), _structure.c.active, _structure.c.type == model.PUBLIC
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in db.execute(query.order_by(_structure.c.name_key, _structure.c.portal_number)):
        found[row.siren].append(row)
    return found


def summary(row: Any) -> dict[str, Any]:
    """Return the fields of a StructureSummary."""
    siret = row.identifier if row.identifier_type == "SIRET" else None
    return {name: getattr(row, name) for name in _SUMMARY} | {"siret": siret}


def whole_structures(db: Any, rows: Sequence[Any], now: datetime.datetime) -> dict[uuid.UUID, organisation.Structure]:
    """Return the structures of these rows with their services and open espaces, by id: two queries for all of them."""
    ids = [row.structure_id for row in rows]
    found, espaces = services(db, ids, model.today(now)), open_espaces(db, ids)
    return {
        row.structure_id: organisation.Structure(
            **summary(row),
            email=row.email,
            phone=row.phone,
            vat_number=row.vat_number,
            address=address(row),
            parameters=parameters(row),
            services=found[row.structure_id],
            espaces=sorted(espaces[row.structure_id]),
            rcs_number=row.rcs_number,
            non_diffusible=row.non_diffusible,
            version=row.version,
        )
        for row in rows
    }


def whole_structure(db: Any, row: Any, now: datetime.datetime) -> organisation.Structure:
    return whole_structures(db, [row], now)[row.structure_id]


def withheld(structure: organisation.Structure) -> organisation.Structure:
    """Return what strangers see of a structure that INSEE keeps private (R062): neither street nor contact."""
    address = structure.address
    place = organisation.Address(postal_code=address.postal_code, city=address.city, country=address.country)
    return organisation.Structure(**(structure.values | {"address": place, "email": None, "phone": None}))


def address(row: Any) -> organisation.Address:
    return organisation.Address(**{name: getattr(row, name) for name in _ADDRESS})


def parameters(row: Any) -> organisation.Parameters:
    return organisation.Parameters(**{name: getattr(row, name) for name in PARAMETERS})


def service_message(row: Any, day: datetime.date) -> organisation.StructureService:
    active = model.in_service(row.active, row.starts_on, row.ends_on, day)
    return organisation.StructureService(**{name: getattr(row, name) for name in _SERVICE}, active=active, enabled=row.active)


def open_espaces(db: Any, structure_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, uuid.UUID]]:
    """Return which espaces each structure has open: key -> open_espace_id."""
    found: dict[uuid.UUID, dict[str, uuid.UUID]] = defaultdict(dict)
    for row in db.execute(_OPEN_ESPACES, {"structures": list(set(structure_ids))}):
        found[row.structure_id][row.espace] = row.open_espace_id
    return found


_OPEN_ESPACES = sa.select(tables.open_espace).where(
    tables.open_espace.c.structure_id.in_(sa.bindparam("structures", expanding=True)), tables.open_espace.c.ended_at.is_(None)
)


def rattachement(db: Any, structure_id: uuid.UUID, user_id: uuid.UUID) -> Any | None:
    """Return the row of a user's present rattachement to a structure, or None."""
    table = tables.rattachement
    query = sa.select(table).where(
        table.c.structure_id == structure_id, table.c.user_id == user_id, table.c.ended_at.is_(None)
    )
    return db.execute(query).one_or_none()


def structure_service_row(db: Any, structure_id: uuid.UUID, structure_service_id: uuid.UUID) -> Any:
    """Return the row of a service of this structure. Raises NotFound."""
    table = tables.structure_service
    query = sa.select(table).where(table.c.structure_service_id == structure_service_id, table.c.structure_id == structure_id)
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound(what=f"structure_service {structure_service_id}")
    return row


def has_code(db: Any, structure_id: uuid.UUID, code: str) -> bool:
    """Tell whether a structure has a service of this code, whatever the letter case."""
    table = tables.structure_service
    codes = db.execute(sa.select(table.c.code).where(table.c.structure_id == structure_id)).scalars()
    return code.casefold() in {each.casefold() for each in codes}


def structure_requests(db: Any, *where: Any, page: int = 1, size: int = 10) -> tuple[list[Any], int]:
    """Return one page of requests about structures, newest first, and how many there are."""
    table = tables.structure_request
    total = db.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()
    query = sa.select(table).where(*where).order_by(table.c.number.desc())
    return db.execute(query.limit(size).offset((page - 1) * size)).all(), total


def rattachements(db: Any, structure_id: uuid.UUID) -> list[Any]:
    """Return the rows of everybody attached to a structure now."""
    table = tables.rattachement
    query = sa.select(table).where(table.c.structure_id == structure_id, table.c.ended_at.is_(None))
    return db.execute(query.order_by(table.c.started_at)).all()


def departed_since(db: Any, user_id: uuid.UUID, at: datetime.datetime) -> bool:
    """Tell whether a user left the portal at ``at`` or later."""
    log = tables.organisation_log
    later = (log.c.object == f"user:{user_id}", log.c.action == model.DEPARTED, log.c.at >= at)
    return db.execute(sa.select(log.c.seq).where(*later).limit(1)).first() is not None


def rattachements_of(db: Any, user_id: uuid.UUID) -> list[Any]:
    """Return the rows of every present rattachement of a user, in one order for everybody."""
    table = tables.rattachement
    query = sa.select(table).where(table.c.user_id == user_id, table.c.ended_at.is_(None))
    return db.execute(query.order_by(table.c.structure_id)).all()


def waiting_of(db: Any, user_id: uuid.UUID) -> list[Any]:
    """Return the rows of a user's requests that wait, held until the transaction ends."""
    table = tables.approbation
    query = sa.select(table).where(table.c.user_id == user_id, table.c.state == model.DEMANDE)
    return db.execute(query.order_by(table.c.approbation_id).with_for_update()).all()


def managed_by(db: Any, user_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the structures whose gestionnaire principal a user is."""
    table = tables.rattachement
    query = sa.select(table.c.structure_id).where(
        table.c.user_id == user_id, table.c.role == model.GP, table.c.ended_at.is_(None)
    )
    return list(db.execute(query).scalars())


def gestionnaires(db: Any, structure_id: uuid.UUID) -> list[uuid.UUID]:
    """Return a structure's gestionnaire principal, if it has one."""
    return [row.user_id for row in rattachements(db, structure_id) if row.role == model.GP]


def services_of(db: Any, structure_id: uuid.UUID, day: datetime.date) -> dict[uuid.UUID, organisation.StructureService]:
    """Return a structure's services, closed ones among them, by id."""
    return {each.structure_service_id: each for each in services(db, [structure_id], day)[structure_id]}


def services_by_ids(db: Any, service_ids: Iterable[uuid.UUID]) -> list[Any]:
    """Return the rows of services, of whatever structure."""
    table = tables.structure_service
    return db.execute(sa.select(table).where(table.c.structure_service_id.in_(set(service_ids)))).all()


def attached_services(db: Any, rattachement_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    """Return the services that rattachements hold at, in force or not, each with code, label and days; by rattachement."""
    at, service = tables.rattachement_service, tables.structure_service
    names = ("code", "label", "active", "starts_on", "ends_on")
    query = (
        sa.select(at.c.rattachement_id, at.c.structure_service_id, *(service.c[name] for name in names))
        .join_from(at, service, at.c.structure_service_id == service.c.structure_service_id)
        .where(at.c.rattachement_id.in_(set(rattachement_ids)), at.c.ended_at.is_(None))
        .order_by(service.c.code)
    )
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in db.execute(query):
        found[row.rattachement_id].append(row)
    return found


def approbation(db: Any, approbation_id: uuid.UUID, *, lock: bool = False) -> Any | None:
    """Return a request with its structure's identifier and name, or None; ``lock`` holds it until the transaction ends."""
    query = _approbations().where(tables.approbation.c.approbation_id == approbation_id)
    return db.execute(query.with_for_update(of=tables.approbation) if lock else query).one_or_none()


def approbations(
    db: Any, *where: Any, page: int, size: int, oldest_first: bool = False
) -> tuple[list[Any], int]:
    """Return one page of requests, newest first unless told otherwise, and how many there are."""
    table = tables.approbation
    total = db.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()
    query = _approbations().where(*where).order_by(table.c.number if oldest_first else table.c.number.desc())
    return db.execute(query.limit(size).offset((page - 1) * size)).all(), total


def approbations_waiting(db: Any, structure_ids: Sequence[uuid.UUID]) -> int:
    """Count the requests that wait for a decision in these structures."""
    table = tables.approbation
    if not structure_ids:
        return 0
    query = sa.select(sa.func.count()).select_from(table)
    return db.execute(
        query.where(table.c.structure_id.in_(structure_ids), table.c.state == model.DEMANDE)
    ).scalar_one()


def _approbations() -> sa.Select:
    names = (_structure.c.identifier.label("structure_identifier"), _structure.c.name.label("structure_name"))
    return sa.select(tables.approbation, *names).join_from(tables.approbation, _structure)


def services(
    db: Any, structure_ids: Sequence[uuid.UUID], day: datetime.date
) -> dict[uuid.UUID, list[organisation.StructureService]]:
    """Return the services of these structures by their ids, as they are on ``day``: one query."""
    table = tables.structure_service
    found: dict[uuid.UUID, list[organisation.StructureService]] = defaultdict(list)
    for row in db.execute(sa.select(table).where(table.c.structure_id.in_(structure_ids)).order_by(table.c.code)):
        found[row.structure_id].append(service_message(row, day))
    return found
