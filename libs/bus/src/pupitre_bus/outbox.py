"""The outbox: events written in the transaction of the fact, then published in order and kept as the service's event
log.

``seq`` is taken when a row is inserted, so slower transactions appear behind faster ones and a cursor on it would
skip them. The one leader numbers committed rows with ``feed_seq`` before it publishes them: that is the cursor of
every reader.
"""

import contextlib
import datetime
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import eventlet.semaphore
import sqlalchemy as sa

from . import acts, envelope
from .tables import outbox as table

if TYPE_CHECKING:
    from pupitre_contracts.message import Event

    from .database import Database, Transaction

#: The largest number, used to measure an event before it has one.
_LAST_NUMBER = 2**63 - 1
_ERROR_CHARACTERS = 2000
#: How long a leader believes that it is alone, or that it is not.
ALONE_SECONDS = 1.0

_leading: "weakref.WeakValueDictionary[str, eventlet.semaphore.Semaphore]" = weakref.WeakValueDictionary()


class LeadLost(Exception):
    """The connection that held the lead is gone, and another process may lead by now."""


@dataclass(frozen=True)
class OutboxRow:
    """One event of the log; ``body`` is its data as JSON text. ``feed_seq`` is null until the leader has numbered
    it."""

    seq: int
    id: uuid.UUID
    feed_seq: int | None
    source: str
    type: str
    subject: str
    subject_version: int
    body: str
    correlation_id: str | None
    actor: str | None
    occurred_at: datetime.datetime
    published_at: datetime.datetime | None = None
    attempts: int = 0
    last_error: str | None = None


@dataclass(frozen=True)
class FeedPage:
    """A page of the log. ``last`` is the number this page reached (the next ``after``); ``head`` is the log's
    newest."""

    events: list[bytes]
    head: int
    last: int


@dataclass(frozen=True)
class Backlog:
    """What has not left yet: how many rows, and since when the oldest waits."""

    count: int
    oldest: datetime.datetime | None


def prepared(tx: "Transaction", event: "Event") -> dict[str, Any]:
    """Return the row of ``event``, which has no number and no version yet. Raises :class:`errors.Invalid` for what could
    not travel."""
    if event.owner != tx.database.name:
        raise ValueError(f"{event.type} is published by {event.owner}, not by {tx.database.name}")
    scope = tx.scope
    row = {
        "id": uuid.uuid4(),
        "source": event.owner,
        "type": event.type,
        "subject": event.subject,
        "body": envelope.write_data(event.type, event.dump()),
        "correlation_id": scope.correlation_id if scope is not None else None,
        "actor": scope.actor_reference if scope is not None else None,
        "occurred_at": tx.now,
    }
    envelope.refuse_unfit(OutboxRow(seq=0, feed_seq=_LAST_NUMBER, subject_version=_LAST_NUMBER, **row))
    return row


def append(tx: "Transaction", rows: list[dict[str, Any]]) -> None:
    """Add the prepared ``rows`` to the outbox, as the last thing that a transaction does: three statements, however many
    they are.

    Versions of a subject follow the order of commits: writers about one subject wait for each other, from here to
    their commit.
    """
    subjects = sorted({row["subject"] for row in rows})
    if not tx.database.on_sqlite:
        tx.execute(_LOCK, {"subjects": [f"{tx.database.name}:{subject}" for subject in subjects]})
    newest = dict(tx.execute(_NEWEST, {"subjects": subjects}).all())
    for row in rows:
        row["attempts"] = 0
        row["subject_version"] = newest[row["subject"]] = newest.get(row["subject"], 0) + 1
    tx.execute(_APPEND, rows)


#: In the order of their numbers, so that two transactions about the same subjects never wait for each other.
_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(number) FROM (SELECT DISTINCT hashtextextended(subject, 0) AS number"
    " FROM unnest(CAST(:subjects AS text[])) AS subject ORDER BY number) AS ordered"
)
_NEWEST = (
    sa.select(table.c.subject, sa.func.max(table.c.subject_version))
    .where(table.c.subject.in_(sa.bindparam("subjects", expanding=True)))
    .group_by(table.c.subject)
)
_APPEND = table.insert()


def feed(db: Any, after: int, limit: int, types: Iterable[str] | None = None) -> FeedPage:
    """Read events with ``feed_seq > after``, in order; ``types`` filters without moving numbers."""
    head = db.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.feed_seq), 0))).scalar_one()
    query = sa.select(table).where(table.c.feed_seq > after, table.c.feed_seq <= head)
    query = query.order_by(table.c.feed_seq).limit(limit)
    if types is not None:
        query = query.where(table.c.type.in_(list(types)))
    rows = [OutboxRow(**row) for row in db.execute(query).mappings()]
    last = rows[-1].feed_seq if rows and len(rows) == limit else max(after, head)
    return FeedPage(events=[envelope.encode(row) for row in rows], head=head, last=last)


