"""What a run prints: everything that is needed to play it again, its figures, and what it violated."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

from .plan import Plan
from .run import Result

ROOT = Path(__file__).parents[2]


def versions() -> str:
    """What this run stands on."""
    found = {"python": platform.python_version()}
    found |= {
        name: importlib.metadata.version(name)
        for name in ("nameko", "kombu", "amqp", "eventlet", "SQLAlchemy", "psycopg2-binary")
    }
    found["rabbitmq"] = _said("dpkg-query", "-W", "-f=${Version}", "rabbitmq-server")
    found["postgresql"] = _said("postgres", "--version").rpartition(" ")[2] or _said("pg_config", "--version")
    dirty = "+changes" if _said("git", "status", "--porcelain") else ""
    found["commit"] = _said("git", "rev-parse", "--short", "HEAD") + dirty
    return ", ".join(f"{name} {value or '?'}" for name, value in found.items())


def head(plan: Plan) -> str:
    """What is known before the run."""
    derived = [f"  {name}: {value}" for name, value in plan.described().items()]
    return "\n".join([f"seed {plan.options.seed}; {versions()}", f"{plan.options}", "derived from the seed:", *derived])


def tail(result: Result) -> str:
    """What the run came to."""
    facts, options = result.facts, result.plan.options
    median, high, worst = result.deposits_ms
    events = sum(len(rows) for rows in facts.events.values())
    pace = result.stored / max(result.seconds, 1e-9)
    lines = [
        f"{result.stored} of {options.invoices} invoices stored in {result.seconds:.1f} s: {pace:.1f}/s;"
        f" {events} events, {len(facts.mail_ids)} mails, {sum(facts.moves.values())} moves",
        f"attempts: {result.outcomes}; of the unknown and failed: {dict(result.codes)}",
        f"faults: {sum(result.injected.values())}: {dict(sorted(result.injected.items()))}",
        f"kills: {result.kills}: {dict(sorted(result.kinds_of_kills.items()))}",
        f"deposit acknowledged after p50 {median:.0f} ms, p99 {high:.0f} ms, worst {worst:.0f} ms",
        f"processor seconds: {_seconds(result.processor)}",
        "longest that a service could do nothing else, and that it held by itself: "
        + ", ".join(f"{name} {gap:.0f} and {held:.0f} ms" for name, (gap, held) in sorted(result.gaps_ms.items())),
        "drained after " + ", ".join(f"{name}: {took:.1f} s" for name, took in result.drains.items()),
        *(f"under {kind}: {seen}" for kind, seen in result.under.items()),
        f"journal: {result.journal}",
    ]
    if result.violations:
        lines += [f"RED: {len(result.violations)} violation(s)", *(f"  - {each}" for each in result.violations)]
        lines.append(f"play it again: {options.command()}")
    else:
        lines.append("GREEN: nothing lost, nothing twice, every chain whole, nothing parked, nothing stuck")
    return "\n".join(lines)


def _seconds(processor: dict[str, float]) -> str:
    total = sum(processor.values())
    kinds = ", ".join(f"{kind} {seconds:.1f} ({seconds / max(total, 1e-9):.0%})" for kind, seconds in processor.items())
    return f"{total:.1f}: {kinds}"


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20).stdout.strip()
    except OSError:
        return ""
