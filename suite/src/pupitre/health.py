"""`pupitre health`: may work be sent to a service? For people, and for the health checks of containers."""

import contextlib
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click
from pupitre_bus import supervisor
from pupitre_contracts import platform

from . import configuration, services

Check = tuple[str, bool, str]
SECONDS = 5


@click.command()
@click.argument("service", metavar="SERVICE", type=click.Choice(services.ALL))
def health(service: str) -> None:
    """Ask SERVICE whether it can work, and print its figures. Exit code 1 when it cannot; for the health checks of containers."""
    settings = configuration.load()
    if service == "portal":
        checks, figures = _portal(configuration.address(settings))
    elif settings.embedded:
        raise click.ClickException("the embedded run answers on the portal's /readyz: `pupitre health portal`")
    else:
        checks, figures = _service(service, settings)
    restarts = supervisor.restarts_in(Path(settings.state)).get(service)
    for name, ok, detail in checks:
        click.echo(f"{'ok ' if ok else 'ILL'} {name} {detail}".rstrip())
    for name, value in {**figures, **({} if restarts is None else {"restarts": restarts})}.items():
        click.echo(f"    {name} {json.dumps(value)}")
    sys.exit(0 if all(ok for _, ok, _ in checks) else 1)


def _service(service: str, settings: configuration.Settings) -> tuple[list[Check], dict[str, Any]]:
    from . import operator_bus

    accounts = settings.service_accounts
    # A service's container is given the password of that service alone.
    account = service if accounts.prefix and not accounts.has(operator_bus.OPERATOR) else operator_bus.OPERATOR
    with operator_bus.connected(settings, account=account) as bus:
        reply = bus.call_on(service, platform.Health)
        return [(each.name, each.ok, each.detail or "") for each in reply.checks], reply.metrics or {}


def _portal(address: str) -> tuple[list[Check], dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://{address}/readyz?lang=en", timeout=SECONDS) as answer:
            return _told(json.load(answer))
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return _told(json.load(error))
        return [("readyz", False, f"answered {error.code}")], {}
    except (OSError, ValueError) as error:
        return [("readyz", False, str(getattr(error, "reason", error)))], {}


def _told(body: dict[str, Any]) -> tuple[list[Check], dict[str, Any]]:
    checks = [("readyz", bool(body["ready"]), "")]
    checks += [(each["check"], False, each["message"]) for each in body["not_ready"]]
    return checks, {name: body[name] for name in ("unsettled", "espaces_ill", "hub_gap_ms", "hub_held_ms") if body.get(name)}
