"""The HTTP server on a real socket: bodies of every kind, limits, and a clean stop."""

import contextlib
import errno
import io
import json
import select
import socket

import eventlet
import pytest
from pupitre_portal import protocol
from pupitre_portal.protocol import PROLONG, ChunkedBody
from pupitre_portal.server import Limits, Server, bound
from support import malformed
from werkzeug.wrappers import Request, Response


@Request.application
def echo(request):
    return Response(f"{len(request.get_data())}")


@pytest.fixture
def server(app):
    running = Server(app, "127.0.0.1", 0, grace=1)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def echoing():
    running = Server(echo, "127.0.0.1", 0, grace=1)
    running.start()
    yield running
    running.stop()


def exchange(server, raw, shutdown=False):
    """Send raw octets and return all that comes back until the server closes or ten seconds pass without a word."""
    host, port = server.address.removeprefix("http://").split(":")
    received = b""
    with contextlib.closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
        connection.sendall(raw)
        if shutdown:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
    return received


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
ALIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.requirement("RS-30")
def test_a_chunked_body_is_read_whole(echoing):
    answer = exchange(echoing, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX: y\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"11")


@pytest.mark.requirement("RS-30")
def test_a_body_with_its_length_is_read_whole(echoing):
    assert exchange(echoing, HEAD + b"Content-Length: 5\r\n\r\nhello").endswith(b"5")


@pytest.mark.requirement("RS-30")
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", id="no chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", id="cut chunk"),
        pytest.param(b"Content-Length: 500\r\n\r\nhello", id="cut body"),
    ],
)
def test_a_body_cut_short_or_malformed_is_refused(echoing, raw):
    assert exchange(echoing, HEAD + raw, shutdown=True).startswith(b"HTTP/1.1 400")
    assert exchange(echoing, HEAD + b"Content-Length: 5\r\n\r\nhello").endswith(b"5")


def test_lines_of_a_chunked_body_are_read_across_chunks():
    lines = b"3\r\na\nb\r\n4\r\nc\nde\r\n0\r\n\r\n"
    body = ChunkedBody(io.BytesIO(lines), None, None, chunked_input=True)
    assert [body.readline() for _ in range(4)] == [b"a\n", b"bc\n", b"de", b""]


@pytest.mark.requirement("RS-33")
@pytest.mark.parametrize("case", malformed.CASES, ids=lambda case: case.name)
def test_a_malformed_request_is_refused_once_and_leaves_the_server_alive(echoing, case):
    port = int(echoing.address.rpartition(":")[2])
    assert malformed.fault(case, malformed.exchange(port, case)) is None
    assert exchange(echoing, ALIVE).startswith(b"HTTP/1.1 200")


@pytest.mark.requirement("RS-31")
def test_headers_beyond_32_kb_are_refused_in_words(server):
    answer = exchange(server, b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X: %s\r\n" % (b"a" * 1000) * 33 + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431")
    assert b"Headers too long" in answer


@pytest.mark.requirement("RS-31")
def test_headers_that_drip_are_ended_although_no_single_wait_is_long(app):
    running = Server(app, "127.0.0.1", 0, grace=0.2, limits=Limits(idle=0.3))
    running.start()
    try:
        assert _drip(running, b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1000, 0.05).startswith(b"HTTP/1.1 408")
    finally:
        running.stop()


@pytest.mark.requirement("RS-31")
def test_a_body_that_drips_is_ended_with_its_request():
    running = Server(echo, "127.0.0.1", 0, grace=0.2, limits=Limits(idle=60, request=0.5))
    running.start()
    try:
        answer = _drip(running, HEAD + b"Content-Length: 2000\r\n\r\n" + b"a" * 2000, 0.05, at_once=80)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Request too slow" in answer
    finally:
        running.stop()


