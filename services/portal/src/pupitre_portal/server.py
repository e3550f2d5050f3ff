"""The portal's HTTP server: on the same eventlet hub as any service, with a pool, limits and an end of its own."""

import contextlib
import errno
import json
import logging
import os
import resource
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import eventlet.wsgi
import greenlet
from eventlet.semaphore import Semaphore

from .protocol import BEGAN, protocol

log = logging.getLogger(__name__)

LARGE = 1_000_000
RESERVED_FILES = 200
"""File descriptors left to the rest of the process: bus, databases, blobs, templates."""
_API_PREFIXES = ("/api/", "/cpro/")
_CLOSED = (errno.EBADF, errno.EINVAL, errno.ENOTSOCK)

Wsgi = Callable[[dict[str, Any], Callable], Iterable[bytes]]


@dataclass(frozen=True)
class Limits:
    """What one client may ask of the server (RS-31).

    ``idle``: seconds that a connection may say nothing, and that headers may take to come. ``request``: seconds from the first
    octet of a request to its answer. ``uploads``: bodies larger than a form that are received at once; more wait ``idle``
    seconds for their turn, then are asked to come back. ``connections`` at once: an idle one costs a greenthread, so there is
    room for many of them.
    """

    idle: float = 15
    request: float = 60
    uploads: int = 16
    connections: int = 1000



def fix_chunked(app: Wsgi) -> Wsgi:
    """Let Werkzeug read chunked bodies, which it takes for empty under eventlet's server (N25, RS-30)."""

    def inner(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        # Only then: set on other requests it would break the detection of bodies cut short.
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return inner


def bound(app: Wsgi, limits: Limits = Limits()) -> Wsgi:
    """Give each request an end in time and large bodies a limited number of places (RS-31)."""
    places = Semaphore(limits.uploads)

    def inner(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        large = _is_large(environ)
        if large and not places.acquire(timeout=limits.idle):
            return _refuse(
                environ, start_response, "Trop de dépôts en cours, réessayez.", "Too many uploads, try again."
            )
        spent = time.monotonic() - environ.get(BEGAN, time.monotonic())
        limit = eventlet.Timeout(max(0, limits.request - spent))
        try:
            return app(environ, start_response)
        except eventlet.Timeout as fired:
            if fired is not limit:
                raise
            return _refuse(environ, start_response, "Demande trop longue, réessayez.", "Request too slow, try again.")
        finally:
            limit.cancel()
            if large:
                places.release()

    return inner


def _is_large(environ: dict[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not length.isdigit() or int(length) > LARGE


def _refuse(environ: dict[str, Any], start_response: Callable, french: str, english: str) -> list[bytes]:
    """Answer 503 in words: as a problem document to programs."""
    text, mime = f"{french} {english}", "text/plain; charset=utf-8"
    if environ.get("PATH_INFO", "").startswith(_API_PREFIXES):
        problem = {"type": "urn:pupitre:error:busy", "title": english, "status": 503, "detail": text, "code": "busy"}
        text, mime = json.dumps(problem, ensure_ascii=False), "application/problem+json"
    body = text.encode()
    start_response(
        "503 Service Unavailable",
        [("Content-Type", mime), ("Content-Length", str(len(body))), ("Retry-After", "30")],
    )
    return [body]


def secret_key_in(folder: Path) -> str:
    """Return the key that signs the forms' cookie, made in the keys folder at the first start, readable by its owner only."""
    path = Path(folder) / "portal.secret"
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_urlsafe(48))
    return path.read_text("utf-8").strip()


class Server:
    """Listens from :meth:`start` to :meth:`stop`; requests being answered at the stop get ``grace`` seconds to end."""

    def __init__(self, app: Wsgi, host: str, port: int, grace: float = 8.0, limits: Limits = Limits()) -> None:
        self._app = fix_chunked(bound(app, limits))
        self._host, self._port, self._grace, self._limits = host, port, grace, limits
        self._pool = eventlet.GreenPool(_room(limits.connections))
        self._socket: Any = None
        self._thread: Any = None

    @property
    def address(self) -> str:
        """Where it listens, as a URL; with port 0, the port that was given."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Listen and answer in the background. Raises OSError when the address is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = eventlet.listen((self._host, self._port), family=family, backlog=512)
        self._thread = eventlet.spawn(self._serve)
        log.info("listening on %s", self.address)

    def _serve(self) -> None:
        eventlet.wsgi.server(
            _Listener(self._socket),
            self._app,
            protocol=protocol(self._limits.idle, self._limits.request),
            custom_pool=self._pool,
            socket_timeout=self._limits.idle,
            keepalive=True,
            log=_AccessLog(),
            log_output=True,
            debug=False,
            url_length_limit=8192,
        )

    def wait(self) -> None:
        """Return when the server has stopped."""
        if self._thread is not None:
            with contextlib.suppress(greenlet.GreenletExit):
                self._thread.wait()

    def stop(self) -> None:
        """Refuse new connections, let the requests being answered end, then close."""
        if self._thread is None:
            return
        self._thread.kill()
        with contextlib.suppress(OSError):
            self._socket.close()
        with eventlet.Timeout(self._grace, False):
            self._pool.waitall()
        for thread in list(self._pool.coroutines_running):
            thread.kill()
        self._thread = None


def _room(connections: int) -> int:
    """How many connections this process can hold, after raising its own limit of open files as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
        connections = max(RESERVED_FILES, min(connections, soft - RESERVED_FILES))
    return connections


class _Listener:
    """The listening socket, whose ``accept`` fails only when it was closed: any other error ends eventlet's server for good."""

    def __init__(self, listening: Any) -> None:
        self._listening = listening

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listening, name)

    def accept(self) -> Any:
        while True:
            try:
                return self._listening.accept()
            except OSError as error:
                if error.errno in _CLOSED:
                    raise
                log.warning("a connection could not be taken: %s", error)
                eventlet.sleep(0.1)


class _AccessLog:
    """Hands the server's lines to the process's log."""

    def write(self, line: str) -> None:
        log.debug("%s", line.rstrip())

    def flush(self) -> None:
        """Nothing is held back."""
