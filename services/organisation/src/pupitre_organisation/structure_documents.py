"""Documents that a structure keeps for reuse in deposits (R073, R090, R092), and which blobs organisation's rows cite."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import search_key
from pupitre_contracts import structure_documents as calls
from pupitre_contracts.document_values import MOST_DOCUMENTS
from pupitre_contracts.errors import Conflict, NotFound, TooManyKept

from . import access, model, queries, repository, tables

_table = tables.structure_document


def list_structure_documents(request: Any, scope: Any) -> calls.ListStructureDocuments.Reply:
    with scope.reading() as db:
        day = model.today(scope.clock.now())
        access.require(db, scope.actor, "list_structure_documents", request.structure_id, day=day)
        return calls.ListStructureDocuments.Reply(documents=all_of(db, request.structure_id))


def all_of(db: Any, structure_id: uuid.UUID) -> list[calls.KeptDocument]:
    """Return a structure's documents by designation: for whoever may list them."""
    return sorted((_message(row) for row in _rows(db, structure_id)), key=lambda each: search_key(each.designation))


def add_structure_document(request: Any, scope: Any) -> calls.AddStructureDocument.Reply:
    actor, document_id = access.signature(scope.actor), uuid.uuid4()
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        if len(_rows(tx, request.structure_id)) >= MOST_DOCUMENTS:
            raise TooManyKept(most=MOST_DOCUMENTS)
        values = {
            "document_id": document_id,
            "structure_id": request.structure_id,
            "designation": request.designation.strip(),
            "type": request.type,
            "file_name": request.name,
            "file_mime": request.mime,
            "file_size": request.size,
            "file_sha256": request.sha256,
            "version": 1,
        }
        repository.add_structure_document(tx, actor, values)
        what = f"document:{document_id}"
        repository.log(tx, actor, "structure_document.added", request.structure_id, object=what, after=_told(values))
        return tx.answer(calls.AddStructureDocument.Reply(document=_message(_row(tx, request.structure_id, document_id))))


def change_structure_document(request: Any, scope: Any) -> calls.ChangeStructureDocument.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        row = _row(tx, request.structure_id, request.document_id)
        if row.version != request.version:
            raise Conflict(what="document")
        values = {"designation": request.designation.strip(), "type": request.type, "version": row.version + 1}
        repository.change_structure_document(tx, actor, row.document_id, values)
        told = {"before": _told(row._mapping), "after": _told({**row._mapping, **values})}
        repository.log(
            tx, actor, "structure_document.changed", request.structure_id, object=f"document:{row.document_id}", **told
        )
        after = _row(tx, request.structure_id, request.document_id)
        return tx.answer(calls.ChangeStructureDocument.Reply(document=_message(after)))


def remove_structure_documents(request: Any, scope: Any) -> calls.RemoveStructureDocuments.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        wanted = set(request.document_ids)
        gone = [row for row in _rows(tx, request.structure_id) if row.document_id in wanted]
        for row in gone:
            tx.execute(_table.delete().where(_table.c.document_id == row.document_id))
            what = f"document:{row.document_id}"
            repository.log(tx, actor, "structure_document.removed", request.structure_id, object=what, before=_told(row._mapping))
        return tx.answer(calls.RemoveStructureDocuments.Reply(removed=len(gone)))


def _told(values: Any) -> dict[str, Any]:
    """What the history keeps of a document: how it was called, and which file it is."""
    return {name: values[name] for name in ("designation", "type", "file_name", "file_sha256")}


def cited_files(request: Any, scope: Any) -> calls.CitedFiles.Reply:
    access.require_questioner(scope.actor, "cited_files")
    scope.see_all()
    with scope.reading() as db:
        cited = {
            sha256
            for table in (_table, tables.bank_details, tables.annuaire_file)
            for sha256 in db.execute(sa.select(table.c.file_sha256).where(table.c.file_sha256.in_(set(request.names)))).scalars()
        }
    return calls.CitedFiles.Reply(cited=sorted(cited))


def _rows(db: Any, structure_id: uuid.UUID) -> list[Any]:
    return db.execute(sa.select(_table).where(_table.c.structure_id == structure_id)).all()


def _row(db: Any, structure_id: uuid.UUID, document_id: uuid.UUID) -> Any:
    found = next((row for row in _rows(db, structure_id) if row.document_id == document_id), None)
    if found is None:
        raise NotFound(what=f"document {document_id}")
    return found


def _message(row: Any) -> calls.KeptDocument:
    return calls.KeptDocument(
        document_id=row.document_id,
        designation=row.designation,
        type=row.type,
        name=row.file_name,
        mime=row.file_mime,
        size=row.file_size,
        sha256=row.file_sha256,
        added_at=row.created_at,
        version=row.version,
    )
