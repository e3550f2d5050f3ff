import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import idempotency, tables
from pupitre_bus.actors import Actor
from pupitre_bus.errors import IdempotencyInProgress, IdempotencyMismatch
from pupitre_bus.scope import Scope

ZOE, YAO = Actor("user", "zoe"), Actor("user", "yao")


@pytest.fixture
def make(database, clock, things, make_thing):
    """Answer a request as the bus does: by the stored answer if there is one, by the use case, or by its twin's."""

    def use_case(request, scope):
        with scope.begin() as tx:
            eventlet.sleep(0)
            number = tx.execute(sa.select(sa.func.count()).select_from(things)).scalar_one() + 1
            tx.execute(things.insert().values(name=f"{request.thing} {number}"))
            return tx.answer({"number": number})

    def ask(thing="kite", key="k1", actor=ZOE, use_case=use_case):
        request = make_thing.Request(thing=thing)
        scope = Scope(
            database=database, clock=clock, actor=actor, call=make_thing, request=request, idempotency_key=key
        )
        stored = scope.stored_answer()
        if stored is not None:
            return stored.number
        try:
            return use_case(request, scope).number
        except IdempotencyInProgress:
            stored = scope.stored_answer()
            if stored is None:
                raise
            return stored.number

    return ask


def count(database, table):
    with database.reading() as db:
        return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_the_same_key_and_request_get_the_same_answer_and_one_effect(make, database, things):
    assert [make(), make(), make()] == [1, 1, 1]
    assert count(database, things) == 1


def test_a_key_used_for_another_request_is_refused(make, database, things):
    make(thing="kite")
    with pytest.raises(IdempotencyMismatch):
        make(thing="drum")
    assert count(database, things) == 1


def test_another_key_is_another_request(make):
    assert [make(key="k1"), make(key="k2")] == [1, 2]


def test_a_key_belongs_to_its_actor(make):
    assert [make(actor=ZOE), make(actor=YAO), make(actor=None), make(actor=YAO)] == [1, 2, 3, 2]


def test_fifty_requests_at_once_with_one_key_have_one_effect_and_one_answer(make, database, things):
    pool = eventlet.GreenPool(50)
    assert list(pool.imap(lambda _: make(), range(50))) == [1] * 50
    assert count(database, things) == 1


def test_a_request_that_failed_frees_its_key(make, database):
    def fail(request, scope):
        with scope.begin():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(use_case=fail)
    assert count(database, tables.idempotency) == 0
    assert make() == 1


def test_a_transaction_that_keeps_something_but_answers_nothing_frees_its_key(make, database, things):
    def note_and_refuse(request, scope):
        with scope.begin() as tx:
            tx.execute(things.insert().values(name="failed attempt"))
        raise PermissionError

    with pytest.raises(PermissionError):
        make(use_case=note_and_refuse)
    assert count(database, things) == 1
    assert count(database, tables.idempotency) == 0


def test_an_answer_that_could_not_be_committed_is_not_kept(make, database):
    def answer_then_fail(request, scope):
        with pytest.raises(ZeroDivisionError), scope.begin() as tx:
            tx.answer({"number": 99}).number / 0
        with scope.begin() as tx:
            return tx.answer({"number": 7})

    assert make(use_case=answer_then_fail) == 7
    assert make() == 7


def test_a_call_gives_one_answer(make):
    def answer_twice(request, scope):
        with scope.begin() as tx:
            tx.answer({"number": 1})
        with scope.begin() as tx:
            return tx.answer({"number": 2})

    with pytest.raises(RuntimeError, match="given its answer"):
        make(use_case=answer_twice)
    assert make() == 1


def test_a_key_reserved_and_not_answered_is_in_progress(database, clock):
    means = {"key": "k", "call": "make_thing", "actor": "user:zoe", "fingerprint": "f"}
    with database.transaction() as tx:
        idempotency.reserve(tx, **means)
        with pytest.raises(IdempotencyInProgress):
            idempotency.lookup(tx, **means)
        with pytest.raises(IdempotencyInProgress):
            idempotency.reserve(tx, **means)
        idempotency.release(tx, key="k", call="make_thing", actor="user:zoe")
        assert idempotency.lookup(tx, **means) is None


def test_the_fingerprint_depends_on_the_values_only(make_thing):
    one, same, other = (make_thing.Request(thing=thing) for thing in ("a", "a", "b"))
    assert idempotency.fingerprint(one) == idempotency.fingerprint(same) != idempotency.fingerprint(other)
