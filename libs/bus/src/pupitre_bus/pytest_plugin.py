"""Fixtures for tests on both buses. Without the servers, their tests are skipped with the reason; with
``PUPITRE_REQUIRE_SERVERS=1`` they fail instead."""

from . import patch

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Hypothesis would import trio, where it is, for its plugin, and trio cannot be imported in a green process.
os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")

BACKENDS = ("embedded", "servers")
REQUIRE = "PUPITRE_REQUIRE_SERVERS"


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    gc.set_threshold(20_000, 20, 20)
    patch.start_ticker()
    for marker in (
        "rabbitmq: needs RabbitMQ",
        "postgres: needs PostgreSQL",
        "requirement(id): the requirement asserted",
    ):
        config.addinivalue_line("markers", marker)


def pytest_collection_finish(session: pytest.Session) -> None:
    # As services do when they start: what was imported is never garbage, and looking through it again and again took a quarter of a run.
    gc.collect()
    gc.freeze()
    gc.enable()


def need_servers(reason: str) -> None:
    """Skip the running test for want of a server, or fail it where servers are required."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but there is no {reason}", pytrace=False)
    pytest.skip(f"no {reason}")


@pytest.fixture(scope="session")
def server_space() -> Iterator[Any]:
    """The virtual host and the database of this run, or the reason why there are none."""
    from . import testing

    try:
        space = testing.ServerSpace()
    except testing.Absent as absent:
        yield str(absent)
        return
    yield space
    space.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A new broker and new databases: "embedded" (in-process bus, SQLite), then "servers" (RabbitMQ, PostgreSQL)."""
    yield from _backend(request.param, request, tmp_path)


@pytest.fixture
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The embedded backend alone, for a test about it."""
    yield from _backend("embedded", request, tmp_path)


@pytest.fixture
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """RabbitMQ and PostgreSQL alone, for a test about them."""
    yield from _backend("servers", request, tmp_path)


def _backend(name: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Any]:
    from . import testing

    if name == "embedded":
        made: testing.Backend = testing.Embedded(folder)
    else:
        space = request.getfixturevalue("server_space")
        if isinstance(space, str):
            need_servers(space)
        made = testing.Servers(folder, space)
    yield made
    made.close()


@pytest.fixture
def service_clock() -> Any:
    """The clock of the services under test; override it with a FrozenClock to move time."""
    from .clock import SystemClock

    return SystemClock()


@pytest.fixture
def bench(backend: Any, service_clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A :class:`pupitre_bus.testing.Bench` on ``backend``, whose calls outlast a machine that halts for some seconds; a test
    that waits for a call's own time-out sets ``bench.patience`` to 1."""
    from . import database
    from .testing import Bench

    monkeypatch.setattr(database, "CONNECT_SECONDS", 60)
    made = Bench(backend, service_clock, patience=10)
    yield made
    made.close()


@pytest.fixture
def running(bench: Any) -> Callable[..., Any]:
    """``running(*ServiceClasses)`` migrates and starts services in this process and returns their host."""
    return bench.start


@pytest.fixture
def caller(bench: Any) -> Callable[..., Any]:
    """``caller(actor)`` gives a bus client that acts as ``actor``; ``caller()`` one that acts as nobody."""
    return bench.caller


@pytest.fixture
def fake_service(bench: Any) -> Callable[..., Any]:
    """``fake_service(name, {Call: reply or function})`` serves canned replies under a service's name."""
    return bench.fake_service
