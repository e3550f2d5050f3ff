import importlib.util
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import eventlet
import psycopg2
import pytest
import sqlalchemy as sa
from eventlet.patcher import original
from hypothesis import given, settings
from hypothesis import strategies as st
from pupitre_bus.database import Database
from pupitre_bus.scope import Scope
from pupitre_bus.testing import wait_until


class Broken(Exception):
    """Raised by a use case in the middle of its transaction."""


def names(database, things):
    with database.reading() as db:
        return set(db.execute(sa.select(things.c.name)).scalars())


def test_what_a_block_did_is_committed_at_its_end(database, things):
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="a"))
        assert database.in_transaction()
    assert not database.in_transaction()
    assert names(database, things) == {"a"}


def test_a_block_that_raises_leaves_nothing(database, things, thing_made):
    woken, called = [], []
    database.on_outbox(lambda: woken.append(1))

    def break_off():
        with database.transaction() as tx:
            tx.execute(things.insert().values(name="a"))
            tx.publish(thing_made(thing="a"))
            tx.after_commit(lambda: called.append(1))
            raise Broken

    with pytest.raises(Broken):
        break_off()
    assert names(database, things) == set()
    assert (woken, called) == ([], [])
    with database.transaction():
        pass


def test_a_greenlet_killed_in_a_transaction_leaves_nothing_and_frees_its_turn(database, things):
    def write_and_wait():
        with database.transaction() as tx:
            tx.execute(things.insert().values(name="a"))
            eventlet.sleep(60)

    writer = eventlet.spawn(write_and_wait)
    eventlet.sleep(0)
    while not database._writing:
        eventlet.sleep(0)
    writer.kill()
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="b"))
    assert names(database, things) == {"b"}


def test_listeners_are_woken_after_a_commit_that_wrote_to_the_outbox_and_only_then(database, things, thing_made):
    seen = []
    database.on_outbox(lambda: seen.append(names(database, things)))
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="a"))
    assert seen == []
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="b"))
        tx.publish(thing_made(thing="b"))
    assert seen == [{"a", "b"}]


def test_what_is_to_be_done_after_the_commit_cannot_undo_it(database, things):
    def fail():
        raise Broken

    called = []
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="a"))
        tx.after_commit(fail)
        tx.after_commit(lambda: called.append(1))
    assert called == [1]
    assert names(database, things) == {"a"}


def test_transactions_do_not_nest_and_reads_inside_go_through_the_transaction(database):
    with database.transaction():
        with pytest.raises(RuntimeError, match="already open"), database.transaction():
            pass
        with pytest.raises(RuntimeError, match="open transaction"), database.reading():
            pass


def test_a_reading_cannot_write(database, things):
    with pytest.raises(sa.exc.DBAPIError), database.reading() as db:
        db.execute(things.insert().values(name="a"))
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="b"))
    assert names(database, things) == {"b"}


def test_a_reading_sees_one_state_while_others_commit(database, things):
    with database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(things)).scalar_one() == 0

        def write():
            with database.transaction() as tx:
                tx.execute(things.insert().values(name="a"))

        eventlet.spawn(write).wait()
        assert db.execute(sa.select(sa.func.count()).select_from(things)).scalar_one() == 0
    assert names(database, things) == {"a"}


def test_many_greenlets_write_at_once_and_none_fails(database, things):
    def write(number):
        with database.transaction() as tx:
            count = tx.execute(sa.select(sa.func.count()).select_from(things)).scalar_one()
            tx.execute(things.insert().values(name=f"{number}", amount=count))

    pool = eventlet.GreenPool(50)
    for _ in pool.imap(write, range(50)):
        pass
    assert len(names(database, things)) == 50


def test_amounts_and_instants_are_exact_in_the_database_and_in_its_sums(database, things):
    at = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)
    amounts = [Decimal("0.10")] * 3 + [Decimal("9999999999999999.99"), Decimal("-9999999999999999.99")]
    with database.transaction() as tx:
        for number, amount in enumerate(amounts):
            tx.execute(things.insert().values(name=str(number), amount=amount, price=Decimal("0.333333"), made_at=at))
    with database.reading() as db:
        total, price = db.execute(sa.select(sa.func.sum(things.c.amount), sa.func.sum(things.c.price))).one()
        assert (total, price) == (Decimal("0.30"), Decimal("1.666665"))
        assert set(db.execute(sa.select(things.c.made_at)).scalars()) == {at}
        query = sa.select(sa.func.count()).where(things.c.amount > Decimal("0.05"), things.c.made_at <= at)
        assert db.execute(query).scalar_one() == 4


@settings(max_examples=40)
@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_any_amount_survives_its_storage(database, things, amount):
    with database.transaction() as tx:
        tx.execute(things.delete())
        tx.execute(things.insert().values(name="a", amount=amount))
        assert tx.execute(sa.select(things.c.name).where(things.c.amount == amount)).scalar_one() == "a"
        assert tx.execute(sa.select(things.c.amount)).scalar_one() == amount


def test_the_transaction_has_one_instant(database, clock):
    with database.transaction() as tx:
        first = tx.now
        clock.advance(5)
        assert tx.now == first
    assert Scope(database=database, clock=clock).clock.now() != first


