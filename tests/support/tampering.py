"""Ways of tampering with an audit history, by somebody with full power over the database, and perhaps with the key (RS-22)."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from pupitre_bus import anchors
from pupitre_bus.chain import ORIGIN, Chain
from pupitre_bus.sealing import KeySealer


def unprotected(tx: Any) -> None:
    """Take the triggers away."""
    if tx.database.on_sqlite:
        for name in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        tx.execute(sa.text("ALTER TABLE history DISABLE TRIGGER ALL"))


class Tampering:
    """Acts on the chain ``key``, which has five lines or more."""

    def __init__(self, chain: Chain, key: Any, sealer: KeySealer) -> None:
        self.chain, self.key, self.sealer = chain, key, sealer
        self.lines = chain.lines
        self.mine = self.lines.c[chain.key] == key

    def edit(self, tx: Any) -> None:
        tx.execute(self.lines.update().where(self._at(3)).values(after='{"role":"GP"}'))

    def blame(self, tx: Any) -> None:
        tx.execute(self.lines.update().where(self._at(2)).values(actor="user:00000000-0000-0000-0000-000000000000"))

    def delete(self, tx: Any) -> None:
        tx.execute(self.lines.delete().where(self._at(3)))

    def insert(self, tx: Any) -> None:
        last = self._rows(tx)[-1]
        added = {**last, "number": last["number"] + 1, "previous": last["digest"]}
        tx.execute(self.lines.insert().values(**added | {"digest": self.chain.digest_of(added)}))

    def swap(self, tx: Any) -> None:
        for source, target in ((2, 1000), (3, 2), (1000, 3)):
            tx.execute(self.lines.update().where(self._at(source)).values(number=target))

    def cut_tail(self, tx: Any) -> None:
        tx.execute(self.lines.delete().where(self.mine, self.lines.c.number > 3))

    def cut_tail_and_set_the_head_back(self, tx: Any) -> None:
        self.cut_tail(tx)
        last = self._rows(tx)[-1]
        self._move_head(tx, number=last["number"], digest=last["digest"])

    def rewrite(self, tx: Any) -> None:
        """Change a line and recompute all after it, the head's digest included: only the key is missing."""
        end = self._rewrite(tx)
        self._move_head(tx, digest=end["digest"])

    def remove_the_head(self, tx: Any) -> None:
        tx.execute(self.chain.head.delete().where(self.chain.head.c[self.chain.key] == self.key))

    def rewrite_with_the_key(self, tx: Any) -> None:
        end = self._rewrite(tx)
        seal = self.sealer.seal(self.chain.head_message(self.key, end["number"], end["digest"]))
        self._move_head(tx, digest=end["digest"], seal=seal)

    def rewrite_with_the_key_and_empty_the_anchors(self, tx: Any) -> None:
        self.rewrite_with_the_key(tx)
        tx.execute(self.chain.anchor.delete())
        tx.execute(self.chain.anchored.delete())

    def rewrite_with_the_key_the_anchors_too(self, tx: Any) -> None:
        self.rewrite_with_the_key(tx)
        digests, before, table = {row["number"]: row["digest"] for row in self._rows(tx)}, ORIGIN, self.chain.anchor
        for row in tx.execute(sa.select(table).order_by(table.c.number)).mappings().all():
            said = json.loads(row["statement"]) | {"previous": before}
            if str(self.key) in said["heads"]:
                number, _ = said["heads"][str(self.key)]
                said["heads"][str(self.key)] = [number, digests[number]]
            statement = json.dumps(said, sort_keys=True, separators=(",", ":"))
            seal = self.sealer.seal(self.chain.anchor_domain + statement.encode())
            before = anchors.read(self.chain, statement, seal).digest
            tx.execute(table.update().where(table.c.number == row["number"]).values(statement=statement, seal=seal))

    def _rewrite(self, tx: Any) -> dict[str, Any]:
        rows, previous = self._rows(tx), ORIGIN
        rows[1]["actor"] = "user:somebody-else"
        for row in rows:
            row["previous"] = previous
            previous = row["digest"] = self.chain.digest_of(row)
        tx.execute(self.lines.delete().where(self.mine))
        tx.execute(self.lines.insert(), rows)
        return rows[-1]

    def _rows(self, tx: Any) -> list[dict[str, Any]]:
        query = sa.select(self.lines).where(self.mine).order_by(self.lines.c.number)
        return [dict(row) for row in tx.execute(query).mappings()]

    def _at(self, number: int) -> Any:
        return sa.and_(self.mine, self.lines.c.number == number)

    def _move_head(self, tx: Any, **values: Any) -> None:
        head = self.chain.head
        tx.execute(head.update().where(head.c[self.chain.key] == self.key).values(**values))


#: What each must show as; the first eight need no key.
SHOWS: dict[Callable[[Tampering, Any], None], str] = {
    Tampering.edit: "line-altered",
    Tampering.blame: "line-altered",
    Tampering.delete: "line-missing",
    Tampering.insert: "head-differs",
    Tampering.swap: "line-altered",
    Tampering.cut_tail: "tail-cut",
    Tampering.cut_tail_and_set_the_head_back: "seal-wrong",
    Tampering.rewrite: "seal-wrong",
    Tampering.remove_the_head: "head-missing",
    Tampering.rewrite_with_the_key: "anchor-contradicted",
    Tampering.rewrite_with_the_key_and_empty_the_anchors: "anchor-contradicted",
    Tampering.rewrite_with_the_key_the_anchors_too: "anchor-differs",
}
