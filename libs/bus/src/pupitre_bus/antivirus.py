"""The antivirus: clamd, over TCP or a socket of the machine, by its INSTREAM protocol. Without one configured, nothing is scanned (RS-64).

What the scanner does not answer for is never clean: it is an error that asks to try again.
"""

import contextlib
import io
import logging
import socket
import struct
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit

from pupitre_contracts import errors

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
_LONGEST_ANSWER = 4096
_LENGTH = struct.Struct(">I")
_TOO_LARGE = "size limit exceeded"


class TooLarge(Exception):
    """The scanner takes no file that large (clamd's StreamMaxLength): nobody can say that it is clean."""


@dataclass(frozen=True, slots=True)
class Antivirus:
    """A scanner at ``address``: (host, port), a path, or None where none is configured."""

    address: tuple[str, int] | str | None = None

    @classmethod
    def from_uri(cls, uri: str) -> "Antivirus":
        """Read ``tcp://host:port`` or ``unix:/path``; empty: none. Raises ValueError for anything else."""
        parts = urlsplit(uri)
        if not uri:
            return cls()
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return cls((parts.hostname, parts.port))
        if parts.scheme == "unix" and parts.path.startswith("/"):
            return cls(unquote(parts.path))
        raise ValueError(f"tcp://host:port or unix:/path, not {uri}")

    @property
    def configured(self) -> bool:
        return self.address is not None

    def scan(self, content: bytes | IO[bytes]) -> str | None:
        """Return what the scanner calls the malware in ``content``, or None: clean, or nothing is configured.

        Raises errors.Unavailable when it does not answer or answers nonsense, TooLarge when it takes no file of that size.
        """
        if self.address is None:
            return None
        try:
            answer = self._ask(io.BytesIO(content) if isinstance(content, bytes | bytearray) else content)
        except (OSError, ValueError) as error:
            log.warning("the antivirus does not answer: %s", error)
            raise errors.Unavailable(service="antivirus") from error
        verdict = answer.removeprefix("stream: ").strip()
        if verdict == "OK":
            return None
        if verdict.endswith(" FOUND"):
            name = "".join(sign for sign in verdict.removesuffix(" FOUND") if sign.isprintable())
            log.warning("the antivirus names a file: %s", name)
            return name or "?"
        if _TOO_LARGE in verdict:
            raise TooLarge()
        log.warning("the antivirus answers: %r", answer)
        raise errors.Unavailable(service="antivirus")

    def _ask(self, content: IO[bytes]) -> str:
        with self._connected() as connection:
            # clamd stops reading, and answers, as soon as a stream is too large for it.
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"zINSTREAM\0")
                while piece := content.read(CHUNK):
                    connection.sendall(_LENGTH.pack(len(piece)) + piece)
                connection.sendall(_LENGTH.pack(0))
            answer = b""
            while not answer.endswith(b"\0"):
                piece = connection.recv(1024)
                if not piece or len(answer) > _LONGEST_ANSWER:
                    raise ValueError(f"an unfinished answer: {answer[:80]!r}")
                answer += piece
            return answer[:-1].decode("utf-8", "replace")

    def _connected(self) -> socket.socket:
        if isinstance(self.address, tuple):
            connection = socket.create_connection(self.address, timeout=CONNECT_SECONDS)
        else:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(CONNECT_SECONDS)
                connection.connect(self.address)
            except BaseException:
                connection.close()
                raise
        connection.settimeout(ANSWER_SECONDS)
        return connection
