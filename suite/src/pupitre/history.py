"""`pupitre history`: who changed what in a structure, for operators."""

from typing import Any

import click
from pupitre_contracts import history as contract
from pupitre_contracts import organisation

from . import configuration, operating, operator_bus
from .operating import as_json, short

PAGE = 200


@click.group()
def history() -> None:
    """Who changed what, when, before and after."""


@history.command()
@click.argument("identifier", metavar="SIRET")
@click.option("--last", "limit", type=click.IntRange(min=1, max=10_000), default=100, show_default=True, help="How many, the latest.")
@as_json
def structure(identifier: str, limit: int, as_json: bool) -> None:
    """List the history of the structure SIRET, or with any other identifier, oldest line first."""
    with operator_bus.connected(configuration.load(), "identity", "organisation") as bus:
        found = bus.call(organisation.FindStructures, identifiers=[identifier], include_private=True).structures
        if not found:
            raise click.ClickException(f"no structure has the identifier {identifier}")
        lines = _lines(bus, found[0].structure_id, limit)
    if as_json:
        operating.echo_json([line.dump() for line in lines])
        return
    for line in lines:
        click.echo(f"{line.number:6} {short(line.at)}  {line.actor_name or line.actor}  {line.action}  {line.object_name or line.object}")
        for each in line.changes:
            click.echo(f"       {each.what}: {each.before or '-'} -> {each.after or '-'}")
        for each in line.noted:
            click.echo(f"       {each.what}: {each.value}")


def _lines(bus: operator_bus.OperatorBus, structure_id: Any, limit: int) -> list[Any]:
    lines: list[Any] = []
    for page in range(1, -(-limit // PAGE) + 1):
        found = bus.call(contract.ListHistory, structure_id=structure_id, page=page, page_size=PAGE)
        lines += found.lines
        if len(lines) >= min(limit, found.total):
            break
    return lines[:limit][::-1]
