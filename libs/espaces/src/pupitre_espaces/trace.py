"""Which hook of which plugin ran, for whom, how long, and how it ended: written while somebody looks, and otherwise not at all."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

#: The file of the state folder.
FILE = "espaces-trace.jsonl"
#: Seconds between two looks whether somebody traces.
LOOK = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a plugin.

    `outcome` is "answered", "refused" (by a port) or the kind of the problem; `structure` and `user` say for whom, as far as known.
    """

    at: datetime
    host: str
    plugin: str
    hook: str
    milliseconds: float
    outcome: str
    structure: str = ""
    user: str = ""
    #: How often it called its ports.
    port_calls: int = 0

    def as_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps({**asdict(self), "at": self.at.isoformat()}, ensure_ascii=False)


Tracer = Callable[[Call], None]


def for_whom(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the structure and the user that the arguments of a hook name."""
    about = arguments.get("context") or arguments.get("draft") or getattr(arguments.get("request"), "context", None)
    structure = getattr(about, "structure", None) or arguments.get("structure")
    user = getattr(about, "user", None)
    return {"structure": getattr(structure, "name", "") or "", "user": getattr(user, "name", "") or ""}


class TraceFile:
    """Adds calls to a file for as long as the file is there: whoever traces makes it, reads it, and takes it away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked, self._wanted = float("-inf"), False

    def __call__(self, call: Call) -> None:
        """Write one call down; what cannot be written is not traced."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked, self._wanted = now, self._path.exists()
        if not self._wanted:
            return
        try:
            # Without O_CREAT: a file taken away in between is not made again. One write of less than a page is not torn.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        except OSError:
            self._wanted = False
            return
        try:
            os.write(descriptor, f"{call.as_json()}\n".encode()[:4000])
        finally:
            os.close(descriptor)
