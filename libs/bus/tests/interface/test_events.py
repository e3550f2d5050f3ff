"""Events from the outbox of one service to their one effect in another, on both buses."""

import datetime
import json
import uuid

import eventlet
import kombu
import pytest
import sqlalchemy as sa
from pupitre_bus import Service, connection, on_event, parked, rpc, topology
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_bus.errors import Permanent
from pupitre_bus.testing import Bench, user, wait_until
from pupitre_contracts import errors, platform
from pupitre_contracts.message import Call, Event, Message, fields


class PageWritten(Event):
    name, version, owner, subject_field = "page.written", 1, "writer", "book"

    book = fields.String(required=True)
    number = fields.Integer(required=True)


class WritePages(Call):
    service, writes = "writer", True

    class Request(Message):
        book = fields.String(required=True)
        first = fields.Integer(required=True)
        count = fields.Integer(required=True)

    class Reply(Message):
        pass


class Writer(Service):
    name = "writer"

    @rpc(WritePages)
    def write_pages(self, request, scope):
        with scope.begin() as tx:
            for number in range(request.first, request.first + request.count):
                tx.publish(PageWritten(book=request.book, number=number))
            return tx.answer({})


metadata = sa.MetaData()
read = sa.Table(
    "read",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("book", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)


class Reader(Service):
    name = "reader"
    metadata = metadata
    broken: set[int] = set()
    refused: set[int] = set()
    away: errors.PupitreError | None = None

    @on_event(PageWritten)
    def page_written(self, event, scope):
        if self.away is not None:
            raise self.away
        if event.number in self.broken:
            raise RuntimeError(f"page {event.number} is torn")
        if event.number in self.refused:
            raise Permanent("not a page")
        with scope.begin() as tx:
            tx.execute(read.insert().values(book=event.book, number=event.number))


@pytest.fixture(autouse=True)
def _sound_reader():
    Reader.broken, Reader.refused, Reader.away = set(), set(), None


def pages(bench, book="b"):
    database = bench.database("reader")
    try:
        with database.reading() as db:
            return list(db.execute(sa.select(read.c.number).where(read.c.book == book).order_by(read.c.id)).scalars())
    finally:
        database.close()


def letters(bench, state=None):
    database = bench.database("reader")
    try:
        return parked.list(database, state)
    finally:
        database.close()


def write(caller, first, count, book="b"):
    caller(user()).call(WritePages, book=book, first=first, count=count)


@pytest.mark.requirement("RS-01")
def test_an_event_committed_in_the_outbox_has_its_effect_in_order(running, caller, bench):
    running(Writer, Reader)
    write(caller, 1, 50)
    wait_until(lambda: len(pages(bench)) == 50)
    assert pages(bench) == list(range(1, 51))


@pytest.mark.requirement("RS-06")
def test_a_handler_that_raises_is_recorded_for_a_retry_and_others_go_on(running, caller, bench):
    Reader.broken = {2}
    running(Writer, Reader)
    write(caller, 1, 3)
    wait_until(lambda: pages(bench) == [1, 3])
    letter = wait_until(lambda: letters(bench, "retrying"))[0]
    assert "page 2 is torn" in letter.error
    assert letter.next_at is not None


@pytest.mark.requirement("RS-06")
def test_a_permanent_failure_is_parked_at_once(running, caller, bench):
    Reader.refused = {1}
    running(Writer, Reader)
    write(caller, 1, 2)
    wait_until(lambda: pages(bench) == [2] and letters(bench, "parked"))


def inject(bench, body, content_type="application/cloudevents+json", headers=None, charset=None):
    with connection.connect(bench.backend.amqp_uri) as link:
        producer = kombu.Producer(link.channel(), auto_declare=False)
        producer.channel.basic_publish(
            producer.channel.prepare_message(
                body, content_type=content_type, content_encoding=charset, headers=headers or {}, properties={}
            ),
            exchange="writer.events",
            routing_key=PageWritten.type,
        )


def test_a_body_that_says_it_is_compressed_and_is_not_is_parked(running, caller, bench):
    running(Writer, Reader)
    inject(bench, b"not gzip", headers={"compression": "gzip"})
    write(caller, 1, 1)
    wait_until(lambda: pages(bench) == [1] and letters(bench, "parked"))


@pytest.mark.requirement("RS-08")
@pytest.mark.parametrize("book", ["a\0b", "\ud800", "x" * 70_000], ids=["nul", "half of a pair", "too long"])
def test_who_sends_what_no_consumer_could_take_is_told_and_nothing_travels(running, caller, bench, book):
    running(Writer, Reader)
    with pytest.raises(errors.Invalid) as refused:
        caller(user()).call(WritePages, book=book, first=1, count=1)
    assert refused.value.status == 422
    write(caller, 1, 1)
    wait_until(lambda: pages(bench) == [1])
    assert not letters(bench)


LABELS = ((None, "latin-1"), ("text/html", "utf-16"), ("application/x-python-serialize", "no-such-charset"))


def test_labels_of_a_body_are_not_believed(running, bench):
    running(Writer, Reader)
    for number, (kind, charset) in enumerate(LABELS, 1):
        inject(bench, envelope_of({"book": "é", "number": number}, number=number), kind, charset=charset)
    wait_until(lambda: sorted(pages(bench, "é")) == [1, 2, 3])


def test_an_event_that_does_not_fit_its_contract_is_parked(running, bench, caller):
    running(Writer, Reader)
    inject(bench, envelope_of(data={"book": "b"}))
    write(caller, 1, 1)
    wait_until(lambda: pages(bench) == [1] and letters(bench, "parked"))


def envelope_of(data, number=10**9):
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/pupitre/writer",
            "type": PageWritten.type,
            "subject": "b",
            "time": "2026-01-01T00:00:00.000000Z",
            "datacontenttype": "application/json",
            "feedseq": number,
            "subjectversion": number,
            "data": data,
        },
        ensure_ascii=False,
    ).encode()