def replay(
    database: "Database", first: int, last: int, types: Iterable[str] | None = None, who: str = "unknown"
) -> int:
    """Have the relay publish again the events numbered ``first`` to ``last``, write down who did, and return how many
    they are.

    Their numbers and ids stay: consumers that took them in recognise them.
    """
    with database.transaction() as tx:
        chosen = table.update().where(table.c.feed_seq.between(first, last), table.c.published_at.is_not(None))
        if types is not None:
            chosen = chosen.where(table.c.type.in_(list(types)))
        count = tx.execute(chosen.values(published_at=None)).rowcount
        if count:
            acts.record(tx, who, "replay", f"{first}-{last}", f"{count} event(s) published again")
    database.wake()
    return count


def published(database: "Database", first: int, last: int, types: Iterable[str] | None = None) -> int:
    """Return how many events :func:`replay` would publish again."""
    chosen = sa.select(sa.func.count()).where(table.c.feed_seq.between(first, last), table.c.published_at.is_not(None))
    if types is not None:
        chosen = chosen.where(table.c.type.in_(list(types)))
    with database.reading() as db:
        return db.execute(chosen).scalar_one()


def backlog(db: Any) -> Backlog:
    """Count the rows that have not been published."""
    waiting = sa.select(sa.func.count(), sa.func.min(table.c.occurred_at)).where(table.c.published_at.is_(None))
    count, oldest = db.execute(waiting).one()
    return Backlog(count=count, oldest=oldest)


class Lead:
    """The right to number and publish. On PostgreSQL everything runs on the connection that holds the lock, so that
    whoever loses the lock can no longer write."""

    def __init__(self, database: "Database", connection: sa.Connection | None) -> None:
        self._database = database
        self._connection = connection
        self._alone, self._alone_asked_at = connection is None, -ALONE_SECONDS

    def alone(self) -> bool:
        """Whether nobody waits for this lead, so that no other process of the service writes events; looked up once a second at
        most. A command may write one all the same, or a process that has just begun."""
        now = time.monotonic()
        if self._connection is not None and now - self._alone_asked_at >= ALONE_SECONDS:
            self._alone_asked_at = now
            # Given back at once: followers ask for it again until they have it.
            self._alone = _said(self._held(), sa.func.pg_try_advisory_xact_lock(_followed(self._database)))
        return self._alone

    def take(self, limit: int = 200, aside: Iterable[str] = ()) -> list[OutboxRow]:
        """Number up to ``limit`` committed rows, then return up to ``limit`` unpublished rows in feed order: without those of
        the types ``aside``, and without what comes after one of them in its subject."""
        if not self._any_waiting():
            return []
        with self._reading() as db:
            numbered = db.execute(_ANY_UNNUMBERED).first() is None
            if numbered:
                return _waiting(db, limit, aside)
        with self._writing() as db:
            db.execute(_NUMBER, {"most": limit})
            return _waiting(db, limit, aside)

    def oldest(self, kind: str) -> OutboxRow | None:
        """The first unpublished event of type ``kind`` whose subject has none before it."""
        with self._reading() as db:
            found = db.execute(_OLDEST, {"kind": kind}).first()
        return OutboxRow(*found) if found is not None else None

    def _any_waiting(self) -> bool:
        """What an idle service asks twenty times a second: on PostgreSQL straight of the driver, for less than half of the
        processor."""
        if self._connection is not None:
            held = self._held()
            # What fails is asked again below, where a lost connection is recognised as such.
            with contextlib.suppress(held.dialect.dbapi.Error), contextlib.closing(held.connection.cursor()) as cursor:
                cursor.execute(_ANY_WAITING_TEXT)
                return cursor.fetchone() is not None
        with self._reading() as db:
            return db.execute(_ANY_WAITING).first() is not None

    def mark_published(self, ids: Iterable[uuid.UUID]) -> None:
        """Record that the broker has confirmed these events."""
        ids = list(ids)
        if not ids:
            return
        with self._writing() as db:
            db.execute(_MARK, {"ids": ids, "sent_at": self._database.clock.now()})

    def mark_failed(self, id: uuid.UUID, error: str) -> None:
        """Record that publishing this event failed; it stays first in line."""
        with self._writing() as db:
            db.execute(
                table.update()
                .where(table.c.id == id)
                .values(attempts=table.c.attempts + 1, last_error=error[:_ERROR_CHARACTERS].replace("\0", "\ufffd"))
            )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Any]:
        if self._connection is None:
            with self._database.transaction() as tx:
                yield tx
        else:
            with self._held().begin():
                yield self._connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Any]:
        if self._connection is None:
            with self._database.reading() as db:
                yield db
        else:
            with self._held().begin():
                yield self._connection

    def _held(self) -> sa.Connection:
        # SQLAlchemy would silently reconnect, without the lock.
        if self._connection.invalidated or self._connection.closed:
            raise LeadLost(self._database.name)
        return self._connection


