"""`pupitre users`: accounts, for operators."""

import contextlib
import secrets
import uuid

import click
from pupitre_contracts import errors, identity, organisation

from . import configuration, operator_bus

MOST = 1000


@click.group()
def users() -> None:
    """Accounts of people."""


@users.command("list")
def list_users() -> None:
    """List accounts, the first thousand."""
    with _bus() as bus:
        for user in bus.call(identity.ListUsers, limit=MOST).users:
            click.echo(f"{user.email:48} {user.given_name} {user.family_name}")


@users.command()
@click.argument("email")
@click.option("--given-name", required=True, help="First name.")
@click.option("--family-name", required=True, help="Last name.")
@click.option("--siret", help="Attach the user to this structure.")
@click.option("--gestionnaire", is_flag=True, help="Make the user gestionnaire principal of it.")
def create(email: str, given_name: str, family_name: str, siret: str | None, gestionnaire: bool) -> None:
    """Create an account with a random password, printed once."""
    if gestionnaire and not siret:
        raise click.UsageError("--gestionnaire needs --siret: gestionnaire of which structure?")
    password = secrets.token_urlsafe(18)
    with _bus() as bus:
        structure_id = _structure(bus, siret) if siret else None
        user = bus.call(identity.CreateUser, email=email, given_name=given_name, family_name=family_name, password=password).user
        # Printed before anything else can fail: the account exists, and its password is nowhere else.
        click.echo(f"{email}\n{password}")
        if structure_id is not None:
            _attach(bus, user.user_id, structure_id, "GP" if gestionnaire else "US")


def _structure(bus: operator_bus.OperatorBus, siret: str) -> uuid.UUID:
    found = bus.call(organisation.FindStructures, identifiers=[siret], include_private=True).structures
    if not found:
        raise click.ClickException(f"no structure has the SIRET {siret}")
    return found[0].structure_id


def _attach(bus: operator_bus.OperatorBus, user_id: uuid.UUID, structure_id: uuid.UUID, role: str) -> None:
    try:
        bus.call(organisation.AttachUser, structure_id=structure_id, user_id=user_id, role=role)
    except errors.PupitreError as error:
        raise click.ClickException(f"the account is made, but not attached: {error.message('en')} [{error.code}]") from error


def _bus() -> contextlib.AbstractContextManager[operator_bus.OperatorBus]:
    return operator_bus.connected(configuration.load(), "identity", "organisation")