@pytest.mark.requirement("RS-04")
def test_an_event_delivered_three_times_has_one_effect(running, bench):
    intake = running(Writer, Reader).runtime("reader").intake
    body = envelope_of({"book": "b", "number": 7})
    for _ in range(3):
        inject(bench, body)
    inject(bench, envelope_of({"book": "b", "number": 8}, number=2))
    wait_until(lambda: 8 in pages(bench) and intake.duplicates == 2)
    assert sorted(pages(bench)) == [7, 8]


@pytest.mark.requirement("RS-06")
def test_a_failed_event_is_tried_again_when_due_and_then_has_its_effect_once(running, caller, bench):
    bench.clock = FrozenClock(datetime.datetime.now(datetime.UTC))
    Reader.broken = {1}
    running(Writer, Reader)
    write(caller, 1, 2)
    wait_until(lambda: letters(bench, "retrying"))
    Reader.broken = set()
    bench.clock.advance(6)
    wait_until(lambda: pages(bench) == [2, 1])
    assert [letter.state for letter in letters(bench)] == ["done"]


@pytest.mark.requirement("RS-07")
@pytest.mark.parametrize("error", [errors.Unavailable, errors.TimedOut])
def test_an_event_that_needs_a_service_which_is_away_waits_half_a_minute_and_not_longer_each_time(running, caller, bench, error):
    bench.clock = FrozenClock(datetime.datetime.now(datetime.UTC))
    Reader.away = error(service="library")
    running(Writer, Reader)
    write(caller, 1, 1)
    for attempts in range(1, 8):
        letter = wait_until(lambda n=attempts: next((each for each in letters(bench) if each.attempts == n), None))
        assert (letter.next_at - letter.last_at).total_seconds() == (5 if attempts == 1 else 30)
        bench.clock.advance(30)
    Reader.away = None
    bench.clock.advance(30)
    wait_until(lambda: pages(bench) == [1])


@pytest.mark.requirement("RS-06")
def test_an_event_that_fails_at_every_step_is_parked_and_an_operator_can_retry_it(running, caller, bench):
    bench.clock = FrozenClock(datetime.datetime.now(datetime.UTC))
    Reader.broken = {1}
    running(Writer, Reader)
    write(caller, 1, 1)
    for attempts in range(1, 6):
        wait_until(lambda n=attempts: letters(bench) and letters(bench)[0].attempts == n)
        bench.clock.advance(hours=2)
    letter = wait_until(lambda: letters(bench, "parked"))[0]
    assert (letter.attempts, pages(bench)) == (6, [])
    operator = caller(Actor.service("operator"))
    shown = operator.call_on("reader", platform.DeadLetterDetail, id=str(letter.id)).letter
    assert "page 1 is torn" in shown.error
    Reader.broken = set()
    assert operator.call_on("reader", platform.RetryDeadLetter, id=str(letter.id)).letter.state == "done"
    assert pages(bench) == [1]


def test_a_user_may_read_neither_the_event_log_nor_failed_messages(running, caller):
    running(Writer)
    for call, values in ((platform.EventsAfter, {"after": 0}), (platform.DeadLetters, {})):
        with pytest.raises(errors.Forbidden):
            caller(user()).call_on("writer", call, **values)


