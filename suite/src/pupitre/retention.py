"""`pupitre retention`: what has been kept for as long as it must, and its elimination under a visa, for operators (RS-74)."""

import contextlib
import uuid
from typing import Any

import click
from pupitre_contracts import organisation
from pupitre_contracts import retention as contract

from . import configuration, operating, operator_bus
from .operating import as_json, by_option, short

list_argument = click.argument("number", metavar="LIST", type=int)
hold_argument = click.argument("number", metavar="HOLD", type=int)
structure_option = click.option(
    "--structure", "siret", metavar="SIRET", help="Only what this structure issued or received."
)


@click.group()
def retention() -> None:
    """The end of keeping: what has reached its term, elimination lists, their visa, legal holds."""


@retention.command("list")
@structure_option
@click.option(
    "--issued", is_flag=True, help="By the structures that issued the invoices, not by those that received them."
)
@as_json
def list_expired(siret: str | None, issued: bool, as_json: bool) -> None:
    """List what has reached its term, by structure and year, with counts and amounts. Nothing is done to it."""
    with _bus() as bus:
        found = bus.call(contract.ListExpired, side="issued" if issued else "received", **_structure(bus, siret))
    if as_json:
        operating.echo_json([each.dump() for each in found.groups])
        return
    for each in found.groups:
        marks = f" ({each.held} under hold, {each.listed} in a list)" if each.held or each.listed else ""
        who = f"{each.identifier or '-'} {each.name or '-'}"
        click.echo(f"{each.year}  {who}: {_counted(each)}, {each.gross} {each.currency}{marks}")
    if found.more:
        click.echo("there is more: name a structure with --structure", err=True)
    if not found.groups:
        click.echo(f"nothing has reached its term on {found.on}")


@retention.command()
@structure_option
@click.option("--year", type=int, help="Only what was last touched in this year.")
@by_option
def propose(siret: str | None, year: int | None, who: str) -> None:
    """Make an elimination list of what has reached its term, is under no hold and in no other list; print its number and digest."""
    with _bus() as bus:
        narrowed = {**_structure(bus, siret), **({"year": year} if year is not None else {})}
        made = bus.call(contract.ProposeElimination, by=who, idempotency_key=str(uuid.uuid4()), **narrowed)
    _print_list(made.list)
    if made.more:
        click.echo(f"there is more than the {contract.MOST_LISTED} invoices of one list: propose again", err=True)


@retention.command()
@list_argument
@click.option("--by", "who", metavar="NAME", required=True, help="Who gave the visa; never who proposed the list.")
@click.option("--reference", required=True, help="Reference of the decision, as the archives gave it.")
@click.option("--digest", help="The digest on what was signed; a list with another one gets no visa.")
def visa(number: int, who: str, reference: str, digest: str | None) -> None:
    """Record the visa of the archives on LIST."""
    with _bus() as bus:
        seen = digest or bus.call(contract.GetElimination, number=number).list.digest
        values = {"number": number, "by": who, "reference": reference, "digest": seen}
        _print_list(bus.call(contract.RecordVisa, idempotency_key=str(uuid.uuid4()), **values).list)


@retention.command()
@list_argument
@by_option
def eliminate(number: int, who: str) -> None:
    """Eliminate the invoices and requests of LIST for good: content, documents, and the files that nothing else cites. The history stays.

    Refused without a visa, when anything changed since the proposal, and while an invoice of it is under a hold. Stopped halfway, it
    goes on when it is called again.
    """
    with _bus() as bus:
        while True:
            done = bus.call(contract.EliminateInvoices, number=number, by=who, idempotency_key=str(uuid.uuid4())).list
            if done.state == "eliminated":
                break
            click.echo(f"{done.eliminated} of {done.invoices + done.requests}", err=True)
    _print_list(done)


@retention.command()
@list_argument
@by_option
def withdraw(number: int, who: str) -> None:
    """Give up LIST; what it names and is not eliminated may be proposed again."""
    with _bus() as bus:
        values = {"number": number, "by": who, "idempotency_key": str(uuid.uuid4())}
        _print_list(bus.call(contract.WithdrawElimination, **values).list)


@retention.command()
@as_json
def lists(as_json: bool) -> None:
    """List the elimination lists, the latest hundred, newest first."""
    with _bus() as bus:
        found = bus.call(contract.ListEliminations).lists
    if as_json:
        operating.echo_json([each.dump() for each in found])
        return
    for each in found:
        _print_list(each)
    if not found:
        click.echo("no elimination list")


@retention.command()
@list_argument
@as_json
def show(number: int, as_json: bool) -> None:
    """Print LIST with each of its invoices and requests, to be signed, or to see what is left of their files."""
    with _bus() as bus:
        listed, invoices = _read(bus, number)
    if as_json:
        operating.echo_json({**listed.dump(), "items": [each.dump() for each in invoices]})
        return
    _print_list(listed)
    for each in invoices:
        parties = f"{each.supplier_identifier or '-'} {each.supplier_name} -> {each.recipient_siret or '-'} {each.recipient_name or '-'}"
        left = f"; {each.files_left} of {each.files} file(s) still stored" if each.files_left else ""
        state = f"  eliminated {short(each.eliminated_at)}{left}" if each.eliminated_at else ""
        amount = f", {each.gross} {each.currency}" if each.gross is not None else ""
        kind = f"{each.kind} " if each.what == "request" else ""
        what = f"{kind}{each.number} ({each.portal_number}) of {each.issue_date}{amount}"
        click.echo(f"{each.position:6}  {what}  {parties}{state}")


