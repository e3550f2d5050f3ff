"""Runs services in this process until it is told to stop, and then stops in order: no handler is interrupted."""

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import eventlet
import eventlet.debug
import nameko
from nameko.containers import ServiceContainer

from . import connection, topology, transport
from .clock import MovedClock
from .core import Deployment, Stopped
from .health import log_gaps, monitor
from .patch import start_ticker
from .settings import WrongSetting

log = logging.getLogger(__name__)

MAX_WORKERS = 20
"""Workers of one service: above the prefetch of calls (12) and events (4) together, so that neither waits for the
other.
"""
STOP_SECONDS = 25
CLOCK_IS_NOT_MOVED = "PUPITRE_CLOCK_FILE moves the clock of the embedded demonstration alone: unset it"
EMBEDDED_URI = f"{transport.SCHEME}://here/pupitre"


class Host:
    """The containers of some services in this process, on one deployment."""

    def __init__(self, service_classes: Iterable[type], deployment: Deployment) -> None:
        self.service_classes = list(service_classes)
        self.deployment = deployment
        self.containers: list[ServiceContainer] = []

    def start(self) -> None:
        """Start every service; when one cannot start, stop the others and raise its error."""
        nameko.config["max_workers"] = MAX_WORKERS
        if connection.is_in_process(self.deployment.amqp_uri):
            topology.declare(self.deployment.amqp_uri, self.deployment.subscriptions)
        for service_class in self.service_classes:
            container = ServiceContainer(service_class)
            container.deployment = self.deployment
            self.containers.append(container)
        try:
            self._all("start")
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Let what is in flight finish, then stop."""
        self._all("stop")

    def kill(self) -> None:
        """Stop at once; the broker and the databases keep what was not finished."""
        self._all("kill")

    def failure(self) -> BaseException | None:
        """The error that ended a service, if one ended."""
        for container in self.containers:
            if container._died.ready():
                try:
                    container.wait()
                except Exception as error:
                    return error
        return None

    def runtime(self, name: str) -> Any:
        """The runtime of the service called ``name``."""
        for container in self.containers:
            if container.service_name == name:
                return next(iter(container.dependencies)).core.runtime
        raise LookupError(name)

    def _all(self, action: str) -> None:
        threads = [eventlet.spawn(getattr(container, action)) for container in self.containers]
        for thread in threads:
            thread.wait()


def deployment_from(settings: Any, **changes: Any) -> Deployment:
    """Return the deployment that ``settings`` (:mod:`pupitre_bus.settings`) describe. Raises :class:`settings.WrongSetting` for a clock
    that is moved where others have theirs."""
    if settings.clock_file:
        if not settings.embedded:
            raise WrongSetting(CLOCK_IS_NOT_MOVED)
        changes = {"clock": MovedClock(Path(settings.clock_file))} | changes
    if settings.amqp_uri:
        changes = {"broker_uri": settings.broker_uri, "account_of": settings.service_accounts.name_of} | changes
    return Deployment(
        amqp_uri=settings.amqp_uri or EMBEDDED_URI,
        database_uri=settings.database_uri,
        keys=Path(settings.keys),
        settings=settings,
        patience=settings.call_patience,
        **changes,
    )


class _Stop:
    """Set by a signal handler, which may do no more than this: locks belong to greenthreads."""

    asked = False

    def ask(self, *_: Any) -> None:
        self.asked = True


def run(service_classes: Iterable[type], settings: Any, beside: Callable[[Host], Any] | None = None) -> int:
    """Run services until SIGTERM or SIGINT and return the exit code: 0 stopped as asked, 1 a service could not start
    or died.

    ``beside(host)`` is called once all have started; what it returns is closed, if it has ``close()``, before they
    stop. An idle process stops within a second, a loaded one when its handlers are done; after 25 s it ends without
    them, and the broker and the databases give their work to the next process.
    """
    eventlet.debug.hub_exceptions(False)  # every greenthread's error is logged by whoever waits for it
    stop = _Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.ask)
    gc.collect()
    _set_aside()
    start_ticker()
    monitor.start()
    eventlet.spawn(log_gaps)
    host = Host(service_classes, deployment_from(settings, stopping=lambda: stop.asked))
    companion = None
    try:
        host.start()
        _set_aside()
        companion = beside(host) if beside is not None else None
        log.info("serving %s", ", ".join(service.name for service in host.service_classes))
        failure = _wait(host, stop)
    except Stopped:
        return 0
    except Exception as error:
        failure = error
    if failure is not None:
        log.error("stopping: %s", failure, exc_info=None if isinstance(failure, topology.TopologyWrong) else failure)
    eventlet.spawn_after(STOP_SECONDS, _give_up)
    if hasattr(companion, "close"):
        companion.close()
    host.stop()
    return 1 if failure is not None else 0


def _wait(host: Host, stop: _Stop) -> BaseException | None:
    while not stop.asked:
        failure = host.failure()
        if failure is not None:
            return failure
        eventlet.sleep(0.2)
    return None


def _set_aside() -> None:
    """Keep what a process is made of (modules, tables, messages: some 200 000 objects) out of every later collection of garbage. None of
    it ever is garbage, and looking through it would hold the hub for longer than RS-11 allows, 105 to 140 ms as measured."""
    gc.freeze()


def _give_up() -> None:
    log.error("work in flight did not end within %d s: leaving it to the next process", STOP_SECONDS)
    logging.shutdown()
    os._exit(1)