@pytest.mark.requirement("RS-07")
def test_events_that_the_broker_lost_are_found_at_the_next_look(running, caller, bench):
    bench.catch_up_seconds = 0.5
    running(Writer, Reader)
    write(caller, 1, 3)
    wait_until(lambda: pages(bench) == [1, 2, 3])
    with connection.connect(bench.backend.amqp_uri) as link:
        channel = link.channel()
        channel.queue_unbind("events.reader", "writer.events", PageWritten.type)
        kombu.Queue("elsewhere", kombu.Exchange("writer.events", type="topic"), "#", durable=False)(channel).declare()
        write(caller, 4, 3)
        wait_until(lambda: pages(bench) == [1, 2, 3, 4, 5, 6])
        channel.queue_delete("elsewhere")


@pytest.mark.requirement("RS-07")
def test_a_late_joiner_gets_everything_from_the_start(running, caller, bench):
    running(Writer)
    write(caller, 1, 250)
    running(Reader)
    wait_until(lambda: len(pages(bench)) == 250)
    assert pages(bench) == list(range(1, 251))


@pytest.mark.requirement("RS-07")
@pytest.mark.faults
def test_nothing_is_lost_when_the_consumer_is_killed_with_events_in_flight(running, caller, bench):
    running(Writer)
    host = running(Reader)
    write(caller, 1, 100)
    wait_until(lambda: len(pages(bench)) > 10)
    bench.stop(host, kill=True)
    running(Reader)
    wait_until(lambda: len(pages(bench)) >= 100)
    assert sorted(pages(bench)) == list(range(1, 101))


@pytest.mark.requirement("RS-05")
def test_a_stop_lets_handlers_finish_and_the_next_instance_takes_the_rest(running, caller, bench):
    running(Writer)
    host = running(Reader)
    write(caller, 1, 100)
    wait_until(lambda: len(pages(bench)) > 10)
    with eventlet.Timeout(60):
        bench.stop(host)
    taken = pages(bench)
    running(Reader)
    wait_until(lambda: len(pages(bench)) >= 100)
    assert pages(bench)[: len(taken)] == taken
    assert sorted(pages(bench)) == list(range(1, 101))
    assert not letters(bench)


@pytest.mark.requirement("RS-06")
@pytest.mark.faults
def test_while_the_database_is_down_events_wait_without_a_hot_loop(running, caller, bench, monkeypatch):
    running(Writer, Reader)
    write(caller, 1, 1)
    wait_until(lambda: pages(bench) == [1])
    tries = []

    def down(*_):
        tries.append(1)
        raise sa.exc.OperationalError("select", {}, Exception("the database is down"))

    with monkeypatch.context() as patched:
        patched.setattr("pupitre_bus.parked.settled_among", down)
        write(caller, 2, 2)
        wait_until(lambda: len(tries) >= 3)
        assert len(tries) < 10
    wait_until(lambda: sorted(pages(bench)) == [1, 2, 3])
    assert not letters(bench)


@pytest.mark.requirement("RS-02")
@pytest.mark.rabbitmq
@pytest.mark.faults
def test_events_flow_again_after_the_broker_cut_every_connection(servers):
    bench = Bench(servers)
    try:
        bench.start(Writer, Reader)
        caller = bench.caller(user())
        for round_ in range(3):
            servers.drop_connections()
            wait_until(lambda n=round_: _written(caller, 1 + 20 * n))
        wait_until(lambda: len(pages(bench)) >= 60)
        assert sorted(pages(bench)) == list(range(1, 61))
    finally:
        bench.close()


def _written(caller, first):
    try:
        return caller.call(WritePages, book="b", first=first, count=20, idempotency_key=str(first))
    except (errors.Unavailable, errors.TimedOut):
        return None


@pytest.mark.rabbitmq
def test_what_the_broker_gave_up_delivering_is_parked(servers):
    bench = Bench(servers)
    try:
        bench.start(Writer)
        bench._served.add(Reader)
        topology.declare(servers.amqp_uri, bench.subscriptions())
        servers.services.add("reader")
        inject(bench, b"a body that crashes whoever reads it")
        with connection.connect(servers.amqp_uri) as link:
            channel = link.channel()
            for _ in range(topology.DELIVERY_LIMIT + 1):
                message = wait_until(lambda: channel.basic_get("events.reader"), every=0.005)
                channel.basic_reject(message.delivery_tag, requeue=True)
        bench.start(Reader)
        letter = wait_until(lambda: letters(bench, "parked"))[0]
        assert letter.body == b"a body that crashes whoever reads it"
        assert "gave up" in letter.error
    finally:
        bench.close()
