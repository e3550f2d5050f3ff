"""The order of changes of the annuaire, and quick searches for parts of texts.

Changes are numbered at the very end of a transaction, under a lock that is held until its commit can be seen: whoever sees a number
sees all smaller ones. On PostgreSQL the triggers are deferred, so that the lock is the last one taken and never part of a deadlock.
"""

import logging

import sqlalchemy as sa
from alembic import op
from pupitre_bus.database import lock_number

revision, down_revision = "0005", "0004"

log = logging.getLogger(__name__)

_SEARCHED = {"name": "name_key", "label": "label_key", "city": "city_key", "identifier": "lower(identifier)"}
_WITHOUT = (
    "the extension pg_trgm is not available to this account (%s): searches with * read the whole annuaire, which is slow beyond some"
    " ten thousand structures. docs/reference/organisation.md says what a superuser runs to add it"
)


def upgrade() -> None:
    op.create_table(
        "directory_change",
        sa.Column(
            "structure_id",
            sa.Uuid,
            sa.ForeignKey("structure.structure_id", name="fk_directory_change_structure"),
            primary_key=True,
        ),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("number", name="uq_directory_change_number"),
    )
    op.execute(
        "INSERT INTO directory_change (structure_id, number)"
        " SELECT structure_id, row_number() OVER (ORDER BY portal_number) FROM structure"
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in ("structure", "structure_service"):
            for event in ("INSERT", "UPDATE"):
                op.execute(_SQLITE.format(table=table, event=event))
    else:
        op.execute("CREATE SEQUENCE directory_change_number")
        op.execute(
            "SELECT setval('directory_change_number', coalesce(max(number), 0) + 1, false) FROM directory_change"
        )
        op.execute(_POSTGRESQL.format(lock=lock_number("pupitre-directory:organisation")))
        for table in ("structure", "structure_service"):
            op.execute(
                f"CREATE CONSTRAINT TRIGGER {table}_in_directory AFTER INSERT OR UPDATE ON {table}"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION number_directory_change()"
            )
        _index_parts_of_texts()


_SQLITE = """CREATE TRIGGER {table}_{event}_in_directory AFTER {event} ON {table} BEGIN
UPDATE directory_change SET number = (SELECT max(number) + 1 FROM directory_change) WHERE structure_id = NEW.structure_id;
INSERT INTO directory_change (structure_id, number)
SELECT NEW.structure_id, (SELECT coalesce(max(number), 0) + 1 FROM directory_change)
WHERE NOT EXISTS (SELECT 1 FROM directory_change WHERE structure_id = NEW.structure_id);
END"""

_POSTGRESQL = """CREATE FUNCTION number_directory_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({lock});
    INSERT INTO directory_change (structure_id, number) VALUES (NEW.structure_id, nextval('directory_change_number'))
    ON CONFLICT (structure_id) DO UPDATE SET number = EXCLUDED.number;
    RETURN NULL;
END $$"""


def _index_parts_of_texts() -> None:
    """Index the trigrams of what is searched with ``*``, if the database lets this account have them."""
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError as error:
        log.warning(_WITHOUT, str(error.orig).strip().splitlines()[0])
        return
    place = connection.execute(
        sa.text("SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_trgm'")
    ).scalar_one()
    for name, column in _SEARCHED.items():
        op.execute(f"CREATE INDEX postgresql_structure_{name} ON structure USING gin ({column} {place}.gin_trgm_ops)")
