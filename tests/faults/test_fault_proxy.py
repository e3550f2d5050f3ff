"""The proxy that breaks the network for other tests does what it says, and heals when it is told to."""

import contextlib
import time

import eventlet.patcher
import pytest
from support.fault_proxy import MODES, FaultProxy
from support.installation import until

# Real sockets and threads: a green socket hides a reset.
socket, threading = map(eventlet.patcher.original, ("socket", "threading"))

#: Long enough for a byte to have come, if it could.
A_MOMENT = 0.3


class Echo:
    """A server that sends back what it gets, and keeps it."""

    def __init__(self):
        self.received = b""
        self.closed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        in_thread(self._accept)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                in_thread(self._echo, self._listener.accept()[0])

    def _echo(self, client):
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.received += data
                client.sendall(data)
        self.closed += 1

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def in_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


@pytest.fixture
def echo():
    made = Echo()
    yield made
    made.close()


@pytest.fixture
def proxy(echo):
    with FaultProxy("127.0.0.1", echo.port) as made:
        yield made


@pytest.fixture
def client(proxy):
    with connected(proxy) as made:
        made.sendall(b"hello")
        assert answer(made, 5) == b"hello"
        yield made


def connected(proxy):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def answer(client, size, seconds=5):
    """What came within ``seconds``, ``size`` bytes at most; as much as came before the time was over."""
    client.settimeout(seconds)
    data = b""
    with contextlib.suppress(TimeoutError):
        while len(data) < size and (more := client.recv(size - len(data))):
            data += more
    return data


def test_everything_passes_both_ways_and_the_end_too(proxy, echo, client):
    body = bytes(range(256)) * 4000
    in_thread(client.sendall, body)
    assert answer(client, len(body)) == body
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    until(lambda: echo.closed == 1 and proxy.connections() == 0, 60, "the end on both sides")


def test_latency_delays_and_does_not_throttle(proxy, client):
    proxy.set("latency", 300)
    started = time.monotonic()
    for _ in range(20):
        client.sendall(b"x" * 1000)
    assert answer(client, 20_000) == b"x" * 20_000
    assert 0.55 < time.monotonic() - started < 10  # there and back, once and not twenty times


def test_a_rate_throttles(proxy, client):
    proxy.set("rate", 20_000)
    started = time.monotonic()
    client.sendall(b"x" * 10_000)
    assert answer(client, 10_000) == b"x" * 10_000
    assert time.monotonic() - started > 0.45


@pytest.mark.parametrize("mode", ["blackhole", "cut-up", "cut-down"])
def test_what_is_held_back_arrives_when_the_network_heals(proxy, echo, client, mode):
    proxy.set(mode)
    client.sendall(b"world")
    assert answer(client, 5, A_MOMENT) == b""
    assert echo.received == (b"helloworld" if mode == "cut-down" else b"hello")
    proxy.set("pass")
    assert answer(client, 5) == b"world"


def test_in_a_black_hole_nobody_learns_that_the_other_has_gone(proxy, echo, client):
    proxy.set("blackhole")
    client.close()
    threading.Event().wait(A_MOMENT)
    assert echo.closed == 0
    proxy.set("pass")
    until(lambda: echo.closed == 1, 60, "the end on the server's side")


def test_a_connection_made_into_a_black_hole_is_served_after_it(proxy):
    proxy.set("blackhole")
    with connected(proxy) as late:
        late.sendall(b"late")
        assert answer(late, 4, A_MOMENT) == b""
        proxy.set("pass")
        assert answer(late, 4) == b"late"


def test_a_reset_is_seen_as_one_on_both_sides_and_the_next_connection_passes(proxy, echo, client):
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    until(lambda: echo.closed == 1, 60, "the end on the server's side")
    with connected(proxy) as again:
        again.sendall(b"again")
        assert answer(again, 5) == b"again"


def test_a_reset_reaches_through_a_black_hole(proxy, client):
    proxy.set("blackhole")
    client.sendall(b"x")
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_refused_means_reset_for_those_inside_and_refused_at_the_door(proxy, client):
    with proxy.fault("refuse"):
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)
    with connected(proxy) as again:
        again.sendall(b"again")
        assert answer(again, 5) == b"again"


def test_a_server_that_is_not_there_is_seen_as_a_reset(proxy, echo):
    echo.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), connected(proxy) as lost:
        lost.sendall(b"x")
        assert lost.recv(1) == b""
    until(lambda: proxy.connections() == 0, 60, "the end in the proxy")


def test_every_mode_can_follow_every_other(proxy, client):
    for mode in MODES[:-1]:
        proxy.set(mode, {"latency": 10, "rate": 100_000}.get(mode))
    proxy.set("pass")
    client.sendall(b"still here")
    assert answer(client, 10) == b"still here"


def test_an_unknown_fault_is_refused(proxy):
    for wrong in (("storm", None), ("latency", None), ("blackhole", 3)):
        with pytest.raises(ValueError, match="no such fault"):
            proxy.set(*wrong)


def test_the_address_in_a_uri_is_replaced_and_nothing_else(proxy):
    assert proxy.uri("amqp://guest:guest@127.0.0.1:5672/v%2Fhost") == f"amqp://guest:guest@127.0.0.1:{proxy.port}/v%2Fhost"
    assert proxy.uri("postgresql://localhost:5432/x?a=b") == f"postgresql://127.0.0.1:{proxy.port}/x?a=b"


def test_the_proxy_ends_with_whoever_started_it(echo):
    proxy = FaultProxy("127.0.0.1", echo.port)
    proxy._process.stdin.close()
    assert proxy._process.wait(5) == 0
    proxy._process.stdout.close()
