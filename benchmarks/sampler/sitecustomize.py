"""Put on the path of the processes of an installation that is measured: Python imports it before anything else.

After SIGUSR1, each few milliseconds of processor time, the time that every thread used since the last look is noted under what it
does at that moment. SIGUSR2 has it written down in the folder that ``BENCHMARK_SAMPLES`` names.
"""

import atexit
import json
import os
import signal
import sys
import time
from pathlib import Path

EVERY = 0.002
FOLDER = os.environ.get("BENCHMARK_SAMPLES")


class Samples:
    """Processor seconds by stack, innermost function first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Taken now: eventlet puts its own in their place.
        self._clock_of, self._read = time.pthread_getcpuclockid, time.clock_gettime
        (self._main,) = sys._current_frames()
        self._used: dict[int, float] = {}
        self._spent: dict[str, float] = {}
        self._known: dict[object, str] = {}

    def begin(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def look(self, _: int, frame: object) -> None:
        for thread, current in sys._current_frames().items():
            try:
                now = self._read(self._clock_of(thread))
            except OSError:
                continue
            before = self._used.get(thread, now)
            self._used[thread] = now
            if now > before:
                stack = self._stack(frame if thread == self._main else current)
                self._spent[stack] = self._spent.get(stack, 0.0) + now - before

    def _stack(self, frame: object) -> str:
        names = []
        while frame is not None:
            code = frame.f_code
            name = self._known.get(code)
            if name is None:
                name = self._known[code] = f"{code.co_filename}:{code.co_name}"
            names.append(name)
            frame = frame.f_back
        return "|".join(names)

    def write(self, *_: object) -> None:
        draft = self._folder / f"{os.getpid()}.part"
        draft.write_text(json.dumps({"command": sys.orig_argv, "spent": dict(self._spent)}))  # copied at once: looks go on
        draft.rename(draft.with_suffix(".json"))


if FOLDER:
    samples = Samples(Path(FOLDER))
    signal.signal(signal.SIGPROF, samples.look)
    signal.signal(signal.SIGUSR1, samples.begin)
    signal.signal(signal.SIGUSR2, samples.write)
    atexit.register(signal.setitimer, signal.ITIMER_PROF, 0)
