"""The bench of the tests: what it says of a service that does not stop."""

import eventlet
import pytest
from eventlet.event import Event
from pupitre_bus import Service, rpc, testing
from pupitre_bus.testing import user
from pupitre_contracts.message import Call, Message


class Wait(Call):
    service = "sleeper"

    class Request(Message):
        pass

    class Reply(Message):
        pass


def test_a_service_that_does_not_stop_is_named_with_what_it_does_and_ended(bench, monkeypatch):
    began, end = Event(), Event()

    class Sleeper(Service):
        name, with_database = "sleeper", False

        @rpc(Wait)
        def wait(self, request, scope):
            began.send()
            end.wait()
            return {}

    bench.start(Sleeper)
    asking = eventlet.spawn(bench.caller(user()).call, Wait)
    began.wait()
    monkeypatch.setattr(testing, "STOP_SECONDS", 0.5)
    with pytest.raises(AssertionError, match=r"sleeper did not stop within 0\.5 s") as told:
        bench.close()
    assert "end.wait()" in str(told.value)
    asking.kill()
    bench.close()  # nothing is left to be stopped
