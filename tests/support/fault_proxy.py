"""A TCP proxy in front of a server, whose faults a test switches on and off: the network, where it can be broken.

It is a process of its own, which shares neither hub nor interpreter with what it disturbs. Run by hand:
``python tests/support/fault_proxy.py 127.0.0.1:5672`` prints its port, then obeys lines such as ``latency 200``.
"""

import asyncio
import contextlib
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

#: What the network does. ``latency`` delays all data by an argument in milliseconds and ``rate`` lets an argument in bytes
#: per second through; ``blackhole`` holds back what both sides send, ``cut-up`` what clients send, ``cut-down`` what the
#: server sends; ``refuse`` resets what is connected and refuses what connects. ``reset``, once, resets what is connected.
MODES = ("pass", "latency", "rate", "blackhole", "cut-up", "cut-down", "refuse")
RESET = "reset"

CHUNK = 65536
SLICES_PER_SECOND = 20
RST = struct.pack("ii", 1, 0)


class FaultProxy:
    """Starts the process; ``port`` is where clients connect. Each method returns when the proxy has done it."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self._process = subprocess.Popen(
            [sys.executable, "-S", str(Path(__file__)), f"{host}:{port}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is for the test, which then closes its proxies
        )
        #: Whoever meets a fault may be asking for the next one while the first is still being made.
        self._turn = threading.Lock()
        self.port = int(self._answer())

    @classmethod
    def before(cls, uri: str) -> "FaultProxy":
        """A proxy in front of the server of ``uri``."""
        parts = urlsplit(uri)
        return cls(parts.hostname, parts.port)

    def uri(self, uri: str) -> str:
        """``uri`` with the proxy's address in the place of the server's."""
        parts = urlsplit(uri)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}" if user else f"127.0.0.1:{self.port}"))

    def set(self, mode: str, amount: float | None = None) -> None:
        """Switch to a mode of :data:`MODES` for present and future connections; ``amount`` in the mode's unit."""
        if mode not in MODES or (amount is not None) != (mode in ("latency", "rate")):
            raise ValueError(f"no such fault: {mode} {amount}")
        self._command(mode if amount is None else f"{mode} {amount:g}")

    def reset(self) -> None:
        """Reset every present connection on both its sides (RST); new ones are as the mode says."""
        self._command(RESET)

    def connections(self) -> int:
        """How many clients are connected through the proxy."""
        return int(self._command("count"))

    @contextlib.contextmanager
    def fault(self, mode: str, amount: float | None = None) -> Iterator[None]:
        """A mode for the length of a block, ``reset`` included; then all passes again."""
        self.reset() if mode == RESET else self.set(mode, amount)
        try:
            yield
        finally:
            self.set("pass")

    def close(self) -> None:
        """End the process; what is connected through it is cut."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _command(self, line: str) -> str:
        with self._turn:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
            return self._answer()

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the proxy in front of {self.target} has ended")
        return line.decode().strip()


class _Network:
    """The proxy inside its process."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._mode, self._amount = "pass", 0.0
        self._changed = asyncio.Event()
        self._links: set[_Link] = set()
        # Bound, not listening: while connections are refused, nobody else can take the port.
        self._place = _bound(0)
        self.port = self._place.getsockname()[1]
        self._listener: asyncio.Server | None = None

    async def obey(self, line: str) -> str:
        word, _, amount = line.partition(" ")
        if word == "count":
            return str(len(self._links))
        if word == RESET:
            self._reset_all()
            return "ok"
        self._mode, self._amount = word, float(amount or 0)
        self._changed.set()
        self._changed = asyncio.Event()
        if word == "refuse":
            self._reset_all()
            await self._shut()
        else:
            await self.open()
        return "ok"

    async def open(self) -> None:
        if self._listener is None:
            listening = _bound(self.port)
            listening.listen(512)
            self._listener = await asyncio.start_server(self._accepted, sock=listening)

    async def _shut(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.run(self._target)
        finally:
            self._links.discard(link)

    def _reset_all(self) -> None:
        for link in list(self._links):
            link.reset()

    async def passage(self, side: str) -> None:
        """Wait until data may travel from ``side`` ("up": from the client)."""
        while self._mode in ("blackhole", f"cut-{side}"):
            await self._changed.wait()

    async def delay(self, arrived: float) -> None:
        """Wait out the latency of data that arrived at that moment."""
        clock = asyncio.get_running_loop().time
        while self._mode == "latency" and (left := arrived + self._amount / 1000 - clock()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)

    def slice(self) -> int:
        """How many bytes may travel in one go."""
        return max(1, int(self._amount / SLICES_PER_SECOND)) if self._mode == "rate" else CHUNK

    async def spent(self, count: int) -> None:
        """Wait for as long as the rate needs for ``count`` bytes."""
        if self._mode == "rate":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), count / self._amount)


class _Link:
    """One client's connection and the server's that stands behind it."""

    def __init__(self, network: _Network, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._network = network
        self._client = (reader, writer)
        self._writers = [writer]
        self._task: asyncio.Task | None = None

    async def run(self, target: tuple[str, int]) -> None:
        self._task = asyncio.current_task()
        try:
            await self._network.passage("up")  # a handshake does not cross a black hole either
            server = await asyncio.open_connection(*target)
            self._writers.append(server[1])
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(self._client[0], server[1], "up"))
                both.create_task(self._carry(server[0], self._client[1], "down"))
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            _abort(self._writers)  # whichever side failed, the other learns it as a reset
        else:
            for writer in self._writers:
                writer.close()

    def reset(self) -> None:
        _abort(self._writers)
        self._task.cancel()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, side: str) -> None:
        """Carry bytes one way until the source's end of file, which travels as data does."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        async with asyncio.TaskGroup() as two:
            two.create_task(self._read(source, queue))
            two.create_task(self._write(queue, sink, side))

    @staticmethod
    async def _read(source: asyncio.StreamReader, queue: "asyncio.Queue[tuple[float, bytes]]") -> None:
        clock = asyncio.get_running_loop().time
        data = b"-"
        while data:
            data = await source.read(CHUNK)
            await queue.put((clock(), data))

    async def _write(
        self, queue: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter, side: str
    ) -> None:
        network = self._network
        while True:
            arrived, data = await queue.get()
            await network.delay(arrived)
            await network.passage(side)
            if not data:
                sink.write_eof()
                return
            while data:
                size = network.slice()
                piece, data = data[:size], data[size:]
                sink.write(piece)
                await sink.drain()
                await network.spent(len(piece))
                await network.passage(side)


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def _abort(writers: list[asyncio.StreamWriter]) -> None:
    for writer in writers:
        if not writer.transport.is_closing():
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            writer.transport.abort()


async def _serve(host: str, port: int) -> None:
    network = _Network(host, port)
    await network.open()
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    _say(str(network.port))
    while line := await orders.readline():  # the end of its orders, also by the death of whoever gave them, is its own
        _say(await network.obey(line.decode().strip()))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    name, _, number = sys.argv[1].rpartition(":")
    asyncio.run(_serve(name, int(number)))
