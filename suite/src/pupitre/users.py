"""`pupitre users`: accounts, for operators."""

import contextlib
import secrets
import uuid

import click
from pupitre_contracts import account_life, errors, identity, organisation, rattachements

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


@users.command()
@click.argument("email")
def reopen(email: str) -> None:
    """Send the link that reopens an account deactivated for more than 60 days and not erased yet.

    Make sure first that it is the person who asks.
    """
    with _bus() as bus:
        bus.call(account_life.ReopenAccount, email=email)
    click.echo(f"a link is on its way to {email}")


@users.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Let somebody sign in with the password alone who lost his authenticator and his recovery codes.

    Make sure first that it is the person who asks.
    """
    with _bus() as bus:
        bus.call(account_life.RemoveSecondFactor, email=email)
    click.echo(f"signing in as {email} asks for no code any more")


@users.command("hand-over")
@click.argument("siret")
@click.argument("email")
def hand_over(siret: str, email: str) -> None:
    """Make a user gestionnaire principal of a structure; the one before stays attached as a simple user."""
    with _bus() as bus:
        structure_id, user = _structure(bus, siret), bus.call(identity.UserByEmail, email=email).user
        bus.call(rattachements.TransferGestionnairePrincipal, structure_id=structure_id, user_id=user.user_id)
    click.echo(f"{email} is gestionnaire principal of {siret}")


@users.command()
def sollicitations() -> None:
    """List what was written to the support, newest first."""
    with _bus() as bus:
        for each in bus.call(account_life.ListSollicitations, limit=MOST).sollicitations:
            text = "".join(character if character.isprintable() else " " for character in each.message)
            click.echo(f"{each.number}  {each.sent_at:%Y-%m-%d %H:%M}  {each.name} <{each.email}>  {text}")


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
