"""Callers: what they declare, what they wait for, and that waiting for oneself ends."""

import eventlet
import kombu
import pytest
from eventlet.event import Event as Signal
from pupitre_bus import Service, rpc
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message, fields


class Reflect(Call):
    """Ask the mirror what it sees ``depth`` mirrors deep."""

    service = "mirror"

    class Request(Message):
        depth = fields.Integer(required=True)

    class Reply(Message):
        depth = fields.Integer(required=True)


class Stare(Call):
    """Ask somebody who never answers."""

    service = "wall"

    class Request(Message):
        pass

    class Reply(Message):
        pass


class Mirror(Service):
    name, with_database = "mirror", False

    @rpc(Reflect)
    def reflect(self, request, scope):
        if request.depth:
            scope.bus.call(Reflect, depth=request.depth - 1)
        return {"depth": request.depth}


class Gazer(Service):
    name, with_database = "gazer", False

    @rpc(Reflect)
    def gaze(self, request, scope):
        return scope.bus.call(Stare)


def test_the_reply_queue_is_declared_once_and_not_for_each_call(running, caller, monkeypatch):
    declared = []
    declare = kombu.Queue.queue_declare

    def watched(queue, *arguments, **means):
        declared.append(queue.name)
        return declare(queue, *arguments, **means)

    running(Mirror)
    bus = caller(user())
    monkeypatch.setattr(kombu.Queue, "queue_declare", watched)
    for _ in range(20):
        bus.call(Reflect, depth=0)
    assert len([name for name in declared if name.startswith("reply.")]) == 1


@pytest.mark.requirement("RS-09")
def test_a_service_that_waits_for_itself_with_all_its_workers_is_free_again_after_the_time_out(running, caller, bench):
    bench.patience = 1
    running(Mirror)
    bus = caller(user())
    wait_until(lambda: _reflected(bus, 1))
    crowd = [eventlet.spawn(_reflected, bus, 1) for _ in range(30)]
    with eventlet.Timeout(60):
        for thread in crowd:
            thread.wait()
    wait_until(lambda: _reflected(bus, 0))


def _reflected(bus, depth):
    try:
        return bus.call(Reflect, depth=depth)
    except (errors.TimedOut, errors.Unavailable):
        return None


@pytest.mark.requirement("RS-12")
def test_a_service_that_waits_for_another_stops_when_asked(running, fake_service, caller, bench):
    bench.patience = 1
    go_on = Signal()
    fake_service("wall", {Stare: lambda request, scope: go_on.wait()})
    host = running(Gazer)
    waiting = eventlet.spawn(caller(user()).call_on, "gazer", Reflect, depth=0, timeout=100)
    consumer = host.runtime("gazer").consumers[0]
    wait_until(lambda: consumer.in_flight)
    with eventlet.Timeout(60):  # the wall never answers: what ends the wait is the call's time-out of 2 s
        bench.stop(host)
    with pytest.raises(errors.PupitreError):
        waiting.wait()
    go_on.send({})
