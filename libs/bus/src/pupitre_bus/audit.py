"""The audit history of a service: who did what when, and what was before and after, in chains of hashes (RS-22).

A service declares its chains once, in ``tables.py`` (:func:`declare`), and writes a line by one call in the transaction that
makes the fact true (:func:`record`); ``platform_schema.audit_history`` makes the tables, and a timer of the service anchors the
chains each hour (:func:`anchor`). ``before`` and ``after`` are kept as canonical JSON, which is what the hash covers.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from . import anchors
from .chain import Chain, plain
from .types import Instant
from .write_once import WriteOnce

_HASHED = ("number", "previous", "at", "actor", "action", "object", "detail", "before", "after")


def declare(metadata: sa.MetaData, service: str, key: str, **info: Any) -> Chain:
    """Declare the tables of a service's audit history and return its chains, each named by a UUID in the column ``key``; ``info``
    is what the lines' table says of itself beside that it is only added to."""
    lines = sa.Table(
        "history",
        metadata,
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        info={"only_changes": (), **info},
    )
    head = sa.Table(
        "history_head",
        metadata,
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
    anchor = sa.Table(
        "history_anchor",
        metadata,
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("published_at", Instant),
        info={"only_changes": ("published_at",)},
    )
    anchored = sa.Table(
        "history_anchored",
        metadata,
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    return Chain(
        lines=lines,
        head=head,
        anchor=anchor,
        anchored=anchored,
        key=key,
        hashed=(key, *_HASHED),
        domain=f"pupitre-{service}-history",
        copies=f"{service}-",
    )


def record(
    tx: Any,
    chain: Chain,
    key: uuid.UUID,
    *,
    actor: str,
    action: str,
    object: str,
    detail: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Have a line written to the chain ``key`` at the end of the open transaction, together with its other lines.

    ``before`` and ``after`` hold what the act changed, None where there was or will be nothing; ``detail`` what else tells
    of it. All three may be read by whoever may read the history and are never erased: no secret, no personal data. Raises
    RuntimeError in a transaction that no scope began, as only a scope has the key of the seals.
    """
    if tx.scope is None:
        raise RuntimeError("a line of the history is sealed with the service's key: begin the transaction through its scope")
    line = {"actor": actor, "action": action, "object": object}
    line |= {"detail": text(detail or None), "before": text(before), "after": text(after)}
    tx.gathered(chain, _write).append((key, line))


def _write(tx: Any, chain: Chain, lines: Sequence[tuple[uuid.UUID, Mapping[str, Any]]]) -> None:
    by_key: dict[uuid.UUID, list[Mapping[str, Any]]] = {}
    for key, line in lines:
        by_key.setdefault(key, []).append(line)
    chain.append(tx, tx.scope.sealer, by_key)


def text(values: Mapping[str, Any] | None) -> str | None:
    """Return the canonical JSON of some values, which may be nested; None of None. Raises TypeError."""
    return None if values is None else json.dumps(values, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    found = plain(value)
    if found is value:
        raise TypeError(f"not something that a history keeps: {type(value).__name__}")
    return found


def anchor(scope: Any, chain: Chain) -> None:
    """Anchor every chain that grew, and copy what is not yet copied to the place that PUPITRE_ANCHORS names."""
    anchors.make(scope, chain, scope.sealer)
    anchors.publish(scope, chain, WriteOnce.from_uri(scope.settings.anchors))


def lines_of(db: Any, chain: Chain, key: uuid.UUID, *, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """Return a page of one chain's lines, the newest first, with what they hold read back, and how many there are."""
    table = chain.lines
    mine = table.c[chain.key] == key
    total = db.execute(sa.select(sa.func.count()).select_from(table).where(mine)).scalar_one()
    query = sa.select(table).where(mine).order_by(table.c.number.desc()).limit(size).offset((page - 1) * size)
    return [_read(row) for row in db.execute(query).mappings()], total


def lines_after(db: Any, chain: Chain, key: uuid.UUID, number: int, size: int) -> list[dict[str, Any]]:
    """Return the first lines of one chain after a number, the oldest first, with what they hold read back."""
    table = chain.lines
    query = sa.select(table).where(table.c[chain.key] == key, table.c.number > number).order_by(table.c.number).limit(size)
    return [_read(row) for row in db.execute(query).mappings()]


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    held = {name: json.loads(row[name]) if row[name] is not None else None for name in ("detail", "before", "after")}
    return {**row, **held}
