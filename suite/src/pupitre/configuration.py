"""The settings of everything installed here, and `pupitre config`."""

import click
from pupitre_bus import settings as declared
from pupitre_bus.settings import Settings
from pupitre_contracts.catalogue import SERVICES

from . import services

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where a portal may listen, and where it then answers here


def load() -> Settings:
    """Read the environment for every installed service; a value that cannot be read is a one-line error."""
    try:
        return declared.load("pupitre", *(services.package_of(name) for name in services.installed()))
    except declared.WrongSetting as error:
        raise click.ClickException(str(error)) from error


def address(settings: Settings) -> str:
    """The ``host:port`` at which this machine reaches its portal, as it stands in an address."""
    host, port = settings.http
    host = EVERYWHERE.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
def show() -> None:
    """Print every setting with its value and meaning; secrets are hidden, `*` marks what the environment gives."""
    settings = load()
    for line in settings.describe(SERVICES):
        click.echo(f"{'*' if line.given else ' '} {line.name}={line.value}\n      {line.help}")
    for name in settings.unknown(SERVICES):
        click.echo(f"! {name} is no setting of Pupitre: misspelt?", err=True)
