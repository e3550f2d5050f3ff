"""What organisation writes; every function works in the transaction it is given, and says who did it."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_bus import audit

from . import model, tables

#: A random UUID of version 4, in the form in which SQLite keeps UUIDs.
_ID_ON_SQLITE = sa.text("lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2))")


def log(
    tx: Any,
    actor: str,
    action: str,
    structure_id: uuid.UUID,
    *,
    object: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Add a line to the structure's audit history, in the transaction of the act.

    ``object`` is what it was done to (``user:…``, ``espace:…``), the structure itself by default. ``before`` and ``after`` hold what
    the act changed, None for what did not exist; ``detail`` what else tells of it. No secret, and no personal data but ids.
    """
    audit.record(
        tx,
        tables.HISTORY,
        structure_id,
        actor=actor,
        action=action,
        object=object or f"structure:{structure_id}",
        detail=detail,
        before=before,
        after=after,
    )


def log_departure(tx: Any, actor: str, user_id: uuid.UUID) -> None:
    """Add the line that makes what identity said of a user before void."""
    line = {"at": tx.now, "actor": actor, "action": model.DEPARTED, "object": f"user:{user_id}", "detail": {}}
    tx.execute(tables.organisation_log.insert().values(**line))


def log_many(tx: Any, actor: str, action: str, lines: Sequence[tuple[uuid.UUID, dict[str, Any]]]) -> None:
    """Add one line for each (structure, what it tells) to the histories of the structures."""
    for structure_id, told in lines:
        log(tx, actor, action, structure_id, **told)


def next_numbers(tx: Any, name: str, count: int) -> int:
    """Return the first of ``count`` numbers of a sequence, which are this transaction's alone; with 0, only wait for one's turn."""
    table = tables.number_sequence
    step = table.update().where(table.c.name == name).values(last=table.c.last + count).returning(table.c.last)
    return tx.execute(step).scalar_one() - count + 1


def next_number(tx: Any, name: str) -> int:
    """Return the next number of a sequence; concurrent transactions take turns."""
    table = tables.number_sequence
    step = table.update().where(table.c.name == name).values(last=table.c.last + 1).returning(table.c.last)
    return tx.execute(step).scalar_one()


