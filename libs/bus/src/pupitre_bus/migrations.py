"""Migrations: each service keeps its own numbered scripts in ``migrations/versions``; everything else about Alembic
is here.

A first migration reads::

    from alembic import op
    from pupitre_bus.migrations import platform_tables

    revision, down_revision = "0001", None

    def upgrade():
        platform_tables(op)
        op.create_table(...)
"""

import contextlib
import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from . import row_security, tables
from .database import Database, lock_number
from .platform_schema import audit_history, operator_acts, platform_tables

__all__ = ["audit_history", "check", "differences", "index_parts_of_texts", "operator_acts", "platform_tables", "upgrade"]

log = logging.getLogger(__name__)

VERSION_TABLE = "alembic_version"
#: How the names of indexes begin that exist on PostgreSQL alone, where its installation allows them: no table declares them.
POSTGRESQL_ONLY = "postgresql_"


def upgrade(package: str, uri: str, name: str, to: str = "head") -> list[str]:
    """Bring the database of service ``name`` to the newest version (or ``to``), and return the revisions that were run.

    All of them commit together or not at all. The schema (PostgreSQL) or the file and its folder (SQLite) are made if
    absent; two processes that migrate at once take turns.
    """
    ran: list[str] = []
    script = _scripts(package)

    def revisions(current: Any, context: MigrationContext) -> list[Any]:
        steps = script._upgrade_revs(to, current)
        ran.extend(step.revision.revision for step in steps)
        return steps

    with _connected(uri, name) as connection:
        environment = EnvironmentContext(Config(), script, fn=revisions, destination_rev=to)
        with environment:
            environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
            environment.run_migrations()
        if connection.dialect.name == "postgresql" and to == "head":
            row_security.apply(connection, name, importlib.import_module(f"{package}.tables").metadata.tables)
    return ran


def check(package: str, uri: str, name: str) -> bool:
    """Tell whether the database is at the newest version; nothing is created."""
    database = Database(uri, name)
    try:
        if database.on_sqlite and not Path(database.url.database).exists():
            return False
        with database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            return set(context.get_current_heads()) == set(_scripts(package).get_heads())
    finally:
        database.close()


def differences(package: str, uri: str, name: str) -> list[Any]:
    """Return what separates the migrated database from ``tables.py`` and the platform's tables, in Alembic's terms;
    [] if nothing."""
    service = importlib.import_module(f"{package}.tables").metadata
    with _connected(uri, name) as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "include_object": _is_declared}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, _together(service, tables.metadata))


def index_parts_of_texts(op: Any, name: str, table: str, column: str) -> bool:
    """Index the trigrams of a column that is searched with ``*``, if PostgreSQL lets this account have the extension pg_trgm; tell
    whether it does. SQLite has no such index. ``name`` begins with :data:`POSTGRESQL_ONLY`."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return False
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError as error:
        # Another service that migrates at this moment may have made it.
        log.info("pg_trgm was not made here: %s", str(error.orig).strip().splitlines()[0])
    place = connection.execute(_PLACE_OF_TRIGRAMS).scalar()
    if place is None:
        log.warning(_WITHOUT_TRIGRAMS, table)
        return False
    connection.execute(sa.text(f"CREATE INDEX {name} ON {table} USING gin ({column} {place}.gin_trgm_ops)"))
    return True


_PLACE_OF_TRIGRAMS = sa.text(
    "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_trgm'"
)
_WITHOUT_TRIGRAMS = (
    "the extension pg_trgm is not available to this account: searches with * in the table %s read all rows of a structure."
    " docs/reference/organisation.md says what a superuser runs to add it"
)


def _is_declared(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "index" and reflected and (name or "").startswith(POSTGRESQL_ONLY))


def _scripts(package: str) -> ScriptDirectory:
    folder = Path(importlib.import_module(package).__file__).parent / "migrations"
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])


@contextlib.contextmanager
def _connected(uri: str, name: str) -> Iterator[sa.Connection]:
    """Give a connection in one transaction, in which the schema exists and no other process migrates."""
    database = Database(uri, name)
    try:
        if database.on_sqlite:
            Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
        with database.transaction() as tx:
            if not database.on_sqlite:
                tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
                tx.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_number(f"pupitre-migrate:{name}"))))
                row_security.limit(tx.connection, row_security.ALL)
                if not sa.inspect(tx.connection).has_schema(name):
                    tx.execute(sa.schema.CreateSchema(name))
            yield tx.connection
    finally:
        database.close()


def _together(*several: sa.MetaData) -> sa.MetaData:
    together = sa.MetaData()
    for metadata in several:
        for table in metadata.sorted_tables:
            table.to_metadata(together)
    return together
