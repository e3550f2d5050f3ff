"""What one file costs the engine, by stage and syntax: processor milliseconds in one warm process, without the pool around it."""

import datetime
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from pupitre_invoicing.engine import checks, report, rules, schematron, worker, xsd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import invoice_factory

FILES, WARM = 100, 60
#: Where each stage begins: the module that calls it, its name there.
STAGES = (
    (report, "open_container", "container"),
    (report, "parse", "parse"),
    (checks, "hard_limits", "limits"),
    (report, "_read", "terms"),
    (xsd, "check", "xsd"),
    (schematron.RuleEngine, "document", "saxon tree"),
    (schematron, "_read_report", "svrl"),
    (rules, "_finding", "findings"),
    (checks, "business", "own checks"),
    (report, "_report", "report"),
)


def measure() -> Iterator[str]:
    """Judge each syntax ``FILES`` times, after ``WARM`` files that Saxon needs to settle."""
    for name in ("ubl", "cii", "facturx"):
        content = getattr(invoice_factory, name)()
        header = {"op": "check", "lang": "fr", "today": datetime.datetime.now(datetime.UTC).date().isoformat()}
        for _ in range(WARM):
            answer, _ = worker.handle(header, content)
        spent, total = _timed(lambda header=header, content=content: worker.handle(header, content))
        shown = ", ".join(f"{stage} {seconds * 1000:.2f}" for stage, seconds in spent.items())
        yield f"{name}, {len(content)} octets, {answer['verdict']}: {total * 1000:.1f} ms a file, of which {shown}"


def _timed(judge: Callable[[], Any]) -> tuple[dict[str, float], float]:
    spent: dict[str, float] = defaultdict(float)
    patches = [mock.patch.object(owner, name, _clocked(getattr(owner, name), stage, spent)) for owner, name, stage in STAGES]
    failures = schematron.RuleEngine.failures

    def by_rule_set(self: Any, rule_set: str, document: Any) -> Any:
        return _clocked(failures, rule_set, spent)(self, rule_set, document)

    patches.append(mock.patch.object(schematron.RuleEngine, "failures", by_rule_set))
    for each in patches:
        each.start()
    started = time.process_time()
    for _ in range(FILES):
        judge()
    total = time.process_time() - started
    mock.patch.stopall()
    return {stage: seconds / FILES for stage, seconds in spent.items()}, total / FILES


def _clocked(function: Callable, stage: str, spent: dict[str, float]) -> Callable:
    def timed(*arguments: Any, **options: Any) -> Any:
        started = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[stage] += time.process_time() - started

    return timed
