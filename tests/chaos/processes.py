"""The product's processes under this harness: started, signalled, started again when they end, and every exit judged."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import eventlet

#: As the product's own supervisor does, but sooner: a fault is to meet a running process.
RESTART_SECONDS = 0.5
LONGEST_PAUSE = 4.0
STOP_SECONDS = 27
TESTS = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class Exit:
    """How a process ended: negative codes are signals. ``expected``: this harness asked for it."""

    name: str
    code: int
    expected: bool
    after: float


class Process:
    """One process of the installation, kept running until :meth:`stop`."""

    def __init__(self, name: str, words: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self.exits: list[Exit] = []
        self._words = words
        self._environment = {**environment, "PYTHONPATH": TESTS, "PYTHONUNBUFFERED": "1"}
        self._child: subprocess.Popen | None = None
        self._asked: set[int] = set()
        self._queues_missing = self._may_refuse = False
        self._kept = False
        self._keeper: eventlet.greenthread.GreenThread | None = None
        self._started = 0.0

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Of the process that runs or ran last."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start it, and again whenever it ends."""
        self._kept = True
        self._keeper = eventlet.spawn(self._keep)

    def kill(self) -> None:
        """SIGKILL to it and to the worker processes that it started: none of them gets a word."""
        self._send(signal.SIGKILL, -signal.SIGKILL)

    def halt(self) -> None:
        """SIGKILL, and nobody starts it again before :meth:`start`."""
        self._kept = False
        self.kill()
        if self._keeper is not None:
            self._keeper.wait()

    def terminate(self) -> None:
        """SIGTERM, as a rolling restart sends it: it must end by itself, with code 0."""
        self._send(signal.SIGTERM, 0)

    def without_queues(self, missing: bool) -> None:
        """The broker has lost the queues, or has them again: one that starts meanwhile ends with code 1, as it promises."""
        self._queues_missing = missing
        self._may_refuse |= missing

    def freeze(self) -> None:
        """SIGSTOP: alive for everybody, and answering nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it for good: asked first, killed when it does not obey (which :attr:`exits` shows)."""
        self._kept = False
        if self.alive:
            self.thaw()
            self.terminate()
            deadline = time.monotonic() + STOP_SECONDS
            while self.alive and time.monotonic() < deadline:
                eventlet.sleep(0.05)
            if self.alive:
                self._signal(signal.SIGKILL)
        if self._keeper is not None:
            self._keeper.wait()

    def _send(self, number: int, code: int) -> None:
        if self.alive:
            self._asked.add(code)
            self._signal(number)

    def _signal(self, number: int) -> None:
        if self._child is None:
            return
        # SIGTERM is for the process alone, which then ends its own workers.
        send = os.kill if number == signal.SIGTERM else os.killpg
        with contextlib.suppress(ProcessLookupError):
            send(self._child.pid, number)

    def _keep(self) -> None:
        pause = RESTART_SECONDS
        while self._kept:
            self._started, self._asked, self._may_refuse = time.monotonic(), set(), self._queues_missing
            with self.log.open("ab") as log:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", *self._words],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            while (code := self._child.poll()) is None:
                eventlet.sleep(0.05)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)  # worker processes that outlived it
            lived = time.monotonic() - self._started
            expected = code in self._asked or self._cut_short(code) or (code == 1 and self._may_refuse)
            self.exits.append(Exit(self.name, code, expected, lived))
            pause = (
                RESTART_SECONDS if lived > LONGEST_PAUSE or self.exits[-1].expected else min(2 * pause, LONGEST_PAUSE)
            )
            if self._kept:
                eventlet.sleep(pause)

    def _cut_short(self, code: int) -> bool:
        """A process that was told to end while it was still being imported may end by the signal itself."""
        return 0 in self._asked and code == -signal.SIGTERM
