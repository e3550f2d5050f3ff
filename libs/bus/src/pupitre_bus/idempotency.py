"""Idempotency keys of write calls (RS-20): the same key and request get the first answer; another request is refused.

A key belongs to one actor and one call. It is reserved when the call's transaction begins, so that of two concurrent
requests the second waits for the first, and its answer is stored in the same transaction as its effect.
"""

import datetime
import hashlib
import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .errors import IdempotencyInProgress, IdempotencyMismatch
from .tables import idempotency as table

if TYPE_CHECKING:
    from pupitre_contracts.message import Message

    from .database import Transaction

_LOCK_NOT_AVAILABLE = "55P03"


def fingerprint(request: "Message") -> str:
    """Return what tells one request from another: a hash of its values, whatever their order."""
    text = json.dumps(request.dump(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def lookup(db: Any, key: str, call: str, fingerprint: str, actor: str) -> dict[str, Any] | None:
    """Return the stored reply, or None if the key is new. Raises IdempotencyMismatch, or IdempotencyInProgress."""
    row = db.execute(_LOOKUP, _named(key, call, actor)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise IdempotencyMismatch()
    if row.reply is None:
        raise IdempotencyInProgress()
    return json.loads(row.reply)


def reserve(tx: "Transaction", key: str, call: str, fingerprint: str, actor: str) -> None:
    """Take the key for this transaction. Raises IdempotencyInProgress when another transaction has taken it, or holds
    it for longer than one waits for a lock: after the roll-back, :func:`lookup` gives its answer, if there is one."""
    row = {"actor": actor, "call": call, "key": key, "fingerprint": fingerprint, "created_at": tx.now}
    try:
        taken = tx.insert_once(table, **row)
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "pgcode", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise IdempotencyInProgress() from error
    if not taken:
        raise IdempotencyInProgress()


def record(tx: "Transaction", key: str, call: str, actor: str, reply: dict[str, Any]) -> None:
    """Store the reply of the reserved key."""
    tx.execute(_RECORD, _named(key, call, actor) | {"answer": json.dumps(reply)})


def release(tx: "Transaction", key: str, call: str, actor: str) -> None:
    """Give back a key that was reserved and got no answer."""
    tx.execute(_RELEASE, _named(key, call, actor))


def forget(tx: "Transaction", before: datetime.datetime, lasting: Collection[str] = (), limit: int = 1000) -> int:
    """Delete up to ``limit`` answers given before ``before``, other than those of the ``lasting`` calls, and return how
    many."""
    old = sa.select(table.c.actor, table.c.call, table.c.key).where(table.c.created_at < before)
    keys = [tuple(row) for row in tx.execute(old.where(table.c.call.not_in(lasting)).limit(limit))]
    if keys:
        tx.execute(table.delete().where(sa.tuple_(table.c.actor, table.c.call, table.c.key).in_(keys)))
    return len(keys)


def _named(key: str, call: str, actor: str) -> dict[str, str]:
    return {"of_actor": actor, "of_call": call, "of_key": key}


_MINE = (
    table.c.actor == sa.bindparam("of_actor"),
    table.c.call == sa.bindparam("of_call"),
    table.c.key == sa.bindparam("of_key"),
)
_LOOKUP = sa.select(table.c.fingerprint, table.c.reply).where(*_MINE)
_RECORD = table.update().where(*_MINE).values(reply=sa.bindparam("answer"))
_RELEASE = table.delete().where(*_MINE, table.c.reply.is_(None))
