"""Malformed requests, and connections reset at each stage of a good one: what a portal on the open network meets every day (RS-33).

Each case says which statuses may answer it; none for what is cut before an answer can be read. A case that hides a second
request must get one answer, and the connection must end.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GET = b"GET /livez HTTP/1.1\r\nHost: portail.example\r\nConnection: close\r\n\r\n"
HIDDEN = b"GET /livez HTTP/1.1\r\nHost: portail.example\r\n\r\n"
TOP = b"GET /livez HTTP/1.1\r\nHost: portail.example\r\n"
POST = b"POST /api/v1/validations HTTP/1.1\r\nHost: portail.example\r\nContent-Type: application/xml\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SECONDS = 10
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing resets the connection


@dataclass(frozen=True)
class Case:
    """``raw`` is sent; then the connection is half closed (``ends``), or reset (``resets``), or the answer is awaited."""

    name: str
    raw: bytes
    statuses: frozenset[int] = frozenset({400})
    ends: bool = False
    resets: bool = False


def _refused(name: str, raw: bytes, *statuses: int, ends: bool = False) -> Case:
    return Case(name, raw, frozenset(statuses or (400,)), ends=ends)


def _reset(name: str, raw: bytes) -> Case:
    return Case(f"reset {name}", raw, frozenset(), resets=True)


CASES = (
    _refused("binary rubbish", bytes(range(256)) + b"\r\n\r\n"),
    _refused("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n"),
    _refused("no address", b"GET\r\n\r\n"),
    _refused("no version", b"GET /livez\r\n\r\n"),
    _refused("version of the future", b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n", 505),
    _refused("NUL in the address", b"GET /liv\0ez HTTP/1.1\r\nHost: x\r\n\r\n"),
    _refused("request line of 20 kB", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    _refused("no Host", b"GET /livez HTTP/1.1\r\n\r\n"),
    _refused("two Hosts", TOP + b"Host: other.example\r\n\r\n"),
    _refused("Host that is none", b"GET /connexion HTTP/1.1\r\nHost: ]][\r\nConnection: close\r\n\r\n", 200, 400),
    _refused("header without a colon", TOP + b"nothing\r\n\r\n"),
    _refused("header without a name", TOP + b": x\r\n\r\n"),
    _refused("space before the colon", POST + b"Content-Length : 44\r\n\r\n" + HIDDEN),
    _refused("folded header", TOP + b"X: a\r\n b\r\n\r\n"),
    _refused("NUL in a header", TOP + b"X: a\0b\r\n\r\n"),
    _refused("bare CR in a header", TOP + b"X: a\rContent-Length: 4\r\n\r\n"),
    _refused("3 000 headers", TOP + b"A: b\r\n" * 3000 + b"\r\n", 431),
    _refused("header of 40 kB", TOP + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 400, 431),
    _refused("headers of 40 kB", TOP + b"".join(b"X%d: %s\r\n" % (n, b"a" * 1000) for n in range(40)) + b"\r\n", 431),
    _refused("negative length", POST + b"Content-Length: -4\r\n\r\n"),
    _refused("length with a sign", POST + b"Content-Length: +4\r\n\r\n<a/>"),
    _refused("length with an underscore", POST + b"Content-Length: 4_4\r\n\r\n<a/>" + HIDDEN),
    _refused("two lengths", POST + b"Content-Length: 4\r\nContent-Length: 44\r\n\r\n<a/>" + HIDDEN),
    _refused("length and chunks", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN),
    _refused("chunks and length", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN),
    _refused("coding twice", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + HIDDEN),
    _refused("unknown coding", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN, 501),
    _refused("coding of several", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 501),
    _refused("chunk size that is none", CHUNKED + b"zz\r\n<a/>\r\n0\r\n\r\n" + HIDDEN),
    _refused("negative chunk", CHUNKED + b"-4\r\n<a/>\r\n0\r\n\r\n" + HIDDEN),
    _refused("chunk longer than it says", CHUNKED + b"2\r\n<a/>\r\n0\r\n\r\n" + HIDDEN),
    _refused("chunk size without end", CHUNKED + b"4;" + b"x" * 5000 + b"\r\n<a/>\r\n0\r\n\r\n" + HIDDEN),
    _refused("bare LF between chunks", CHUNKED + b"4\n<a/>\n0\n\n" + HIDDEN),
    _refused("trailers without end", CHUNKED + b"4\r\n<a/>\r\n0\r\n" + b"X: y\r\n" * 3000 + b"\r\n" + HIDDEN),
    _refused("chunk cut short", CHUNKED + b"8\r\n<a/>", ends=True),
    _refused("body cut short", POST + b"Content-Length: 500\r\n\r\n<a/>", ends=True),
    _reset("after the connection", b""),
    _reset("in the request line", b"GET /liv"),
    _reset("in the headers", TOP + b"X: "),
    _reset("before the body", POST + b"Content-Length: 500\r\n\r\n"),
    _reset("in the body", POST + b"Content-Length: 500\r\n\r\n<a/>"),
    _reset("in a chunk", CHUNKED + b"8\r\n<a/>"),
    _reset("before the answer", GET),
)


def exchange(port: int, case: Case) -> bytes:
    """Play one case on a connection of its own and return all that came back until its end."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=SECONDS)) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(case.raw)
        if case.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return b""
        if case.ends:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(_pieces(connection))


def _pieces(connection: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            yield piece


def fault(case: Case, answer: bytes) -> str | None:
    """Say what is wrong with an answer, or nothing."""
    if not case.statuses:
        return None
    if answer.count(b"HTTP/1.") != 1:
        return f"{case.name}: {answer.count(b'HTTP/1.')} answers"
    status = int(answer.split(b" ", 2)[1])
    return None if status in case.statuses else f"{case.name}: answered {status}"


@dataclass(frozen=True)
class Footprint:
    """What a process holds: open descriptors, those of them that are sockets, and resident memory in octets."""

    files: int
    sockets: int
    memory: int

    @classmethod
    def of(cls, pid: int) -> "Footprint":
        memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        targets = list(_targets(pid))
        return cls(len(targets), sum(target.startswith("socket:") for target in targets), memory)


def _targets(pid: int) -> Iterator[str]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since the folder was read
            yield str(link.readlink())
