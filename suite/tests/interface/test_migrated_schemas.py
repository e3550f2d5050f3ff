"""A test that finds a schema made from a former one finds what the migrations themselves make."""

import pytest
import sqlalchemy as sa
from pupitre_bus import grants, migrations
from pupitre_bus.database import Database

SERVICES = ("identity", "invoicing", "notifications", "organisation")

# What makes a schema, each thing as text: the names of what is compared stand first.
OF_POSTGRESQL = """
WITH own AS (SELECT c.* FROM pg_class c WHERE relnamespace = CAST(:name AS regnamespace))
SELECT 'relation', relname, relkind::text, concat(relrowsecurity, relforcerowsecurity, relacl, reloptions) FROM own
UNION ALL SELECT 'column', relname, attname, concat(attnum, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attacl,
    (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
    FROM pg_attribute JOIN own ON attrelid = own.oid WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'index', relname, '', pg_get_indexdef(oid) FROM own WHERE relkind = 'i'
UNION ALL SELECT 'constraint', relname, conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN own ON conrelid = own.oid
UNION ALL SELECT 'trigger', relname, tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN own ON tgrelid = own.oid WHERE NOT tgisinternal
UNION ALL SELECT 'policy', relname, polname,
    concat(polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy JOIN own ON polrelid = own.oid
UNION ALL SELECT 'function', proname, '', concat(pg_get_functiondef(oid), proacl)
    FROM pg_proc WHERE pronamespace = CAST(:name AS regnamespace)
UNION ALL SELECT 'schema', nspname, '', concat(nspacl) FROM pg_namespace WHERE nspname = :name
"""
OF_SQLITE = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"


def made_of(backend, service):
    """What the schema is made of, and the rows that the migrations left in it."""
    database = Database(backend.database_uri(service), service)
    try:
        with database.reading() as db:
            asked = sa.text(OF_SQLITE) if database.on_sqlite else sa.text(OF_POSTGRESQL).bindparams(name=service)
            found = sorted(map(tuple, db.execute(asked)))
            tables = sa.inspect(db).get_table_names()
            rows = {table: sorted(map(str, db.execute(sa.text(f'SELECT * FROM "{table}"')))) for table in tables}
        return found, rows
    finally:
        database.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_schema_made_from_a_former_one_is_what_the_migrations_make(bench, backend, server_space, service):
    backend.services.add(service)
    package, uri = f"pupitre_{service}", backend.database_uri(service)

    def anew():
        if backend.name == "servers":
            server_space.clean([service])
        else:
            (backend.folder / f"{service}.sqlite3").unlink(missing_ok=True)

    migrations.upgrade(package, uri, service)
    if backend.name == "servers":
        grants.apply(uri, service, package, server_space.role)
    by_migrations = made_of(backend, service)
    assert len(by_migrations[0]) > 20
    for _ in range(2):  # the first may be made by the migrations too
        anew()
        backend.migrate(service, package)
        assert made_of(backend, service) == by_migrations
