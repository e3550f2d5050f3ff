"""Calls between services, on both buses."""

import eventlet
import pytest
import sqlalchemy as sa
from eventlet.event import Event as Signal
from pupitre_bus import Service, calls, rpc
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message, fields


class Add(Call):
    """Add a note. Errors: conflict. Idempotent."""

    service, writes = "notes", True

    class Request(Message):
        text = fields.String(required=True)
        fail = fields.String()

    class Reply(Message):
        count = fields.Integer(required=True)


class Who(Call):
    """Tell who asks. Errors: none."""

    service = "notes"

    class Request(Message):
        pass

    class Reply(Message):
        actor = fields.String(required=True)
        behalf = fields.String()


class Nap(Call):
    """Sleep."""

    service, anonymous = "notes", True

    class Request(Message):
        seconds = fields.Raw(required=True)

    class Reply(Message):
        pass


class Ask(Call):
    """Ask notes who asks."""

    service = "desk"

    class Request(Message):
        pass

    Reply = Who.Reply


metadata = sa.MetaData()
note = sa.Table(
    "note", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text, nullable=False)
)


class Notes(Service):
    name = "notes"
    metadata = metadata

    @rpc(Add)
    def add(self, request, scope):
        if request.fail == "conflict":
            raise errors.Conflict(what="note")
        if request.fail == "database":
            raise sa.exc.OperationalError("INSERT", {}, Exception("secret: server closed the connection unexpectedly"))
        if request.fail == "bug":
            raise RuntimeError("secret dsn=postgres://u:pw@h/db")
        with scope.begin() as tx:
            tx.execute(note.insert().values(text=request.text))
            count = tx.execute(sa.select(sa.func.count()).select_from(note)).scalar_one()
            return tx.answer(Add.Reply(count=count))

    @rpc(Who)
    def who(self, request, scope):
        return reply_of(scope.actor)

    @rpc(Nap)
    def nap(self, request, scope):
        eventlet.sleep(request.seconds)
        return {}


class Desk(Service):
    name = "desk"

    @rpc(Ask)
    def ask(self, request, scope):
        return scope.bus.call(Who)


def reply_of(actor):
    behalf = {"behalf": actor.behalf_of.reference} if actor.behalf_of else {}
    return Who.Reply(actor=actor.reference, **behalf)


def test_a_call_returns_the_reply_of_the_service(running, caller):
    running(Notes)
    actor = user()
    assert caller(actor).call(Who).actor == actor.reference


def test_a_service_calls_another_on_behalf_of_the_actor(running, caller):
    running(Notes, Desk)
    actor = user()
    reply = caller(actor).call(Ask)
    assert (reply.actor, reply.behalf) == ("service:desk", actor.reference)


def test_a_typed_error_arrives_with_its_code_and_details(running, caller):
    running(Notes)
    with pytest.raises(errors.Conflict) as refused:
        caller(user()).call(Add, text="a", fail="conflict")
    assert refused.value.details == {"what": "note"}


@pytest.mark.requirement("RS-32")
def test_a_bug_becomes_an_incident_number_and_its_text_stays_in_the_log(running, caller, caplog):
    running(Notes)
    with pytest.raises(errors.Internal) as failed:
        caller(user()).call(Add, text="a", fail="bug")
    assert "secret" not in str(failed.value.dump())
    assert failed.value.details["incident"] in caplog.text
    assert "secret" in caplog.text


def test_a_database_that_is_down_makes_its_service_unavailable(running, caller, caplog):
    running(Notes)
    with pytest.raises(errors.Unavailable) as failed:
        caller(user()).call(Add, text="a", fail="database")
    assert failed.value.details == {"service": "notes"}
    assert "secret" in caplog.text


@pytest.mark.requirement("RS-41")
def test_a_call_without_an_actor_is_refused_unless_anybody_may_ask(running, caller):
    running(Notes)
    with pytest.raises(errors.ActorMissing):
        caller().call(Who)
    assert caller().call(Nap, seconds=0) is not None


@pytest.mark.requirement("RS-41")
def test_a_token_for_another_service_is_refused(running, caller, bench):
    running(Notes, Desk)

    class Misled:
        def token_for(self, audience):
            return bench.caller(user())._credentials.token_for("desk")

    with pytest.raises(errors.ActorInvalid):
        caller().call(Who, credentials=Misled())


