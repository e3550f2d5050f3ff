"""Checking the history: every chain is recomputed (see :mod:`pupitre_bus.verification`) and compared with the invoices and requests; and
every file is hashed again."""

import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from pupitre_bus import anchors
from pupitre_bus import verification as chains
from pupitre_bus.chain import SealCheck
from pupitre_bus.verification import BATCH, Fault, FaultAt, Verdict

from . import citing, eliminations, queries, request_history, request_queries
from . import history as chain
from .request_tables import BROUILLON, request
from .tables import history, invoice

FILES = 50


class Files(Protocol):
    """Hashes stored files again."""

    def check(self, names: Sequence[str]) -> list[str]: ...


def verify(db: Any, sealer: SealCheck, place: anchors.Place | None = None, files: Files | None = None) -> Verdict:
    """Recompute every chain; compare with the anchors' copies in ``place`` and hash the ``files``, where they are
    given."""
    verdict = chains.verify(db, chain.CHAIN, sealer, place, _Told(db))
    verdict.faults += [Fault(None, 0, fault) for fault in eliminations.faults(db, sealer)]
    if files is not None:
        _verify_files(db, files, verdict)
    return verdict


class _Told:
    """The invoices and requests that the chains tell of: each must be as its last line says, and none may be without a line."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self._missing: set[uuid.UUID] = set()

    def keys(self) -> Collection[uuid.UUID]:
        owners = sa.union(sa.select(invoice.c.supplier_structure_id), sa.select(request.c.maker_structure_id))
        return self._db.execute(owners).scalars().all()

    def page(self, lines: Sequence[Mapping[str, Any]]) -> None:
        self._missing |= _missing(self._db, lines)

    def end(self, key: uuid.UUID, number: int, fault: FaultAt) -> None:
        missing, self._missing = self._missing, set()
        _verify_invoices(self._db, key, number, fault)
        _verify_requests(self._db, key, number, fault)
        for missed in sorted(missing & set(_ended_alive(self._db, key, missing))):
            fault(number, f"invoice-missing {missed}")


def _verify_invoices(db: Any, structure_id: uuid.UUID, number: int, fault: FaultAt) -> None:
    """Compare each invoice with the state that its last line recorded."""
    for rows in _pages(db, invoice, invoice.c.supplier_structure_id, structure_id):
        ids = [row["invoice_id"] for row in rows]
        files = queries.kept_files_of(db, ids)
        recorded = _last_states(db, structure_id, ids)
        for row in rows:
            state = recorded.get(row["invoice_id"])
            if state is None:
                fault(number, f"invoice-without-history {row['invoice_id']}")
            elif not row["original_sha256"]:
                # Still being typed: what it is gets sealed when it is confirmed.
                continue
            elif chain.state_digest(row, files[row["invoice_id"]]) != state:
                fault(number, f"invoice-altered {row['invoice_id']}")


def _verify_requests(db: Any, structure_id: uuid.UUID, number: int, fault: FaultAt) -> None:
    """Compare each request that was sent with the state that its last line recorded; a draft is sealed when it is sent."""
    for rows in _pages(db, request, request.c.maker_structure_id, structure_id):
        ids = [row["request_id"] for row in rows]
        files, recorded = request_queries.kept_files_of(db, ids), _last_states(db, structure_id, ids)
        for row in rows:
            state = recorded.get(row["request_id"])
            if state is None:
                fault(number, f"request-without-history {row['request_id']}")
            elif row["status"] != BROUILLON and request_history.state_digest(row, files[row["request_id"]]) != state:
                fault(number, f"request-altered {row['request_id']}")


def _last_states(db: Any, structure_id: uuid.UUID, invoice_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """Return the state that the last line of each invoice recorded; None where the invoice was deleted."""
    mine = (history.c.structure_id == structure_id, history.c.invoice_id.in_(invoice_ids))
    last = sa.select(history.c.invoice_id, sa.func.max(history.c.number).label("number")).where(*mine)
    last = last.group_by(history.c.invoice_id).subquery()
    query = sa.select(history.c.invoice_id, history.c.after).join(
        last, sa.and_(history.c.invoice_id == last.c.invoice_id, history.c.number == last.c.number)
    )
    return {row.invoice_id: row.after for row in db.execute(query.where(history.c.structure_id == structure_id))}


def _missing(db: Any, page: Sequence[Mapping[str, Any]]) -> set[uuid.UUID]:
    """Return those invoices and requests of some lines that do not exist."""
    named = {line["invoice_id"] for line in page if line["after"] is not None}
    if not named:
        return named
    invoices = sa.select(invoice.c.invoice_id).where(invoice.c.invoice_id.in_(named))
    requests = sa.select(request.c.request_id).where(request.c.request_id.in_(named))
    return named - set(db.execute(sa.union(invoices, requests)).scalars())


def _ended_alive(db: Any, structure_id: uuid.UUID, invoice_ids: set[uuid.UUID]) -> Iterator[uuid.UUID]:
    """Give those invoices whose last line says that they exist."""
    wanted = sorted(invoice_ids)
    for start in range(0, len(wanted), BATCH):
        for invoice_id, state in _last_states(db, structure_id, wanted[start : start + BATCH]).items():
            if state is not None:
                yield invoice_id


def _pages(db: Any, table: sa.Table, owner: Any, structure_id: uuid.UUID) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Give a structure's invoices or requests in pages, by portal number."""
    after = 0
    while True:
        query = sa.select(table).where(owner == structure_id, table.c.portal_number > after)
        rows = db.execute(query.order_by(table.c.portal_number).limit(BATCH)).mappings().all()
        if not rows:
            return
        yield rows
        after = rows[-1]["portal_number"]
        time.sleep(0)


# Files


def _verify_files(db: Any, files: Files, verdict: Verdict) -> None:
    for page in citing.cited_files(db, FILES):
        for (sha256, what), state in zip(page, files.check([sha256 for sha256, _ in page]), strict=True):
            verdict.files += 1
            if state != "whole":
                verdict.faults.append(Fault(None, 0, f"file-{state} {sha256} {what}"))
        time.sleep(0)
