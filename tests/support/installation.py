"""A whole installation in processes of its own, as a user starts it: for end-to-end, browser and fault tests."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from pupitre_bus import testing
from pupitre_bus.pytest_plugin import need_servers

from support.node_programs import free_port

PUPITRE = [sys.executable, "-m", "pupitre"]
START_SECONDS = 300
KILL_SECONDS = 60
READY_PAUSE = 0.1


def until(condition: Callable[[], Any], seconds: float, what: str, pause: float = READY_PAUSE) -> Any:
    """Wait for a truthy answer; fail saying what never came. Ask at a pace that leaves the processor to what is awaited."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        threading.Event().wait(pause)


class Installation:
    """One state folder and the processes on it. ``servers`` holds the variables of RabbitMQ and PostgreSQL, none when embedded."""

    def __init__(self, state: Path, servers: dict[str, str] | None = None, extra: dict[str, str] | None = None) -> None:
        self.state, self.servers = state, servers or {}
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self.log = state.parent / f"{state.name}.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PUPITRE_")},
            "PUPITRE_STATE": str(state),
            "PUPITRE_HTTP": f"127.0.0.1:{self.port}",
            "PUPITRE_PUBLIC_URL": self.base_url,
            # Passwords are hashed in little time, which leaves the processor to what is tested; identity's own tests hash in full.
            "PUPITRE_ARGON2_MEMORY_KIB": "1024",
            "PUPITRE_ARGON2_PASSES": "1",
            # What a test asks of /readyz is how things stand now; that it does not flap has tests of its own.
            "PUPITRE_READY_PATIENCE_SECONDS": "0",
            **self.servers,
            **(extra or {}),
        }

    @property
    def embedded(self) -> bool:
        """Whether everything is in one process."""
        return not self.servers

    def start(self) -> "Installation":
        """Start every process and wait until ``/readyz`` answers 200."""
        command = ["run"] if self.embedded else ["up", "--demo"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*PUPITRE, *command], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until(self.is_ready, START_SECONDS, f"ready (log: {self.log})")
        return self

    def is_ready(self) -> bool:
        """Whether ``/readyz`` answers 200. Fails at once when the process ended instead."""
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"exited with {self.process.returncode}:\n{self.tail()}")
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        return False

    def stop(self) -> int:
        """Ask for a clean stop, as Ctrl-C does, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)

    def kill(self) -> None:
        """End every process of the installation with SIGKILL, as a power cut would: the first one first, so that none comes back."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        until(self._all_killed, KILL_SECONDS, "every process killed", pause=0.01)
        self.process.wait(KILL_SECONDS)

    def _all_killed(self) -> bool:
        alive = self.pids()
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not alive

    def close(self) -> None:
        """Stop what still runs, by force where asking is not enough."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        self.kill()

    def command(self, *words: str, check: bool = True, seconds: float = 120) -> subprocess.CompletedProcess:
        """Run ``pupitre <words>`` on this installation."""
        return subprocess.run(
            [*PUPITRE, *words], env=self.environment, capture_output=True, text=True, timeout=seconds, check=check
        )

    def tail(self, lines: int = 30) -> str:
        """The last lines that the processes wrote."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    @property
    def demo(self) -> dict[str, Any]:
        return json.loads((self.state / "demo.json").read_text())

    def persona(self, key: str) -> dict[str, Any]:
        return next(each for each in self.demo["personas"] if each["key"] == key)

    def public_structure(self, requires_service: bool) -> dict[str, Any]:
        """The first public body of the demonstration that demands a service, or that demands nothing."""
        bodies = self.demo["public_structures"]
        return next(
            each for each in bodies if each["requires_service"] == requires_service == each["requires_engagement"]
        )

    def pids(self) -> list[int]:
        """Every live process of this installation, known by the state folder in its environment."""
        mark = f"\0PUPITRE_STATE={self.state}\0".encode()
        return [pid for pid in _live() if mark in b"\0" + _read(pid, "environ") + b"\0"]

    def pid_of(self, service: str) -> int:
        """The process of one service of a distributed installation."""
        wanted = f"\0serve\0{service}\0".encode()
        found = [pid for pid in self.pids() if _read(pid, "cmdline").endswith(wanted)]
        assert found, f"no process of {service}"
        return found[0]

    def memory(self) -> int:
        """Bytes of memory that all its processes hold at present."""
        sizes = (re.search(rb"VmRSS:\s+(\d+) kB", _read(pid, "status")) for pid in self.pids())
        return sum(int(found[1]) * 1024 for found in sizes if found)


def _live() -> list[int]:
    return [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and b"State:\tZ" not in _read(path.name, "status")
    ]


def _read(pid: int | str, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


@contextlib.contextmanager
def servers(backend: str) -> Iterator[dict[str, str]]:
    """The variables of an own virtual host and an own database on the machine's servers, dropped at the end; none when embedded.

    Without the servers the running test is skipped with the reason, or fails where they are required.
    """
    if backend == "embedded":
        yield {}
        return
    try:
        space = testing.ServerSpace()
    except testing.Absent as absent:
        need_servers(str(absent))
    try:
        yield {"PUPITRE_AMQP_URI": space.amqp_uri, "PUPITRE_DATABASE_URI": space.database_uri}
    finally:
        space.close()
