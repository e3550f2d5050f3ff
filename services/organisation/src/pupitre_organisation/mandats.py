"""Mandats de facturation: a structure lets another one deposit invoices for it, from a day on, until it says otherwise (R280)."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import mandats
from pupitre_contracts.errors import Invalid, MandatExists, MandatOver, NotFound

from . import access, model, queries, repository, right_to_act, standings, tables

_given = tables.structure.alias("given")
_holds = tables.structure.alias("holds")


def give_mandat(request: Any, scope: Any) -> mandats.GiveMandat.Reply:
    actor = access.signature(scope.actor)
    model.checked_days(request.starts_on, request.ends_on, model.today(scope.clock.now()))
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "give_mandat", request.structure_id)
        other = queries.structure_row(tx, request.mandataire_id)
        if other.structure_id == structure.structure_id:
            fault = "une autre structure que la vôtre / another structure than one's own"
            raise Invalid(what="mandat", fields={"mandataire_id": [fault]})
        mandat_id, number = uuid.uuid4(), repository.next_number(tx, "mandat")
        values = {"structure_id": structure.structure_id, "mandataire_id": other.structure_id}
        days = {"starts_on": request.starts_on, "ends_on": request.ends_on}
        _end_those_over(tx, actor, values)
        if not repository.add_mandat(tx, actor, {"mandat_id": mandat_id, "number": number, **values, **days}):
            raise MandatExists(structure=other.name)
        row = _row(tx, mandat_id)
        given = {"mandataire": other.identifier, **{name: day for name, day in days.items() if day is not None}}
        repository.log(tx, actor, "mandat.given", structure.structure_id, object=f"mandat:{number}", after=given)
        tx.publish(mandats.MandatGiven(**_told(tx, row), **days, given_by=actor))
        return tx.answer(mandats.GiveMandat.Reply(mandat=_message(row, model.today(tx.now))))


def end_mandat(request: Any, scope: Any) -> mandats.EndMandat.Reply:
    actor, what = access.signature(scope.actor), f"mandat {request.mandat_id}"
    with scope.begin() as tx:
        row = _row(tx, request.mandat_id)
        if row is None or not _may_end(tx, scope, row):
            raise NotFound(what=what)
        if row.ended_at is not None or not repository.end_mandat(tx, actor, request.mandat_id):
            raise MandatOver(number=row.number)
        _log_end(tx, actor, row)
        tx.publish(mandats.MandatEnded(**_told(tx, row), ended_by=actor))
        return tx.answer(mandats.EndMandat.Reply(mandat=_message(_row(tx, request.mandat_id), model.today(tx.now))))


def list_mandats(request: Any, scope: Any) -> mandats.ListMandats.Reply:
    day, table = model.today(scope.clock.now()), tables.mandat
    with scope.reading() as db:
        access.require(db, scope.actor, "list_mandats", request.structure_id, day=day)
        sides = sa.or_(table.c.structure_id == request.structure_id, table.c.mandataire_id == request.structure_id)
        rows = db.execute(_rows().where(sides).order_by(table.c.number.desc()).limit(model.LARGEST_PAGE)).all()
    return mandats.ListMandats.Reply(mandats=[_message(row, day) for row in rows])


def _may_end(tx: Any, scope: Any, row: Any) -> bool:
    """Tell whether the actor manages either structure; the types do not count, the table says the same for both."""
    return any(
        right_to_act.allows("end_mandat", access.relations(tx, scope.actor, structure_id), model.PRIVATE)
        for structure_id in (row.structure_id, row.mandataire_id)
    )


def _end_those_over(tx: Any, actor: str, between: dict[str, uuid.UUID]) -> None:
    """Let a mandat whose last day has passed make room for another."""
    table = tables.mandat
    over = (*(table.c[name] == value for name, value in between.items()), table.c.ended_at.is_(None))
    for row in tx.execute(_rows().where(*over, table.c.ends_on < model.today(tx.now))).all():
        repository.end_mandat(tx, actor, row.mandat_id)
        _log_end(tx, actor, row)


def _log_end(tx: Any, actor: str, row: Any) -> None:
    told = {"before": {"mandataire": row.mandataire_identifier}, "after": {"mandataire": None}}
    repository.log(tx, actor, "mandat.ended", row.structure_id, object=f"mandat:{row.number}", **told)


def _told(tx: Any, row: Any) -> dict[str, Any]:
    day, both = model.today(tx.now), (row.structure_id, row.mandataire_id)
    managers = [user_id for each in both for user_id in standings.managers(tx, each, "give_mandat", day)]
    names = ("mandat_id", "number", "structure_id", "structure_name", "mandataire_id", "mandataire_name")
    return {**{name: getattr(row, name) for name in names}, "gestionnaire_ids": list(dict.fromkeys(managers))}


def _row(db: Any, mandat_id: uuid.UUID) -> Any | None:
    return db.execute(_rows().where(tables.mandat.c.mandat_id == mandat_id)).one_or_none()


def _rows() -> sa.Select:
    table = tables.mandat
    names = [
        structure.c[name].label(f"{side}_{name}")
        for side, structure in (("structure", _given), ("mandataire", _holds))
        for name in ("identifier", "name")
    ]
    return (
        sa.select(table, *names)
        .join_from(table, _given, table.c.structure_id == _given.c.structure_id)
        .join(_holds, table.c.mandataire_id == _holds.c.structure_id)
    )


def _message(row: Any, day: Any) -> mandats.Mandat:
    names = ("mandat_id", "number", "starts_on", "ends_on", "ended_at")
    sides = [f"{side}_{name}" for side in ("structure", "mandataire") for name in ("id", "identifier", "name")]
    in_force = row.ended_at is None and model.in_force(row.starts_on, row.ends_on, day)
    shown = {name: getattr(row, name) for name in (*names, *sides)}
    return mandats.Mandat(**shown, given_at=row.created_at, in_force=in_force)
