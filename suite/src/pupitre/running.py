"""`pupitre run`, `serve`, `up` and `demo`: start services, all in one process or each in its own."""

import errno
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import click
import eventlet
from pupitre_bus import runner, supervisor, topology
from pupitre_bus.accounts import ADMIN, AccountWrong
from pupitre_bus.settings import Settings
from pupitre_contracts import errors, platform
from pupitre_contracts.catalogue import SERVICES

from . import configuration, databases, demo_cast, demo_invoice, keys, operator_bus, services
from . import demo as demo_data

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WAIT_SECONDS = 60
GREETING_PAUSES = (2, 5, 10, 20, 30)


def start_logging(settings: Settings) -> None:
    """Log to standard error; what libraries chat about below warnings is left out."""
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr, force=True
    )
    for chatty in ("amqp", "kombu", "nameko", "alembic", "faker"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


@click.command()
def run() -> None:
    """Run everything in this process with demo data, for a laptop: no broker, no database server, mail on a page.

    Listens on this machine only. Ctrl-C stops it; what was done is kept in the state folder. PUPITRE_DEMO=0 leaves the demo
    data out.
    """
    os.environ.setdefault("PUPITRE_DEMO", "1")
    _name_platform()
    if not os.environ.get("PUPITRE_PUBLIC_URL"):  # links in mails lead to this portal, whatever port it was given
        os.environ["PUPITRE_PUBLIC_URL"] = f"http://{configuration.address(configuration.load())}"
    settings = configuration.load()
    _refuse_servers(settings)
    _refuse_moved_clock(settings)
    _refuse_others(settings)
    _refuse_taken(settings)
    start_logging(settings)
    Path(settings.state).mkdir(parents=True, exist_ok=True)
    names = services.installed()
    databases.prepare(settings, names)
    sys.exit(runner.run([services.load(name) for name in names], settings, beside=lambda host: Greeting(settings)))


def _name_platform() -> None:
    """In a demonstration, the operator of the platform is one of its cast, unless the environment names another."""
    if configuration.load().demo:
        os.environ.setdefault("PUPITRE_PLATFORM_SIRET", demo_cast.PLATFORM_SIRET)


def _refuse_servers(settings: Settings) -> None:
    given = [each for each in settings.describe(SERVICES) if each.given]
    servers = [each.name for each in given if each.name == "PUPITRE_AMQP_URI" or each.value.startswith("postgres")]
    if servers:
        raise click.ClickException(f"`pupitre run` is the embedded run: unset {' and '.join(servers)}, or use `pupitre up`")


def _refuse_moved_clock(settings: Settings) -> None:
    """Dates of real claims are the day's: only a demonstration in one process may have another."""
    if settings.clock_file and not (settings.embedded and settings.demo):
        raise click.ClickException(runner.CLOCK_IS_NOT_MOVED)


def _refuse_others(settings: Settings) -> None:
    """The demo's passwords are in a file and its mail is public: it may not be reached from another machine."""
    host, port = settings.http
    if host not in LOOPBACK:
        raise click.ClickException(
            f"the demonstration listens on this machine only: PUPITRE_HTTP={host}:{port} would open it to others; "
            f"set PUPITRE_HTTP=127.0.0.1:{port}"
        )


def _refuse_taken(settings: Settings) -> None:
    host, port = settings.http
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({error.strerror})"
            raise click.ClickException(f"{host}:{port} {what}; choose another: PUPITRE_HTTP=127.0.0.1:8001") from error


class Greeting:
    """Loads the demo data once services run, then says where the portal is and who can sign in; ``close()`` ends it early."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = eventlet.spawn(self._greet)

    def close(self) -> None:
        self._thread.kill()

    def _greet(self) -> None:
        """Greet; a service too busy to answer is asked again, and the loading goes on from where it stopped."""
        for pause in GREETING_PAUSES:
            try:
                return self._greet_once()
            except (errors.TimedOut, errors.Unavailable) as error:
                log.warning("%s The next try is in %d s.", error, pause)
                eventlet.sleep(pause)
        return log.error("the demo data could not be loaded; it is tried again at the next start")

    def _greet_once(self) -> None:
        try:
            uri = runner.EMBEDDED_URI if self._settings.embedded else self._settings.broker_uri(operator_bus.OPERATOR)
            with operator_bus.client(self._settings, uri) as bus:
                click.echo(_greeting(bus, self._settings))
        except (click.ClickException, demo_data.PasswordsLost, AccountWrong) as error:
            log.error("not ready: %s", error)
        except (errors.TimedOut, errors.Unavailable):
            raise
        except Exception:
            log.exception("the demo data could not be loaded; it is tried again at the next start")


def _greeting(bus: operator_bus.OperatorBus, settings: Settings) -> str:
    """Wait for the services, load the demo where there is one, and return what the terminal says."""
    if settings.demo:
        return _welcome(_load_demo(bus, settings), settings)
    _wait_for_services(bus)
    return f"Pupitre: http://{configuration.address(settings)}"


def _load_demo(bus: operator_bus.OperatorBus, settings: Settings) -> dict[str, Any]:
    _wait_for_services(bus)
    return demo_data.load(bus, Path(settings.state), f"http://{configuration.address(settings)}")


def _wait_for_services(bus: operator_bus.OperatorBus) -> None:
    with eventlet.Timeout(WAIT_SECONDS, click.ClickException(f"the services did not answer within {WAIT_SECONDS} s")):
        for name in SERVICES:
            while not _answers(bus, name):
                eventlet.sleep(0.1)


def _answers(bus: operator_bus.OperatorBus, name: str) -> bool:
    try:
        bus.call_on(name, platform.Health)
    except (errors.Unavailable, errors.TimedOut):
        return False
    return True


def _welcome(content: dict[str, Any], settings: Settings) -> str:
    lines = ["", f"Pupitre: {content['base_url']}", "", "Who can sign in (also on the sign-in page):"]
    for each in content["personas"]:
        lines.append(f"  {each['email']:48} {each['password']:22} {each['structures'][0]['name']} ({each['role']})")
    lines += [
        "",
        f"For programs: {Path(settings.state) / 'demo.json'} has the technical accounts.",
        f"A valid invoice to deposit: {Path(settings.state) / demo_invoice.NAME}",
        f"Mail sent so far: {content['base_url']}/boite-locale",
        "Ctrl-C stops; everything is kept in " + str(settings.state) + ".",
    ]
    return "\n".join(lines)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="SERVICE…", type=click.Choice(services.ALL))
def serve(names: tuple[str, ...]) -> None:
    """Run the named services in this process; containers run one each."""
    settings = configuration.load()
    if settings.embedded:
        raise click.ClickException("set PUPITRE_AMQP_URI: services in processes of their own meet on RabbitMQ")
    _refuse_moved_clock(settings)
    for name in names:
        keys.private(settings, services.needed(name))
        settings.broker_uri(name)  # a password that is missing is told now, in a line
    start_logging(settings)
    sys.exit(runner.run([services.load(name) for name in names], settings))


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo data and offer its accounts.")
def up(with_demo: bool) -> None:
    """Migrate, then run every service in a process of its own on RabbitMQ and PostgreSQL, restarting what dies, until Ctrl-C."""
    if with_demo:
        os.environ["PUPITRE_DEMO"] = "1"
        _name_platform()
    settings = configuration.load()
    if settings.embedded or not settings.database_address("identity").startswith("postgresql"):
        raise click.ClickException(
            "set PUPITRE_AMQP_URI (amqp://user:password@host/vhost) and PUPITRE_DATABASE_URI (postgresql://user:password@host/database)"
        )
    _refuse_moved_clock(settings)
    if settings.demo:
        _refuse_others(settings)
    _refuse_taken(settings)
    start_logging(settings)
    Path(settings.state).mkdir(parents=True, exist_ok=True)
    databases.prepare(settings, services.installed())
    command = [sys.executable, "-m", "pupitre", "serve"]
    sys.exit(_Attended({name: [*command, name] for name in services.installed()}, settings).run())


class _Attended(supervisor.Supervisor):
    """A supervisor that greets while its processes run, and keeps the broker's queues there, which they may not declare."""

    def __init__(self, commands: dict[str, list[str]], settings: Settings) -> None:
        super().__init__(commands, record=Path(settings.state) / supervisor.RECORD)
        self._greeting = Greeting(settings)
        self._keeper = eventlet.spawn(topology.keep, settings.broker_uri(ADMIN), self._stopping.is_set)

    def stop(self) -> list[str]:
        self._greeting.close()
        self._keeper.kill()
        return super().stop()


@click.command()
def demo() -> None:
    """Load the demo data into running services; what is there already is kept. Never on an installation that holds real data."""
    settings = configuration.load()
    if settings.embedded:
        raise click.ClickException("`pupitre run` loads the demo data by itself")
    with operator_bus.connected(settings) as bus:
        content = _load_demo(bus, settings)
    click.echo(_welcome(content, settings))
