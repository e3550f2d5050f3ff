import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from pupitre_bus import tables
from pupitre_bus.clock import FrozenClock
from pupitre_bus.database import Database
from pupitre_bus.types import Instant, Money
from pupitre_contracts.message import Call, Event, Message, fields

SERVER = "postgresql://root@127.0.0.1:5432"

own = sa.MetaData()
thing = sa.Table(
    "thing",
    own,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("amount", Money()),
    sa.Column("price", Money(scale=6)),
    sa.Column("made_at", Instant),
)


class ThingMade(Event):
    name, version, owner, subject_field = "thing.made", 1, "things", "thing"

    thing = fields.String(required=True)
    note = fields.Raw()


class ThingLost(Event):
    name, version, owner, subject_field = "thing.lost", 1, "things", "thing"

    thing = fields.String(required=True)


class MakeThing(Call):
    service, writes = "things", True

    class Request(Message):
        thing = fields.String(required=True)

    class Reply(Message):
        number = fields.Integer(required=True)


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """The URI of a database made for this session and dropped after it."""
    name = f"pupitre_bus_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg2.connect(f"{SERVER}/postgres")
    except psycopg2.OperationalError as error:
        if os.environ.get("PUPITRE_REQUIRE_SERVERS") == "1":
            pytest.fail(f"PostgreSQL does not answer: {error}")
        pytest.skip("PostgreSQL does not answer on 127.0.0.1:5432")
    server.autocommit = True
    try:
        server.cursor().execute(f"CREATE DATABASE {name}")
        yield f"{SERVER}/{name}"
        server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'things.sqlite3'}"
    return request.getfixturevalue("postgresql_uri")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


@pytest.fixture
def database(database_uri: str, clock: FrozenClock) -> Iterator[Database]:
    """The database of a service "things" with the platform's tables and one of its own, on each backend."""
    opened = Database(database_uri, "things", clock)
    with opened.transaction() as tx:
        if not opened.on_sqlite:
            tx.execute(sa.text("DROP SCHEMA IF EXISTS things CASCADE"))
            tx.execute(sa.schema.CreateSchema("things"))
        tables.metadata.create_all(tx.connection)
        own.create_all(tx.connection)
    yield opened
    opened.close()


@pytest.fixture
def things() -> sa.Table:
    return thing


@pytest.fixture
def thing_made() -> type[Event]:
    return ThingMade


@pytest.fixture
def thing_lost() -> type[Event]:
    return ThingLost


@pytest.fixture
def make_thing() -> type[Call]:
    return MakeThing