@contextlib.contextmanager
def leader(database: "Database", again: Callable[[], bool] = lambda: False) -> Iterator[Lead | None]:
    """Give the :class:`Lead` of this database's outbox, or None while another holds it.

    On PostgreSQL, ``again()`` waits for a while and says whether to ask once more. Who waits so lets the leader know: see
    :meth:`Lead.alone`.
    """
    if database.on_sqlite:
        with _lead_here(database) as lead:
            yield lead
        return
    from .database import lock_number

    number, followed = lock_number(f"pupitre-outbox:{database.name}"), _followed(database)
    # Each thing a lead does is one statement: with a transaction around it, looking for work every 50 ms costs thrice.
    connection = database.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        follows, taken = False, _said(connection, sa.func.pg_try_advisory_lock(number))
        while not taken:
            follows = follows or _said(connection, sa.func.pg_try_advisory_lock_shared(followed))
            if not again():
                break
            taken = _said(connection, sa.func.pg_try_advisory_lock(number))
        if taken and follows:
            _said(connection, sa.func.pg_advisory_unlock_shared(followed))
        yield Lead(database, connection) if taken else None
    finally:
        # The lock belongs to the session: ending it is the only release that cannot fail.
        connection.invalidate()
        connection.close()


def _followed(database: "Database") -> int:
    """The number of the lock that those who wait for the lead share."""
    from .database import lock_number

    return lock_number(f"pupitre-outbox-follower:{database.name}")


def _said(connection: sa.Connection, question: Any) -> Any:
    with connection.begin():
        return connection.execute(sa.select(question)).scalar_one()


@contextlib.contextmanager
def _lead_here(database: "Database") -> Iterator[Lead | None]:
    key = str(database.url.database)
    turn = _leading.get(key)
    if turn is None:
        turn = _leading[key] = eventlet.semaphore.Semaphore(1)
    taken = turn.acquire(blocking=False)
    try:
        yield Lead(database, None) if taken else None
    finally:
        if taken:
            turn.release()


def _waiting(db: Any, limit: int, aside: Iterable[str]) -> list[OutboxRow]:
    kinds = list(aside)
    found = db.execute(_WAITING_BUT, {"most": limit, "aside": kinds}) if kinds else db.execute(_WAITING, {"most": limit})
    return [OutboxRow(*row) for row in found]


# Made once: building a statement costs more than running it.
_NUMBERED = table.alias("numbered")
_HEAD = sa.select(sa.func.coalesce(sa.func.max(_NUMBERED.c.feed_seq), 0)).scalar_subquery()
_ANY_WAITING = sa.select(sa.literal_column("1")).select_from(table).where(table.c.published_at.is_(None)).limit(1)
_ANY_WAITING_TEXT = str(_ANY_WAITING.compile(compile_kwargs={"literal_binds": True}))
_ANY_UNNUMBERED = sa.select(table.c.seq).where(table.c.feed_seq.is_(None)).limit(1)
_WAITING = (
    sa.select(*(table.c[name] for name in OutboxRow.__dataclass_fields__))
    .where(table.c.feed_seq.is_not(None), table.c.published_at.is_(None))
    .order_by(table.c.feed_seq)
    .limit(sa.bindparam("most"))
)
_EARLIER = table.alias("earlier")
_EARLIER_WAITS = sa.exists().where(_EARLIER.c.subject == table.c.subject, _EARLIER.c.published_at.is_(None))
_WAITING_BUT = _WAITING.where(
    ~_EARLIER_WAITS.where(
        _EARLIER.c.seq <= table.c.seq, _EARLIER.c.type.in_(sa.bindparam("aside", expanding=True))
    )
)
_OLDEST = (
    sa.select(*(table.c[name] for name in OutboxRow.__dataclass_fields__))
    .where(
        table.c.feed_seq.is_not(None),
        table.c.published_at.is_(None),
        table.c.type == sa.bindparam("kind"),
        ~_EARLIER_WAITS.where(_EARLIER.c.seq < table.c.seq),
    )
    .order_by(table.c.feed_seq)
    .limit(1)
)
_FRESH = (
    sa.select(table.c.seq, sa.func.row_number().over(order_by=table.c.seq).label("rank"))
    .where(table.c.feed_seq.is_(None))
    .order_by(table.c.seq)
    .limit(sa.bindparam("most"))
    .subquery()
)
_NUMBER = (
    table.update()
    .where(table.c.seq == _FRESH.c.seq)
    .values(feed_seq=_HEAD + _FRESH.c.rank)
)
_MARK = (
    table.update()
    .where(table.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(published_at=sa.bindparam("sent_at"), last_error=None)
)