def add_structure(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store a structure; False if its identifier is taken."""
    return tx.insert_once(tables.structure, **_authorship(tx, actor), **values)


def add_structures(tx: Any, actor: str, rows: Sequence[dict[str, Any]]) -> None:
    """Store structures whose identifiers are known to be free, with one statement."""
    tx.execute(tables.structure.insert(), [{**row, **_authorship(tx, actor)} for row in rows])


def change_structure(tx: Any, actor: str, structure_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Change columns of a structure, whose row the transaction holds."""
    table = tables.structure
    changed = {"version": table.c.version + 1, "changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.structure_id == structure_id).values(**values, **changed))


def change_structure_service(tx: Any, actor: str, structure_service_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Change columns of a StructureService, whose structure's row the transaction holds."""
    table = tables.structure_service
    changed = {"version": table.c.version + 1, "changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.structure_service_id == structure_service_id).values(**values, **changed))


def add_structure_request(tx: Any, values: dict[str, Any]) -> bool:
    """Store a request about a structure; False if one for the same identifier waits already."""
    return tx.insert_once(tables.structure_request, asked_at=tx.now, **values)


def change_structure_request(tx: Any, request_id: uuid.UUID, **values: Any) -> None:
    table = tables.structure_request
    tx.execute(table.update().where(table.c.request_id == request_id).values(**values))


def add_structure_service(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store a StructureService; False if its code is taken in the structure."""
    return tx.insert_once(tables.structure_service, **_authorship(tx, actor), **values)


def add_bank_details(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store bank details; False if the structure has others of this name."""
    return tx.insert_once(tables.bank_details, **_authorship(tx, actor), **values)


def change_bank_details(tx: Any, actor: str, bank_details_id: uuid.UUID, **values: Any) -> None:
    table = tables.bank_details
    changed = {"changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.bank_details_id == bank_details_id).values(**values, **changed))


def add_structure_document(tx: Any, actor: str, values: dict[str, Any]) -> None:
    tx.execute(tables.structure_document.insert().values(**values, **_authorship(tx, actor)))


def change_structure_document(tx: Any, actor: str, document_id: uuid.UUID, values: dict[str, Any]) -> None:
    table = tables.structure_document
    changed = {"changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.document_id == document_id).values(**values, **changed))


def add_structure_services(tx: Any, actor: str, rows: Sequence[dict[str, Any]]) -> None:
    """Store StructureServices whose codes are known to be free, with one statement."""
    tx.execute(tables.structure_service.insert(), [{**row, **_authorship(tx, actor)} for row in rows])


def attach(tx: Any, actor: str, structure_id: uuid.UUID, user_id: uuid.UUID, role: str, **days: Any) -> uuid.UUID:
    """Store a rattachement, with its days of validity if it has any, and return its id."""
    rattachement_id = uuid.uuid4()
    tx.execute(
        tables.rattachement.insert().values(
            rattachement_id=rattachement_id,
            structure_id=structure_id,
            user_id=user_id,
            role=role,
            started_at=tx.now,
            **days,
            **_authorship(tx, actor),
        )
    )
    return rattachement_id


def set_role(tx: Any, actor: str, rattachement_id: uuid.UUID, role: str) -> None:
    table = tables.rattachement
    changed = {"role": role, "changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.rattachement_id == rattachement_id).values(**changed))


def validate_for_good(tx: Any, actor: str, rattachement_id: uuid.UUID) -> None:
    """Take the days of validity off a rattachement: a gestionnaire principal has none."""
    table = tables.rattachement
    unlimited = {"starts_on": None, "ends_on": None, "changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.rattachement_id == rattachement_id).values(**unlimited))


def attach_at(
    tx: Any, actor: str, structure_id: uuid.UUID, rattachement_id: uuid.UUID, structure_service_id: uuid.UUID, **days: Any
) -> bool:
    """Let a rattachement hold at a service; False if it does already."""
    return tx.insert_once(
        tables.rattachement_service,
        rattachement_service_id=uuid.uuid4(),
        structure_id=structure_id,
        rattachement_id=rattachement_id,
        structure_service_id=structure_service_id,
        started_at=tx.now,
        **days,
        **_authorship(tx, actor),
    )


def set_level(tx: Any, actor: str, rattachement_id: uuid.UUID, whole_structure: bool, **days: Any) -> None:
    """Let a rattachement hold at the structure's level, or no longer; with the latter it manages nothing any more."""
    table = tables.rattachement
    values = {"whole_structure": whole_structure, "changed_at": tx.now, "changed_by": actor, **days}
    if not whole_structure:
        values |= {"manages_structure": False, "manages_users": False}
    tx.execute(table.update().where(table.c.rattachement_id == rattachement_id).values(**values))


def set_gestionnaire_secondaire(tx: Any, actor: str, rattachement_id: uuid.UUID, **flags: bool) -> None:
    table = tables.rattachement
    changed = {"changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.rattachement_id == rattachement_id).values(**flags, **changed))


def detach(tx: Any, actor: str, rattachement_id: uuid.UUID) -> None:
    """End a rattachement, at whatever level, and every habilitation that hangs on it."""
    for table in (tables.habilitation, tables.rattachement_service, tables.rattachement):
        _end(tx, actor, table, table.c.rattachement_id == rattachement_id)


def detach_from(tx: Any, actor: str, rattachement_id: uuid.UUID, structure_service_ids: Iterable[uuid.UUID]) -> None:
    """End a rattachement at services."""
    table = tables.rattachement_service
    services = table.c.structure_service_id.in_(set(structure_service_ids))
    _end(tx, actor, table, table.c.rattachement_id == rattachement_id, services)


def end_uncovered(tx: Any, actor: str, rattachement_id: uuid.UUID, whole_structure: bool, services: Iterable[uuid.UUID]) -> None:
    """End the habilitations that a rattachement, at the levels given, no longer covers."""
    if whole_structure:
        return
    table = tables.habilitation
    beyond = sa.or_(table.c.structure_service_id.is_(None), table.c.structure_service_id.not_in(set(services)))
    _end(tx, actor, table, table.c.rattachement_id == rattachement_id, beyond)


def end_habilitations(tx: Any, actor: str, habilitation_ids: Iterable[uuid.UUID]) -> None:
    _end(tx, actor, tables.habilitation, tables.habilitation.c.habilitation_id.in_(set(habilitation_ids)))


def _end(tx: Any, actor: str, table: sa.Table, *where: Any) -> int:
    """End rows that have not ended; return how many."""
    ended = {"ended_at": tx.now, "changed_at": tx.now, "changed_by": actor}
    return tx.execute(table.update().where(*where, table.c.ended_at.is_(None)).values(**ended)).rowcount


def add_approbation(tx: Any, values: dict[str, Any]) -> bool:
    """Store a request; False if the same user's request for the same rattachement waits already."""
    return tx.insert_once(tables.approbation, state=model.DEMANDE, asked_at=tx.now, **values)


def decide(tx: Any, actor: str, approbation_id: uuid.UUID, state: str, motive: str | None) -> bool:
    """Store a decision; False if the request waits no longer."""
    table = tables.approbation
    decided = {"state": state, "motive": motive, "decided_at": tx.now, "decided_by": actor}
    waits = (table.c.approbation_id == approbation_id, table.c.state == model.DEMANDE)
    return tx.execute(table.update().where(*waits).values(**decided)).rowcount == 1


def add_mandat(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store a mandat; False if the structure has one from the same already."""
    return tx.insert_once(tables.mandat, **_authorship(tx, actor), **values)


def end_mandat(tx: Any, actor: str, mandat_id: uuid.UUID) -> bool:
    """End a mandat; False if it has ended."""
    return _end(tx, actor, tables.mandat, tables.mandat.c.mandat_id == mandat_id) == 1


def add_annuaire_enrolment(tx: Any, actor: str, values: dict[str, Any]) -> None:
    tx.execute(tables.annuaire_enrolment.insert().values(**values, **_authorship(tx, actor)))


def end_annuaire_enrolment(tx: Any, actor: str, enrolment_id: uuid.UUID, for_good: bool) -> None:
    """End an enrolment; ``for_good``: the request that opened it does not open it anew."""
    table = tables.annuaire_enrolment
    this = table.c.enrolment_id == enrolment_id
    _end(tx, actor, table, this)
    tx.execute(table.update().where(this).values(ended_for_good=for_good))


def open_espace(tx: Any, actor: str, structure_id: uuid.UUID, espace: str) -> uuid.UUID:
    """Store that a structure opened an espace and return the row's id."""
    open_espace_id = uuid.uuid4()
    tx.execute(
        tables.open_espace.insert().values(
            open_espace_id=open_espace_id,
            structure_id=structure_id,
            espace=espace,
            started_at=tx.now,
            **_authorship(tx, actor),
        )
    )
    return open_espace_id


def open_espaces(tx: Any, actor: str, structure_ids: Sequence[uuid.UUID], espaces: Sequence[str]) -> None:
    """Store that new structures, to which nobody is attached, opened espaces.

    The database makes the rows: for a whole annuaire they are over a million.
    """
    if not structure_ids or not espaces:
        return
    structure, table = tables.structure, tables.open_espace
    each = sa.union_all(*(sa.select(sa.literal(espace, sa.Text).label("espace")) for espace in espaces)).subquery()
    authorship = _authorship(tx, actor)
    values = {
        "open_espace_id": _ID_ON_SQLITE if tx.database.on_sqlite else sa.func.gen_random_uuid(),
        "structure_id": structure.c.structure_id,
        "espace": each.c.espace,
        **{name: sa.literal(value, table.c[name].type) for name, value in {"started_at": tx.now, **authorship}.items()},
    }
    crossed = sa.select(*values.values()).join_from(structure, each, sa.true()).where(structure.c.structure_id.in_(structure_ids))
    tx.execute(table.insert().from_select(list(values), crossed))


def close_espace(tx: Any, actor: str, open_espace_id: uuid.UUID) -> int:
    """End an open espace and every habilitation in it; return how many there were."""
    count = _end(tx, actor, tables.habilitation, tables.habilitation.c.open_espace_id == open_espace_id)
    _end(tx, actor, tables.open_espace, tables.open_espace.c.open_espace_id == open_espace_id)
    return count


def set_habilitation(
    tx: Any,
    actor: str,
    structure_id: uuid.UUID,
    rattachement_id: uuid.UUID,
    open_espace_id: uuid.UUID,
    profile: str | None,
    structure_service_id: uuid.UUID | None = None,
    starts_on: datetime.date | None = None,
) -> tuple[str | None, bool]:
    """Give ``profile`` in an open espace, for the whole structure or a service of it, or take away what was given (None).

    What was given takes effect on ``starts_on``, at once without it. Return the profile before, and whether anything changed.
    """
    table = tables.habilitation
    here = (
        table.c.rattachement_id == rattachement_id,
        table.c.open_espace_id == open_espace_id,
        table.c.structure_service_id.is_not_distinct_from(structure_service_id),
        table.c.ended_at.is_(None),
    )
    before = tx.execute(sa.select(table.c.profile).where(*here)).scalar_one_or_none()
    if before == profile:
        return before, False
    _end(tx, actor, table, *here)
    if profile is not None:
        tx.execute(
            table.insert().values(
                habilitation_id=uuid.uuid4(),
                structure_id=structure_id,
                rattachement_id=rattachement_id,
                open_espace_id=open_espace_id,
                structure_service_id=structure_service_id,
                profile=profile,
                starts_on=starts_on,
                started_at=tx.now,
                **_authorship(tx, actor),
            )
        )
    return before, True


def _authorship(tx: Any, actor: str) -> dict[str, Any]:
    return {"created_at": tx.now, "created_by": actor, "changed_at": tx.now, "changed_by": actor}
