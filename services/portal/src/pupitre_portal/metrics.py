"""The figures of the whole installation for a monitoring system, in Prometheus' text format (RS-70).

They are served at an address of their own (``PUPITRE_METRICS``), never on the portal's: docs/decisions/0014.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import make_wsgi_app
from pupitre_bus.health import process_figures
from pupitre_bus.supervisor import restarts_in

from .readiness import ANSWERS, Figures, Readiness

Wsgi = Callable[[dict[str, Any], Callable], Iterable[bytes]]

_ROUTES = (("/api/", "api"), ("/cpro/", "cpro"), ("/statique/", "static"), ("/livez", "health"), ("/readyz", "health"))
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MS = 0.001

# Figure of a service's answer -> metric, meaning, factor. True of its database or its queues, whichever instance answers.
_OF_SERVICE = {
    "outbox_waiting": ("outbox_waiting_events", "Events committed and not yet on the broker", 1),
    "outbox_lag_ms": ("outbox_lag_seconds", "Age of the oldest event not yet on the broker", _MS),
    "outbox_oldest_at": ("outbox_oldest_unpublished_timestamp_seconds", "When the oldest unpublished event occurred", 1),
    "parked": ("parked_messages", "Messages set aside for an operator", 1),
    "retrying": ("retrying_messages", "Messages that failed and will be tried again", 1),
    "relay_aside": ("relay_aside_types", "Types of events that wait for a queue which does not answer", 1),
    "dead_letters": ("dead_letter_queue_messages", "Messages in the broker's dead-letter queue", 1),
    "queue_waiting": ("event_queue_messages", "Messages ready in the service's event queue", 1),
}
# The same of one process.
_OF_INSTANCE = {
    "hub_gap_ms": ("hub_gap_seconds", "Longest time in the last minute that nothing else could run", _MS),
    "hub_gap_longest_ms": ("hub_gap_longest_seconds", "Longest time since the start that nothing else could run", _MS),
    "hub_held_ms": ("hub_held_seconds", "The same without waiting for a processor that others had", _MS),
    "hub_held_longest_ms": ("hub_held_longest_seconds", "The same since the start", _MS),
    "oldest_unacked_ms": ("oldest_unacked_seconds", "Age of the oldest message taken and not settled", _MS),
    "broker_blocked": ("broker_blocked", "1 while the broker takes no message of this instance", 1),
    "relay_leading": ("relay_leading", "1 where this instance publishes its database's events", 1),
    "started_at": ("process_start_time_seconds", "When the process started, Unix time", 1),
}


class Measures:
    """Counts the portal's own requests and gathers what the services tell."""

    def __init__(self, health: Readiness, bus: Any, state: Path) -> None:
        self._health, self._bus, self._state = health, bus, state
        self.registry = CollectorRegistry()
        self._requests = Total(
            "pupitre_http_requests", "Answers of the portal", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "pupitre_http_request_seconds",
            "Time to answer, uploads included",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)
        ProcessCollector(namespace="pupitre_portal", registry=self.registry)

    def counted(self, app: Wsgi) -> Wsgi:
        """Wrap an application so that its answers are counted by class of address and by status."""

        def inner(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
            route, began = _route(environ.get("PATH_INFO", "")), time.perf_counter()

            def answering(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                self._requests.labels(route, status[:3]).inc()
                self._seconds.labels(route).observe(time.perf_counter() - began)
                return start_response(status, headers, *more)

            return app(environ, answering)

        return inner

    def wsgi(self) -> Wsgi:
        """The application that answers ``GET /metrics`` and nothing else."""
        shown = make_wsgi_app(self.registry)

        def inner(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
            if environ.get("PATH_INFO") != "/metrics":
                start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
                return [b""]
            return shown(environ, start_response)

        return inner

    def describe(self) -> list[Metric]:
        """Nothing is known before the services are asked; and they are not, to register."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Ask the services and turn what they tell into metrics."""
        yield from self._checks()
        figures = self._health.figures()
        latest = {each.service: each for each in sorted(figures, key=lambda each: each.at)}
        for figure, (name, meaning, factor) in _OF_SERVICE.items():
            yield _gauge(
                name, meaning, ["service"], [((each.service,), _number(each, figure, factor)) for each in latest.values()]
            )
        everybody = [*figures, Figures("portal", "", process_figures(self._bus), 0)]
        for figure, (name, meaning, factor) in _OF_INSTANCE.items():
            values = [((each.service, each.instance), _number(each, figure, factor)) for each in everybody]
            yield _gauge(name, meaning, ["service", "instance"], values)
        yield from _counts(everybody)
        yield self._restarts()

    def _checks(self) -> Iterator[Metric]:
        lines = self._health.lines()
        own = [line for line in lines if not line.is_espace and line.name != ANSWERS]
        answering = [((line.service,), int(line.ok)) for line in lines if line.name == ANSWERS]
        yield _gauge("ready", "Whether /readyz answers 200", [], [((), int(not self._health.faults()))])
        yield _gauge("up", "Whether the service answers", ["service"], answering)
        yield _gauge(
            "check_well",
            "Whether a check of the service is well",
            ["service", "check"],
            [((line.service, line.name), int(line.ok)) for line in own],
        )
        ill = Counter(line.service for line in lines if line.is_espace and not line.ok)
        ill["portal"] = len(self._health.ill_espaces())
        yield _gauge("ill_espaces", "Espaces that do not work", ["service"], [((name,), ill[name]) for name in sorted(ill)])

    def _restarts(self) -> Metric:
        family = CounterMetricFamily(
            "pupitre_restarts", "How often `pupitre up` started a process again", labels=["service"]
        )
        for name, count in sorted(restarts_in(self._state).items()):
            family.add_metric([name], count)
        return family


def _counts(figures: list[Figures]) -> Iterator[Metric]:
    duplicates = CounterMetricFamily(
        "pupitre_inbox_duplicates", "Events that came again and had no effect", labels=["service", "instance"]
    )
    timeouts = CounterMetricFamily(
        "pupitre_rpc_timeouts", "Calls without an answer in time", labels=["service", "instance", "callee"]
    )
    refused = GaugeMetricFamily(
        "pupitre_rpc_refused", "1 while calls are held back: the callee failed again and again",
        labels=["service", "instance", "callee"],
    )
    for each in figures:
        mine = [each.service, each.instance]
        if "inbox_duplicates" in each.values:
            duplicates.add_metric(mine, each.values["inbox_duplicates"])
        for callee, count in sorted(each.values.get("rpc_timeouts", {}).items()):
            timeouts.add_metric([*mine, callee], count)
        for callee in each.values.get("rpc_refused", []):
            refused.add_metric([*mine, callee], 1)
    yield from (duplicates, timeouts, refused)


def _number(figures: Figures, name: str, factor: float) -> float | None:
    value = figures.values.get(name)
    return None if value is None else float(value) * factor


def _gauge(name: str, meaning: str, labels: list[str], values: list[tuple[tuple[str, ...], float | None]]) -> Metric:
    family = GaugeMetricFamily(f"pupitre_{name}", meaning, labels=labels)
    for marks, value in values:
        if value is not None:
            family.add_metric(marks, value)
    return family


def _route(path: str) -> str:
    return next((name for prefix, name in _ROUTES if path.startswith(prefix)), "page")
