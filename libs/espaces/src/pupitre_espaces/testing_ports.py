"""Ports for tests: documents in memory, and nothing of what only the platform has."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from .ports import Clock, FluxFault, FluxView, InvoiceView, Member, PortRefused, Ports, Record, Side, Verdict
from .requests import RequestView


class MemoryRecords:
    """Documents of one espace and structure, kept as the platform keeps them."""

    def __init__(self, clock: Clock, user: str = "Camille Duval") -> None:
        self._clock, self._user = clock, user
        self._kept: dict[tuple[str, str], Record] = {}

    def get(self, collection: str, key: str) -> Record | None:
        """Return one document, or None."""
        return self._kept.get((collection, key))

    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        """Keep a document; with `version`, only in place of that version."""
        before = self._kept.get((collection, key))
        at = before.version if before else 0
        if version is not None and version != at:
            raise PortRefused("conflict", f"{key} is at version {at}")
        record = Record(collection, key, document, at + 1, self._clock.now(), self._user)
        self._kept[collection, key] = record
        return record

    def delete(self, collection: str, key: str) -> None:
        """Forget a document."""
        self._kept.pop((collection, key), None)

    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        """Return documents by key, those that hold `text`."""
        found = [
            record
            for (of, key), record in sorted(self._kept.items())
            if of == collection and key > after and fnmatch.fnmatchcase(str(dict(record.document)).casefold(), f"*{text.casefold()}*")
        ]
        return tuple(found[:limit])


class NoRequests:
    """No request."""

    def search(
        self, *, kind: str = "", status: str = "", text: str = "", to_do: bool = False, limit: int = 50
    ) -> tuple[RequestView, ...]:
        """Return nothing."""
        return ()

    def get(self, request_id: UUID) -> RequestView | None:
        """Return nothing."""
        return None

    def count(self, *, kind: str = "", status: str = "", to_do: bool = False) -> int:
        """Return 0."""
        return 0


class NoInvoices:
    """No invoice."""

    def search(
        self, side: Side, *, number: str = "", status: str = "", engagement: str = "", limit: int = 20
    ) -> tuple[InvoiceView, ...]:
        """Return nothing."""
        return ()

    def count(self, side: Side, *, status: str = "") -> int:
        """Return 0."""
        return 0

    def get(self, invoice_id: UUID) -> InvoiceView | None:
        """Return nothing."""
        return None


class MemoryInvoices(NoInvoices):
    """Invoices that a test has put there, one at a time, whoever asks."""

    def __init__(self, kept: Mapping[UUID, InvoiceView]) -> None:
        self._kept = kept

    def get(self, invoice_id: UUID) -> InvoiceView | None:
        """Return one as the test last put it."""
        return self._kept.get(invoice_id)


class NoMembers:
    """Nobody: the user manages no users, as most do not."""

    def all(self) -> tuple[Member, ...]:
        """Refuse."""
        raise PortRefused("forbidden", "Réservé à qui gère les utilisateurs. / For who manages the users.")


class NoFlux:
    """No flux; every file is judged valid."""

    def search(self, *, limit: int = 50, after: str = "") -> tuple[FluxView, ...]:
        """Return nothing."""
        return ()

    def faults(self, numero: str) -> tuple[FluxFault, ...]:
        """Return nothing."""
        return ()

    def check(self, name: str, content: bytes) -> Verdict:
        """Return the verdict on a valid file."""
        return Verdict("valid", None, "UBL", "urn:cen.eu:en16931:2017", ())


def memory_ports(clock: Clock) -> Ports:
    """Return the ports of a structure that has nothing yet."""
    return Ports(records=MemoryRecords(clock), requests=NoRequests(), invoices=NoInvoices(), flux=NoFlux(), members=NoMembers())
