"""Catching up with a source, where the source is what is wrong."""

import eventlet
import pytest
from eventlet.event import Event as Signal
from pupitre_bus import Service, on_event, rpc
from pupitre_bus.events import EventsEntrypoint
from pupitre_contracts import errors, platform
from pupitre_contracts.message import Event, fields


class LineSaid(Event):
    name, version, owner, subject_field = "line.said", 1, "speaker", "line"

    line = fields.String(required=True)


class Listener(Service):
    name = "listener"

    @on_event(LineSaid)
    def line_said(self, event, scope):
        raise AssertionError("nothing is said")


@pytest.mark.requirement("RS-05")
def test_a_stop_does_not_wait_for_a_source_that_does_not_answer(running, bench):
    asked, end, stays_silent = Signal(), Signal(), [True, False]

    class Speaker(Service):
        name = "speaker"

        @rpc(platform.EventsAfter)
        def events_after(self, request, scope):
            if stays_silent.pop():
                asked.send()
                end.wait()
            return {"events": [], "last": 0, "head": 0}

    bench.catch_up_seconds = 0.1
    running(Speaker)
    listener = running(Listener)
    asked.wait()
    with eventlet.Timeout(4):  # the question itself has ten times as long
        bench.stop(listener)
    end.send()


def test_a_source_that_is_not_there_is_asked_again_and_prints_nothing(running, bench, capfd):
    bench.catch_up_seconds = 0.1
    asked = Signal()

    class Speaker(Service):
        name = "speaker"

        @rpc(platform.EventsAfter)
        def events_after(self, request, scope):
            asked.ready() or asked.send()
            return {"events": [], "last": 0, "head": 0}

    listener = running(Listener)
    entrypoint = next(each for each in listener.containers[0].extensions if isinstance(each, EventsEntrypoint))
    with pytest.raises(errors.Unavailable):
        entrypoint.catch_up("speaker")
    running(Speaker)
    with eventlet.Timeout(30):
        asked.wait()
    assert "Traceback" not in capfd.readouterr().err
