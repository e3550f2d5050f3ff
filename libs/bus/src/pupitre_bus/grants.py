"""What each role may do in the database: an owner that migrates, and one role per service that works with its rows.

A service's role has no right outside its schema, makes no table, and cannot change or delete what is only ever added
to. Which tables those are stands in ``tables.py``: ``info={"only_changes": (columns that may be filled in later)}``.
"""

import base64
import hashlib
import hmac
import importlib
import secrets
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from . import tables
from .accounts import ADMIN, Accounts, AccountWrong
from .database import Database, lock_number
from .migrations import VERSION_TABLE

ONLY_CHANGES = "only_changes"
ITERATIONS = 4096


def roles_sql(accounts: Accounts, services: Iterable[str], databases: Iterable[str]) -> str:
    """Return the SQL, to be run by a superuser and as often as one likes, that makes the roles of ``services`` and lets
    them into ``databases``. It holds verifiers of the passwords, not the passwords."""
    names = (ADMIN, *services)
    lines = ["-- Roles of Pupitre, written by `pupitre provision`. Run it again after a change of passwords."]
    for who in names:
        role, verifier = accounts.name_of(who), scram_verifier(accounts.password_of(who))
        lines += [
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
            f" PASSWORD '{verifier}';",
        ]
    for name in sorted(set(databases)):
        database = '"' + name.replace('"', '""') + '"'
        lines += [
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
            f"GRANT CONNECT, CREATE ON DATABASE {database} TO {accounts.name_of(ADMIN)};",
            f"GRANT CONNECT ON DATABASE {database} TO {', '.join(accounts.name_of(who) for who in services)};",
        ]
    return "\n".join(lines) + "\n"


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores instead of ``password``: a client that knows it can prove so, who reads it cannot."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    coded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{coded[0]}${coded[1]}:{coded[2]}"


def apply(uri: str, service: str, package: str, role: str) -> None:
    """Give ``role`` its rights on the migrated schema of ``service``, and no more than those; ``uri`` is its owner's.

    Raises :class:`AccountWrong` when there is no such role.
    """
    database = Database(uri, service)
    try:
        with database.transaction() as tx:
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_number(f"pupitre-migrate:{service}"))))
            if not tx.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first():
                raise AccountWrong(
                    f"the role {role} does not exist: have a superuser run postgres-roles.sql,"
                    " which `pupitre provision` writes"
                )
            for statement in _statements(tx.connection, service, package, role):
                tx.connection.exec_driver_sql(statement)
    finally:
        database.close()


def _statements(connection: sa.Connection, schema: str, package: str, role: str) -> list[str]:
    quote = connection.dialect.identifier_preparer.quote
    declared = _declared(package)
    found = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {quote(schema)} FROM {role}",
        f"GRANT USAGE ON SCHEMA {quote(schema)} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {quote(schema)} TO {role}",
    ]
    for name in sa.inspect(connection).get_table_names(schema=schema):
        table = f"{quote(schema)}.{quote(name)}"
        found.append(f"GRANT {_rights(declared.get(name))} ON {table} TO {role}")
    return found


def _rights(table: sa.Table | None) -> str:
    if table is None:  # the version of the schema, and what a later version will know
        return "SELECT"
    changes = table.info.get(ONLY_CHANGES)
    if changes is None:
        return "SELECT, INSERT, UPDATE, DELETE"
    return "SELECT, INSERT" + (f", UPDATE ({', '.join(changes)})" if changes else "")


def _declared(package: str) -> dict[str, Any]:
    service = importlib.import_module(f"{package}.tables").metadata
    declared = {table.name: table for metadata in (service, tables.metadata) for table in metadata.sorted_tables}
    declared.pop(VERSION_TABLE, None)
    return declared
