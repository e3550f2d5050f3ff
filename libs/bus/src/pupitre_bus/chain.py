"""Histories whose lines are only ever added, chained by hashes so that tampering shows (RS-22).

A service has many chains, each named by a key: a structure, an account. A line holds the hash of the line before, and
the chain's head tells how long it is and how it ends; the head's seal is a signature with a key kept outside the database.
"""

import datetime
import decimal
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

ORIGIN = "0" * 64

#: Chains whose heads are asked for in one statement.
_AT_ONCE = 500
_CENT = decimal.Decimal("0.01")


class SealCheck(Protocol):
    """Checks the seals of heads and anchors; it need not be able to make one."""

    def check(self, message: bytes, seal: str) -> bool: ...


class Sealer(SealCheck, Protocol):
    """Signs the heads of chains, and checks the signatures."""

    def seal(self, message: bytes) -> str: ...


class Chain:
    """The chains of one service: where they are kept, and what of a line its hash covers.

    ``key`` is the column that names a chain in every table; ``domain`` begins whatever is hashed or signed, so that a line is
    never taken for a head, nor one service's line for another's; ``copies`` begins the names of the anchors' copies. Stored
    lines no longer verify when ``key``, ``hashed`` or ``domain`` change.
    """

    def __init__(
        self,
        *,
        lines: sa.Table,
        head: sa.Table,
        anchor: sa.Table,
        anchored: sa.Table,
        key: str,
        hashed: Sequence[str],
        domain: str,
        copies: str = "",
    ) -> None:
        self.lines, self.head, self.anchor, self.anchored = lines, head, anchor, anchored
        self.key, self.copies = key, copies
        self._hashed = tuple(hashed)
        self._line_domain = f"{domain}-v1\n".encode()
        self._head_domain = f"{domain}-head-v1\n".encode()
        self.anchor_format = f"{domain}-anchor-v1"
        self.anchor_domain = f"{domain}-anchor-v1\n".encode()
        of = head.c[key]
        # Made once: building a statement costs more than running it.
        self._lock_heads = (
            sa.select(head).where(of.in_(sa.bindparam("keys", expanding=True))).order_by(of).with_for_update()
        )
        self._insert = lines.insert()
        self._move_head = (
            head.update()
            .where(of == sa.bindparam("of_key"))
            .values(number=sa.bindparam("to_number"), digest=sa.bindparam("to_digest"), seal=sa.bindparam("to_seal"))
        )

    def digest_of(self, line: Mapping[str, Any]) -> str:
        """Return the hash that a stored line must carry; it covers the hash of the line before."""
        return hashlib.sha256(self._line_domain + canonical({name: line[name] for name in self._hashed})).hexdigest()

    def head_message(self, key: uuid.UUID, number: int, digest: str) -> bytes:
        """Return what the seal of a head signs."""
        return self._head_domain + canonical({self.key: key, "number": number, "digest": digest})

    def take(self, tx: Any, keys: Iterable[uuid.UUID]) -> None:
        """Keep others from adding to some chains until the commit: for whoever adds to several of them one after the other. They are
        taken in the order of :meth:`append`, so that nobody waits for each other."""
        tx.execute(self._lock_heads, {"keys": sorted(set(keys))}).all()

    def append(self, tx: Any, sealer: Sealer, lines: Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]) -> None:
        """Add lines to chains in the open transaction; writers of one chain take turns on its head.

        Chains are taken in one order by everybody, so that two transactions never wait for each other.
        """
        keys = sorted(lines)
        for start in range(0, len(keys), _AT_ONCE):
            self._append(tx, sealer, {key: lines[key] for key in keys[start : start + _AT_ONCE]})

    def _append(self, tx: Any, sealer: Sealer, lines: Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]) -> None:
        heads = tx.execute(self._lock_heads, {"keys": list(lines)}).mappings().all()
        if len(heads) < len(lines):
            tx.insert_new(self.head, [{self.key: key, "number": 0, "digest": ORIGIN, "seal": ""} for key in lines])
            heads = tx.execute(self._lock_heads, {"keys": list(lines)}).mappings().all()
        rows, moves = [], []
        for head in heads:
            key, number, digest = head[self.key], head["number"], head["digest"]
            for line in lines[key]:
                number += 1
                row = {**line, self.key: key, "number": number, "previous": digest, "at": tx.now}
                digest = row["digest"] = self.digest_of(row)
                rows.append(row)
            seal = sealer.seal(self.head_message(key, number, digest))
            moves.append({"of_key": key, "to_number": number, "to_digest": digest, "to_seal": seal})
        tx.execute(self._insert, rows)
        tx.execute(self._move_head, moves)


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return the one text of these values that is hashed: sorted keys, no blanks, exact amounts, instants in UTC."""
    return json.dumps({key: plain(value) for key, value in values.items()}, sort_keys=True, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """Return the one form in JSON of a value that a column holds."""
    if value is None or isinstance(value, str | int):  # nearly all: a verification asks this millions of times
        return value
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value.quantize(_CENT), "f")
    if isinstance(value, uuid.UUID):
        return str(value)
    return value
