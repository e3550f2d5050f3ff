"""One service's database: short write transactions and consistent reads, on SQLite or PostgreSQL, without blocking
the hub.

SQLite waits for a lock inside C and would freeze every greenlet, so writers of one file take turns on a green lock
and begin with ``BEGIN IMMEDIATE``. It waits for the disk at each commit, so a thread of the system makes the commits.
PostgreSQL runs at READ COMMITTED; its driver yields to the hub once eventlet has patched it.
"""

import contextlib
import functools
import logging
import re
import time
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import eventlet
import eventlet.semaphore
import greenlet
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from . import outbox, row_security
from .clock import Clock, SystemClock
from .threads import off_hub_to_the_end

if TYPE_CHECKING:
    from pupitre_contracts.message import Event, Message

    from .scope import Scope

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5
LOCK_SECONDS = 10
PING_SECONDS = 1.0

#: One lock per SQLite file, shared by every Database of this process that opens it.
_turns: "weakref.WeakValueDictionary[str, eventlet.semaphore.Semaphore]" = weakref.WeakValueDictionary()


class Transaction:
    """A write transaction in progress. ``now`` is the same instant throughout."""

    def __init__(self, database: "Database", connection: sa.Connection, scope: "Scope | None") -> None:
        self.database = database
        self.connection = connection
        self.scope = scope
        self.now = (scope.clock if scope is not None else database.clock).now()
        self._events: list[dict[str, Any]] = []
        self._after_commit: list[Callable[[], Any]] = []
        self._gathered: dict[Any, tuple[list[Any], Callable[..., Any]]] = {}

    def execute(self, statement: Any, parameters: Any = None) -> sa.CursorResult:
        return self.connection.execute(statement, parameters)

    def insert_once(self, table: sa.Table, **values: Any) -> bool:
        """Insert a row unless its key exists; wait for a concurrent insert of the same key. Return whether it was
        inserted."""
        return insert_once(self.connection, table, values)

    def insert_new(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        """Insert those of ``rows`` whose key does not exist, in one statement, as :meth:`insert_once` does; return how
        many were inserted."""
        if not rows:
            return 0
        return len(self.connection.execute(_insert_new(self.connection.dialect.name, table), rows).all())

    def take_turns(self, name: str) -> None:
        """Make other transactions that take turns on ``name`` wait until this one ends; on SQLite all do anyway."""
        if not self.database.on_sqlite:
            self.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_number(f"{self.database.name}:{name}"))))

    def publish(self, event: "Event") -> None:
        """Write ``event`` to the outbox: it leaves if, and only if, this transaction commits. Raises errors.Invalid."""
        self._events.append(outbox.prepared(self, event))

    def gathered(self, owner: Any, write: Callable[["Transaction", Any, list[Any]], Any]) -> list[Any]:
        """Return the list of what is gathered for ``owner`` in this transaction; ``write(tx, owner, list)`` is called with
        all of it before the commit."""
        return self._gathered.setdefault(owner, ([], write))[0]

    def append_events(self) -> bool:
        """Write what was gathered, and to the outbox what was published, before the commit; tell whether anything was
        published."""
        for owner, (items, write) in self._gathered.items():
            write(self, owner, items)
        if self._events:
            outbox.append(self, self._events)
        return bool(self._events)

    def answer(self, reply: "Message | dict[str, Any]") -> "Message":
        """Record ``reply`` as the one answer to this call's idempotency key, and return it."""
        if self.scope is None:
            raise RuntimeError("only a call's transaction has an answer")
        return self.scope.record_answer(self, reply)

    def after_commit(self, function: Callable[[], Any]) -> None:
        """Call ``function`` once the transaction is committed; what it raises is logged, since nothing can be undone
        then."""
        self._after_commit.append(function)

    def committed(self) -> None:
        for function in self._after_commit:
            try:
                function()
            except Exception:
                log.exception("a function to be run after a commit failed: %r", function)


class Database:
    """The database of service ``name``: an own file on SQLite, an own schema (first on the search path) on
    PostgreSQL."""

    def __init__(self, uri: str, name: str, clock: Clock | None = None) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", name):
            raise ValueError(f"not a service's name: {name!r}")
        self.name = name
        self.clock: Clock = clock or SystemClock()
        self.url = _url(uri)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self._listeners: list[Callable[[], Any]] = []
        self._guest_listeners: list[Callable[[], Any]] = []
        self._writing: set[int] = set()
        if self.on_sqlite:
            self._turn = _turn_of(self.url)
            self.writer = _sqlite_engine(self.url, pool_size=1, begin=_begin_immediate)
            self._reader = _sqlite_engine(self.url, pool_size=5, begin=_begin_deferred, query_only=True)
        else:
            self.writer = _postgresql_engine(self.url, name)
            self._reader = self.writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextlib.contextmanager
    def transaction(self, scope: "Scope | None" = None) -> Iterator[Transaction]:
        """Commit what the block did, or roll all of it back if it raises.

        The block must not wait for anything but the database: no RPC, no file, no sleep. Transactions do not nest. On
        PostgreSQL it sees of the structures' rows what the scope lets it see, and none without a scope.
        """
        me = id(greenlet.getcurrent())
        if me in self._writing:
            raise RuntimeError("a transaction is already open here: pass it on instead of opening another")
        with self._turn if self.on_sqlite else contextlib.nullcontext():
            with self.writer.connect() as connection:
                self._writing.add(me)
                try:
                    with connection.begin():
                        self._limit(connection, scope.seen if scope is not None else None)
                        transaction = Transaction(self, connection, scope)
                        yield transaction
                        appended = transaction.append_events()
                finally:
                    self._writing.discard(me)
        if appended:
            self.wake()
        transaction.committed()

    @contextlib.contextmanager
    def reading(self, seen: str | None = None) -> Iterator[sa.Connection]:
        """Give a connection that sees one consistent state and cannot write; ``seen`` says, on PostgreSQL, of which structures
        (``row_security.setting``): of none without it."""
        if self.in_transaction():
            raise RuntimeError("read through the open transaction: this would not see what it has written")
        with self._reader.connect() as connection, connection.begin():
            self._limit(connection, seen)
            yield connection

    def _limit(self, connection: sa.Connection, seen: str | None) -> None:
        if seen and not self.on_sqlite:
            row_security.limit(connection, seen)

    def in_transaction(self) -> bool:
        """Tell whether the current greenlet is inside a write transaction of this database."""
        return id(greenlet.getcurrent()) in self._writing

    def on_outbox(self, listener: Callable[[], Any]) -> None:
        """Have ``listener`` called after each commit of this process that wrote to the outbox; it must not block."""
        self._listeners.append(listener)

    def on_handed_on(self, listener: Callable[[], Any]) -> None:
        """Have ``listener`` called after each commit of this process that handed an event on to a guest; it must not block."""
        self._guest_listeners.append(listener)

    def wake(self) -> None:
        """Call who listens to the outbox."""
        _call_all(self._listeners)

    def wake_guests(self) -> None:
        """Call who listens to what is handed on to guests."""
        _call_all(self._guest_listeners)

    def ping(self) -> None:
        """Ask the database for an answer; raises what SQLAlchemy raises if there is none."""
        with self._reader.connect() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        self.writer.dispose()
        self._reader.dispose()


