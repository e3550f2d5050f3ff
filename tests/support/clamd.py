"""A scanner that speaks clamd's INSTREAM protocol on a real socket, and knows one signature: that of the EICAR test file."""

import contextlib
import socketserver
import struct
import threading
from pathlib import Path

from pupitre_bus.antivirus import Antivirus


def eicar() -> bytes:
    """The harmless file that every antivirus names, put together here so that no file of the repository holds it."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"-".join((b"EICAR", b"STANDARD", b"ANTIVIRUS", b"TEST", b"FILE!$H+H*"))


class Clamd:
    """Answers until :meth:`stop`; ``scanned`` are the sizes of what it was given, ``most`` the largest stream it takes."""

    def __init__(self, path: Path | None = None, most: int = 1 << 30) -> None:
        self.most, self.scanned, self.answer = most, [], None
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):
                    outer.serve(self.rfile, self.wfile)

        kind = socketserver.ThreadingTCPServer if path is None else socketserver.ThreadingUnixStreamServer
        self._server = kind(("127.0.0.1", 0) if path is None else str(path), Handler)
        self._server.daemon_threads = True
        self.uri = f"unix:{path}" if path else "tcp://{}:{}".format(*self._server.server_address)
        self.antivirus = Antivirus.from_uri(self.uri)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def serve(self, incoming, outgoing) -> None:
        assert incoming.read(10) == b"zINSTREAM\0"
        content = b""
        while (length := struct.unpack(">I", incoming.read(4))[0]) > 0:
            content += incoming.read(length)
            if len(content) > self.most:
                outgoing.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.scanned.append(len(content))
        if self.answer is not None:
            outgoing.write(self.answer)
        else:
            outgoing.write(b"stream: Eicar-Test-Signature FOUND\0" if eicar() in content else b"stream: OK\0")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
