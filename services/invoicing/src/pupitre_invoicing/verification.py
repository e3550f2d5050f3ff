"""Checking the history: every chain is recomputed from its first line and compared with its head, with the anchors and
with the invoices; and every file is hashed again.

Everything is read in pages: what is held in memory grows with the number of structures, never with that of lines.
"""

import datetime
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from . import anchors, citing
from . import history as chain
from .tables import document, history, history_head, invoice

BATCH = 500
FILES = 50

#: A line that is in no anchor for longer than this is worth a word: anchors are made each hour.
LATE = datetime.timedelta(hours=2)


class SealCheck(Protocol):
    """Checks the seals of heads and anchors; it need not be able to make one."""

    def check(self, message: bytes, seal: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: line ``number`` of a structure's chain (0: the chain as a whole), anchor ``number``
    when there is no structure, or a file."""

    structure_id: uuid.UUID | None
    number: int
    fault: str


@dataclass
class Verdict:
    """``files`` were hashed; ``anchored_at`` is the newest anchor's instant, and ``unanchored`` lines came after the
    anchors, the oldest at ``unanchored_since``. ``notes`` are no faults."""

    chains: int = 0
    lines: int = 0
    files: int = 0
    anchors: int = 0
    copies: int | None = None
    anchored_at: datetime.datetime | None = None
    unanchored: int = 0
    unanchored_since: datetime.datetime | None = None
    faults: list[Fault] = field(default_factory=list)


class Files(Protocol):
    """Hashes stored files again."""

    def check(self, names: Sequence[str]) -> list[str]: ...


def verify(db: Any, sealer: SealCheck, place: anchors.Place | None = None, files: Files | None = None) -> Verdict:
    """Recompute every chain; compare with the anchors' copies in ``place`` and hash the ``files``, where they are
    given."""
    verdict = Verdict()
    anchored = _verify_anchors(db, sealer, place, verdict)
    heads = {row.structure_id: row for row in db.execute(sa.select(history_head))}
    written = set(db.execute(sa.select(history.c.structure_id).distinct()).scalars())
    suppliers = set(db.execute(sa.select(invoice.c.supplier_structure_id).distinct()).scalars())
    for structure_id in sorted(heads.keys() | written | suppliers | anchored.keys()):
        verdict.chains += 1
        _verify_chain(db, sealer, structure_id, heads.get(structure_id), anchored.get(structure_id), verdict)
    if files is not None:
        _verify_files(db, files, verdict)
    return verdict


# Chains


def _verify_chain(
    db: Any, sealer: SealCheck, structure_id: uuid.UUID, head: Any, anchored: tuple[int, str] | None, verdict: Verdict
) -> None:
    def fault(number: int, what: str) -> None:
        verdict.faults.append(Fault(structure_id, number, what))

    number, digest = 0, chain.ORIGIN
    until, promised = anchored or (0, chain.ORIGIN)
    found = chain.ORIGIN if until == 0 else None
    missing: set[uuid.UUID] = set()
    for page in _lines(db, structure_id):
        for line in page:
            verdict.lines += 1
            if line["number"] != number + 1:
                fault(number + 1, "line-missing")
            elif line["previous"] != digest:
                fault(line["number"], "link-broken")
            if chain.digest_of(line) != line["digest"]:
                fault(line["number"], "line-altered")
            number, digest = line["number"], line["digest"]
            if number == until:
                found = digest
            elif number > until:
                _count_unanchored(verdict, line["at"])
        missing |= _without_invoice(db, page)
    if found != promised:
        fault(until, "anchor-contradicted")
    if head is None:
        fault(0, "head-missing")
    else:
        _verify_head(sealer, head, number, digest, fault)
    _verify_invoices(db, structure_id, number, fault)
    for invoice_id in sorted(missing & set(_ended_alive(db, structure_id, missing))):
        fault(number, f"invoice-missing {invoice_id}")


def _count_unanchored(verdict: Verdict, at: datetime.datetime) -> None:
    verdict.unanchored += 1
    if verdict.unanchored_since is None or at < verdict.unanchored_since:
        verdict.unanchored_since = at


def _verify_head(sealer: SealCheck, head: Any, number: int, digest: str, fault: Any) -> None:
    if head.number > number:
        fault(number + 1, "tail-cut")
    elif head.number < number or head.digest != digest:
        fault(number, "head-differs")
    if not sealer.check(chain.head_message(head.structure_id, head.number, head.digest), head.seal):
        fault(head.number, "seal-wrong")


def _verify_invoices(db: Any, structure_id: uuid.UUID, number: int, fault: Callable[[int, str], None]) -> None:
    """Compare each invoice with the state that its last line recorded."""
    for rows in _invoices(db, structure_id):
        ids = [row["invoice_id"] for row in rows]
        files: dict[uuid.UUID, list[str]] = {}
        wanted = sa.select(document.c.invoice_id, document.c.sha256)
        for invoice_id, sha256 in db.execute(
            wanted.where(document.c.kind != "readable", document.c.invoice_id.in_(ids))
        ):
            files.setdefault(invoice_id, []).append(sha256)
        recorded = _last_states(db, structure_id, ids)
        for row in rows:
            state = recorded.get(row["invoice_id"])
            if state is None:
                fault(number, f"invoice-without-history {row['invoice_id']}")
            elif chain.state_digest(row, files.get(row["invoice_id"], ())) != state:
                fault(number, f"invoice-altered {row['invoice_id']}")


def _last_states(db: Any, structure_id: uuid.UUID, invoice_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """Return the state that the last line of each invoice recorded; None where the invoice was deleted."""
    mine = (history.c.structure_id == structure_id, history.c.invoice_id.in_(invoice_ids))
    last = sa.select(history.c.invoice_id, sa.func.max(history.c.number).label("number")).where(*mine)
    last = last.group_by(history.c.invoice_id).subquery()
    query = sa.select(history.c.invoice_id, history.c.after).join(
        last, sa.and_(history.c.invoice_id == last.c.invoice_id, history.c.number == last.c.number)
    )
    return {row.invoice_id: row.after for row in db.execute(query.where(history.c.structure_id == structure_id))}


def _without_invoice(db: Any, page: Sequence[Mapping[str, Any]]) -> set[uuid.UUID]:
    """Return those invoices of some lines that do not exist."""
    named = {line["invoice_id"] for line in page if line["after"] is not None}
    there = db.execute(sa.select(invoice.c.invoice_id).where(invoice.c.invoice_id.in_(named))).scalars() if named else ()
    return named - set(there)


def _ended_alive(db: Any, structure_id: uuid.UUID, invoice_ids: set[uuid.UUID]) -> Iterator[uuid.UUID]:
    """Give those invoices whose last line says that they exist."""
    wanted = sorted(invoice_ids)
    for start in range(0, len(wanted), BATCH):
        for invoice_id, state in _last_states(db, structure_id, wanted[start : start + BATCH]).items():
            if state is not None:
                yield invoice_id


def _lines(db: Any, structure_id: uuid.UUID) -> Iterator[Sequence[Mapping[str, Any]]]:
    after = None
    while True:
        query = sa.select(history).where(history.c.structure_id == structure_id).order_by(history.c.number).limit(BATCH)
        rows = db.execute(query if after is None else query.where(history.c.number > after)).mappings().all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = rows[-1]["number"]
        time.sleep(0)  # lets others work: a chain may be long


def _invoices(db: Any, structure_id: uuid.UUID) -> Iterator[Sequence[Mapping[str, Any]]]:
    after = 0
    while True:
        query = sa.select(invoice).where(
            invoice.c.supplier_structure_id == structure_id, invoice.c.portal_number > after
        )
        rows = db.execute(query.order_by(invoice.c.portal_number).limit(BATCH)).mappings().all()
        if not rows:
            return
        yield rows
        after = rows[-1]["portal_number"]
        time.sleep(0)


# Anchors


def _verify_anchors(
    db: Any, sealer: SealCheck, place: anchors.Place | None, verdict: Verdict
) -> dict[uuid.UUID, tuple[int, str]]:
    """Check the anchors of the database and their copies, and return where each chain was last said to end.

    Where both exist, the copy is believed.
    """
    newest: dict[uuid.UUID, tuple[int, str]] = {}
    verdict.copies = 0 if place is not None else None
    number, digest = 0, chain.ORIGIN

    def fault(number: int, what: str) -> None:
        verdict.faults.append(Fault(None, number, what))

    for here, copy, number_here in _paired(db, place, verdict, fault):
        if number_here != number + 1:
            fault(number + 1, "anchor-missing")
        believed = copy if copy is not None else here
        if believed is None:
            fault(number_here, "anchor-unreadable")
            number, digest = number_here, ""
            continue
        if not believed.is_sealed(sealer):
            fault(number_here, "anchor-seal-wrong")
        if believed.number != number_here or (digest and number_here == number + 1 and believed.previous != digest):
            fault(number_here, "anchor-link-broken")
        number, digest = number_here, believed.digest
        verdict.anchors += 1
        verdict.anchored_at = believed.at
        newest |= believed.heads
        time.sleep(0)
    return newest


def _paired(
    db: Any, place: anchors.Place | None, verdict: Verdict, fault: Callable[[int, str], None]
) -> Iterator[tuple[anchors.Anchor | None, anchors.Anchor | None, int]]:
    """Give each anchor as the database has it and as its copy is, in the order of their numbers."""
    here, copies = anchors.kept(db), anchors.copied(place) if place is not None else iter(())
    row, copy = next(here, None), next(copies, None)
    while row is not None or copy is not None:
        number = min(each[1] for each in (row, copy) if each is not None)
        mine = row if row is not None and row[1] == number else None
        other = copy if copy is not None and copy[1] == number else None
        if other is not None:
            verdict.copies = (verdict.copies or 0) + 1
        if mine is None:
            fault(number, "anchor-removed")
        elif other is None and place is not None and mine[2]:
            fault(number, "anchor-copy-missing")
        elif other is not None and (mine[0] is None or other[0] is None or mine[0].file != other[0].file):
            fault(number, "anchor-differs")
        yield mine[0] if mine else None, other[0] if other else None, number
        row = next(here, None) if mine is not None else row
        copy = next(copies, None) if other is not None else copy


# Files


def _verify_files(db: Any, files: Files, verdict: Verdict) -> None:
    for page in citing.cited_files(db, FILES):
        for (sha256, what), state in zip(page, files.check([sha256 for sha256, _ in page]), strict=True):
            verdict.files += 1
            if state != "whole":
                verdict.faults.append(Fault(None, 0, f"file-{state} {sha256} {what}"))
        time.sleep(0)
