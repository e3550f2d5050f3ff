"""Five builds of the product, each broken in one place on purpose, to see that the harness notices.

``python -m chaos.broken BF-1 serve invoicing`` replaces one function of the product in its own process, then runs the ordinary
command; ``... BF-2 ledger`` runs the harness's ledger on the broken library. The product has no switch for any of this.
"""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pupitre_bus.patch  # noqa: F401  first of all
import sqlalchemy as sa
from pupitre_bus import database, events, inbox, outbox, parked
from pupitre_bus.consumer import body_of
from pupitre_bus.tables import outbox as log


def publish_after_commit() -> None:
    """BF-1: the event is written once the fact is committed, in a transaction of its own. Whoever dies in between loses it."""

    def publish(self: Any, event: Any) -> None:
        self.after_commit(partial(_append_alone, self.database, self.scope, event))

    database.Transaction.publish = publish


def _append_alone(where: Any, scope: Any, event: Any) -> None:
    with where.transaction() as tx:
        tx.scope = scope
        outbox.append(tx, [outbox.prepared(tx, event)])
    where.wake()


def inbox_off() -> None:
    """BF-2: what was taken in is written down and never looked at."""
    failed = parked.table.c

    def settled_among(db: Any, consumer: str, ids: Iterable[Any]) -> set:
        unsettled = failed.state.in_((parked.RETRYING, parked.WAITING, parked.PARKED))
        return set(db.execute(sa.select(failed.id).where(failed.consumer == consumer, failed.id.in_(list(ids)), unsettled)).scalars())

    inbox.seen = lambda db, consumer, ids: set()
    parked.settled_among = settled_among

    def record(tx: Any, consumer: str, event_ids: Iterable[Any]) -> None:
        for event_id in event_ids:
            tx.insert_once(inbox.table, consumer=consumer, event_id=event_id, received_at=tx.now)

    inbox.record = record


def acknowledge_first() -> None:
    """BF-3: a message is acknowledged when it arrives, and its effect comes later, or never."""

    def on_message(self: Any, message: Any) -> None:
        self.consumer.ack(message)
        take = partial(self.intake.take, body=body_of(message))
        self.container.spawn_worker(self, (take,), {}, handle_result=lambda context, result, error: (result, None))

    events.EventsEntrypoint._on_message = on_message


def cursor_on_insert() -> None:
    """BF-4: readers of the log go by the number that a row got when it was inserted, whenever it was committed."""

    def feed(db: Any, after: int, limit: int, types: Iterable[str] | None = None) -> outbox.FeedPage:
        head = db.execute(sa.select(sa.func.coalesce(sa.func.max(log.c.seq), 0))).scalar_one()
        query = sa.select(log).where(log.c.seq > after).order_by(log.c.seq).limit(limit)
        if types is not None:
            query = query.where(log.c.type.in_(list(types)))
        rows = [dict(row) for row in db.execute(query).mappings()]
        last = rows[-1]["seq"] if rows else max(after, head)
        bodies = [outbox.envelope.encode(outbox.OutboxRow(**{**row, "feed_seq": row["seq"]})) for row in rows]
        return outbox.FeedPage(events=bodies, head=head, last=last)

    outbox.feed = feed


def chain_without_lock() -> None:
    """BF-5: writers of a history chain do not take turns; one who finds his number taken takes the next."""
    from pupitre_invoicing import history
    from pupitre_invoicing.tables import history as lines_table
    from pupitre_invoicing.tables import history_head

    def append(tx: Any, sealer: Any, structure_id: Any, lines: Any) -> None:
        tx.insert_once(history_head, structure_id=structure_id, number=0, digest=history.ORIGIN, seal="")
        mine = history_head.c.structure_id == structure_id
        head = tx.execute(sa.select(history_head).where(mine)).one()
        number, digest = head.number, head.digest
        for line in lines:
            while True:
                number += 1
                row = {name: getattr(line, name) for name in line.__dataclass_fields__}
                row |= {"structure_id": structure_id, "number": number, "previous": digest, "at": tx.now}
                row["digest"] = history.digest_of(row)
                try:
                    with tx.connection.begin_nested():
                        tx.execute(lines_table.insert().values(**row))
                    break
                except sa.exc.IntegrityError:
                    continue
            digest = row["digest"]
        seal = sealer.seal(history.head_message(structure_id, number, digest))
        tx.execute(history_head.update().where(mine).values(number=number, digest=digest, seal=seal))

    history.append = append


BUILDS: dict[str, Callable[[], None]] = {
    "BF-1": publish_after_commit,
    "BF-2": inbox_off,
    "BF-3": acknowledge_first,
    "BF-4": cursor_on_insert,
    "BF-5": chain_without_lock,
}


def main() -> int:
    """Break, then run."""
    build, *words = sys.argv[1:]
    BUILDS[build]()
    if words == ["ledger"]:
        from . import ledger

        return ledger.main()
    from pupitre.entry import main as run

    sys.argv = ["pupitre", *words]
    run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