@retention.command()
@list_argument
def certificate(number: int) -> None:
    """Print the certificate of elimination of LIST: the statement, and its Ed25519 seal in hexadecimal on a second line."""
    with _bus() as bus:
        found = bus.call(contract.GetElimination, number=number)
    if found.certificate is None:
        raise click.ClickException(f"nothing of list {number} was eliminated for good: it is “{found.list.state}”")
    click.echo(f"{found.certificate}\n{found.seal}")


@retention.command()
@click.option("--invoice", "portal_number", type=int, metavar="NUMBER", help="The invoice with this portal number.")
@click.option(
    "--request", "request_number", type=int, metavar="NUMBER", help="The request of an espace with this portal number."
)
@click.option("--structure", "siret", metavar="SIRET", help="All that this structure issued or received.")
@click.option("--reason", required=True, help="Why: the lawsuit, the control, the audit.")
@by_option
def hold(portal_number: int | None, request_number: int | None, siret: str | None, reason: str, who: str) -> None:
    """Keep an invoice, a request, or all of a structure from being eliminated until the hold is released; print its number."""
    if sum(each is not None for each in (portal_number, request_number, siret)) != 1:
        raise click.UsageError("name either --invoice, --request or --structure")
    with _bus() as bus:
        on = _structure(bus, siret, named=True)
        on |= {"portal_number": portal_number} if portal_number is not None else {}
        on |= {"request_number": request_number} if request_number is not None else {}
        _print_hold(bus.call(contract.PlaceHold, reason=reason, by=who, idempotency_key=str(uuid.uuid4()), **on).hold)


@retention.command()
@hold_argument
@click.option("--reason", required=True, help="Why it may be released.")
@by_option
def release(number: int, reason: str, who: str) -> None:
    """Release HOLD."""
    with _bus() as bus:
        values = {"number": number, "reason": reason, "by": who, "idempotency_key": str(uuid.uuid4())}
        _print_hold(bus.call(contract.ReleaseHold, **values).hold)


@retention.command()
@click.option("--all", "ended", is_flag=True, help="Those that were released too.")
@as_json
def holds(ended: bool, as_json: bool) -> None:
    """List the holds, newest first."""
    with _bus() as bus:
        found = bus.call(contract.ListHolds, ended=ended).holds
    if as_json:
        operating.echo_json([each.dump() for each in found])
        return
    for each in found:
        _print_hold(each)
    if not found:
        click.echo("no hold")


def _read(bus: Any, number: int) -> tuple[Any, list[Any]]:
    found = bus.call(contract.GetElimination, number=number)
    listed, invoices = found.list, list(found.invoices)
    while len(invoices) < listed.invoices + listed.requests and found.invoices:
        found = bus.call(contract.GetElimination, number=number, after=invoices[-1].position)
        invoices += found.invoices
    return listed, invoices


def _print_list(each: Any) -> None:
    amounts = "".join(f", {amount.gross} {amount.currency}" for amount in each.amounts)
    click.echo(f"list {each.number}  {each.state}  {_counted(each)}{amounts}; {each.eliminated} eliminated")
    click.echo(f"       digest {each.digest}")
    click.echo(f"       proposed {short(each.proposed_at)} by {each.proposed_by}")
    if each.visa_at:
        click.echo(f"       visa {short(each.visa_at)} by {each.visa_by}: {each.visa_reference}")
    if each.eliminated_at:
        click.echo(f"       eliminated {short(each.eliminated_at)} by {each.eliminated_by}")
    if each.withdrawn_at:
        click.echo(f"       withdrawn {short(each.withdrawn_at)} by {each.withdrawn_by}")


def _counted(each: Any) -> str:
    requests = f", {each.requests} request(s)" if each.requests else ""
    return f"{each.invoices} invoice(s){requests}"


def _print_hold(each: Any) -> None:
    click.echo(f"hold {each.number}  {each.what}: {each.reason}")
    click.echo(f"       placed {short(each.placed_at)} by {each.placed_by}")
    if each.released_at:
        click.echo(f"       released {short(each.released_at)} by {each.released_by}: {each.release_reason}")


def _structure(bus: Any, siret: str | None, named: bool = False) -> dict[str, Any]:
    if siret is None:
        return {}
    found = bus.call(organisation.FindStructures, identifiers=[siret], include_private=True).structures
    if not found:
        raise click.ClickException(f"no structure has the identifier {siret}")
    return {"structure_id": found[0].structure_id, **({"structure_name": f"{siret} {found[0].name}"} if named else {})}


def _bus() -> contextlib.AbstractContextManager[operator_bus.OperatorBus]:
    return operator_bus.connected(configuration.load(), "identity", "organisation", "invoicing")
