"""`pupitre migrate`: keys, databases and the broker's topology, all brought to what this version needs."""

import click
from pupitre_bus import connection, grants, migrations, topology
from pupitre_bus.accounts import ADMIN, is_of_a_server
from pupitre_bus.actors import Keyring
from pupitre_bus.settings import Settings
from pupitre_contracts.catalogue import SERVICES

from . import configuration, services
from .operator_bus import OPERATOR

ISSUERS = (*SERVICES, "portal", OPERATOR)


def prepare(settings: Settings, names: list[str]) -> list[str]:
    """Make what is missing and return a line for each thing done; repeating it does nothing."""
    done = [f"key of {issuer} made" for issuer in Keyring.create(settings.keys, ISSUERS)]
    for name in names:
        if name in SERVICES:
            uri, package = settings.database_uri(name, ADMIN), services.package_of(name)
            done += [f"{name}: migration {revision}" for revision in migrations.upgrade(package, uri, name)]
            role = settings.service_accounts.name_of(name)
            if role is not None and is_of_a_server(uri):
                grants.apply(uri, name, package, role)
                done.append(f"{name}: rights of {role} set")
    if not settings.embedded:
        broken = _declare(settings.broker_uri(ADMIN))
        done.append("broker: exchanges and queues declared")
        done += [f"broker: {queue} did not answer and was made anew" for queue in broken]
    return done


def _declare(amqp_uri: str) -> list[str]:
    """Declare what is missing, replace the queues that hang, and return the names of these."""
    try:
        topology.declare(amqp_uri)
        return topology.mend(amqp_uri)
    except connection.LOST as error:
        raise click.ClickException(f"the broker {connection.shown(amqp_uri)} does not answer: {error}") from error


@click.command()
@click.argument("names", nargs=-1, metavar="[SERVICE]…", type=click.Choice(services.ALL))
def migrate(names: tuple[str, ...]) -> None:
    """Make the keys, migrate the databases of the named services (all that are installed here by default), declare the topology.

    With PUPITRE_ACCOUNTS this is done by the account admin, which then gives every service its rights.
    """
    for line in prepare(configuration.load(), [services.needed(name) for name in names] or services.installed()):
        click.echo(line)
    click.echo("up to date")