def _call_all(listeners: Iterable[Callable[[], Any]]) -> None:
    for listener in listeners:
        try:
            listener()
        except Exception:
            log.exception("a listener of the database failed: %r", listener)


def insert_once(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    return connection.execute(_insert_or_nothing(connection.dialect.name, table), values).rowcount == 1


@functools.cache
def _insert_new(dialect: str, table: sa.Table) -> Any:
    return _insert_or_nothing(dialect, table).returning(*table.primary_key.columns)


@functools.cache
def _insert_or_nothing(dialect: str, table: sa.Table) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()


def lock_number(text: str) -> int:
    """Return the number that stands for ``text`` among PostgreSQL's advisory locks (two texts may share one: they
    only wait)."""
    return (zlib.crc32(text.encode()) << 31) | (zlib.adler32(text.encode()) & 0x7FFFFFFF)


def _url(uri: str) -> sa.URL:
    url = sa.make_url(uri)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("a SQLite database is a file: it must survive the process")
        return url.set(drivername="sqlite+pysqlite", database=str(Path(url.database).absolute()))
    if url.drivername.split("+")[0] in ("postgresql", "postgres"):
        # psycopg2 is the driver that eventlet makes green; psycopg 3 in C would block the hub.
        return url.set(drivername="postgresql+psycopg2")
    raise ValueError(f"SQLite or PostgreSQL, not {url.drivername}")


def _turn_of(url: sa.URL) -> eventlet.semaphore.Semaphore:
    path = str(Path(url.database).resolve())
    turn = _turns.get(path)
    if turn is None:
        turn = _turns[path] = eventlet.semaphore.Semaphore(1)
    return turn


def _sqlite_engine(url: sa.URL, pool_size: int, begin: Callable, query_only: bool = False) -> sa.Engine:
    # Parameters are hidden in error texts: they are people's data.
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=LOCK_SECONDS,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    if not query_only:
        engine.dialect.do_commit = lambda connection: off_hub_to_the_end(connection.commit)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 50")  # short: waiting here freezes every greenlet
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut, not only a crash
        cursor.execute("PRAGMA foreign_keys = ON")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    sa.event.listen(engine, "begin", begin)
    return engine


def _begin_deferred(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: sa.Connection) -> None:
    """Begin as the writer; wait greenly when another process (a command, a backup) is writing."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except sa.exc.OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
        eventlet.sleep(0.02)


def _postgresql_engine(url: sa.URL, name: str) -> sa.Engine:
    given = url.query.get("options", "")
    options = (
        f"{given if isinstance(given, str) else ' '.join(given)} -csearch_path={name} -ctimezone=UTC"
        " -clock_timeout=10s -cstatement_timeout=30s -cidle_in_transaction_session_timeout=60s"
    ).strip()
    engine = sa.create_engine(
        url.difference_update_query(["options"]),
        pool_size=5,
        max_overflow=10,
        pool_timeout=LOCK_SECONDS,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        executemany_mode="values_plus_batch",  # one round trip for a hundred updates, not one each
        connect_args={
            "options": options,
            "application_name": f"pupitre-{name}",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        },
    )

    @sa.event.listens_for(engine, "checkin")
    def rest(connection: Any, record: Any) -> None:
        record.info["rested_at"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, proxy: Any) -> None:
        # One that has just served needs no question; one that rested may have died meanwhile.
        if time.monotonic() - record.info.get("rested_at", time.monotonic()) < PING_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.dbapi.Error as error:
            raise sa.exc.DisconnectionError from error

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: sa.Dialect, record: Any, arguments: list, parameters: dict) -> Any:
        # The driver's own connect_timeout does not work on green connections.
        late = sa.exc.TimeoutError(f"no connection to PostgreSQL in {CONNECT_SECONDS} s")
        with eventlet.Timeout(CONNECT_SECONDS, late):
            return dialect.loaded_dbapi.connect(*arguments, **parameters)

    return engine
