"""The record of every operation: what was asked under which key, and whether it is done, refused or unknown."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


@dataclass(frozen=True)
class Attempt:
    """One request. ``numbers`` are the invoices that it is about, ``to`` the status of a move.

    ``outcome``: ok (the product said that it is done), failed (it said that it is not and never will be), unknown (anything else:
    the work may be done or not). ``limit_ms`` is the time-out within which there must be an answer of some kind.
    """

    operation: str
    kind: str
    key: str
    outcome: str
    started: float
    ms: float
    limit_ms: float
    numbers: tuple[str, ...] = ()
    to: str = ""
    code: str = ""
    answer: str = ""


@dataclass
class Operation:
    """All attempts of one key, and what is known in the end: ok beats failed beats unknown."""

    kind: str
    numbers: tuple[str, ...]
    to: str
    answer: str = ""
    outcome: str = UNKNOWN
    attempts: int = 0
    codes: list[str] = field(default_factory=list)


class Journal:
    """Appends to ``path``, a JSON line per attempt, whole lines only: it can be read after any end of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = {OK: 0, FAILED: 0, UNKNOWN: 0}
        self._turn = threading.Lock()
        self._file = path.open("a", encoding="utf-8")
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the journal was opened."""
        return time.monotonic() - self._began

    def write(self, attempt: Attempt) -> None:
        line = json.dumps(asdict(attempt), separators=(",", ":"))
        with self._turn:
            self.counts[attempt.outcome] += 1
            self._file.write(f"{line}\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Attempt]:
    """Every attempt of a journal, in order."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)
    return [Attempt(**{**line, "numbers": tuple(line["numbers"])}) for line in lines]


def operations(attempts: Iterable[Attempt]) -> dict[str, Operation]:
    """The attempts by operation."""
    found: dict[str, Operation] = {}
    for each in attempts:
        known = found.setdefault(each.operation, Operation(each.kind, each.numbers, each.to))
        known.attempts += 1
        known.codes += [each.code] if each.code else []
        if each.outcome == OK or (each.outcome == FAILED and known.outcome == UNKNOWN):
            known.outcome, known.answer = each.outcome, each.answer or known.answer
    return found


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` of the values lie; 0 of none."""
    ordered: list[Any] = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
