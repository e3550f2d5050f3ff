"""Worker processes for what must not run on the hub: started by exec, limited in memory and time, recycled, replaced
when they die.

This module imports only the standard library: in the parent, where :mod:`pupitre_bus.patch` came first, its threads,
queues and pipes are green; in the child, which never imports eventlet, they are the real ones.
"""

import contextlib
import gc
import json
import logging
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

log = logging.getLogger(__name__)

_FRAME = struct.Struct(">II")
LARGEST_HEADER = 16 * 1024 * 1024
START_SECONDS = 60
LONGEST_PAUSE = 30
TAIL_BYTES = 2000
_MEMORY, _CPU = "PUPITRE_WORKER_MEMORY_MB", "PUPITRE_WORKER_CPU_SECONDS"

Handler = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


class WorkerTimeout(Exception):
    """The job took longer than allowed, in wall or processor time; its process was killed. Trying again would take as
    long.
    """


class WorkerDied(Exception):
    """The process died under the job, twice: out of memory, a crash in C, an exit."""


class WorkerFailed(Exception):
    """The job raised; the text is the exception's, for logs rather than for users."""


class WorkerPool:
    """``size`` processes running ``python *arguments``, each of which calls :func:`serve`.

    ``timeout`` (seconds, wall and processor time) and ``memory_mb`` (address space) bound each job. A process is
    replaced after ``recycle`` jobs. ``environment`` adds variables; the parent's own settings, which hold secrets,
    are not passed on.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        size: int = 2,
        timeout: float = 30,
        memory_mb: int = 512,
        recycle: int = 500,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [sys.executable, *arguments]
        self._size, self._timeout, self._recycle = size, timeout, recycle
        self._environment = _environment(memory_mb, timeout, environment or {})
        self._ready: queue.Queue[_Child] = queue.Queue()
        self._children: set[_Child] = set()
        self._closed = threading.Event()
        self._started = False
        self.restarts = 0
        self.timeouts = 0

    def start(self) -> None:
        """Start the processes; the first :meth:`run` does it otherwise."""
        if not self._started:
            self._started = True
            for _ in range(self._size):
                threading.Thread(target=self._keep_one, daemon=True).start()

    def run(self, header: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Have a free process do a job, and return its answer.

        Waits for a free process for at most ``timeout`` as well. Raises :class:`WorkerTimeout`, :class:`WorkerDied`
        after a second attempt on another process, or :class:`WorkerFailed`.
        """
        self.start()
        for attempt in (1, 2):
            child = self._free_child()
            try:
                return self._do(child, header, payload)
            except _Lost as lost:
                log.warning("worker %s died under a job (%s): %s", self._command[1:], lost, child.tail())
                if attempt == 2:
                    raise WorkerDied(str(lost)) from lost
        raise AssertionError("unreachable")

    def _free_child(self) -> "_Child":
        deadline = time.monotonic() + self._timeout + (START_SECONDS if not self._children else 0)
        while not self._closed.is_set():
            try:
                child = self._ready.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise WorkerTimeout(f"none of {self._size} workers was free in time") from None
            if child.process.poll() is None:
                return child
            child.end()
        raise WorkerDied("the pool is closed")

    def _do(self, child: "_Child", header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        reusable = False
        try:
            answer, data = child.exchange(header, payload, self._timeout)
            reusable = child.jobs < self._recycle and not answer.get("tired")
        except WorkerTimeout:
            self.timeouts += 1
            raise
        finally:
            if reusable:
                self._ready.put(child)
            else:
                child.end()
        if "error" in answer:
            raise WorkerFailed(answer["error"])
        return answer["answer"], data

    def _keep_one(self) -> None:
        """Supervise one place of the pool: start its process, and another whenever it ends."""
        pause = 0.1
        while not self._closed.is_set():
            child = None
            try:
                child = _Child(self._command, self._environment)
                self._children.add(child)
                child.wait_ready()
            except (OSError, _Lost, WorkerTimeout) as error:
                log.error("worker %s does not start (%s): %s", self._command[1:], error, child.tail() if child else "")
                if child is not None:
                    child.end()
                    self._children.discard(child)
                self._closed.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = 0.1
            if self._closed.is_set():
                child.end()
            self._ready.put(child)
            child.ended.wait()
            self._children.discard(child)
            self.restarts += 1

    def health(self) -> tuple[str, bool, str]:
        """A check for ``resources.health()``: at least one process is there (or none was ever needed)."""
        living = sum(child.process.poll() is None for child in self._children)
        return "workers", living > 0 or not self._started, f"{living} of {self._size}, {self.restarts} restarts"

    def close(self) -> None:
        """Kill the processes; jobs in progress raise :class:`WorkerDied`."""
        self._closed.set()
        for child in list(self._children):
            child.end()


class _Lost(Exception):
    """The process ended without an answer."""


class _Child:
    """One process and its pipes."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.jobs = 0
        self.ended = threading.Event()
        self._tail = b""
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        threading.Thread(target=self._drain_errors, daemon=True).start()

    def wait_ready(self) -> None:
        self._bounded(lambda: _receive(self.process.stdout), START_SECONDS)

    def exchange(self, header: dict[str, Any], payload: bytes, timeout: float) -> tuple[dict[str, Any], bytes]:
        self.jobs += 1

        def talk() -> tuple[dict[str, Any], bytes] | None:
            _send(self.process.stdin, header, payload)
            return _receive(self.process.stdout)

        return self._bounded(talk, timeout)

    def _bounded(self, talk: Callable[[], Any], timeout: float) -> tuple[dict[str, Any], bytes]:
        late = threading.Event()

        def expire() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(timeout, expire)
        timer.daemon = True
        timer.start()
        frame = None
        with contextlib.suppress(OSError, ValueError):
            frame = talk()
        timer.cancel()
        if frame is not None:
            return frame
        code = self._kill()
        if late.is_set() or code == -signal.SIGXCPU:
            raise WorkerTimeout(f"no answer within {timeout:g} s")
        raise _Lost(f"exit code {code}")

    def _kill(self) -> int:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _drain_errors(self) -> None:
        """Keep the end of what the process writes to its error output, and notice its death."""
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self.process.stderr.fileno(), 4096):
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]
        self.ended.set()

    def tail(self) -> str:
        return self._tail.decode("utf-8", "replace").strip()

    def end(self) -> None:
        self._kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()
        self.ended.set()


def _environment(memory_mb: int, timeout: float, added: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PUPITRE_")}
    return {**own, **added, _MEMORY: str(memory_mb), _CPU: str(max(1, int(timeout)))}


def serve(handler: Handler) -> None:
    """In the child: do jobs with ``handler(header, payload) -> (header, payload)`` until the parent goes away."""
    incoming, outgoing = _take_pipes()
    _limit_memory()
    gc.freeze()  # modules are never garbage: no job pays for looking through them
    _send(outgoing, {"ready": True}, b"")
    while (frame := _receive(incoming)) is not None:
        _limit_cpu()
        answer, data = _job(handler, *frame)
        _send(outgoing, answer, data)
        if answer.get("tired"):
            return


def _job(handler: Handler, header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        answer, data = handler(header, payload)
        return {"answer": answer}, data
    except MemoryError:
        return {"error": "MemoryError", "tired": True}, b""
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}, b""


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for frames, so that what a library prints cannot end up between them."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return incoming, outgoing


def _limit_memory() -> None:
    import resource

    limit = int(os.environ.get(_MEMORY, "0")) * 1024 * 1024
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu() -> None:
    """Allow the next job its own share of processor time."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + int(os.environ.get(_CPU, "30")) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _send(pipe: BinaryIO, header: dict[str, Any], payload: bytes) -> None:
    head = json.dumps(header).encode()
    pipe.write(_FRAME.pack(len(head), len(payload)) + head)
    if payload:
        pipe.write(payload)
    pipe.flush()


def _receive(pipe: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    prefix = _exactly(pipe, _FRAME.size)
    if prefix is None:
        return None
    head_length, payload_length = _FRAME.unpack(prefix)
    if head_length > LARGEST_HEADER:
        return None
    head, payload = _exactly(pipe, head_length), _exactly(pipe, payload_length)
    if head is None or payload is None:
        return None
    return json.loads(head), payload


def _exactly(pipe: BinaryIO, length: int) -> bytes | None:
    parts = []
    while length:
        part = pipe.read(min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
