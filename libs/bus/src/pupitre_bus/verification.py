"""Checking a service's chains: each is recomputed from its first line and compared with its head and with the anchors.

Everything is read in pages: what is held in memory grows with the number of chains, never with that of lines.
"""

import datetime
import itertools
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from . import anchors
from .chain import ORIGIN, Chain, SealCheck

BATCH = 500

#: A line that is in no anchor for longer than this is worth a word: anchors are made each hour.
LATE = datetime.timedelta(hours=2)

FaultAt = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: line ``number`` of the chain ``key`` (0: the chain as a whole), anchor ``number`` when there is
    no key, or a file."""

    key: uuid.UUID | None
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


class Facts(Protocol):
    """What a service compares its chains with: the rows that they tell of."""

    def keys(self) -> Collection[uuid.UUID]:
        """The chains that there must be."""
        ...

    def page(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Take in some lines of the chain that is being read."""
        ...

    def end(self, key: uuid.UUID, number: int, fault: FaultAt) -> None:
        """Say what is wrong with a chain that was read to its last line."""
        ...


class NoFacts:
    """A chain that is compared with nothing but itself, its head and its anchors."""

    def keys(self) -> Collection[uuid.UUID]:
        return ()

    def page(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Nothing is kept."""

    def end(self, key: uuid.UUID, number: int, fault: FaultAt) -> None:
        """Nothing is compared."""


def verify(
    db: Any, chain: Chain, sealer: SealCheck, place: anchors.Place | None = None, facts: Facts | None = None
) -> Verdict:
    """Recompute every chain; compare with the anchors' copies in ``place`` and with the ``facts``, where they are given."""
    verdict, facts = Verdict(), facts or NoFacts()
    anchored = _verify_anchors(db, chain, sealer, place, verdict)
    heads = {row[chain.key]: row for row in db.execute(sa.select(chain.head)).mappings()}
    waiting = heads.keys() | anchored.keys() | set(facts.keys())
    walk: _Walk | None = None

    def finish(walk: _Walk) -> None:
        verdict.chains += 1
        walk.end(heads.get(walk.key), sealer, facts)

    for key, lines in _lines(db, chain):
        if walk is None or walk.key != key:
            if walk is not None:
                finish(walk)
            walk = _Walk(chain, key, anchored.get(key), verdict)
            waiting.discard(key)
        walk.take(lines)
        facts.page(lines)
    if walk is not None:
        finish(walk)
    for key in sorted(waiting):
        finish(_Walk(chain, key, anchored.get(key), verdict))
    verdict.faults.sort(key=lambda fault: (fault.key is not None, str(fault.key), fault.number))
    return verdict


# Chains


class _Walk:
    """The way along one chain, line by line."""

    def __init__(self, chain: Chain, key: uuid.UUID, anchored: tuple[int, str] | None, verdict: Verdict) -> None:
        self._chain, self.key, self._verdict = chain, key, verdict
        self._number, self._digest = 0, ORIGIN
        self._until, self._promised = anchored or (0, ORIGIN)
        self._found = ORIGIN if self._until == 0 else None

    def take(self, lines: Sequence[Mapping[str, Any]]) -> None:
        for line in lines:
            self._verdict.lines += 1
            if line["number"] != self._number + 1:
                self._fault(self._number + 1, "line-missing")
            elif line["previous"] != self._digest:
                self._fault(line["number"], "link-broken")
            if self._chain.digest_of(line) != line["digest"]:
                self._fault(line["number"], "line-altered")
            self._number, self._digest = line["number"], line["digest"]
            if self._number == self._until:
                self._found = self._digest
            elif self._number > self._until:
                _count_unanchored(self._verdict, line["at"])

    def end(self, head: Mapping[str, Any] | None, sealer: SealCheck, facts: Facts) -> None:
        if self._found != self._promised:
            self._fault(self._until, "anchor-contradicted")
        if head is None:
            self._fault(0, "head-missing")
        else:
            self._compare(head, sealer)
        facts.end(self.key, self._number, self._fault)

    def _compare(self, head: Mapping[str, Any], sealer: SealCheck) -> None:
        number, digest = head["number"], head["digest"]
        if number > self._number:
            self._fault(self._number + 1, "tail-cut")
        elif number < self._number or digest != self._digest:
            self._fault(self._number, "head-differs")
        if not sealer.check(self._chain.head_message(self.key, number, digest), head["seal"]):
            self._fault(number, "seal-wrong")

    def _fault(self, number: int, what: str) -> None:
        self._verdict.faults.append(Fault(self.key, number, what))


def _count_unanchored(verdict: Verdict, at: datetime.datetime) -> None:
    verdict.unanchored += 1
    if verdict.unanchored_since is None or at < verdict.unanchored_since:
        verdict.unanchored_since = at


def _lines(db: Any, chain: Chain) -> Iterator[tuple[uuid.UUID, Sequence[Mapping[str, Any]]]]:
    """Give all lines, chain by chain and in order, in pages that hold lines of one chain each."""
    table = chain.lines
    columns, after = (table.c[chain.key], table.c.number), None
    query = sa.select(table).order_by(*columns).limit(BATCH)
    while True:
        page = query if after is None else query.where(sa.tuple_(*columns) > sa.tuple_(*after))
        rows = db.execute(page).mappings().all()
        for key, lines in itertools.groupby(rows, key=lambda row: row[chain.key]):
            yield key, list(lines)
        if len(rows) < BATCH:
            return
        after = [sa.literal(rows[-1][column.name], column.type) for column in columns]
        time.sleep(0)  # lets others work: a history may be long


# Anchors


def _verify_anchors(
    db: Any, chain: Chain, sealer: SealCheck, place: anchors.Place | None, verdict: Verdict
) -> dict[uuid.UUID, tuple[int, str]]:
    """Check the anchors of the database and their copies, and return where each chain was last said to end.

    Where both exist, the copy is believed.
    """
    newest: dict[uuid.UUID, tuple[int, str]] = {}
    verdict.copies = 0 if place is not None else None
    number, digest = 0, ORIGIN

    def fault(number: int, what: str) -> None:
        verdict.faults.append(Fault(None, number, what))

    for here, copy, number_here in _paired(db, chain, place, verdict, fault):
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
    db: Any, chain: Chain, place: anchors.Place | None, verdict: Verdict, fault: FaultAt
) -> Iterator[tuple[anchors.Anchor | None, anchors.Anchor | None, int]]:
    """Give each anchor as the database has it and as its copy is, in the order of their numbers."""
    here, copies = anchors.kept(db, chain), anchors.copied(place, chain) if place is not None else iter(())
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
