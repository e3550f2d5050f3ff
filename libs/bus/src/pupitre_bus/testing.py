"""For tests: services running in this process on either bus, callers that act as somebody, and fakes of other
services.
"""

import contextlib
import gc
import json
import os
import secrets
import shutil
import subprocess
import time
import traceback
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import eventlet
import greenlet
import sqlalchemy as sa
from pupitre_contracts import catalogue
from pupitre_contracts.message import Call

from . import calls, connection, migrated, tables, topology, transport
from .actors import Actor, Keyring
from .client import BoundBus, Bus
from .clock import Clock, SystemClock
from .core import Credentials, Deployment
from .database import Database
from .health import monitor
from .runner import Host
from .service import Service
from .settings import Settings

AMQP_URI = os.environ.get("PUPITRE_TEST_AMQP_URI", "amqp://guest:guest@127.0.0.1:5672")
DATABASE_URI = os.environ.get("PUPITRE_TEST_DATABASE_URI", "postgresql://127.0.0.1:5432/postgres")
PORTAL = "portal"
START_SECONDS = 60
STOP_SECONDS = 20


def wait_until(condition: Callable[[], Any], timeout: float = 60, every: float = 0.02) -> Any:
    """Return the first true value of ``condition()``; raise AssertionError when there is none within ``timeout``
    seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {getattr(condition, '__name__', condition)}")
        eventlet.sleep(every)


class Backend:
    """A broker and a place for databases, new for each test, on one of the two deployments."""

    name = ""

    def __init__(self, folder: Path, amqp_uri: str) -> None:
        self.folder, self.amqp_uri = folder, amqp_uri
        self.keys = folder / "keys"
        self.services: set[str] = set()

    def database_uri(self, service: str) -> str:
        """The address of a service's database for whoever made it."""
        raise NotImplementedError

    def service_uri(self, service: str) -> str:
        """The address of its database for a service, with no more rights than it needs."""
        return self.database_uri(service)

    def migrate(self, service: str, package: str) -> None:
        """Bring a service's database to the newest version, with the rights that it needs there."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the test used."""


class Embedded(Backend):
    """The in-process broker and one SQLite file per service."""

    name = "embedded"
    _files = migrated.Files()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, f"{transport.SCHEME}://here/{uuid.uuid4().hex}")

    def database_uri(self, service: str) -> str:
        return f"sqlite:///{self.folder / service}.sqlite3"

    def migrate(self, service: str, package: str) -> None:
        self._files.migrate(package, self.database_uri(service), service)

    def close(self) -> None:
        transport.Broker.all.pop(self.amqp_uri.rsplit("/", 1)[1], None)


class ServerSpace:
    """A RabbitMQ virtual host and a PostgreSQL database for one run of tests; raises :class:`Absent` when a server
    does not answer.
    """

    def __init__(self) -> None:
        probe_servers()
        self.vhost = f"pupitre-test-{secrets.token_hex(4)}"
        self.database = f"pupitre_test_{secrets.token_hex(4)}"
        self.amqp_uri = f"{AMQP_URI}/{self.vhost}"
        rabbitmqctl("add_vhost", self.vhost)
        rabbitmqctl("set_permissions", "-p", self.vhost, "guest", ".*", ".*", ".*")
        self.role, self._password = f"{self.database}_service", secrets.token_hex(16)
        self._execute(
            DATABASE_URI,
            f"CREATE DATABASE {self.database}",
            # No test that uses this database kills its server: nothing has to wait for the disk.
            f"ALTER DATABASE {self.database} SET synchronous_commit = off",
            f"CREATE ROLE {self.role} LOGIN PASSWORD '{self._password}'",
        )
        self._execute(self.database_uri, _TRIGRAMS)
        self.statements = migrated.Statements(self.role)

    @property
    def database_uri(self) -> str:
        return sa.make_url(DATABASE_URI).set(database=self.database).render_as_string(hide_password=False)

    def as_service(self, uri: str) -> str:
        """The same address for a role that owns nothing and is bound by every policy, as a service's account is."""
        who = {"username": self.role, "password": self._password}
        return sa.make_url(uri).set(**who).render_as_string(hide_password=False)

    def clean(self, services: Iterable[str]) -> None:
        """Delete the queues and schemas of ``services``."""
        with connection.connect(self.amqp_uri) as link:
            channel = link.channel()
            for name in (f"{kind}.{service}" for service in services for kind in ("events", "dead", "rpc")):
                channel.queue_delete(name)
        self._execute(self.database_uri, *(f"DROP SCHEMA IF EXISTS {service} CASCADE" for service in services))

    def close(self) -> None:
        rabbitmqctl("delete_vhost", self.vhost)
        drop = f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", f"DROP ROLE IF EXISTS {self.role}"
        self._execute(DATABASE_URI, *drop)

    @staticmethod
    def _execute(uri: str, *statements: str) -> None:
        engine = sa.create_engine(_psycopg2(uri), isolation_level="AUTOCOMMIT")
        with engine.connect() as link:
            for statement in statements:
                link.exec_driver_sql(statement)
        engine.dispose()


