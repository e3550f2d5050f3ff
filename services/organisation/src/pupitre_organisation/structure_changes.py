"""A structure's own data: its sheet, what its people may change of it, and bringing it in line with the INSEE register (R066, R067)."""

from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import search_key
from pupitre_contracts import structures
from pupitre_contracts.errors import Conflict, Invalid, SireneUnknown, StructureExists

from . import access, identifiers, model, people, queries, repository, structure_requests, tables

#: How many requests a sheet shows.
LATEST = 10
_TEXTS = {"label": 200, "email": 254, "phone": 30, "rcs_number": 60}
_FROM_REGISTER = ("name", "line", "complement", "postal_code", "city")
_KEYS = {"name": "name_key", "label": "label_key", "postal_code": "postal_code_key", "city": "city_key"}


def get_structure_sheet(request: Any, scope: Any) -> structures.GetStructureSheet.Reply:
    now = scope.clock.now()
    with scope.reading() as db:
        row = queries.structure_row(db, request.structure_id)
        access.require(db, scope.actor, "get_structure_sheet", request.structure_id, day=model.today(now))
        structure = queries.whole_structure(db, row, now)
        may_modify = access.may_modify_organisation(db, scope.actor, row.structure_id, now)
        managers = queries.gestionnaires(db, row.structure_id)
        about = tables.structure_request.c.structure_id == row.structure_id
        requests = queries.structure_requests(db, about, size=LATEST)[0] if may_modify else []
    known = people.by_id(scope, [*managers, *structure_requests.authors(requests)])
    return structures.GetStructureSheet.Reply(
        structure=structure,
        gestionnaire=next((structure_requests.person(known[each]) for each in managers if each in known), None),
        may_modify=may_modify,
        requests=[structure_requests.message(each, scope.actor, known) for each in requests],
    )


def change_structure(request: Any, scope: Any) -> structures.ChangeStructure.Reply:
    values: dict[str, Any] = {
        name: model.checked_text(name, getattr(request, name), most, required=False) for name, most in _TEXTS.items()
    }
    values["email"] = model.checked_email("email", values["email"])
    values["vat_number"] = identifiers.checked_vat_number(request.vat_number)
    values["non_diffusible"] = bool(request.non_diffusible)
    with scope.begin() as tx:
        row = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        require_version(row, request.version)
        changed_in(tx, access.signature(scope.actor), row, values)
        after = queries.structure_row(tx, request.structure_id)
        return tx.answer(structures.ChangeStructure.Reply(structure=queries.whole_structure(tx, after, tx.now)))


def replace_identifier(request: Any, scope: Any) -> structures.ReplaceIdentifier.Reply:
    siret, actor = identifiers.checked("SIRET", request.siret), access.signature(scope.actor)
    with scope.begin() as tx:
        row = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        if row.identifier_type != "AUTRE":
            fault = (
                "seule une structure en cours d'immatriculation reçoit un SIRET"
                " / only a structure in course of registration is given a SIRET"
            )
            raise Invalid(what="structure", fields={"siret": [fault]})
        values = {"identifier_type": "SIRET", "identifier": siret, "siren": identifiers.siren_of("SIRET", siret)}
        try:
            repository.change_structure(tx, actor, row.structure_id, values)
        except sa.exc.IntegrityError as error:
            raise StructureExists(identifier=siret) from error
        told = {"before": {"identifier": row.identifier}, "after": {"identifier": siret}}
        repository.log(tx, actor, "structure.identifier_replaced", row.structure_id, **told)
        _publish(tx, actor, row.structure_id, row.name, ["identifier"])
        after = queries.structure_row(tx, request.structure_id)
        return tx.answer(structures.ReplaceIdentifier.Reply(structure=queries.whole_structure(tx, after, tx.now)))


def update_from_sirene(request: Any, scope: Any) -> structures.UpdateFromSirene.Reply:
    with scope.reading() as db:
        row = queries.structure_row(db, request.structure_id)
        access.require_organisation_modification(db, scope.actor, request.structure_id, scope.clock.now())
    if row.identifier_type != "SIRET":
        fault = "seul un SIRET figure dans la base INSEE / only a SIRET is in the INSEE register"
        raise Invalid(what="structure", fields={"identifier": [fault]})
    found = scope.resources.sirene.find(row.identifier)
    if found is None:
        raise SireneUnknown(siret=row.identifier)
    # What the register keeps to itself stays as the structure has it.
    values = {name: value for name in _FROM_REGISTER if (value := getattr(found, name)) is not None}
    with scope.begin() as tx:
        row = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        changes = changed_in(tx, access.signature(scope.actor), row, values)
        after = queries.structure_row(tx, request.structure_id)
        return tx.answer(
            structures.UpdateFromSirene.Reply(
                structure=queries.whole_structure(tx, after, tx.now),
                sirene_state=model.SIRENE_OPEN if found.open else model.SIRENE_CLOSED,
                changes=changes,
            )
        )


def changed_in(tx: Any, actor: str, row: Any, values: dict[str, Any]) -> list[structures.FieldChange]:
    """Write those of ``values`` that differ, with the line of the log and the event; return what was different."""
    changes = {name: value for name, value in values.items() if value != getattr(row, name)}
    if not changes:
        return []
    keys = {_KEYS[name]: search_key(value) for name, value in changes.items() if name in _KEYS}
    repository.change_structure(tx, actor, row.structure_id, {**changes, **keys})
    before = {name: getattr(row, name) for name in changes}
    repository.log(tx, actor, "structure.changed", row.structure_id, before=before, after=changes)
    _publish(tx, actor, row.structure_id, changes.get("name", row.name), sorted(changes))
    return [
        structures.FieldChange(
            field=name,
            **{side: str(value) for side, value in (("before", before[name]), ("after", after)) if value is not None},
        )
        for name, after in changes.items()
    ]


def require_version(row: Any, version: int | None) -> None:
    """Raise Conflict when somebody else changed what the caller had read; None: the caller does not mind."""
    if version is not None and version != row.version:
        raise Conflict(what=f"structure {row.structure_id}")


def _publish(tx: Any, actor: str, structure_id: Any, name: str, changed: list[str]) -> None:
    tx.publish(
        structures.StructureChanged(structure_id=structure_id, structure_name=name, changed=changed, changed_by=actor)
    )
