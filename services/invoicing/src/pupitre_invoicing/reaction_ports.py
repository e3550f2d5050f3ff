"""What is lent to an espace within this service: documents, requests, invoices and flux of one structure, read here, in nobody's name.

What it writes is kept apart and committed with the event (:func:`keep`); what it reads is bounded to espace and structure by each query,
and on PostgreSQL by the scope, which sees no other structure.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as contract
from pupitre_espaces import PortRefused, Ports, RequestView
from pupitre_espaces.pending import Change, PendingRecords
from pupitre_espaces.ports import Record

from . import reaction_invoices, records, request_kinds, request_looking, request_queries, request_seeing
from .reaction_invoices import most

#: The language of what a reaction is told: nobody in person reads it.
LANGUAGE = "fr"


def lent(scope: Any, espace: str, structure: organisation.Structure) -> tuple[Ports, PendingRecords]:
    """Return the ports of one espace and structure, and its documents with what becomes of them."""
    pending = PendingRecords(_Records(scope, espace, structure.structure_id), scope.clock.now, by(espace), _check)
    ports = Ports(
        records=pending,
        requests=_Requests(scope, espace, structure.structure_id),
        invoices=reaction_invoices.Invoices(scope, espace, structure),
        flux=reaction_invoices.Flux(scope, structure, LANGUAGE),
    )
    return ports, pending


def for_reading(scope: Any, espace: str, structure: organisation.Structure) -> Ports:
    """Return the ports of a hook that keeps nothing."""
    invoices = reaction_invoices.Invoices(scope, espace, structure)
    return Ports(records=_Records(scope, espace, structure.structure_id), invoices=invoices)


def keep(tx: Any, espace: str, structure_id: uuid.UUID, changes: Iterable[Change]) -> None:
    """Write what a reaction has changed. Raises Conflict where a document is not what it read."""
    for each in changes:
        place = {"espace": espace, "structure_id": structure_id, "collection": each.collection, "key": each.key}
        records.write(tx, place, each.document, each.base, by(espace))


def by(espace: str) -> str:
    """Return who has changed a document, where a reaction did."""
    return f"espace {espace}"


def _check(collection: str, key: str, document: Mapping[str, Any]) -> None:
    faults = records.faults_of(collection, key, document)
    if faults:
        raise PortRefused("invalid", "; ".join(f"{name}: {fault}" for name, (fault,) in faults.items()))


class _Records:
    """The documents as they are kept."""

    def __init__(self, scope: Any, espace: str, structure_id: uuid.UUID) -> None:
        self._scope, self._of = scope, {"espace": espace, "structure_id": structure_id}

    def get(self, collection: str, key: str) -> Record | None:
        with self._scope.reading() as db:
            row = records.row(db, contract.GetRecord.Request(**self._of, collection=collection, key=key))
        return _record(row) if row is not None else None

    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        asked = {name: value for name, value in (("text", text), ("after", after)) if value}
        try:
            request = contract.SearchRecords.Request(**self._of, collection=collection, limit=most(limit), **asked)
            with self._scope.reading() as db:
                return tuple(_record(each) for each in records.found(db, request))
        except errors.Invalid as error:
            raise PortRefused(error.code, str(error)) from error

    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        raise PortRefused("no-port", "this hook reads documents, and keeps none")

    def delete(self, collection: str, key: str) -> None:
        raise PortRefused("no-port", "this hook reads documents, and forgets none")


class _Requests:
    """The requests of the espace in which the structure has a role that sees them."""

    def __init__(self, scope: Any, espace: str, structure_id: uuid.UUID) -> None:
        self._scope, self._espace, self._structure_id = scope, espace, structure_id

    def search(
        self, *, kind: str = "", status: str = "", text: str = "", to_do: bool = False, limit: int = 50
    ) -> tuple[RequestView, ...]:
        found = self._found(kind=kind, status=status, text=text, to_do=to_do, limit=most(limit))
        return tuple(self._view(row) for row in found.rows)

    def get(self, request_id: uuid.UUID) -> RequestView | None:
        with self._scope.reading() as db:
            row = request_queries.row(db, request_id)
        mine = self._roles(row) if row is not None else ()
        return self._view(row, with_lines=request_seeing.sees_lines(row, mine)) if mine else None

    def count(self, *, kind: str = "", status: str = "", to_do: bool = False) -> int:
        return self._found(kind=kind, status=status, to_do=to_do, limit=1).total

    def _roles(self, row: Mapping[str, Any]) -> list[str]:
        """Return the roles in which the structure sees a request of the espace."""
        of_espace = [each for each in row["parties"] if self._espace in (row["espace"], each["espace"])]
        return [each["role"] for each in of_espace if each["sees"] and each["structure_id"] == str(self._structure_id)]

    def _found(self, **asked: Any) -> request_queries.Found:
        wanted = {name: value for name, value in asked.items() if value}
        try:
            request = contract.SearchRequests.Request(espace=self._espace, structure_id=self._structure_id, **wanted)
            with self._scope.reading() as db:
                return request_queries.search(db, request, {self._structure_id: None})
        except errors.Invalid as error:
            raise PortRefused(error.code, str(error)) from error

    def _view(self, row: Mapping[str, Any], *, with_lines: bool = False) -> RequestView:
        return request_looking.request_view(row, request_kinds.of(self._scope, row), with_lines=with_lines)


def _record(row: Mapping[str, Any]) -> Record:
    return Record(row["collection"], row["key"], row["document"], row["version"], row["changed_at"], row["changed_by"])
