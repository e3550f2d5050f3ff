"""The real engine for tests of the service: its worker processes are made once and shared by the tests of a module."""

from typing import Any

from pupitre_bus.workers import WorkerPool


class RealEngine:
    """The engine as one test sees it: the service that stops does not close it for the next. ``bounds`` are those of the pool."""

    def __init__(self, **bounds: Any) -> None:
        self.pool = WorkerPool(["-m", "pupitre_invoicing.engine"], **{"size": 1, "timeout": 60, "memory_mb": 1536, **bounds})
        self.run, self.health = self.pool.run, self.pool.health

    def close(self) -> None:
        pass
