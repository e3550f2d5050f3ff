"""How requests are read from a connection: strictly, and within limits of time and size (RS-30, RS-31, RS-33).

Eventlet's reader is lenient where leniency lets one request hide in another (a second Content-Length, a malformed line that
ends the headers, a negative chunk) and has a limit on each wait but none on their sum. What it refuses stays refused.
"""

import contextlib
import logging
import re
import socket
import time
from typing import Any

import eventlet
import eventlet.wsgi
from werkzeug.exceptions import BadRequest

log = logging.getLogger(__name__)

BEGAN = "pupitre.began"
"""Key of the WSGI environment: when the request's first octet came, by the monotonic clock."""
PROLONG = "pupitre.prolong"
"""Key of the WSGI environment: what an answer that is made piece by piece calls before each piece."""
LONGEST_ANSWER = 900
"""Seconds after which no answer is prolonged any more: who takes it that slowly would hold a connection for hours."""
HEADERS_LIMIT = 32_768
CHUNK_LINE = 1024
TRAILERS_LIMIT = 8192
_PIECE = 65_536
_FAREWELL = 1_000_000

_HEADER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\0\r\n]*\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\0\r\n]*)?\r\n")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,15}")

# The largest header block accepted, octets; the library only offers it as a module constant.
eventlet.wsgi.MAX_TOTAL_HEADER_SIZE = HEADERS_LIMIT

_TEXTS = {
    408: ("Demande trop longue à venir.", "The request took too long to come."),
    431: ("En-têtes trop longs ou trop nombreux.", "Headers too long or too many."),
    501: ("Codage de transfert inconnu : seul « chunked » l'est.", "Unknown transfer coding: only chunked is known."),
}
_MALFORMED = ("Demande HTTP malformée.", "Malformed HTTP request.")


class _Malformed(Exception):
    """What came is not a request, or may be read as two different ones."""


class _Truncated(Exception):
    """The connection ended in the middle of the headers."""


class BrokenBody(BadRequest):
    """A chunked body that is cut short or malformed."""


class ChunkedBody(eventlet.wsgi.Input):
    """A chunked body, read by the letter of RFC 9112: sizes in hexadecimal digits, CRLF where it belongs, lines of bounded length."""

    def _chunked_read(self, rfile: Any, length: int | None = None, use_readline: bool = False) -> bytes:
        if self.should_send_hundred_continue:
            self.send_hundred_continue_response()
            self.is_hundred_continue_response_sent = True
        left = None if length is None or length < 0 else length
        read = rfile.readline if use_readline else rfile.read
        found: list[bytes] = []
        while self.chunk_length != 0 and left != 0:
            if self.position >= self.chunk_length:
                self._next_chunk(rfile)
                continue
            wanted = min(self.chunk_length - self.position, _PIECE, _PIECE if left is None else left)
            data = read(wanted)
            if not data:
                self._refuse("cut short")
            found.append(data)
            self.position += len(data)
            left = None if left is None else left - len(data)
            if self.position == self.chunk_length and rfile.read(2) != b"\r\n":
                self._refuse("no end of chunk")
            if use_readline and data.endswith(b"\n"):
                break
        return b"".join(found)

    def _next_chunk(self, rfile: Any) -> None:
        size = _CHUNK.fullmatch(rfile.readline(CHUNK_LINE))
        if size is None:
            self._refuse("no chunk size")
        self.chunk_length, self.position = int(size[1], 16), 0
        if self.chunk_length == 0:
            self._skip_trailers(rfile)

    def _skip_trailers(self, rfile: Any) -> None:
        left = TRAILERS_LIMIT
        while (line := rfile.readline(left)) != b"\r\n":
            left -= len(line)
            if left <= 0 or not _HEADER.fullmatch(line):
                self._refuse("malformed trailers")

    broken = ""

    def _refuse(self, why: str) -> None:
        self.chunk_length, self.broken = 0, why
        raise BrokenBody(why)

    def discard(self, buffer_size: int = _PIECE) -> None:
        """Read what the application left. Where the body ends is not known of a broken one: the server then closes the connection
        instead of taking the rest for another request.
        """
        with contextlib.suppress(BrokenBody):
            super().discard(buffer_size)
        if self.broken:
            raise eventlet.wsgi.ChunkReadError(self.broken)


class _HeaderLines:
    """Passes header lines on, and refuses what other readers might take for something else."""

    def __init__(self, lines: Any) -> None:
        self._lines = lines

    def readline(self, size: int = -1) -> bytes:
        line = self._lines.readline(size)
        if not line:
            raise _Truncated
        if line not in (b"\r\n", b"\n") and not _HEADER.fullmatch(line):
            raise _Malformed
        return line


