import sys
from pathlib import Path

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import migrations
from pupitre_bus.database import Database

TABLES = """
import sqlalchemy as sa
from pupitre_bus.types import Instant, Money
metadata = sa.MetaData()
kite = sa.Table(
    "kite", metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("price", Money(), nullable=False),
    sa.Column("flown_at", Instant),
    sa.Column("made_on", sa.Date),
    sa.Column("extra", sa.JSON),
    sa.Column("open", sa.Boolean),
)
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import operator_acts, platform_tables
from pupitre_bus.types import Instant, Money

revision, down_revision = "0001", None

def upgrade():
    platform_tables(op)
    operator_acts(op)
    op.create_table(
        "kite",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("price", Money(), nullable=False),
        sa.Column("flown_at", Instant),
        sa.Column("made_on", sa.Date),
        sa.Column("extra", sa.JSON),
        sa.Column("open", sa.Boolean),
    )
"""
FAILING = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.create_table("string", sa.Column("id", sa.Uuid, primary_key=True))
    raise ZeroDivisionError
"""


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """The folder of migrations of a package ``kites``."""
    folder = tmp_path / "kites" / "migrations" / "versions"
    folder.mkdir(parents=True)
    (tmp_path / "kites" / "__init__.py").touch()
    (tmp_path / "kites" / "tables.py").write_text(TABLES)
    (folder / "0001_initial.py").write_text(FIRST)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "kites"]:
        del sys.modules[name]


@pytest.fixture
def uri(database_uri, tmp_path):
    if database_uri.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new folder' / 'kites.sqlite3'}"
        return
    yield database_uri
    database = Database(database_uri, "kites")
    with database.transaction() as tx:
        tx.execute(sa.text("DROP SCHEMA IF EXISTS kites CASCADE"))
    database.close()


def tables_of(uri):
    database = Database(uri, "kites")
    with database.reading() as db:
        names = set(sa.inspect(db).get_table_names())
    database.close()
    return names


def test_a_new_database_is_made_and_is_up_to_date(uri, versions):
    assert not migrations.check("kites", uri, "kites")
    assert migrations.upgrade("kites", uri, "kites") == ["0001"]
    assert migrations.check("kites", uri, "kites")
    assert {"kite", "outbox", "inbox", "watermark", "parked", "idempotency", "lease"} <= tables_of(uri)


def test_the_migrated_database_is_what_the_tables_say(uri, versions):
    migrations.upgrade("kites", uri, "kites")
    assert migrations.differences("kites", uri, "kites") == []


def test_a_difference_between_database_and_tables_is_told(uri, versions):
    migrations.upgrade("kites", uri, "kites")
    database = Database(uri, "kites")
    with database.transaction() as tx:
        tx.execute(sa.text("ALTER TABLE kite ADD COLUMN stray INTEGER"))
        tx.execute(sa.text("DROP INDEX ix_parked_due"))
    database.close()
    kinds = [difference[0] for difference in migrations.differences("kites", uri, "kites")]
    assert sorted(kinds) == ["add_index", "remove_column"]


def test_migrating_again_does_nothing(uri, versions):
    migrations.upgrade("kites", uri, "kites")
    assert migrations.upgrade("kites", uri, "kites") == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(uri, versions: Path):
    migrations.upgrade("kites", uri, "kites")
    (versions / "0002_strings.py").write_text(FAILING)
    assert not migrations.check("kites", uri, "kites")
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade("kites", uri, "kites")
    assert "string" not in tables_of(uri)
    (versions / "0002_strings.py").unlink()
    assert migrations.check("kites", uri, "kites")


def test_checking_creates_nothing(tmp_path, versions):
    missing = tmp_path / "absent" / "kites.sqlite3"
    assert not migrations.check("kites", f"sqlite:///{missing}", "kites")
    assert not missing.parent.exists()


def test_two_that_migrate_at_once_take_turns(uri, versions):
    pool = eventlet.GreenPool()
    ran = list(pool.imap(lambda _: migrations.upgrade("kites", uri, "kites"), range(3)))
    assert sorted(ran) == [[], [], ["0001"]]
