"""The services of a structure: creating them, changing them, switching them on and off (R081, R082, R085)."""

import uuid
from typing import Any

from pupitre_contracts import organisation, structures
from pupitre_contracts.errors import Conflict, Invalid, StructureServiceExists

from . import access, facts, model, queries, repository


def create_structure_service(request: Any, scope: Any) -> organisation.CreateStructureService.Reply:
    actor = access.signature(scope.actor)
    values = {
        **_said(request),
        "structure_service_id": uuid.uuid4(),
        "structure_id": request.structure_id,
        "code": model.checked_text("code", request.code, model.CODE_CHARACTERS),
        "active": request.active,
    }
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        # An invoice names a service whatever its letter case: two codes that differ in it alone could not be told apart.
        if queries.has_code(tx, request.structure_id, values["code"]):
            raise StructureServiceExists(code=values["code"])
        values["portal_number"] = repository.next_number(tx, "structure_service")
        if not repository.add_structure_service(tx, actor, values):
            raise StructureServiceExists(code=values["code"])
        what = f"service:{values['code']}"
        repository.log(tx, actor, "structure_service.created", request.structure_id, object=what, after=facts.told(values))
        tx.publish(
            structures.StructureServiceCreated(
                structure_service_id=values["structure_service_id"],
                structure_id=request.structure_id,
                code=values["code"],
                created_by=actor,
            )
        )
        return tx.answer(
            organisation.CreateStructureService.Reply(
                structure_service=_message(tx, request.structure_id, values["structure_service_id"])
            )
        )


def change_structure_service(request: Any, scope: Any) -> structures.ChangeStructureService.Reply:
    actor, values = access.signature(scope.actor), {**_said(request), "active": request.enabled}
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        row = queries.structure_service_row(tx, request.structure_id, request.structure_service_id)
        if request.version != row.version:
            raise Conflict(what=f"structure_service {row.code}")
        changes = {name: value for name, value in values.items() if value != getattr(row, name)}
        if changes:
            repository.change_structure_service(tx, actor, row.structure_service_id, changes)
            told = {"before": {name: getattr(row, name) for name in changes}, "after": changes}
            repository.log(tx, actor, "structure_service.changed", request.structure_id, object=f"service:{row.code}", **told)
            tx.publish(
                structures.StructureServiceChanged(
                    structure_service_id=row.structure_service_id,
                    structure_id=request.structure_id,
                    code=row.code,
                    enabled=request.enabled,
                    changed_by=actor,
                )
            )
        shown = _message(tx, request.structure_id, request.structure_service_id)
        return tx.answer(structures.ChangeStructureService.Reply(structure_service=shown))


def _said(request: Any) -> dict[str, Any]:
    if request.ends_on is not None and request.ends_on < request.starts_on:
        fault = "la fin précède le début / the end comes before the beginning"
        raise Invalid(what="structure_service", fields={"ends_on": [fault]})
    return {
        "label": model.checked_text("label", request.label, 200),
        "description": model.checked_text("description", request.description, 1000, required=False),
        "starts_on": request.starts_on,
        "ends_on": request.ends_on,
        "requires_engagement": request.requires_engagement,
    }


def _message(tx: Any, structure_id: uuid.UUID, structure_service_id: uuid.UUID) -> organisation.StructureService:
    row = queries.structure_service_row(tx, structure_id, structure_service_id)
    return queries.service_message(row, model.today(tx.now))
