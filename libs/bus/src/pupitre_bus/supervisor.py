"""Keeps the processes of a deployment running on one machine without containers: starts, prefixes output, restarts,
stops.
"""

import contextlib
import datetime
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import eventlet

RESTART_SECONDS = 2.0
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60
STOP_SECONDS = 25
LOOK_SECONDS = 0.1
RECORD = "restarts.json"
"""Name of the file in the state folder that tells how often each process was started again since `pupitre up` was."""


class Supervisor:
    """Runs each of ``commands`` (name -> arguments) as a child process.

    A child that ends is started again after 2 s, then twice as long each time it fails within a minute, up to 30 s; one
    that ended in order was asked to, and is started again after 2 s. Each line of output is passed on behind the child's
    name. ``record``, a file, tells who asks how often each child was started again; it is there while the supervisor
    runs, and outlives a child that cannot tell.
    """

    def __init__(
        self, commands: Mapping[str, Sequence[str]], output: TextIO | None = None, record: Path | None = None
    ) -> None:
        self._commands = {name: list(arguments) for name, arguments in commands.items()}
        self._output, self._record = output or sys.stdout, record
        self._width = max(map(len, self._commands), default=0)
        self._stop_asked = False
        self._stopping = threading.Event()
        self.processes: dict[str, subprocess.Popen] = {}
        self.restarts = dict.fromkeys(self._commands, 0)
        self._ended_at: dict[str, str] = {}
        self._write_record()

    def run(self) -> int:
        """Keep the children running until SIGTERM or SIGINT, stop them, and return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        keepers = [eventlet.spawn(self._keep, name) for name in self._commands]
        while not self._stop_asked:
            eventlet.sleep(0.2)
        unfinished = self.stop()
        for keeper in keepers:
            keeper.wait()
        if self._record is not None:
            self._record.unlink(missing_ok=True)
        return 1 if unfinished else 0

    def stop(self) -> list[str]:
        """Ask every child to stop, kill after 25 s those that have not, and return their names."""
        self._stopping.set()
        for process in self.processes.values():
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process in self.processes.values()):
            eventlet.sleep(0.05)
        unfinished = [name for name, process in self.processes.items() if process.poll() is None]
        for name in unfinished:
            self._say(name, f"did not stop within {STOP_SECONDS} s and was killed")
            _signal(self.processes[name], signal.SIGKILL)
        return unfinished

    def _on_signal(self, *_: Any) -> None:
        self._stop_asked = True

    def _keep(self, name: str) -> None:
        pause = RESTART_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_once(name)
            if self._stopping.is_set():
                return
            if code == 0 or time.monotonic() - started > HEALTHY_SECONDS:
                pause = RESTART_SECONDS
            self.restarts[name] += 1
            self._ended_at[name] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            self._write_record()
            self._say(name, f"ended with code {code}; starting again in {pause:g} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _write_record(self) -> None:
        """Write whole or not at all: it is read while it is replaced. A full disk must not stop the supervising."""
        if self._record is None:
            return
        content = {"restarts": self.restarts, "ended_at": self._ended_at}
        beside = self._record.with_suffix(".new")
        try:
            beside.write_text(json.dumps(content), "utf-8")
            beside.replace(self._record)
        except OSError as error:
            self._say("supervisor", f"{self._record}: {error}")

    def _run_once(self, name: str) -> int:
        try:
            process = subprocess.Popen(
                self._commands[name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            self._say(name, str(error))
            return 127
        self.processes[name] = process
        if self._stopping.is_set():
            _signal(process, signal.SIGTERM)
        reader = eventlet.spawn(self._pass_on, name, process)
        while (code := process.poll()) is None:  # eventlet's own wait asks a hundred times a second
            eventlet.sleep(LOOK_SECONDS)
        with eventlet.Timeout(1, False):
            reader.wait()
        return code

    def _pass_on(self, name: str, process: subprocess.Popen) -> None:
        rest = b""
        while chunk := os.read(process.stdout.fileno(), 65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._say(name, line.decode("utf-8", "replace"))
        if rest:
            self._say(name, rest.decode("utf-8", "replace"))

    def _say(self, name: str, line: str) -> None:
        self._output.write(f"{name:<{self._width}} | {line}\n")
        self._output.flush()


def restarts_in(folder: Path) -> dict[str, int]:
    """Read how often each process was started again; nothing where no supervisor keeps its record in ``folder``."""
    try:
        restarts = json.loads((folder / RECORD).read_text("utf-8"))["restarts"]
        return {str(name): int(count) for name, count in restarts.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _signal(process: subprocess.Popen, number: int) -> None:
    """Signal the child alone: it stops its own worker processes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
