import pupitre_bus.patch  # noqa: F401  first of all: what is imported before it would block the hub

import os
from collections import Counter
from collections.abc import Generator

import pytest

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code. Continuous integration tries the same examples each time,
# everybody else new ones.
settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize="CI" in os.environ,
)
settings.load_profile("untimed")

NEEDS = {
    "rabbitmq": "RabbitMQ",
    "postgres": "PostgreSQL",
    "browser": "a browser (Chromium and its driver)",
    "corpus": "the shared sample files",
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """End the report with what was not run, and why: a green run on a bare machine claims no more than it shows."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    deselected = terminalreporter.stats.get("deselected", [])
    if not skipped and not deselected:
        return
    terminalreporter.section("not run")
    for (needs, reason), count in sorted(Counter(map(_why, skipped)).items()):
        terminalreporter.line(f"{count} not run, {needs}: {reason}" if needs else f"{count} not run: {reason}")
    if deselected:
        terminalreporter.line(f"{len(deselected)} not run: left out by the options of this run")


def _why(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str]:
    keywords = getattr(report, "keywords", {})
    needs = " and ".join(name for marker, name in NEEDS.items() if marker in keywords)
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return (f"needs {needs}" if needs else ""), reason.removeprefix("Skipped: ").strip()
