import datetime
from collections.abc import Callable
from typing import Any

import pytest
from pupitre_invoicing.engine.worker import Worker

TODAY = datetime.date(2026, 11, 21)
Check = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def worker() -> Worker:
    """One worker for all tests: compiling the official rules costs more than running them."""
    return Worker()


@pytest.fixture
def check(worker: Worker) -> Check:
    """The report on some bytes."""

    def report(data: bytes, **header: Any) -> dict[str, Any]:
        return worker.handle({"op": "check", "today": TODAY.isoformat(), **header}, data)[0]

    return report
