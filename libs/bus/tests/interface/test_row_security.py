"""Row-level security on PostgreSQL, made of what tables declare: RS-42."""

import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import row_security
from pupitre_bus.database import Database
from pupitre_bus.row_security import Holder, seen_by, seen_through, seen_through_any
from pupitre_bus.scope import Scope

pytestmark = [pytest.mark.postgres, pytest.mark.requirement("RS-42")]

KITES, MOORING = uuid.uuid4(), uuid.uuid4()

metadata = sa.MetaData()
kite = sa.Table(
    "kite",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("lent_to_structure_id", sa.Uuid),
    info=seen_by("structure_id", "lent_to_structure_id"),
)
string = sa.Table(
    "string", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("length", sa.Integer), info=seen_through("kite", "name")
)
flight = sa.Table(
    "flight",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    info=seen_by("structure_id", added_by_all=True),
)
balloon = sa.Table(
    "balloon", metadata, sa.Column("balloon", sa.Text, primary_key=True), sa.Column("structure_id", sa.Uuid), info=seen_by("structure_id")
)
repair = sa.Table(
    "repair",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    info=seen_through_any(Holder("kite", "name"), Holder("balloon", "name", "balloon")),
)


@pytest.fixture
def schema(servers, server_space):
    """The tables with their policies; the role of the services owns them, as where one account serves all."""
    owner = Database(servers.database_uri("kites"), "kites")
    role = server_space.role
    with owner.transaction() as tx:
        tx.execute(sa.schema.CreateSchema("kites"))
        metadata.create_all(tx.connection)
        assert row_security.apply(tx.connection, "kites", metadata.tables) == ["balloon", "flight", "kite", "repair", "string"]
        tx.execute(sa.text(f"GRANT USAGE, CREATE ON SCHEMA kites TO {role}"))
        for table in metadata.tables:
            tx.execute(sa.text(f"ALTER TABLE {table} OWNER TO {role}"))
        tx.execute(kite.insert(), [{"name": "delta", "structure_id": KITES}, {"name": "box", "structure_id": MOORING}])
        tx.execute(kite.insert().values(name="lent", structure_id=MOORING, lent_to_structure_id=KITES))
        tx.execute(string.insert(), [{"name": name, "length": 30} for name in ("delta", "box", "lent")])
        tx.execute(balloon.insert(), [{"balloon": "red", "structure_id": KITES}, {"balloon": "blue", "structure_id": MOORING}])
        tx.execute(repair.insert(), [{"name": name} for name in ("delta", "box", "red", "blue", "nothing")])
    servers.services.add("kites")
    yield owner
    owner.close()


@pytest.fixture
def database(schema, server_space):
    found = Database(server_space.as_service(server_space.database_uri), "kites")
    yield found
    found.close()


@pytest.fixture
def scope(database):
    return Scope(database=database, clock=database.clock)


def names(scope, table=kite):
    with scope.reading() as db:
        return set(db.execute(sa.select(table.c.name)).scalars())


def test_where_nothing_is_said_nothing_is_seen_not_even_by_the_owner(scope, database):
    assert (names(scope), names(scope, string)) == (set(), set())
    with scope.begin() as tx:
        assert tx.execute(sa.select(kite.c.name)).all() == []
        assert tx.execute(kite.update().values(lent_to_structure_id=None)).rowcount == 0
        assert tx.execute(string.delete()).rowcount == 0
    with database.transaction() as tx:
        assert tx.execute(sa.select(kite.c.name)).all() == []


def test_a_query_without_condition_gives_what_the_structures_own_or_were_lent(scope):
    scope.see([KITES])
    assert names(scope) == names(scope, string) == {"delta", "lent"}
    scope.see([KITES, MOORING])
    assert names(scope) == names(scope, string) == {"delta", "box", "lent"}
    scope.see([])
    assert names(scope) == set()
    scope.see_all()
    assert names(scope) == {"delta", "box", "lent"}


