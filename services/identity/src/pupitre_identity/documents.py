"""Documents that a user keeps with his account (R091, R092): his own, and nobody else's.

The row that names a file's SHA-256 is what keeps the file in the blob store; it was written there before.
"""

from typing import Any

from pupitre_contracts import account_documents as contract
from pupitre_contracts.document_values import MOST_DOCUMENTS, KeptDocument
from pupitre_contracts.errors import Conflict, Invalid, NotFound

from . import queries, repository
from .access import user_id_of

_LARGEST_PAGE = 100


def list_documents(request: Any, scope: Any) -> contract.ListAccountDocuments.Reply:
    user_id = user_id_of(scope.actor)
    size = max(1, min(request.page_size, _LARGEST_PAGE))
    with scope.reading() as db:
        if request.document_ids is not None:
            rows = queries.documents(db, user_id, only=request.document_ids[:MOST_DOCUMENTS])
            total = len(rows)
        else:
            rows = queries.documents(db, user_id, offset=(max(request.page, 1) - 1) * size, limit=size)
            total = queries.count_documents(db, user_id)
    return contract.ListAccountDocuments.Reply(documents=[_told(row) for row in rows], total=total)


def add_document(request: Any, scope: Any) -> contract.AddAccountDocument.Reply:
    user_id = user_id_of(scope.actor)
    values = {name: getattr(request, name) for name in ("type", "name", "mime", "size", "sha256")}
    with scope.begin() as tx:
        queries.user(tx, user_id, lock=True)  # who adds two at once has them counted in turn
        if queries.count_documents(tx, user_id) >= MOST_DOCUMENTS:
            full = f"{MOST_DOCUMENTS} pièces au plus, supprimez-en une / at most {MOST_DOCUMENTS} documents, delete one"
            raise Invalid(what="document", fields={"file": [full]})
        document_id = repository.add_document(
            tx, scope.actor_reference, user_id, {**values, "designation": _designation(request)}
        )
        repository.log(
            tx, scope.actor_reference, "document.added", f"user:{user_id}", document_id=str(document_id), sha256=request.sha256
        )
        (row,) = queries.documents(tx, user_id, only=[document_id])
        return tx.answer(contract.AddAccountDocument.Reply(document=_told(row)))


def change_document(request: Any, scope: Any) -> contract.ChangeAccountDocument.Reply:
    user_id = user_id_of(scope.actor)
    with scope.begin() as tx:
        if not queries.documents(tx, user_id, only=[request.document_id]):
            raise NotFound(what=f"document {request.document_id}")
        values = {"designation": _designation(request), "type": request.type}
        if not repository.change_document(tx, scope.actor_reference, request.document_id, request.version, values):
            raise Conflict(what="document")
        repository.log(tx, scope.actor_reference, "document.changed", f"user:{user_id}", document_id=str(request.document_id))
        (row,) = queries.documents(tx, user_id, only=[request.document_id])
        return tx.answer(contract.ChangeAccountDocument.Reply(document=_told(row)))


def remove_documents(request: Any, scope: Any) -> contract.RemoveAccountDocuments.Reply:
    user_id = user_id_of(scope.actor)
    with scope.begin() as tx:
        rows = queries.documents(tx, user_id, only=request.document_ids[:MOST_DOCUMENTS])
        repository.remove_documents(tx, [row.document_id for row in rows])
        for row in rows:
            repository.log(
                tx, scope.actor_reference, "document.removed", f"user:{user_id}",
                document_id=str(row.document_id), sha256=row.sha256,
            )  # fmt: skip
        return tx.answer(contract.RemoveAccountDocuments.Reply(removed=len(rows)))


def _designation(request: Any) -> str:
    return " ".join(request.designation.split())


def cited_files(request: Any, scope: Any) -> contract.CitedAccountFiles.Reply:
    with scope.reading() as db:
        return contract.CitedAccountFiles.Reply(cited=queries.cited_files(db, request.names))


def _told(row: Any) -> KeptDocument:
    return KeptDocument(**{name: getattr(row, name) for name in KeptDocument.declared})
