"""The walls around plugins: each call alone, timed, caught, counted, and after too many failures no longer made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from . import memory
from .deadlines import Guard, run_within
from .discovery import Source
from .hooks import Hook
from .plugin import Plugin
from .ports import PortRefused
from .problems import Problem, ProblemKind, ProblemLog, WrongAnswer, describe
from .trace import Call, Tracer, for_whom
from .watching import Meter, Spent

MOST_ERRORS = 5
MOST_TIMEOUTS = 3


class Failed(Exception):
    """Code of a plugin gave no answer; `kind` and the text say why."""

    def __init__(self, kind: ProblemKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class Isolation:
    """Runs code of plugins for one host.

    What derives from Exception, and SystemExit, is the plugin's and stops here. Any other BaseException passes: event
    loops stop a task that way (GreenletExit, an outer Timeout), and a host that swallowed it could not be stopped.
    """

    def __init__(
        self,
        log: ProblemLog,
        deadline: float,
        load_deadline: float,
        guard: Guard | None,
        *,
        host: str = "",
        tracer: Tracer | None = None,
        memory_budget: int = memory.BUDGET,
    ) -> None:
        self._log, self._host, self._tracer, self._budget = log, host, tracer, memory_budget
        self._deadline, self._load_deadline, self._guard = deadline, load_deadline, guard
        #: Failures in a row, by (plugin, hook, is late).
        self._failures: Counter[tuple[str, str, bool]] = Counter()

    def report(self, plugin: str, hook: str | None, kind: ProblemKind, detail: str) -> Problem:
        """Note a problem that does not count as a failure."""
        return self._log.report(plugin, hook, kind, detail)

    def load(self, source: Source) -> tuple[bool, Any]:
        """Import a plugin; return (whether it could be, what its entry point names)."""
        try:
            loaded, _ = run_within(self._load_deadline, source.load, self._guard)
        except TimeoutError as error:
            self.report(source.name, None, "time-out", describe(error))
        except (Exception, SystemExit) as error:  # a module may raise anything, and end the process by mistake
            self.report(source.name, None, "import", describe(error))
        else:
            return True, loaded
        return False, None

    def ask(self, plugin: Plugin, hook: Hook, arguments: dict[str, Any], meter: Meter | None = None) -> tuple[bool, Any]:
        """Call one hook of one plugin and check the answer; return (whether it answered, its answer)."""
        return self.run(plugin, hook.name, lambda: hook.read(plugin.call(hook.name, arguments)), arguments, meter)

    def run(
        self,
        plugin: Plugin,
        hook: str,
        work: Callable[[], Any],
        arguments: Mapping[str, Any] | None = None,
        meter: Meter | None = None,
    ) -> tuple[bool, Any]:
        """Run `work`, code of the plugin that belongs to `hook`; return (whether it answered, its answer).

        `arguments` say for whom, when the call is traced; `meter` has counted the calls of the ports that they lend. Raises PortRefused
        where the plugin lets one pass: that is the platform's word, and no fault of the plugin.
        """
        began = time.monotonic()
        refused = None
        try:
            answered, answer, outcome = self._run(plugin, hook, work, meter)
        except PortRefused as error:
            answered, answer, outcome, refused = False, None, "refused", error
        self._trace(plugin, hook, began, outcome, arguments, meter)
        if refused is not None:
            raise refused
        return answered, answer

    def insist(
        self, plugin: Plugin, hook: str, about: str, work: Callable[[], Any], arguments: Mapping[str, Any], meter: Meter
    ) -> Any:
        """Run `work` that is tried again when it fails, for as long as its host wants: raise Failed, and set nothing aside.

        `about` says in a problem what it was about. A port's refusal that the plugin lets pass is a failure too.
        """
        began = time.monotonic()
        try:
            answer, elapsed = self._answer(work, meter)
        except (Failed, PortRefused) as error:
            failed = error if isinstance(error, Failed) else Failed("refused", str(error))
            self._trace(plugin, hook, began, failed.kind, arguments, meter)
            self.report(plugin.name, hook, failed.kind, f"{about}: {failed}")
            raise failed from (error.__cause__ or error)
        late = elapsed > self._deadline
        if late:
            self.report(plugin.name, hook, "slow", f"{about}: {self._late(elapsed)}")
        self._trace(plugin, hook, began, "slow" if late else "answered", arguments, meter)
        return answer

    def _run(self, plugin: Plugin, hook: str, work: Callable[[], Any], meter: Meter | None) -> tuple[bool, Any, str]:
        """Return (whether it answered, its answer, how it ended)."""
        try:
            answer, elapsed = self._answer(work, meter)
        except Failed as failed:
            return False, None, self._failed(plugin, hook, failed.kind, str(failed))
        if elapsed > self._deadline:
            return True, answer, self._failed(plugin, hook, "slow", self._late(elapsed))
        self._failures.pop((plugin.name, hook, True), None)
        self._failures.pop((plugin.name, hook, False), None)
        return True, answer, "answered"

    def _answer(self, work: Callable[[], Any], meter: Meter | None) -> tuple[Any, float]:
        """Return what `work` gives and the seconds it took. Raises Failed, and PortRefused where the plugin lets one pass."""
        try:
            answered = self._done(work)
        except (PortRefused, Spent) as error:
            if meter is None or not meter.is_exceeded:
                raise
            raise Failed("too-many-calls", meter.says()) from error
        if meter is not None and meter.is_exceeded:
            # It was refused and made something of it: an answer that depends on who asked first is none.
            raise Failed("too-many-calls", meter.says())
        return answered

    def _done(self, work: Callable[[], Any]) -> tuple[Any, float]:
        try:
            with memory.bounded(self._budget):
                return run_within(self._deadline, work, self._guard)
        except MemoryError as error:
            raise Failed("memory", f"needs more than {self._budget // 1_000_000} MB") from error
        except TimeoutError as error:
            # Its own TimeoutError, from a socket for instance, is counted alike: it waited in vain.
            raise Failed("time-out", describe(error)) from error
        except PortRefused:
            raise
        except WrongAnswer as error:
            raise Failed("wrong-answer", str(error)) from error
        except (Exception, SystemExit) as error:  # whatever the plugin raises costs this answer only
            raise Failed("error", describe(error)) from error

    def _late(self, elapsed: float) -> str:
        return f"answered after {elapsed:.2f} s; the deadline is {self._deadline:g} s"

    def _trace(
        self, plugin: Plugin, hook: str, began: float, outcome: str, arguments: Mapping[str, Any] | None, meter: Meter | None
    ) -> None:
        if self._tracer is not None:
            lasted = round((time.monotonic() - began) * 1000, 3)
            told = {**for_whom(arguments or {}), "port_calls": meter.calls if meter is not None else 0}
            self._tracer(Call(self._log.now(), self._host, plugin.name, hook, lasted, outcome, **told))

    def _failed(self, plugin: Plugin, hook: str, kind: ProblemKind, detail: str) -> ProblemKind:
        """Count a failure, set the plugin aside where it is one too many, and return its kind."""
        self.report(plugin.name, hook, kind, detail)
        is_late = kind in ("time-out", "slow")
        self._failures[plugin.name, hook, is_late] += 1
        if plugin.set_aside or self._failures[plugin.name, hook, is_late] < (MOST_TIMEOUTS if is_late else MOST_ERRORS):
            return kind
        plugin.set_aside = True
        what = f"{MOST_TIMEOUTS} time-outs in a row" if is_late else f"{MOST_ERRORS} errors in a row"
        self.report(plugin.name, hook, "set-aside", f"{what}; not called again until the process restarts")
        return kind
