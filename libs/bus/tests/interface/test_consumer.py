"""What may happen to a consumer in the middle of its work: it goes on, and the work counts once."""

import eventlet
import pytest
from eventlet.event import Event as Signal
from pupitre_bus import consumer, events, intake, runner
from pupitre_bus.testing import Bench, wait_until
from pupitre_contracts import errors
from support.backends import Behind
from support.bus_world import World
from support.fault_proxy import FaultProxy

#: RabbitMQ gives a message that was not settled within half an hour to another consumer.
BROKER_PATIENCE_SECONDS = 1800


@pytest.fixture
def world(bench):
    return World(bench)


@pytest.fixture
def proxy(server_space, servers):
    with FaultProxy.before(server_space.amqp_uri) as made:
        yield made


@pytest.fixture
def far_world(proxy, server_space, tmp_path):
    """A world that reaches its broker through ``proxy``."""
    bench = Bench(Behind(tmp_path / "far", server_space, proxy))
    yield World(bench)
    proxy.set("pass")
    bench.close()
    bench.backend.close()


@pytest.mark.requirement("RS-05")
@pytest.mark.rabbitmq
@pytest.mark.faults
def test_a_handler_that_outlives_its_connection_ends_nobody_and_its_event_counts_once(far_world, proxy):
    began, go_on = [], Signal()

    def read(event):
        began.append(event.number)
        go_on.wait()

    far_world.on_read = read
    host = far_world.start()
    far_world.publish([1, 2])
    wait_until(lambda: began)
    proxy.reset()
    hearing = next(each for each in host.runtime(far_world.reader).consumers if each.prefetch_count == events.PREFETCH)
    wait_until(lambda: not hearing.connected)
    go_on.send(None)
    far_world.wait_for(2)
    far_world.publish([3])
    far_world.wait_for(3)
    assert host.failure() is None
    far_world.assert_whole([1, 2, 3])


@pytest.mark.requirement("RS-09")
@pytest.mark.rabbitmq
@pytest.mark.faults
def test_a_service_that_cannot_send_its_reply_lives_and_answers_the_repetition(far_world, proxy):
    host = far_world.start()
    bus = far_world.caller()
    far_world.write(bus, 1, 1)
    far_world.on_write = lambda moment: moment == "after" and proxy.set("refuse")
    with pytest.raises((errors.TimedOut, errors.Unavailable)):
        bus.call(far_world.WritePages, first=2, count=1, books=1, idempotency_key="2+1")
    far_world.on_write = lambda moment: None
    proxy.set("pass")
    far_world.write(bus, 2, 1)
    far_world.wait_for(2)
    assert host.failure() is None
    far_world.assert_whole([1, 2])


def test_an_unforeseen_error_of_the_intake_ends_nobody_and_the_event_comes_again(world, monkeypatch):
    host = world.start()
    taking, calls = host.runtime(world.reader).intake, []
    take = taking.take

    def trip(*arguments, **means):
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("a bug of the bus itself")
        return take(*arguments, **means)

    monkeypatch.setattr(taking, "take", trip)
    world.publish([1])
    world.wait_for(1)
    assert host.failure() is None
    world.assert_whole([1])


def test_a_handler_that_never_ends_is_a_failure_like_others_and_those_behind_it_pass(world, monkeypatch):
    monkeypatch.setattr(intake, "HANDLER_SECONDS", 0.3)
    world.on_read = lambda event: event.number == 1 and eventlet.sleep(60)
    world.start()
    world.publish([1, 2], books=2)
    wait_until(lambda: world.count() == 1 and world.letters("retrying"))
    assert "Timeout" in world.letters()[0].error
    assert list(world.effects()) == [2]


def test_a_service_leaves_when_it_is_asked_and_not_when_it_next_looks(world, monkeypatch):
    monkeypatch.setattr(consumer, "LOOK_SECONDS", 1000)
    idle = world.bench.start(world.Writer)
    with eventlet.Timeout(60):
        world.bench.stop(idle)


def test_a_service_leaves_when_its_last_handler_has_ended_and_not_when_it_next_looks(world, monkeypatch):
    monkeypatch.setattr(consumer, "LOOK_SECONDS", 1000)
    began, go_on = Signal(), Signal()

    def read(event):
        began.send(None)
        go_on.wait()

    world.on_read = read
    host = world.start()
    world.publish([1])
    with eventlet.Timeout(60):
        began.wait()
        stopping = eventlet.spawn(world.bench.stop, host)
        wait_until(lambda: all(each.draining for each in host.runtime(world.reader).consumers))
        go_on.send(None)
        stopping.wait()
    assert world.count() == 1


def test_no_event_is_held_for_as_long_as_the_broker_waits():
    assert events.HOLD_SECONDS + events.LONGEST_BACKOFF + intake.HANDLER_SECONDS < BROKER_PATIENCE_SECONDS / 1.5
    waits = events.PREFETCH_TOGETHER / events.WORKERS * intake.HANDLER_SECONDS  # each one before it lasts as long as it may
    assert intake.TOGETHER_SECONDS + waits + intake.HANDLER_SECONDS < BROKER_PATIENCE_SECONDS / 1.5


@pytest.mark.requirement("RS-05")
@pytest.mark.rabbitmq
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_stop_with_more_in_flight_than_workers_ends_and_nothing_that_finished_comes_again(world, monkeypatch):
    monkeypatch.setattr(events, "PREFETCH", 30)
    monkeypatch.setattr(runner, "MAX_WORKERS", 2)
    began, go_on = [], Signal()

    def read(event):
        began.append(event.number)
        if len(began) > 4:
            go_on.wait()

    world.on_read = read
    writing = world.bench.start(world.Writer)
    first = world.bench.start(world.Reader)
    world.publish(range(1, 81), books=80)
    wait_until(lambda: world.count() >= 4 and world.unpublished() == 0)
    world.bench.stop(writing)  # from here on events come from the queue alone
    with eventlet.Timeout(60):
        stopping = eventlet.spawn(world.bench.stop, first)
        wait_until(lambda: all(each.draining for each in first.runtime(world.reader).consumers))
        go_on.send(None)
        stopping.wait()
    assert len(began) == world.count() < 80, "a handler was interrupted"
    second = world.bench.start(world.Reader)
    world.wait_for(80)
    assert second.runtime(world.reader).intake.duplicates == 0
    assert sorted(began) == list(range(1, 81))
    world.assert_whole(range(1, 81))
