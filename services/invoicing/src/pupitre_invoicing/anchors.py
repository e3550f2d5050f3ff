"""Anchors: signed statements, each hour, of where every chain that grew ends; copied to a place outside the database
(RS-22).

Who owns the database and the key can rewrite all of it, seals included, and who restores a backup brings back heads
that were once true. Neither can change the copies: a chain must still hold, at the number that an anchor names, the
digest that it names, and a chain of hashes that does so is what it was, back to its first line.
"""

import datetime
import hashlib
import json
import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from . import history as chain
from .tables import history_anchor, history_anchored, history_head

log = logging.getLogger(__name__)

DOMAIN = b"pupitre-history-anchor-v1\n"
#: Chains in one anchor; more that grew are in the next one, made at once.
LARGEST = 10_000
_PAGE = 200
_NAME = re.compile(r"anchor-(\d{12})\.json")


class Place(Protocol):
    """Where copies are kept: files that are only ever added."""

    def add(self, name: str, content: bytes) -> None: ...

    def get(self, name: str) -> bytes: ...

    def names(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Anchor:
    """What one anchor says. ``heads`` gives the last line's number and digest of each chain that grew since the anchor
    before, whose digest is ``previous``."""

    number: int
    at: datetime.datetime
    previous: str
    heads: Mapping[uuid.UUID, tuple[int, str]]
    statement: str = field(repr=False)
    seal: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(DOMAIN + self.statement.encode()).hexdigest()

    @property
    def file(self) -> bytes:
        """The bytes of the copy: the statement, one line, then its seal."""
        return f"{self.statement}\n{self.seal}\n".encode()

    def is_sealed(self, sealer: chain.Sealer) -> bool:
        return sealer.check(DOMAIN + self.statement.encode(), self.seal)


class Unreadable(Exception):
    """This is no anchor."""


def name_of(number: int) -> str:
    """Return the name of an anchor's copy."""
    return f"anchor-{number:012d}.json"


def read(statement: str, seal: str) -> Anchor:
    """Return what a statement says, whoever signed it. Raises Unreadable."""
    try:
        said = json.loads(statement)
        return Anchor(
            number=int(said["number"]),
            at=datetime.datetime.fromisoformat(said["at"]),
            previous=str(said["previous"]),
            heads={uuid.UUID(key): (int(number), str(digest)) for key, (number, digest) in said["heads"].items()},
            statement=statement,
            seal=seal,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(str(error)) from error


def make(scope: Any) -> list[Anchor]:
    """Write anchors of all chains that grew since they were last in one; none when none grew."""
    made: list[Anchor] = []
    while True:
        with scope.begin() as tx:
            anchor = _make_one(tx, scope.resources.sealer)
        if anchor is None:
            return made
        log.info("history anchor %d: %d chain(s), digest %s", anchor.number, len(anchor.heads), anchor.digest)
        made.append(anchor)
        if len(anchor.heads) < LARGEST:
            return made


def _make_one(tx: Any, sealer: chain.Sealer) -> Anchor | None:
    grown = (
        sa.select(history_head.c.structure_id, history_head.c.number, history_head.c.digest)
        .outerjoin(history_anchored, history_anchored.c.structure_id == history_head.c.structure_id)
        .where(history_head.c.number > sa.func.coalesce(history_anchored.c.number, 0))
        .order_by(history_head.c.structure_id)
        .limit(LARGEST)
    )
    heads = {row.structure_id: (row.number, row.digest) for row in tx.execute(grown)}
    if not heads:
        return None
    last = tx.execute(sa.select(history_anchor).order_by(history_anchor.c.number.desc()).limit(1)).mappings().first()
    before = read(last["statement"], last["seal"]) if last is not None else None
    statement = chain.canonical(
        {
            "format": "pupitre-history-anchor-v1",
            "number": before.number + 1 if before is not None else 1,
            "at": tx.now,
            "previous": before.digest if before is not None else chain.ORIGIN,
            "heads": {str(structure_id): list(head) for structure_id, head in heads.items()},
        }
    ).decode()
    anchor = read(statement, sealer.seal(DOMAIN + statement.encode()))
    values = {"number": anchor.number, "at": tx.now, "statement": statement, "seal": anchor.seal}
    tx.execute(history_anchor.insert().values(**values))
    for structure_id, (number, _) in heads.items():
        if not tx.insert_once(history_anchored, structure_id=structure_id, number=number):
            mine = history_anchored.c.structure_id == structure_id
            tx.execute(history_anchored.update().where(mine).values(number=number))
    return anchor


def publish(scope: Any, place: Place) -> int:
    """Copy to ``place`` every anchor that is not there yet, oldest first, and return how many; what the place refuses is
    raised, and tried again by the next run."""
    count = 0
    while True:
        with scope.reading() as db:
            waiting = sa.select(history_anchor).where(history_anchor.c.published_at.is_(None))
            row = db.execute(waiting.order_by(history_anchor.c.number).limit(1)).mappings().first()
        if row is None:
            return count
        anchor = read(row["statement"], row["seal"])
        place.add(name_of(anchor.number), anchor.file)
        with scope.begin() as tx:
            mine = history_anchor.c.number == anchor.number
            tx.execute(history_anchor.update().where(mine).values(published_at=tx.now))
        count += 1


def kept(db: Any) -> Iterator[tuple[Anchor | None, int, bool]]:
    """Give the anchors of the database in order: each (None when it cannot be read), its number, and whether it says
    that it was copied."""
    after = 0
    while True:
        query = sa.select(history_anchor).where(history_anchor.c.number > after).order_by(history_anchor.c.number)
        rows = db.execute(query.limit(_PAGE)).mappings().all()
        for row in rows:
            yield _read_or_none(row["statement"], row["seal"]), row["number"], row["published_at"] is not None
        if len(rows) < _PAGE:
            return
        after = rows[-1]["number"]


def copied(place: Place) -> Iterator[tuple[Anchor | None, int]]:
    """Give the copies in order: each (None when it cannot be read) and the number that its name bears."""
    for name in place.names():
        named = _NAME.fullmatch(name)
        if named is not None:
            statement, _, rest = place.get(name).decode("utf-8", "replace").partition("\n")
            yield _read_or_none(statement, rest.strip()), int(named[1])


def _read_or_none(statement: str, seal: str) -> Anchor | None:
    try:
        return read(statement, seal)
    except Unreadable:
        return None
