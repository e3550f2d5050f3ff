"""The documents that espaces keep for structures: JSON under a key of a collection, for whoever has the espace there."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern, search_key
from pupitre_contracts import errors
from pupitre_contracts import requests as contract

from . import rights
from .request_tables import record
from .rights import READ, WRITE

LARGEST = 64_000
LONGEST_NAME = 100
LARGEST_PAGE = 200
LONGEST_TEXT = 200


def get_record(request: contract.GetRecord.Request, scope: Any) -> contract.GetRecord.Reply:
    """Read one document."""
    _open(request, scope, READ)
    with scope.reading() as db:
        found = _row(db, request)
    if found is None:
        raise errors.NotFound(what=f"record {request.collection}/{request.key}")
    return contract.GetRecord.Reply(record=_shown(found))


def put_record(request: contract.PutRecord.Request, scope: Any) -> contract.PutRecord.Reply:
    """Keep a document. Raises Conflict when it is at another version than the one named."""
    _open(request, scope, WRITE)
    written = json.dumps(request.document, ensure_ascii=False, separators=(",", ":"))
    faults = {}
    if len(written.encode()) > LARGEST:
        faults["document"] = [f"{LARGEST} octets au plus / at most {LARGEST} bytes"]
    for name in ("collection", "key"):
        if not 0 < len(getattr(request, name)) <= LONGEST_NAME:
            faults[name] = [f"de 1 à {LONGEST_NAME} signes / 1 to {LONGEST_NAME} signs"]
    if faults:
        raise errors.Invalid(what="PutRecord", fields=faults)
    values = {
        "document": request.document,
        "searched": search_key("\n".join([request.key, *_texts(request.document)])),
        "changed_by": scope.actor.origin.name or scope.actor.origin.reference,
    }
    with scope.begin() as tx:
        _write(tx, request, {**values, "changed_at": tx.now})
        return tx.answer(contract.PutRecord.Reply(record=_shown(_row(tx, request))))


def delete_record(request: contract.DeleteRecord.Request, scope: Any) -> contract.DeleteRecord.Reply:
    """Forget a document; one that is not there is forgotten already."""
    _open(request, scope, WRITE)
    with scope.begin() as tx:
        tx.execute(record.delete().where(*_this(request)))
        return tx.answer(contract.DeleteRecord.Reply())


def search_records(request: contract.SearchRecords.Request, scope: Any) -> contract.SearchRecords.Reply:
    """List the documents of a collection by key."""
    _open(request, scope, READ)
    text = (request.text or "").strip()
    if len(text) > LONGEST_TEXT:
        fault = f"au plus {LONGEST_TEXT} caractères / at most {LONGEST_TEXT} characters"
        raise errors.Invalid(what="SearchRecords", fields={"text": [fault]})
    query = sa.select(record).where(*_of_collection(request))
    if text:
        query = query.where(record.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE))
    if request.after:
        query = query.where(record.c.key > request.after)
    with scope.reading() as db:
        rows = db.execute(query.order_by(record.c.key).limit(max(1, min(request.limit, LARGEST_PAGE)))).mappings().all()
    return contract.SearchRecords.Reply(records=[_shown(row) for row in rows])


def _open(request: Any, scope: Any, profile: str) -> None:
    """Let the call go on for whoever has the espace, for the whole structure. Raises NotFound for a foreign one, and Forbidden."""
    allowed = rights.ask(scope)
    if not allowed.attached(request.structure_id):
        raise errors.NotFound(what=f"structure {request.structure_id}")
    allowed.require(request.structure_id, request.espace, profile)


def _write(tx: Any, request: contract.PutRecord.Request, values: Mapping[str, Any]) -> None:
    new = {**values, "espace": request.espace, "structure_id": request.structure_id, "collection": request.collection, "key": request.key}
    if request.version in (None, 0) and tx.insert_once(record, **new, version=1):
        return
    changing = record.update().where(*_this(request)).values(**values, version=record.c.version + 1)
    if request.version is not None:
        changing = changing.where(record.c.version == request.version)
    if tx.execute(changing).rowcount != 1:
        raise errors.Conflict(what=f"record {request.collection}/{request.key}")


def _row(db: Any, request: Any) -> Mapping[str, Any] | None:
    return db.execute(sa.select(record).where(*_this(request))).mappings().one_or_none()


def _of_collection(request: Any) -> list[Any]:
    return [record.c[name] == getattr(request, name) for name in ("espace", "structure_id", "collection")]


def _this(request: Any) -> list[Any]:
    return [*_of_collection(request), record.c.key == request.key]


def _texts(value: Any) -> list[str]:
    """Return every text and number of a document."""
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _shown(row: Mapping[str, Any]) -> contract.RecordEntry:
    return contract.RecordEntry(**{name: row[name] for name in contract.RecordEntry.declared})
