"""How much memory code of a plugin may take: a bound on what the process may reserve while it runs.

The bound is the process's, since a plugin runs inside it: whatever else allocates at that moment is bound too, and `BUDGET` is far above
what a page or a check needs. Where the system knows no such bound (anything but Linux), there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import resource
except ImportError:  # not on this system
    resource = None  # type: ignore[assignment]

#: Bytes that a plugin may add to what the process has reserved.
BUDGET = 512 * 1024 * 1024
_STATM = Path("/proc/self/statm")
_IS_KNOWN = resource is not None and _STATM.exists()

_lock = threading.Lock()
_inside = 0
_before: tuple[int, int] = (0, 0)


@contextmanager
def bounded(budget: int = BUDGET) -> Iterator[None]:
    """Have allocations beyond `budget` raise MemoryError inside the block; the last block to end lifts the bound."""
    if not _IS_KNOWN:
        yield
        return
    _enter(budget)
    try:
        yield
    finally:
        _leave()


def _enter(budget: int) -> None:
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = resource.getrlimit(resource.RLIMIT_AS)
            reserved = int(_STATM.read_text().split()[0]) * resource.getpagesize()
            wanted = reserved + budget
            soft, hard = _before
            if soft == resource.RLIM_INFINITY or wanted < soft:
                resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            resource.setrlimit(resource.RLIMIT_AS, _before)
