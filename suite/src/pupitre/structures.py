"""`pupitre structures`: what the operator of the platform decides about structures."""

import contextlib
import uuid
from typing import Any

import click
from pupitre_contracts import organisation
from pupitre_contracts import structures as affairs

from . import configuration, operating, operator_bus
from .structure_export import export_structure
from .structure_import import import_structures

MOST = 1000


@click.group()
def structures() -> None:
    """Structures: requests to create, activate or inactivate them, and public bodies from reference data."""


structures.add_command(export_structure)
structures.add_command(import_structures)


@structures.command("requests")
@click.option("--state", type=click.Choice(affairs.REQUEST_STATES), help="Only those in this state; DEMANDE waits for a decision.")
@operating.as_json
def list_requests(state: str | None, as_json: bool) -> None:
    """List requests about structures, newest first: who asked for what, when, why, and the outcome."""
    with _bus() as bus:
        found = bus.call(affairs.ListStructureRequests, page_size=MOST, **({"state": state} if state else {})).requests
    if as_json:
        operating.echo_json([each.dump() for each in found])
        return
    for each in found:
        who = each.requester.email if each.requester else each.asked_by
        click.echo(f"{each.number} {each.state:8} {each.kind:12} {each.identifier} {each.structure_name}")
        click.echo(f"       {operating.short(each.asked_at)} {who}; SIRENE {each.sirene_state}; {each.motive or '-'}")
        if each.decided_at:
            click.echo(f"       {operating.short(each.decided_at)} {each.decided_by}; {each.decision_motive or '-'}; {each.rating or '-'}")
    if not found:
        click.echo("no request")


@structures.command()
@click.argument("number", type=int)
@click.option("--requester-manages", is_flag=True, help="Make who asked for a structure its gestionnaire principal.")
def approve(number: int, requester_manages: bool) -> None:
    """Approve request NUMBER: it takes effect at once."""
    _decide(number, "APPROUVE", requester_manages=requester_manages)


@structures.command()
@click.argument("number", type=int)
@click.option("--motive", required=True, help="Why; the requester reads it.")
def refuse(number: int, motive: str) -> None:
    """Refuse request NUMBER."""
    _decide(number, "REFUSE", motive=motive)


@structures.command()
@click.argument("siret")
@click.option("--motive", help="Why; written down with the act.")
def activate(siret: str, motive: str | None) -> None:
    """Activate the structure with this SIRET."""
    _set_state(siret, "ACTIVE", motive)


@structures.command()
@click.argument("siret")
@click.option("--motive", help="Why; written down with the act.")
def inactivate(siret: str, motive: str | None) -> None:
    """Inactivate the structure with this SIRET: it neither receives nor deposits invoices any more."""
    _set_state(siret, "INACTIVE", motive)


def _decide(number: int, decision: str, **values: Any) -> None:
    with _bus() as bus:
        done = bus.call(affairs.DecideStructureRequest, number=number, decision=decision, **values).request
    click.echo(f"{done.number} {done.state} {done.kind} {done.identifier} {done.structure_name}")


def _set_state(siret: str, wanted: str, motive: str | None) -> None:
    with _bus() as bus:
        values = {"motive": motive} if motive else {}
        structure_id = _structure(bus, siret)
        done = bus.call(affairs.AskStructureState, structure_id=structure_id, wanted=wanted, **values).structure
    click.echo(f"{done.identifier} {done.name}: {'active' if done.active else 'inactive'}")


def _structure(bus: operator_bus.OperatorBus, siret: str) -> uuid.UUID:
    found = bus.call(organisation.FindStructures, identifiers=[siret], include_private=True).structures
    if not found:
        raise click.ClickException(f"no structure has the SIRET {siret}")
    return found[0].structure_id


def _bus() -> contextlib.AbstractContextManager[operator_bus.OperatorBus]:
    return operator_bus.connected(configuration.load(), "identity", "organisation")
