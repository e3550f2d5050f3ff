"""What the operator's commands share: the services' own databases, which must answer when nothing else does, and who acts."""

import contextlib
import datetime
import getpass
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from pupitre_bus import acts as acts_of
from pupitre_bus.database import Database
from pupitre_contracts.catalogue import SERVICES

from . import configuration

service_argument = click.argument("service", metavar="SERVICE", type=click.Choice(SERVICES))
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def by_option(command: Callable) -> Callable:
    """Give a command its ``--by``: who is written down as having done it."""
    return click.option("--by", "who", default=operator, help="Who does it, as it is written down; the system's user by default.")(command)


def operator() -> str:
    """Who runs this command: the user who called sudo, or the system's user, at this machine."""
    try:
        user = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


@contextlib.contextmanager
def database(service: str) -> Iterator[Database]:
    """Open a service's database; one that does not exist is a one-line error."""
    opened = Database(configuration.load().database_uri(service), service)
    if opened.on_sqlite and not Path(opened.url.database).exists():
        raise click.ClickException(f"{service} has no database at {opened.url.database}: `pupitre migrate` makes it")
    try:
        yield opened
    finally:
        opened.close()


def short(at: datetime.datetime) -> str:
    """An instant in UTC, to the second."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")


def echo_json(value: Any) -> None:
    """Print a value as JSON; instants in ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


@click.command()
@service_argument
@click.option("--last", "limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many, the latest.")
@as_json
def acts(service: str, limit: int, as_json: bool) -> None:
    """List what operators did by hand to the messages of SERVICE: when, who, what."""
    with database(service) as opened, opened.reading() as db:
        done = acts_of.latest(db, limit)
    if as_json:
        echo_json([{"at": each.at, "who": each.who, "act": each.act, "subject": each.subject, "detail": each.detail} for each in done])
        return
    for each in done:
        click.echo(f"{short(each.at)}  {each.who}  {each.act}  {each.subject}  {each.detail}".rstrip())
    if not done:
        click.echo("nothing was done by hand")
