"""How many processor seconds each kind of process took: read from the kernel every few seconds, children counted with their parents."""

import os
import resource
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
HARNESS = "harness"


class Processor:
    """Adds up what was seen at each :meth:`look`; a process that lives between two looks only is missed, which is little."""

    def __init__(self) -> None:
        #: (process id, ticks at its start) -> kind, seconds.
        self._seen: dict[tuple[int, int], tuple[str, float]] = {}
        self._own = _own()

    def look(self, roots: Mapping[int, str]) -> None:
        """Read the processes whose ancestor, or which themselves, are in ``roots``: process id -> kind."""
        table = _table()
        for number, (_, started, seconds) in table.items():
            kind = _kind(number, table, roots)
            if kind:
                self._seen[number, started] = kind, seconds

    def seconds(self) -> dict[str, float]:
        """Processor seconds (user and system) by kind, this process's since it was made among them, the largest first."""
        found: Counter[str] = Counter()
        for kind, seconds in self._seen.values():
            found[kind] += seconds
        found[HARNESS] += _own() - self._own
        return dict(found.most_common())


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _table() -> dict[int, tuple[int, int, float]]:
    """Process id -> (its parent's, ticks at its start, processor seconds)."""
    found = {}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            values = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        found[int(entry.name)] = int(values[1]), int(values[19]), (int(values[11]) + int(values[12])) / TICKS
    return found


def _kind(number: int, table: Mapping[int, tuple[int, int, float]], roots: Mapping[int, str]) -> str:
    while number in table:
        if number in roots:
            return roots[number]
        number = table[number][0]
    return ""
