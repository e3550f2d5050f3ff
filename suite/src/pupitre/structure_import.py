"""`pupitre structures import`: public structures and their services from a file of reference data (R065)."""

import contextlib
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from pupitre_contracts import directory, errors

from . import configuration, operator_bus, structure_files
from .structure_files import Fault, FileWrong, Group

MOST_STRUCTURES = 500
MOST_SERVICES = 5000
TRIES = 3
_COUNTS = ("created", "changed", "unchanged", "services_created", "services_changed")


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_structures(file: Path) -> None:
    """Create or update public structures and their services from FILE, a CSV file in UTF-8.

    What is there already changes nothing. A line that can't be taken is printed with its number, the column, the reason and the remedy;
    all others are taken.
    """
    counts: Counter[str] = Counter()
    refused = 0
    with operator_bus.connected(configuration.load(), "organisation") as bus:
        try:
            for fault in deliver(bus, structure_files.read(file), counts):
                refused += 1
                click.echo(str(fault))
        except FileWrong as wrong:
            raise click.ClickException(f"{wrong} (what was read before is imported: {summary(counts)})") from wrong
    click.echo(summary(counts) + (f", {refused} refused" if refused else ""))
    if refused:
        sys.exit(1)


def summary(counts: Counter[str]) -> str:
    """Return what an import did, in a line."""
    if not any(counts[kind] for kind in _COUNTS if kind != "unchanged"):
        return f"nothing to change: {counts['unchanged']} structure(s) are as the file says"
    return ", ".join(f"{counts[kind]} {kind.replace('_', ' ')}" for kind in _COUNTS)


def deliver(bus: Any, groups: Iterable[Group], counts: Counter[str]) -> Iterator[Fault]:
    """Import structures some hundred at a time, add what was done to ``counts``, and give the faults of those refused."""
    seen: dict[tuple[str, str], int] = {}
    waiting: list[tuple[Group, dict[str, Any]]] = []
    services = 0
    for group in groups:
        values = message_or_faults(group, seen)
        if group.faults:
            yield from group.faults
            continue
        waiting.append((group, values))
        services += len(group.services)
        if len(waiting) >= MOST_STRUCTURES or services >= MOST_SERVICES:
            yield from _send(bus, waiting, counts)
            waiting, services = [], 0
    if waiting:
        yield from _send(bus, waiting, counts)


def message_or_faults(group: Group, seen: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Return the message of a structure, or note what is wrong with it in its faults; ``seen`` keeps the line of each identifier."""
    if group.faults:
        return {}
    first = seen.setdefault(group.key, group.lines[0])
    if first != group.lines[0]:
        why = f"the structure is on line {first} already"
        group.faults.append(Fault(group.lines[0], "identifier", why, "put the lines of a structure one after the other"))
    return structure_files.message_of(group)


def _send(bus: Any, waiting: list[tuple[Group, dict[str, Any]]], counts: Counter[str]) -> Iterator[Fault]:
    reply = _call(bus, [values for _, values in waiting])
    for kind in _COUNTS:
        counts[kind] += getattr(reply, kind)
    for refusal in reply.refused:
        group = waiting[refusal.position][0]
        place = refusal.service_position
        line = group.lines[0] if place is None else group.service_lines[place]
        yield Fault(line, refusal.field, refusal.why_en, refusal.remedy_en)


def _call(bus: Any, given: list[dict[str, Any]]) -> Any:
    """Deliver with one key, so that a delivery whose answer was lost is not made twice."""
    key = str(uuid.uuid4())
    for _ in range(TRIES - 1):
        with contextlib.suppress(errors.TimedOut):
            return bus.call(directory.ImportStructures, idempotency_key=key, structures=given)
    return bus.call(directory.ImportStructures, idempotency_key=key, structures=given)