def protocol(idle: float, whole: float) -> type[eventlet.wsgi.HttpProtocol]:
    """Return the protocol whose headers must come within ``idle`` seconds, and whose requests end ``whole`` seconds after their first
    octet, with ``idle`` more for the answer to be taken.

    An answer that is made piece by piece calls what it finds under :data:`PROLONG`: from then on the next piece has ``whole`` seconds to
    be taken and the one after it to be made, until the request is :data:`LONGEST_ANSWER` seconds old.
    """

    class Protocol(eventlet.wsgi.HttpProtocol):
        _head: eventlet.Timeout | None = None
        _end: eventlet.Timeout | None = None
        _began = 0.0

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except eventlet.Timeout as fired:
                if fired not in (self._head, self._end):
                    raise
                self.close_connection = True
                if fired is self._head:
                    self.send_error(408)
            except _Truncated:
                self.close_connection = True
            finally:
                for limit in (self._head, self._end):
                    if limit is not None:
                        limit.cancel()

        def finish(self) -> None:
            """Close both directions: an answer that can't be delivered keeps the library from closing the reader, and the socket
            would stay open until the next collection of garbage.
            """
            try:
                super().finish()
            finally:
                self.rfile.close()

        def _read_request_line(self) -> bytes:
            try:
                if self.rfile.closed or not self.rfile.peek(1):
                    return b""
            except TimeoutError:
                raise  # nothing came: the server closes without a word
            except OSError:
                return b""
            self._began = time.monotonic()
            self._head, self._end = eventlet.Timeout(idle), eventlet.Timeout(whole + idle)
            return super()._read_request_line()

        def parse_request(self) -> bool:
            if _CONTROL.search(self.raw_requestline.rstrip(b"\r\n")):
                return self._refused(400)
            self.rfile = _HeaderLines(self.rfile)
            try:
                if not super().parse_request():
                    return False
            except _Malformed:
                return self._refused(400)
            except (eventlet.wsgi.HeaderLineTooLong, eventlet.wsgi.HeadersTooLarge):
                return self._refused(431)
            status = _verdict(self.request_version, self.headers)
            return self._refused(status) if status else True

        def _refused(self, status: int) -> bool:
            self.send_error(status)
            return False

        def get_environ(self) -> dict[str, Any]:
            """The headers are whole: from here on the request as a whole has its limit, and no part of it."""
            self._head.cancel()
            environ = super().get_environ()
            environ[BEGAN] = self._began
            environ[PROLONG] = self._prolong
            given = environ["eventlet.input"]
            if given.chunked_input:
                environ["wsgi.input"] = environ["eventlet.input"] = ChunkedBody(
                    given.rfile, None, given.get_socket(), given.wfile, given.wfile_line, chunked_input=True
                )
            return environ

        def _prolong(self) -> None:
            if time.monotonic() - self._began < LONGEST_ANSWER:
                self._end.cancel()
                self._end = eventlet.Timeout(whole)

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """Refuse in few words, without repeating what came, and close."""
            self.close_connection = True
            reason = self.responses.get(code, ("Bad Request",))[0]
            body = " ".join(_TEXTS.get(code, _MALFORMED)).encode()
            head = (
                f"HTTP/1.1 {int(code)} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            with contextlib.suppress(OSError):
                self.wfile.write(head.encode() + body)
                self.wfile.flush()
                self._take_leave()

        def _take_leave(self) -> None:
            """Read for a moment what still comes: closed at once, the connection would be reset and the words lost."""
            self.connection.shutdown(socket.SHUT_WR)
            left = _FAREWELL
            with eventlet.Timeout(1, False):
                while left > 0 and (piece := self.connection.recv(_PIECE)):
                    left -= len(piece)

        def log_message(self, format: str, *args: Any) -> None:
            log.debug(format, *args)

    return Protocol


def _verdict(version: str, headers: Any) -> int:
    """Return the status that refuses these headers, or 0."""
    codings = headers.get_all("transfer-encoding", [])
    lengths = headers.get_all("content-length", [])
    hosts = headers.get_all("host", [])
    if version == "HTTP/0.9" or len(hosts) > 1 or (version == "HTTP/1.1" and not hosts):
        return 400
    if codings:
        if lengths or version != "HTTP/1.1" or len(codings) > 1:
            return 400
        return 0 if codings[0].strip().lower() == "chunked" else 501
    if len(set(lengths)) > 1 or not all(_LENGTH.fullmatch(each.strip()) for each in lengths):
        return 400
    return 0
