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

from .chain import ORIGIN, Chain, SealCheck, Sealer, canonical

log = logging.getLogger(__name__)

#: Chains in one anchor; more that grew are in the next one, made at once.
LARGEST = 10_000
_PAGE = 200


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
    domain: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.domain + self.statement.encode()).hexdigest()

    @property
    def file(self) -> bytes:
        """The bytes of the copy: the statement, one line, then its seal."""
        return f"{self.statement}\n{self.seal}\n".encode()

    def is_sealed(self, sealer: SealCheck) -> bool:
        return sealer.check(self.domain + self.statement.encode(), self.seal)


class Unreadable(Exception):
    """This is no anchor."""


def name_of(chain: Chain, number: int) -> str:
    """Return the name of an anchor's copy."""
    return f"{chain.copies}anchor-{number:012d}.json"


def read(chain: Chain, statement: str, seal: str) -> Anchor:
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
            domain=chain.anchor_domain,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(str(error)) from error


def make(scope: Any, chain: Chain, sealer: Sealer) -> list[Anchor]:
    """Write anchors of all chains that grew since they were last in one; none when none grew."""
    made: list[Anchor] = []
    while True:
        with scope.begin() as tx:
            anchor = _make_one(tx, chain, sealer)
        if anchor is None:
            return made
        log.info("history anchor %d: %d chain(s), digest %s", anchor.number, len(anchor.heads), anchor.digest)
        made.append(anchor)
        if len(anchor.heads) < LARGEST:
            return made


def _make_one(tx: Any, chain: Chain, sealer: Sealer) -> Anchor | None:
    head, anchored, anchor_table = chain.head, chain.anchored, chain.anchor
    of = head.c[chain.key]
    grown = (
        sa.select(of, head.c.number, head.c.digest)
        .outerjoin(anchored, anchored.c[chain.key] == of)
        .where(head.c.number > sa.func.coalesce(anchored.c.number, 0))
        .order_by(of)
        .limit(LARGEST)
    )
    heads = {key: (number, digest) for key, number, digest in tx.execute(grown)}
    if not heads:
        return None
    last = tx.execute(sa.select(anchor_table).order_by(anchor_table.c.number.desc()).limit(1)).mappings().first()
    before = read(chain, last["statement"], last["seal"]) if last is not None else None
    statement = canonical(
        {
            "format": chain.anchor_format,
            "number": before.number + 1 if before is not None else 1,
            "at": tx.now,
            "previous": before.digest if before is not None else ORIGIN,
            "heads": {str(key): list(ends) for key, ends in heads.items()},
        }
    ).decode()
    anchor = read(chain, statement, sealer.seal(chain.anchor_domain + statement.encode()))
    values = {"number": anchor.number, "at": tx.now, "statement": statement, "seal": anchor.seal}
    tx.execute(anchor_table.insert().values(**values))
    tx.insert_new(anchored, [{chain.key: key, "number": 0} for key in heads])
    reached = anchored.update().where(anchored.c[chain.key] == sa.bindparam("of_key"))
    reached = reached.values(number=sa.bindparam("to_number"))
    tx.execute(reached, [{"of_key": key, "to_number": number} for key, (number, _) in heads.items()])
    return anchor


def publish(scope: Any, chain: Chain, place: Place) -> int:
    """Copy to ``place`` every anchor that is not there yet, oldest first, and return how many; what the place refuses is
    raised, and tried again by the next run."""
    table, count = chain.anchor, 0
    while True:
        with scope.reading() as db:
            waiting = sa.select(table).where(table.c.published_at.is_(None))
            row = db.execute(waiting.order_by(table.c.number).limit(1)).mappings().first()
        if row is None:
            return count
        anchor = read(chain, row["statement"], row["seal"])
        place.add(name_of(chain, anchor.number), anchor.file)
        with scope.begin() as tx:
            tx.execute(table.update().where(table.c.number == anchor.number).values(published_at=tx.now))
        count += 1


def kept(db: Any, chain: Chain) -> Iterator[tuple[Anchor | None, int, bool]]:
    """Give the anchors of the database in order: each (None when it cannot be read), its number, and whether it says
    that it was copied."""
    table, after = chain.anchor, 0
    while True:
        query = sa.select(table).where(table.c.number > after).order_by(table.c.number)
        rows = db.execute(query.limit(_PAGE)).mappings().all()
        for row in rows:
            yield _read_or_none(chain, row["statement"], row["seal"]), row["number"], row["published_at"] is not None
        if len(rows) < _PAGE:
            return
        after = rows[-1]["number"]


def copied(place: Place, chain: Chain) -> Iterator[tuple[Anchor | None, int]]:
    """Give the copies in order: each (None when it cannot be read) and the number that its name bears."""
    form = re.compile(re.escape(chain.copies) + r"anchor-(\d{12})\.json")
    for name in place.names():
        named = form.fullmatch(name)
        if named is not None:
            statement, _, rest = place.get(name).decode("utf-8", "replace").partition("\n")
            yield _read_or_none(chain, statement, rest.strip()), int(named[1])


def _read_or_none(chain: Chain, statement: str, seal: str) -> Anchor | None:
    try:
        return read(chain, statement, seal)
    except Unreadable:
        return None
