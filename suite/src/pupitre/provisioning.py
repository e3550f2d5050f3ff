"""`pupitre provision`: an account for every service on the broker and on the database, as files for the two servers.

Nothing is sent anywhere: whoever runs the servers imports the files, which hold hashes of the passwords only.
"""

import json
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import sqlalchemy as sa
from pupitre_bus import accounts, grants, permissions
from pupitre_bus.settings import Settings
from pupitre_contracts.catalogue import SERVICES

from . import configuration

DEFINITIONS = "rabbitmq-definitions.json"
ROLES = "postgres-roles.sql"
EXTRA = ("postgres.password", "forms.key")
"""Secrets without an account of ours: the database server's own superuser, and what signs the forms of the portal."""


@click.command()
def provision() -> None:
    """Make the accounts that PUPITRE_ACCOUNTS names: missing passwords, RabbitMQ's definitions, PostgreSQL's roles.

    Everything is written to the folder PUPITRE_PASSWORDS. Passwords that are there are kept; delete one to have it replaced.
    """
    settings = configuration.load()
    if not settings.accounts:
        raise click.ClickException("set PUPITRE_ACCOUNTS, the prefix of the accounts, for instance to pupitre")
    if settings.embedded:
        raise click.ClickException("set PUPITRE_AMQP_URI (amqp://host/vhost): the embedded run needs no accounts")
    for line in write(settings):
        click.echo(line)


def write(settings: Settings) -> list[str]:
    """Write what is missing and return a line for each file."""
    known, folder = settings.service_accounts, settings.service_accounts.folder
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    files = [*(known.file_of(who).name for who in permissions.account_names()), *EXTRA]
    done = [f"{folder / name}: made" for name in files if _make_secret(folder / name)]
    definitions = permissions.definitions(known, _vhost(settings.amqp_uri))
    _replace(folder / DEFINITIONS, json.dumps(definitions, indent=2) + "\n")
    done.append(f"{folder / DEFINITIONS}: for `rabbitmqctl import_definitions`, or load_definitions in rabbitmq.conf")
    databases = [sa.make_url(uri).database or "" for uri in map(settings.database_address, SERVICES) if accounts.is_of_a_server(uri)]
    if databases:
        _replace(folder / ROLES, grants.roles_sql(known, SERVICES, databases))
        done.append(f"{folder / ROLES}: for `psql -f`, as a superuser")
    return done


def _vhost(amqp_uri: str) -> str:
    return unquote(urlsplit(amqp_uri).path[1:]) or "/"


def _make_secret(path: Path) -> bool:
    if path.exists():
        return False
    _replace(path, secrets.token_urlsafe(32))
    return True


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all. The folder is its owner's; the file itself is legible to the user of a container."""
    draft = path.with_name(path.name + ".part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o644)
    draft.replace(path)