def test_a_connection_that_cannot_be_taken_does_not_end_the_server(app, monkeypatch):
    failures = [OSError(errno.EMFILE, "too many open files"), OSError(errno.ECONNABORTED, "aborted")]
    running = Server(app, "127.0.0.1", 0, grace=0.2)
    listen = eventlet.listen

    def failing(*args, **options):
        listening = listen(*args, **options)
        accept = listening.accept
        monkeypatch.setattr(listening, "accept", lambda: (_ for _ in ()).throw(failures.pop()) if failures else accept())
        return listening

    monkeypatch.setattr(eventlet, "listen", failing)
    running.start()
    try:
        assert b"alive" in exchange(running, ALIVE)
        assert not failures
    finally:
        running.stop()


def _drip(server, raw, pause, at_once=0):
    """Send octet by octet, with a pause after each, until the server answers."""
    host, port = server.address.removeprefix("http://").split(":")
    with contextlib.closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
        connection.sendall(raw[:at_once])
        for octet in raw[at_once:]:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(bytes([octet]))
            if select.select([connection], [], [], pause)[0]:
                return connection.recv(65536)
    raise AssertionError("never ended")


def test_a_request_that_takes_too_long_is_ended_in_words():
    def slow(environ, start_response):
        eventlet.sleep(30)

    statuses = []
    body = bound(slow, Limits(request=0.05))({}, lambda status, headers: statuses.append(status))
    assert statuses == ["503 Service Unavailable"]
    assert b"Request too slow" in b"".join(body)


def test_an_upload_without_a_place_is_told_so_in_the_words_of_its_address():
    guarded = bound(lambda environ, start_response: eventlet.sleep(1000), Limits(idle=0.05, uploads=1))
    first = eventlet.spawn(guarded, {"CONTENT_LENGTH": "5000000"}, None)
    eventlet.sleep(0)
    heads = []
    request = {"CONTENT_LENGTH": "5000000", "PATH_INFO": "/api/v1/validations"}
    body = b"".join(guarded(request, lambda status, headers: heads.append((status, dict(headers)))))
    first.kill()
    assert heads[0][0].startswith("503")
    assert heads[0][1]["Content-Type"] == "application/problem+json"
    assert json.loads(body)["code"] == "busy"


def test_only_so_many_uploads_at_once_and_reads_go_on():
    entered, release = eventlet.event.Event(), eventlet.event.Event()

    def app(environ, start_response):
        if environ.get("CONTENT_LENGTH"):
            entered.send(None)
            release.wait()
        return [b"done"]

    guarded = bound(app, Limits(uploads=1))
    first = eventlet.spawn(guarded, {"CONTENT_LENGTH": "5000000"}, None)
    entered.wait()
    assert guarded({}, None) == [b"done"]
    release.send(None)
    assert first.wait() == [b"done"]


def test_stopping_refuses_new_connections(app):
    running = Server(app, "127.0.0.1", 0, grace=0.2)
    running.start()
    host, port = running.address.removeprefix("http://").split(":")
    running.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=60)


def pieces(prolonged):
    """An application whose answer takes two seconds to make, in four pieces."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        for _ in range(4):
            if prolonged:
                environ[PROLONG]()
            eventlet.sleep(0.5)
            yield b"x" * 100_000

    return app


@pytest.mark.requirement("RS-31")
@pytest.mark.parametrize("prolonged, longest, whole", [(True, 900, True), (False, 900, False), (True, 0, False)])
def test_an_answer_made_piece_by_piece_has_time_as_long_as_it_goes_on_and_no_other_has(monkeypatch, prolonged, longest, whole):
    monkeypatch.setattr(protocol, "LONGEST_ANSWER", longest)
    running = Server(pieces(prolonged), "127.0.0.1", 0, grace=1, limits=Limits(idle=0.2, request=1.2))
    running.start()
    try:
        came = exchange(running, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    finally:
        running.stop()
    assert came.startswith(b"HTTP/1.1 200")
    assert came.endswith(b"0\r\n\r\n") is whole
    assert (came.count(b"x") >= 400_000) is whole