class Servers(Backend):
    """RabbitMQ and PostgreSQL, without anything that another test left there."""

    name = "servers"

    def __init__(self, folder: Path, space: ServerSpace) -> None:
        super().__init__(folder, space.amqp_uri)
        self._space = space
        self._let_in: set[str] = set()

    def database_uri(self, service: str) -> str:
        return self._space.database_uri

    def service_uri(self, service: str) -> str:
        uri = self.database_uri(service)
        return self._space.as_service(uri) if service in self._let_in else uri

    def migrate(self, service: str, package: str) -> None:
        self._space.statements.migrate(package, self.database_uri(service), service)
        self._let_in.add(service)

    def close(self) -> None:
        self._space.clean(self.services)

    def drop_connections(self) -> None:
        """Have the broker close every connection of this virtual host."""
        rabbitmqctl("close_all_connections", "--vhost", self._space.vhost, "test")


#: In one of the services' schemas it would go with that schema, and the others' indexes with it.
_TRIGRAMS = """DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
EXCEPTION WHEN undefined_file OR insufficient_privilege THEN NULL; END $$"""


class Absent(Exception):
    """A server that a test needs does not answer; the text names it."""


def probe_servers() -> None:
    """Raise :class:`Absent` unless RabbitMQ (with its command) and PostgreSQL answer."""
    try:
        with eventlet.Timeout(4), connection.connect(AMQP_URI + "//") as link:
            link.connect()
    except (*connection.LOST, eventlet.Timeout) as error:
        raise Absent(f"RabbitMQ at {connection.shown(AMQP_URI)}: {error or 'no answer'}") from error
    if shutil.which("rabbitmqctl") is None:
        raise Absent("rabbitmqctl, which makes a virtual host for each test")
    engine = sa.create_engine(_psycopg2(DATABASE_URI), connect_args={"connect_timeout": 4})
    try:
        with engine.connect():
            pass
    except sa.exc.SQLAlchemyError as error:
        raise Absent(f"PostgreSQL at {DATABASE_URI}: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()


def rabbitmqctl(*arguments: str) -> None:
    subprocess.run(["rabbitmqctl", "--quiet", *arguments], check=True, capture_output=True, timeout=60)


class Bench:
    """Starts and stops services on one backend, and calls them. ``patience`` is what PUPITRE_CALL_PATIENCE sets."""

    def __init__(self, backend: Backend, clock: Clock | None = None, patience: float = 1) -> None:
        self.backend, self.patience = backend, patience
        self.clock = clock or SystemClock()
        self.settings: Any = Settings(environ={"PUPITRE_STATE": str(backend.folder)})
        self.catch_up_seconds = 60.0
        #: A test of one service that hears others which it does not run sets less.
        self.first_look_seconds = 1.0
        self._hosts: list[Host] = []
        self._buses: list[Bus] = []
        self._served: set[type] = set()

    def start(self, *service_classes: type, **changes: Any) -> Host:
        """Migrate and start services; :meth:`stop` or the end of the test stops them."""
        names = {service.name for service in service_classes} | {"identity", PORTAL}
        Keyring.create(self.backend.keys, sorted(names))
        self._served |= set(service_classes)
        self.backend.services |= {service.name for service in service_classes}
        for service_class in service_classes:
            self.migrate(service_class)
        topology.declare(self.backend.amqp_uri, self.subscriptions())
        monitor.start()
        host = Host(service_classes, self.deployment(**changes))
        host.start()
        self._hosts.append(host)
        for service in service_classes:
            wait_until(lambda name=service.name: all(c.connected for c in host.runtime(name).consumers), START_SECONDS)
        return host

    def stop(self, host: Host, kill: bool = False) -> None:
        """Stop a host in order, or at once."""
        self._hosts.remove(host)
        host.kill() if kill else host.stop()

    def deployment(self, **changes: Any) -> Deployment:
        means = {
            "amqp_uri": self.backend.amqp_uri,
            "database_uri": self.backend.service_uri,
            "keys": self.backend.keys,
            "settings": self.settings,
            "clock": self.clock,
            "subscriptions": self.subscriptions(),
            "catch_up_seconds": self.catch_up_seconds,
            "first_look_seconds": self.first_look_seconds,
            "patience": self.patience,
        }
        return Deployment(**(means | changes))

    def subscriptions(self) -> dict[str, tuple]:
        """Who hears what: the services started so far, as their handlers say."""
        return {
            service.name: tuple(handler.event for handler in service.handlers().events.values()) for service in self._served
        }

    def migrate(self, service_class: type) -> None:
        """Bring a service's database to its newest version; a class without package gets the platform's tables and its
        own ``metadata``."""
        if not service_class.with_database:
            return
        if service_class.package is not None:
            self.backend.migrate(service_class.name, service_class.package)
            return
        database = self.database(service_class.name)
        with database.transaction() as tx:
            if not database.on_sqlite:
                tx.execute(sa.schema.CreateSchema(service_class.name, if_not_exists=True))
            for metadata in (tables.metadata, getattr(service_class, "metadata", None)):
                if metadata is not None:
                    metadata.create_all(tx.connection)
        database.close()

    def database(self, name: str) -> Database:
        """Open the database of a running or stopped service, to look into it."""
        return Database(self.backend.database_uri(name), name, self.clock)

    def told(self, service: str) -> list[tuple[str, dict[str, Any]]]:
        """Return what a service has told so far, in the order of its commits: (type, data) of every event, published or not."""
        rows = tables.outbox.c
        database = self.database(service)
        with database.reading() as db:
            found = db.execute(sa.select(rows.type, rows.body).order_by(rows.seq)).all()
        database.close()
        return [(kind, json.loads(body)) for kind, body in found]

    def caller(self, actor: Actor | None = None) -> BoundBus:
        """A bus client that acts as ``actor``: signed by identity for users and technical accounts, by itself for a
        service.
        """
        issuers = {"identity", PORTAL} | ({actor.id} if actor is not None and actor.kind == "service" else set())
        Keyring.create(self.backend.keys, sorted(issuers))
        topology.declare(self.backend.amqp_uri, self.subscriptions())
        bus = Bus(self.backend.amqp_uri, PORTAL, patience=self.patience)
        self._buses.append(bus)
        if actor is None:
            return bus.acting(None)
        issuer = actor.id if actor.kind == "service" else "identity"
        return bus.acting(Credentials(Keyring(self.backend.keys, issuer), actor))

    def fake_service(self, name: str, replies: dict[type[Call], Any]) -> Host:
        """Serve canned replies as service ``name``: a reply, a dictionary of its fields, an error to raise, or a
        function of (request, scope) that gives one.
        """
        return self.start(_fake(name, replies))

    def close(self) -> None:
        """Stop everything, what was started last first: what it asks of the others is still answered. Raises AssertionError, all being
        stopped, for what did not stop in time: it tells what each greenthread did."""
        for bus in self._buses:
            bus.close()
        late = [told for host in self._hosts[::-1] if (told := self._stopped_late(host))]
        assert not late, "\n".join(late)

    def _stopped_late(self, host: Host) -> str:
        try:
            with contextlib.suppress(Exception), eventlet.Timeout(STOP_SECONDS):
                self.stop(host)
        except eventlet.Timeout:
            told = f"{', '.join(each.name for each in host.service_classes)} did not stop within {STOP_SECONDS} s:\n{_what_all_do()}"
            with contextlib.suppress(Exception), eventlet.Timeout(STOP_SECONDS, False):
                host.kill()
            return told
        return ""


def _what_all_do() -> str:
    """Return where each greenthread of this process stands."""
    all_of_them = [each for each in gc.get_objects() if issubclass(type(each), greenlet.greenlet)]  # isinstance would wake dead proxies
    frames = [each.gr_frame for each in all_of_them if each.gr_frame is not None]
    return "\n".join("".join(traceback.format_stack(frame, limit=-8)) for frame in frames)


def _fake(name: str, replies: dict[type[Call], Any]) -> type[Service]:
    def handler(call: type[Call], reply: Any) -> Callable:
        def answer(self, request, scope):
            value = reply(request, scope) if callable(reply) else reply
            if isinstance(value, Exception):
                raise value
            return value

        return calls.rpc(call)(answer)

    methods = {f"answer_{call.method}": handler(call, reply) for call, reply in replies.items()}
    return type(f"Fake{name.title()}", (Service,), {"name": name, "with_database": False, **methods})


def user(structure_id: uuid.UUID | None = None, name: str = "Camille Durand") -> Actor:
    """A user for tests, acting for ``structure_id``."""
    return Actor("user", str(uuid.uuid4()), name, structure_id)


def all_events() -> dict[str, type]:
    """Every event of the catalogue, by type."""
    return dict(catalogue.EVENTS)


def _psycopg2(uri: str) -> sa.URL:
    return sa.make_url(uri).set(drivername="postgresql+psycopg2")
