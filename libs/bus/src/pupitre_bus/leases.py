"""Leases: of all instances of a service, one runs a piece of scheduled work, and a run missed while all were down is
made up once."""

import datetime
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import eventlet
import sqlalchemy as sa

from .tables import lease as table

if TYPE_CHECKING:
    from .database import Database

log = logging.getLogger(__name__)

SECONDS = 6
"""How long the work of a killed process rests before another instance, or its successor, takes it up; on SQLite, where no other
process can be at it, the successor takes it up at once."""
RENEW_SECONDS = 1.5

_of_this_process: set[str] = set()
"""Who asked for leases here and is still at work. One process has a SQLite database for itself, so a lease of anybody else is that
of a process or of a service which is gone: nobody waits for its end."""


def forget(holder: str) -> None:
    """Note that a holder has stopped: nothing of its own goes on in this process."""
    _of_this_process.discard(holder)


@contextmanager
def held(database: "Database", name: str, holder: str, every: float | None = None) -> Iterator[bool]:
    """Hold the lease ``name`` while the block runs, however long that takes; the block gets False when it is not to be had.

    The lease is short and renewed beside the work, so that it outlives a killed process by :data:`SECONDS` at most. Work under a
    lease must bear a second run beside it: a holder that hangs for longer has lost it without knowing.
    """
    if not acquire(database, name, holder, SECONDS, every=every):
        yield False
        return
    renewal = eventlet.spawn(_renew, database, name, holder)
    try:
        yield True
    finally:
        renewal.kill()
        release(database, name, holder)


def _renew(database: "Database", name: str, holder: str) -> None:
    while True:
        eventlet.sleep(RENEW_SECONDS)
        try:
            extend(database, name, holder, SECONDS)
        except Exception as error:
            log.warning("%s: the lease %s was not renewed: %s", database.name, name, error)


def acquire(database: "Database", name: str, holder: str, seconds: float, every: float | None = None) -> bool:
    """Take the lease ``name`` for ``seconds``; return False while another run holds it, or if the work last started
    less than ``every`` seconds ago (on any instance, before a restart included)."""
    _of_this_process.add(holder)
    with database.transaction() as tx:
        values = {"holder": holder, "until": tx.now + datetime.timedelta(seconds=seconds), "last_run_at": tx.now}
        if tx.insert_once(table, name=name, **values):
            return True
        ended = table.c.until <= tx.now
        if database.on_sqlite and tx.execute(_HOLDER, {"lease": name}).scalar_one() not in _of_this_process:
            ended = sa.true()
        free = table.update().where(table.c.name == name, ended)
        if every is not None:
            free = free.where(table.c.last_run_at <= tx.now - datetime.timedelta(seconds=every))
        return tx.execute(free.values(**values)).rowcount == 1


def extend(database: "Database", name: str, holder: str, seconds: float) -> bool:
    """Keep the lease for ``seconds`` from now; return False if it is no longer this holder's."""
    with database.transaction() as tx:
        mine = table.update().where(table.c.name == name, table.c.holder == holder, table.c.until > tx.now)
        return tx.execute(mine.values(until=tx.now + datetime.timedelta(seconds=seconds))).rowcount == 1


def release(database: "Database", name: str, holder: str) -> None:
    """Give the lease back at the end of a run; ``every`` still counts from the run's start."""
    with database.transaction() as tx:
        tx.execute(table.update().where(table.c.name == name, table.c.holder == holder).values(until=tx.now))


def last_run(database: "Database", name: str) -> datetime.datetime | None:
    """Return when the work last started, or None."""
    with database.reading() as db:
        return db.execute(_LAST_RUN, {"lease": name}).scalar_one_or_none()


_HOLDER = sa.select(table.c.holder).where(table.c.name == sa.bindparam("lease"))
_LAST_RUN = sa.select(table.c.last_run_at).where(table.c.name == sa.bindparam("lease"))
