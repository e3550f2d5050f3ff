"""The documents that espaces keep for structures: JSON under a key of a collection, for whoever has the espace there."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_bus import acts, admission
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
_PLACE = ("espace", "structure_id", "collection", "key")


def get_record(request: contract.GetRecord.Request, scope: Any) -> contract.GetRecord.Reply:
    """Read one document."""
    _open(request, scope, READ)
    with scope.reading() as db:
        kept = row(db, request)
    if kept is None:
        raise errors.NotFound(what=f"record {request.collection}/{request.key}")
    return contract.GetRecord.Reply(record=_shown(kept))


def put_record(request: contract.PutRecord.Request, scope: Any) -> contract.PutRecord.Reply:
    """Keep a document. Raises Conflict when it is at another version than the one named."""
    _open(request, scope, WRITE)
    faults = faults_of(request.collection, request.key, request.document)
    if faults:
        raise errors.Invalid(what="PutRecord", fields=faults)
    place = {name: getattr(request, name) for name in _PLACE}
    with scope.begin() as tx:
        write(tx, place, request.document, request.version, _by(request, scope))
        _note(tx, request, scope, "put record")
        return tx.answer(contract.PutRecord.Reply(record=_shown(row(tx, request))))


def delete_record(request: contract.DeleteRecord.Request, scope: Any) -> contract.DeleteRecord.Reply:
    """Forget a document; one that is not there is forgotten already."""
    _open(request, scope, WRITE)
    with scope.begin() as tx:
        tx.execute(record.delete().where(*_this(request)))
        _note(tx, request, scope, "delete record")
        return tx.answer(contract.DeleteRecord.Reply())


def search_records(request: contract.SearchRecords.Request, scope: Any) -> contract.SearchRecords.Reply:
    """List the documents of a collection by key."""
    _open(request, scope, READ)
    with scope.reading() as db:
        rows = found(db, request)
    return contract.SearchRecords.Reply(records=[_shown(each) for each in rows])


def found(db: Any, request: contract.SearchRecords.Request) -> Sequence[Mapping[str, Any]]:
    """Return the documents that a search finds, by key. Raises Invalid."""
    text = (request.text or "").strip()
    if len(text) > LONGEST_TEXT:
        fault = f"au plus {LONGEST_TEXT} caractères / at most {LONGEST_TEXT} characters"
        raise errors.Invalid(what="SearchRecords", fields={"text": [fault]})
    query = sa.select(record).where(*_of_collection(request))
    if text:
        query = query.where(record.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE))
    if request.after:
        query = query.where(record.c.key > request.after)
    return db.execute(query.order_by(record.c.key).limit(max(1, min(request.limit, LARGEST_PAGE)))).mappings().all()


def _open(request: Any, scope: Any, profile: str) -> None:
    """Let the call go on for whoever has the espace, for the whole structure, and for an operator, who runs a command of the espace.

    Raises NotFound for a foreign structure, and Forbidden.
    """
    if admission.is_operator(scope.actor):
        scope.see_all()
        return
    allowed = rights.ask(scope)
    if not allowed.attached(request.structure_id):
        raise errors.NotFound(what=f"structure {request.structure_id}")
    allowed.require(request.structure_id, request.espace, profile)


def _by(request: Any, scope: Any) -> str:
    """Return who changes a document: the actor, or whom an operator names."""
    origin = scope.actor.origin
    if admission.is_operator(scope.actor):
        return request.by or origin.reference
    return origin.name or origin.reference


def _note(tx: Any, request: Any, scope: Any, act: str) -> None:
    """Write down what an operator did by hand."""
    if admission.is_operator(scope.actor):
        subject = f"{request.espace} {request.collection}/{request.key}"
        acts.record(tx, _by(request, scope), act, subject, f"structure {request.structure_id}")


def faults_of(collection: str, key: str, document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what keeps a document from being kept, by field."""
    faults = {}
    if len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST:
        faults["document"] = [f"{LARGEST} octets au plus / at most {LARGEST} bytes"]
    for name, value in (("collection", collection), ("key", key)):
        if not 0 < len(value) <= LONGEST_NAME:
            faults[name] = [f"de 1 à {LONGEST_NAME} signes / 1 to {LONGEST_NAME} signs"]
    return faults


def write(tx: Any, place: Mapping[str, Any], document: Mapping[str, Any] | None, version: int | None, by: str) -> None:
    """Keep a document, or forget it (None), at its ``place``: espace, structure_id, collection and key. Raises Conflict unless it is at
    ``version``, where one is named; 0 is that of none."""
    this = [record.c[name] == value for name, value in place.items()]
    at = [] if version is None else [record.c.version == version]
    if document is None:
        changed = tx.execute(record.delete().where(*this, *at)).rowcount == 1
    else:
        values = {
            "document": dict(document),
            "searched": search_key("\n".join([place["key"], *_texts(document)])),
            "changed_by": by,
            "changed_at": tx.now,
        }
        if version in (None, 0) and tx.insert_once(record, **place, **values, version=1):
            return
        changing = record.update().where(*this, *at).values(**values, version=record.c.version + 1)
        changed = tx.execute(changing).rowcount == 1
    if not changed:
        raise errors.Conflict(what=f"record {place['collection']}/{place['key']}")


def row(db: Any, request: Any) -> Mapping[str, Any] | None:
    """Return one document."""
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