def test_what_hangs_on_rows_of_several_tables_is_seen_with_any_of_them(scope):
    scope.see([KITES])
    assert names(scope, repair) == {"delta", "red"}
    with scope.begin() as tx:
        tx.execute(balloon.insert().values(balloon="green", structure_id=KITES))
        tx.execute(repair.insert().values(name="green"))
        assert tx.execute(repair.delete().where(repair.c.name == "blue")).rowcount == 0
    scope.see([MOORING])
    assert names(scope, repair) == {"box", "blue"}
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), scope.begin() as tx:
        tx.execute(repair.insert().values(name="green2"))
    scope.see_all()
    assert names(scope, repair) == {"delta", "box", "red", "blue", "green", "nothing"}


def test_what_one_transaction_sees_is_over_with_it(scope, database):
    """Connections are used again: the next transaction on one must not see what the last one did."""
    scope.see_all()
    assert names(scope)
    with scope.begin() as tx:
        assert len(tx.execute(sa.select(kite)).all()) == 3
    for _ in range(3):
        with database.reading() as db:
            assert db.execute(sa.select(kite)).all() == []
        with database.transaction() as tx:
            assert tx.execute(sa.select(kite)).all() == []


def test_a_write_without_condition_touches_no_foreign_row(scope, schema):
    scope.see([KITES])
    with scope.begin() as tx:
        assert tx.execute(string.update().values(length=1)).rowcount == 2
        assert tx.execute(kite.delete().where(kite.c.structure_id == MOORING, kite.c.lent_to_structure_id.is_(None))).rowcount == 0
    with schema.reading() as db:
        assert dict(db.execute(sa.select(string.c.name, string.c.length)).all()) == {"delta": 1, "lent": 1, "box": 30}


@pytest.mark.parametrize(
    "write",
    [
        kite.insert().values(name="new", structure_id=MOORING),
        kite.update().where(kite.c.name == "delta").values(structure_id=MOORING),
        string.insert().values(name="box2", length=1),
    ],
    ids=["a row of another", "a row given away", "a row that hangs on nothing seen"],
)
def test_a_row_is_not_written_for_a_structure_that_is_not_seen(scope, write):
    scope.see([KITES])
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), scope.begin() as tx:
        tx.execute(write)


def test_a_line_may_be_added_for_any_structure_and_is_not_seen_by_that(scope, schema):
    scope.see([KITES])
    with scope.begin() as tx:
        tx.execute(flight.insert(), [{"number": 1, "structure_id": KITES}, {"number": 2, "structure_id": MOORING}])
        assert list(tx.execute(sa.select(flight.c.number)).scalars()) == [1]
        assert tx.execute(flight.update().values(number=9)).rowcount == 0
        assert tx.execute(flight.delete()).rowcount == 0


def test_a_transaction_comes_to_see_a_structure_once_its_right_is_known(scope, database):
    with database.reading() as db:
        row_security.show(db, MOORING)
        assert set(db.execute(sa.select(kite.c.name)).scalars()) == {"box", "lent"}
        row_security.show(db, KITES)
        assert set(db.execute(sa.select(kite.c.name)).scalars()) == {"box", "lent", "delta"}
    with database.reading() as db:
        row_security.show(db)
        assert not db.execute(sa.select(kite.c.name)).all()
        row_security.show(db, KITES, MOORING)
        assert set(db.execute(sa.select(kite.c.name)).scalars()) == {"box", "lent", "delta"}
    scope.see_all()
    with scope.begin() as tx:
        row_security.show(tx, KITES)
        assert len(tx.execute(sa.select(kite)).all()) == 3
    assert not names(Scope(database=database, clock=database.clock))


def test_policies_follow_what_the_tables_declare_and_stay_untouched_when_they_do(schema):
    with schema.transaction() as tx:
        assert row_security.apply(tx.connection, "kites", metadata.tables) == []
    other = sa.MetaData()
    changed = kite.to_metadata(other)
    changed.info = seen_by("structure_id")
    string.to_metadata(other).info = {}
    with schema.transaction() as tx:
        assert row_security.apply(tx.connection, "kites", other.tables) == ["balloon", "flight", "kite", "repair", "string"]
        assert row_security.apply(tx.connection, "kites", other.tables) == []
        on = "SELECT relname FROM pg_class WHERE relnamespace = 'kites'::regnamespace AND relrowsecurity AND relforcerowsecurity"
        assert list(tx.execute(sa.text(on)).scalars()) == ["kite"]