def test_an_error_text_does_not_hold_the_data(database, things):
    twice = [{"name": "a", "price": Decimal("123456")}] * 2
    with pytest.raises(sa.exc.IntegrityError) as raised, database.transaction() as tx:
        tx.execute(things.insert(), twice)
    assert "123456" not in str(raised.value)


@pytest.mark.postgres
def test_waiting_for_postgresql_leaves_the_hub_free(postgresql_uri):
    database = Database(postgresql_uri, "things")

    gate = psycopg2.connect(postgresql_uri)
    gate.autocommit = True
    with gate.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        waiting = [eventlet.spawn(_ask, database, UNTIL_UNLOCKED) for _ in range(3)]
        wait_until(lambda: _asking(cursor) == 3)
    gate.close()
    with eventlet.Timeout(60):
        for thread in waiting:
            thread.wait()
    database.close()


UNTIL_UNLOCKED = """DO $$ BEGIN
    WHILE NOT pg_try_advisory_lock_shared(7) LOOP PERFORM pg_sleep(0.01); END LOOP; PERFORM pg_advisory_unlock_shared(7);
END $$"""


def _ask(database, what):
    with database.reading() as db:
        db.exec_driver_sql(what)


def _asking(cursor):
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'DO%' AND state = 'active'")
    return cursor.fetchone()[0]


@pytest.mark.postgres
def test_services_that_share_a_database_do_not_see_each_others_tables(postgresql_uri, things):
    one, other = Database(postgresql_uri, "one"), Database(postgresql_uri, "other")
    for database in (one, other):
        with database.transaction() as tx:
            tx.execute(sa.schema.CreateSchema(database.name))
            things.metadata.create_all(tx.connection)
    with one.transaction() as tx:
        tx.execute(things.insert().values(name="a"))
    assert (names(one, things), names(other, things)) == ({"a"}, set())
    one.close()
    other.close()


def test_writers_of_one_file_take_turns_in_the_order_in_which_they_came(tmp_path):
    uri, order = f"sqlite:///{tmp_path / 'things.sqlite3'}", []
    databases = [Database(uri, "things"), Database(uri, "things")]

    def write(number):
        with databases[number % 2].transaction():
            order.append(number)
            eventlet.sleep(0.003)

    for _ in eventlet.GreenPool(10).imap(write, range(10)):
        pass
    assert order == list(range(10))
    for database in databases:
        database.close()


def test_another_process_that_writes_to_the_file_makes_nobody_fail(tmp_path, things):
    database = Database(f"sqlite:///{tmp_path / 'things.sqlite3'}", "things")
    with database.transaction() as tx:
        things.metadata.create_all(tx.connection)
    intruder = Database(f"sqlite:///{tmp_path / 'things.sqlite3'}", "things").writer.connect()
    held = intruder.begin()
    intruder.execute(things.insert().values(name="a"))
    waiting = eventlet.spawn(names_after_writing, database, things)
    for _ in range(5):
        eventlet.sleep(0.01)
    assert not waiting.dead
    held.commit()
    assert waiting.wait() == {"a", "b"}
    intruder.close()
    database.close()


def names_after_writing(database, things):
    with database.transaction() as tx:
        tx.execute(things.insert().values(name="b"))
    return names(database, things)


def test_a_commit_on_sqlite_is_on_the_disk(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'things.sqlite3'}", "things")
    with database.transaction() as tx:
        names = ("journal_mode", "synchronous", "foreign_keys")
        pragmas = [tx.execute(sa.text(f"PRAGMA {name}")).scalar_one() for name in names]
    assert pragmas == ["wal", 2, 1]
    database.close()


@pytest.mark.requirement("RS-11")
def test_on_sqlite_another_thread_waits_for_the_disk(tmp_path):
    database, threads = Database(f"sqlite:///{tmp_path / 'things.sqlite3'}", "things"), {}
    thread_of_the_system = original("_thread").get_ident
    with database.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE things (name TEXT)"))
        driver = tx.connection.connection.dbapi_connection
        driver.set_trace_callback(lambda sql: threads.setdefault(sql.split()[0], thread_of_the_system()))
        tx.execute(sa.text("INSERT INTO things VALUES ('a')"))
    assert threads["INSERT"] == thread_of_the_system() != threads["COMMIT"]


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:", "mysql://host/x"])
def test_a_database_that_cannot_keep_what_it_is_given_is_refused(uri):
    with pytest.raises(ValueError):
        Database(uri, "things")


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_whatever_the_address_says_the_driver_is_the_one_that_leaves_the_hub_free(driver):
    assert Database(f"{driver}://host/x", "things").url.drivername == "postgresql+psycopg2"
    assert importlib.util.find_spec("psycopg") is None


@pytest.mark.parametrize("name", ["", "Things", "a b", "x'; drop schema", "1a", "a-b"])
def test_a_name_that_could_not_be_a_schema_is_refused(tmp_path: Path, name):
    with pytest.raises(ValueError):
        Database(f"sqlite:///{tmp_path / 'x'}", name)


def test_the_tests_themselves_run_green():
    assert threading.local is not original("threading").local
