"""A place on the machine's servers in which every service has accounts of its own, made as an operator makes them."""

import contextlib
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa
from pupitre import provisioning
from pupitre_bus import connection, permissions, testing
from pupitre_bus.pytest_plugin import need_servers
from pupitre_bus.settings import Settings
from pupitre_contracts.catalogue import SERVICES

from support.installation import Installation


@contextlib.contextmanager
def servers(backend: str, folder: Path) -> Iterator[dict[str, str]]:
    """The variables of an own virtual host, an own database and own accounts there, dropped at the end; none when embedded."""
    if backend == "embedded":
        yield {}
        return
    try:
        space = testing.ServerSpace()
    except testing.Absent as absent:
        need_servers(str(absent))
    variables = {
        "PUPITRE_AMQP_URI": re.sub("//[^@/]*@", "//", space.amqp_uri),
        "PUPITRE_DATABASE_URI": _without_user(space.database_uri),
        "PUPITRE_ACCOUNTS": f"t{secrets.token_hex(4)}",
        "PUPITRE_PASSWORDS": str(folder / "passwords"),
    }
    settings = Settings(environ=variables)
    try:
        provisioning.write(settings)
        # Through standard input: Debian's command changes the user, who cannot read this folder.
        definitions = (folder / "passwords" / provisioning.DEFINITIONS).read_bytes()
        command = ["rabbitmqctl", "--quiet", "import_definitions"]
        subprocess.run(command, input=definitions, check=True, capture_output=True, timeout=60)
        _as_superuser((folder / "passwords" / provisioning.ROLES).read_text())
        yield variables
    finally:
        space.close()
        _drop(settings)


def _without_user(uri: str) -> str:
    return sa.make_url(uri).set(username=None, password=None).render_as_string()


def _as_superuser(sql: str) -> None:
    link = psycopg2.connect(testing.DATABASE_URI)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(sql)
    link.close()


def _drop(settings: Settings) -> None:
    """Nothing of the roles is left once their database is gone; the broker's accounts go in one call, not in seven."""
    names = [settings.service_accounts.name_of(who) for who in permissions.account_names()]
    users = ", ".join(f'<<"{name}">>' for name in names)
    delete = 'catch rabbit_auth_backend_internal:delete_user(U, <<"tests">>)'
    testing.rabbitmqctl("eval", f"lists:foreach(fun(U) -> {delete} end, [{users}]).")
    roles = [settings.service_accounts.name_of(who) for who in (*SERVICES, "admin")]
    _as_superuser("".join(f"DROP ROLE IF EXISTS {role};" for role in roles))


class Insider:
    """Somebody who got hold of a service's password, and tries what it opens."""

    def __init__(self, installation: Installation) -> None:
        self.settings = Settings(environ=installation.servers)

    def name(self, who: str) -> str:
        """The account of a service."""
        return self.settings.service_accounts.name_of(who)

    @contextlib.contextmanager
    def channel(self, who: str) -> Iterator[Any]:
        """A confirming channel to the broker, opened with the account of ``who``."""
        with connection.connect(self.settings.broker_uri(who), confirm=True) as link:
            yield link.channel()

    @contextlib.contextmanager
    def cursor(self, who: str) -> Iterator[Any]:
        """A cursor on the database, opened with the account of ``who``; each statement is committed."""
        link = psycopg2.connect(self.settings.database_uri("invoicing", who), connect_timeout=5)
        link.autocommit = True
        try:
            yield link.cursor()
        finally:
            link.close()