@pytest.mark.requirement("RS-09")
def test_a_reply_that_does_not_come_is_a_time_out_within_its_limit(running, caller, bench):
    host = running(Notes)
    bus = caller()
    bus.call(Nap, seconds=0)
    with eventlet.Timeout(60), pytest.raises(errors.TimedOut):
        bus.call(Nap, seconds=1000, timeout=0.4)
    bench.stop(host, kill=True)  # nobody waits for the nap's end


@pytest.mark.requirement("RS-09")
def test_a_service_that_does_not_run_is_unavailable_at_once(running, caller):
    bus = caller(user())
    with pytest.raises(errors.Unavailable), eventlet.Timeout(60):
        bus.call(Who, timeout=1000)


def test_a_service_that_stopped_in_order_is_unavailable_at_once(running, caller, bench):
    host = running(Notes)
    bus = caller(user())
    bus.call(Who)
    bench.stop(host)
    with pytest.raises(errors.Unavailable), eventlet.Timeout(60):
        bus.call(Who, timeout=1000)


def test_many_calls_are_in_flight_at_once(fake_service, caller):
    here, all_here = [], Signal()

    def meet(request, scope):
        here.append(1)
        if len(here) == calls.PREFETCH:
            all_here.send(None)
        all_here.wait()
        return {}

    fake_service("notes", {Nap: meet})
    bus = caller()
    with eventlet.Timeout(60):
        threads = [eventlet.spawn(bus.call, Nap, seconds=0, timeout=50) for _ in range(20)]
        assert all(thread.wait() is not None for thread in threads)


@pytest.mark.requirement("RS-09")
def test_a_repeated_key_gets_the_first_answer_and_one_effect(running, caller):
    running(Notes)
    bus = caller(user())
    first = bus.call(Add, text="a", idempotency_key="k")
    assert bus.call(Add, text="a", idempotency_key="k").count == first.count == 1
    with pytest.raises(errors.IdempotencyMismatch):
        bus.call(Add, text="b", idempotency_key="k")


@pytest.mark.requirement("RS-20")
def test_concurrent_calls_with_one_key_have_one_effect(running, caller):
    running(Notes)
    bus = caller(user())
    threads = [eventlet.spawn(bus.call, Add, text="a", idempotency_key="k") for _ in range(10)]
    assert [thread.wait().count for thread in threads] == [1] * 10


@pytest.mark.requirement("RS-09")
def test_a_callee_killed_in_a_call_gives_an_error_in_time_and_the_call_can_be_repeated(running, caller, bench):
    host = running(Notes)
    bus = caller()
    waiting = eventlet.spawn(bus.call, Nap, seconds=1000, timeout=2)
    wait_until(lambda: host.runtime("notes").consumers[0].in_flight or waiting.dead)
    bench.stop(host, kill=True)
    with eventlet.Timeout(60), pytest.raises((errors.TimedOut, errors.Unavailable)):
        waiting.wait()
    running(Notes)
    wait_until(lambda: bus.call(Nap, seconds=0) is not None)


def test_no_call_is_made_inside_a_transaction(running, caller, bench):
    from pupitre_bus.client import Bus, CallInTransaction

    running(Notes)
    database = bench.database("notes")
    bus = Bus(bench.backend.amqp_uri, "notes", database.in_transaction)
    with database.transaction(), pytest.raises(CallInTransaction):
        bus.call(Nap, seconds=0)
    database.close()


def test_a_fake_service_answers_in_the_place_of_the_real_one(fake_service, running, caller):
    running(Desk)
    fake_service("notes", {Who: lambda request, scope: reply_of(Actor.service("fake"))})
    assert caller(user()).call(Ask).actor == "service:fake"


def test_every_service_tells_its_health(running, caller):
    from pupitre_contracts import platform

    running(Notes)
    reply = caller().call_on("notes", platform.Health)
    assert reply.ok
    assert {check.name for check in reply.checks} == {"broker", "database", "migrations", "relay", "parked"}


@pytest.mark.rabbitmq
@pytest.mark.faults
def test_callers_and_services_find_the_broker_again_after_it_cut_their_connections(servers, service_clock):
    from pupitre_bus.testing import Bench

    bench = Bench(servers, service_clock)
    try:
        bench.start(Notes)
        bus = bench.caller(user())
        bus.call(Who)
        servers.drop_connections()

        def answered():
            try:
                return bus.call(Who)
            except (errors.Unavailable, errors.TimedOut):
                return None

        wait_until(answered)
        assert bench._hosts[0].failure() is None
    finally:
        bench.close()
