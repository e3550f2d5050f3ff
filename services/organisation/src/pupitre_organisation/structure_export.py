"""All that organisation knows of one structure, for who answers for it: to be taken along."""

from typing import Any

from pupitre_bus import audit
from pupitre_contracts import structure_export as calls

from . import access, bank_details, histories, model, people, queries, structure_documents, tables

LINES = 200


def export_structure(request: Any, scope: Any) -> calls.ExportStructure.Reply:
    """Give data, services, members, bank details and documents of a structure."""
    now = scope.clock.now()
    day, structure_id = model.today(now), request.structure_id
    with scope.reading() as db:
        access.require(db, scope.actor, "export_structure", structure_id, day=day)
        structure = queries.whole_structure(db, queries.structure_row(db, structure_id), now)
        accounts, documents = bank_details.all_of(db, structure_id), structure_documents.all_of(db, structure_id)
        attached = [row.user_id for row in queries.rattachements(db, structure_id)]
    known = people.by_id(scope, attached)
    with scope.reading() as db:
        access.require(db, scope.actor, "export_structure", structure_id, day=day)
        members = people.members(db, structure_id, known, day)
    names = [name for name in calls.StoredFile.declared if name not in ("kind", "line")]
    kept = [calls.StoredFile(kind="kept", **{name: getattr(each, name) for name in names}) for each in documents]
    return calls.ExportStructure.Reply(structure=structure, members=members, bank_details=accounts, documents=kept)


def export_history(request: Any, scope: Any) -> calls.ExportStructureHistory.Reply:
    """Give the next lines of a structure's history."""
    with scope.reading() as db:
        day = model.today(scope.clock.now())
        access.require(db, scope.actor, "export_structure_history", request.structure_id, day=day)
        rows = audit.lines_after(db, tables.HISTORY, request.structure_id, request.after, LINES)
    more = {"next": rows[-1]["number"]} if len(rows) == LINES else {}
    return calls.ExportStructureHistory.Reply(lines=histories.shown(scope, rows), **more)
