"""Row-level security on PostgreSQL, the second net between structures (RS-42): a query that forgot its condition gives nothing foreign.

Which rows belong to whom stands in ``tables.py``: ``info=seen_by("structure_id")``, ``seen_through("invoice", "invoice_id")`` for what
hangs on a row of another table, and ``seen_through_any(Holder(…), Holder(…))`` for what hangs on a row of one of several. Migrating
makes policies of it, which hold for every role but superusers, the tables' owner included.
Each transaction says for whom it works, in a setting that ends with it; where nothing is said, nothing is seen. SQLite has no such thing.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

SETTING = "pupitre.structures"
#: What the setting says in the service's own work: timers, events, commands of operators.
ALL = "*"

_INFO = "seen_by"
_NAME = "structures_"


@dataclass(frozen=True)
class Holder:
    """A row on which others hang: that of ``table`` whose column ``key`` holds what they have in ``column``; the same name unless told."""

    table: str
    column: str
    key: str = ""

    @property
    def named(self) -> str:
        """The column of ``table``."""
        return self.key or self.column


@dataclass(frozen=True)
class Rule:
    """Who sees a row: whoever sees a structure that one of ``columns`` names, or one of the rows of ``through``.

    ``added_by_all``: a row may be added for any structure, and is not seen by that.
    """

    columns: tuple[str, ...] = ()
    through: tuple[Holder, ...] = ()
    added_by_all: bool = False


def seen_by(*columns: str, through: Iterable[Holder] = (), added_by_all: bool = False) -> dict[str, Any]:
    """Return the ``info`` of a table whose rows are those of the structures that ``columns`` name, or are seen with a row that they
    hang on."""
    return {_INFO: Rule(columns, tuple(through), added_by_all)}


def seen_through(table: str, column: str) -> dict[str, Any]:
    """Return the ``info`` of a table each of whose rows is seen with the row of ``table`` that has the same ``column``."""
    return seen_through_any(Holder(table, column))


def seen_through_any(*holders: Holder) -> dict[str, Any]:
    """Return the ``info`` of a table each of whose rows is seen with one of the rows that it hangs on."""
    return seen_by(through=holders)


def rule_of(table: sa.Table) -> Rule | None:
    return table.info.get(_INFO)


def setting(structures: Iterable[uuid.UUID] | str) -> str:
    """Return what the setting says for these structures, or :data:`ALL`."""
    return structures if isinstance(structures, str) else ",".join(sorted({str(each) for each in structures}))


def limit(connection: sa.Connection, seen: str) -> None:
    """Have the open transaction see the rows of these structures alone; ``seen`` is what :func:`setting` gave."""
    # Straight of the driver, since most transactions begin with it: what fails is asked again below, where a lost connection is
    # recognised as such.
    with contextlib.suppress(connection.dialect.dbapi.Error), contextlib.closing(connection.connection.cursor()) as cursor:
        cursor.execute(_LIMIT, (SETTING, seen))
        return
    connection.exec_driver_sql(_LIMIT, (SETTING, seen))


_LIMIT = "SELECT set_config(%s, %s, true)"


def show(db: Any, *structure_ids: uuid.UUID) -> None:
    """Have the open transaction see the rows of these structures too, once it is known that the actor may."""
    connection = db if isinstance(db, sa.Connection) else db.connection
    if structure_ids and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_SHOW, {"name": SETTING, "all": ALL, "ids": setting(structure_ids)})


_SHOW = (
    "SELECT set_config(%(name)s, CASE current_setting(%(name)s, true) WHEN %(all)s THEN %(all)s"
    " ELSE concat_ws(',', nullif(current_setting(%(name)s, true), ''), %(ids)s) END, true)"
)


def apply(connection: sa.Connection, schema: str, declared: Mapping[str, sa.Table]) -> list[str]:
    """Bring the policies of a schema in line with what its tables declare, and return the tables that were touched.

    A policy's name holds a hash of what it says: what is there already is left alone, and no table is locked for it.
    """
    quote = connection.dialect.identifier_preparer.quote
    there = _there(connection, schema)
    touched = []
    for name in sorted(set(sa.inspect(connection).get_table_names(schema=schema))):
        rule = rule_of(declared[name]) if name in declared else None
        wanted = _policies(quote, schema, name, rule) if rule is not None else {}
        protected, found = there.get(name, (False, set()))
        if protected == bool(wanted) and found == set(wanted):
            continue
        touched.append(name)
        table = f"{quote(schema)}.{quote(name)}"
        for policy in found:
            connection.exec_driver_sql(f"DROP POLICY {quote(policy)} ON {table}")
        for statement in wanted.values():
            connection.exec_driver_sql(statement)
        for words in ("ENABLE", "FORCE") if wanted else ("NO FORCE", "DISABLE"):
            connection.exec_driver_sql(f"ALTER TABLE {table} {words} ROW LEVEL SECURITY")
    return touched


def _there(connection: sa.Connection, schema: str) -> dict[str, tuple[bool, set[str]]]:
    """Return, by table, whether it is protected against everybody, and the names of its policies."""
    query = (
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
        " array(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid AND starts_with(polname, %(begins)s))"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s AND c.relkind = 'r'"
    )
    found = connection.exec_driver_sql(query, {"begins": _NAME, "schema": schema})
    return {name: (protected, set(policies)) for name, protected, policies in found}


def _policies(quote: Any, schema: str, name: str, rule: Rule) -> dict[str, str]:
    """Return the policies of a table, by their names."""
    table = f"{quote(schema)}.{quote(name)}"
    # In a sub-select of its own, so that the setting is read once for each statement, not for each row.
    said = f"current_setting('{SETTING}', true)"
    seen = [f"(SELECT {said}) = '{ALL}'"]
    mine = f"ANY ((SELECT string_to_array(nullif({said}, '{ALL}'), ',')::uuid[])::uuid[])"
    seen += [f"{quote(column)} = {mine}" for column in rule.columns]
    for holder in rule.through:
        other, key, column = f"{quote(schema)}.{quote(holder.table)}", quote(holder.named), quote(holder.column)
        seen.append(f"EXISTS (SELECT 1 FROM {other} AS holder WHERE holder.{key} = {table}.{column})")  # noqa: S608  names of tables.py, quoted
    condition = " OR ".join(seen)
    said_of = [f"FOR SELECT USING ({condition})", "FOR INSERT WITH CHECK (true)"] if rule.added_by_all else [f"USING ({condition})"]
    named = {f"{_NAME}{hashlib.sha256(each.encode()).hexdigest()[:12]}": each for each in said_of}
    return {policy: f"CREATE POLICY {policy} ON {table} {each}" for policy, each in named.items()}
