"""The installation that is broken: its own broker and database, the proxies before them, and the product's processes."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import amqp
import eventlet
import requests
from pupitre_bus import connection, topology
from pupitre_bus.actors import Actor, Keyring
from pupitre_bus.client import Bus
from pupitre_bus.core import Credentials
from pupitre_bus.testing import wait_until
from pupitre_contracts import catalogue, errors, platform
from support.fault_proxy import FaultProxy
from support.node_programs import free_port
from support.nodes import Node, PostgresNode, RabbitMQNode

from . import ledger, world
from .processes import Process

START_SECONDS = 240
COMMAND_SECONDS = 240
#: How many processes of each service there are.
SERVERS = {"identity": 1, "organisation": 1, "invoicing": 2, "notifications": 2, "portal": 1, "ledger": 2, "keeper": 1}
#: Those of them that answer no call.
SILENT = ("portal", "keeper")
TRANSIENT = ("service-unavailable", "service-timeout", "idempotency.in-progress")


class Cluster:
    """``build`` names one of the deliberately broken builds (:mod:`chaos.broken`), or is empty for the product as it is."""

    def __init__(self, folder: Path, build: str = "") -> None:
        self.folder = folder
        self.build = build
        self.state = folder / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        self.logs = folder / "logs"
        self.logs.mkdir(exist_ok=True)
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, Process] = {}
        self.world: world.World | None = None
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PUPITRE_")},
            "PUPITRE_STATE": str(self.state),
            "PUPITRE_HTTP": f"127.0.0.1:{self.port}",
            "PUPITRE_PUBLIC_URL": self.base_url,
            "PUPITRE_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }

    @property
    def keys(self) -> Path:
        return self.state / "keys"

    def words(self, *words: str) -> list[str]:
        """The command of the product, broken as :attr:`build` says."""
        return ["chaos.broken", self.build, *words] if self.build else ["pupitre", *words]

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run ``pupitre <words>``, of the sound build, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "pupitre", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"pupitre {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def add(self, name: str, words: list[str]) -> Process:
        self.processes[name] = Process(name, words, self.environment, self.logs / f"{name}.log")
        return self.processes[name]

    def answers_http(self) -> bool:
        """Whether the portal and all behind it are ready."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        return False

    def hub_gaps(self) -> dict[str, tuple[float, float]]:
        """The longest time of the last minute, in milliseconds, that each service could do nothing else, and that it held by
        itself; none when the portal is not there."""
        with contextlib.suppress(requests.RequestException, ValueError, KeyError):
            told = requests.get(f"{self.base_url}/readyz", timeout=5).json()
            return {name: (gap, told["hub_held_ms"][name]) for name, gap in told["hub_gap_ms"].items()}
        return {}

    def roots(self) -> dict[int, str]:
        """The process ids under which all runs, with their kinds."""
        return {process.pid: name.partition(".")[0] for name, process in self.processes.items() if process.pid}

    def stop_processes(self) -> None:
        """Ask all to end, at once, and wait for them."""
        for thread in [eventlet.spawn(process.stop) for process in self.processes.values()]:
            thread.wait()

    def close(self) -> None:
        self.stop_processes()

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def start(self) -> None:
        raise NotImplementedError


class Servers(Cluster):
    """RabbitMQ, PostgreSQL and one process per service, some twice. ``proxied``: all connections go through fault proxies."""

    def __init__(
        self,
        folder: Path,
        build: str = "",
        proxied: bool = False,
        megabytes: int | None = None,
        services: Mapping[str, int] = SERVERS,
    ) -> None:
        super().__init__(folder, build)
        self.services = services
        self.broker = RabbitMQNode(folder / "broker")
        self.database = PostgresNode(folder / "database", megabytes)
        self.nodes: dict[str, Node] = {"broker": self.broker, "database": self.database}
        self.proxied = proxied
        self.proxies: dict[str, FaultProxy] = {}
        self._buses: list[Bus] = []

    def start(self) -> None:
        """Start the servers, migrate, start every process, and make the structures that deposit."""
        for thread in [eventlet.spawn(node.start) for node in self.nodes.values()]:
            thread.wait()
        if self.proxied:
            self.proxies = {name: FaultProxy.before(node.uri) for name, node in self.nodes.items()}
        self.environment |= {"PUPITRE_AMQP_URI": self._uri("broker"), "PUPITRE_DATABASE_URI": self._uri("database")}
        self.command("migrate")
        ledger.prepare(self.database.uri, self.keys)
        self.declare_ledger()
        for service, count in self.services.items():
            for number in range(1, count + 1):
                self.run_service(f"{service}.{number}", self.build)
        ready = self.answers_http if "portal" in self.services else self.answers_calls
        wait_until(ready, START_SECONDS, 0.2)
        self.world = world.build(self.operate)

    def run_service(self, name: str, build: str = "") -> None:
        """Start the process called ``<service>.<number>``, sound or as a broken build."""
        service = name.partition(".")[0]
        if service == "keeper":
            words = ["chaos.keeper"]
        elif service == ledger.NAME:
            words = ["chaos.broken", build, service] if build else ["chaos.ledger"]
        else:
            words = ["chaos.broken", build, "serve", service] if build else ["pupitre", "serve", service]
        self.add(name, words).start()

    def answers_calls(self) -> bool:
        """Whether every service answers calls."""
        if not self._buses:
            self.bus()
        return set(self.healthy()) >= set(self.services) - set(SILENT)

    def queue_lengths(self) -> dict[str, int]:
        """How many messages the broker holds in the queues of events and of dead letters, delivered ones included."""
        lines = self.broker.control("list_queues", "--formatter", "json", "name", "messages")
        return {
            each["name"]: each["messages"]
            for each in json.loads(lines)
            if each["name"].startswith(("events.", "dead."))
        }

    def roots(self) -> dict[int, str]:
        nodes = {node.process.pid: name for name, node in self.nodes.items() if node.process is not None}
        return super().roots() | nodes

    def ready(self, queue: str) -> int:
        """How many messages of a queue wait for a consumer, as of now."""
        with amqp.Connection(f"127.0.0.1:{self.broker.port}", connect_timeout=5, read_timeout=10) as link:
            return link.channel().queue_declare(queue, passive=True).message_count

    def declare_ledger(self) -> None:
        """Declare the ledger's queue at the beginning: what `pupitre migrate` does for the product's own."""
        topology.declare(self.broker.uri, ledger.subscriptions())

    def has_its_queues(self) -> bool:
        """Whether every consumer would find its queues."""
        with contextlib.suppress(topology.TopologyWrong, *connection.LOST):
            for service, heard in ledger.subscriptions().items():
                if heard:
                    topology.verify(self.broker.uri, service)
            return True
        return False

    def _uri(self, name: str) -> str:
        node = self.nodes[name]
        return self.proxies[name].uri(node.uri) if name in self.proxies else node.uri

    def bus(self) -> Bus:
        """A client of its own connection, closed with the cluster."""
        made = Bus(self._uri("broker"), "chaos")
        self._buses.append(made)
        return made

    def operate(self, call: Any, key: str | None = None, **values: Any) -> Any:
        """Call as the operator, as often as it takes."""
        if not self._buses:
            self.bus()
        key = key or str(uuid.uuid4())
        credentials = Credentials(Keyring(self.keys, "operator"), Actor.service("operator"))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._buses[0].call(call, credentials=credentials, idempotency_key=key, **values)
            except errors.PupitreError as error:
                if error.code not in TRANSIENT or time.monotonic() > deadline:
                    raise
                eventlet.sleep(0.2)

    def healthy(self) -> Iterator[str]:
        """The services that answer and are well."""
        credentials = Credentials(Keyring(self.keys, "operator"), Actor.service("operator"))
        for name in (*catalogue.SERVICES, ledger.NAME):
            with contextlib.suppress(errors.PupitreError):
                self._buses[0].call_on(name, platform.Health, credentials=credentials, timeout=2)
                yield name

    def close(self) -> None:
        for bus in self._buses:
            with contextlib.suppress(Exception):
                bus.close()
        super().close()
        for proxy in self.proxies.values():
            proxy.close()
        for node in self.nodes.values():
            node.close()


class Embedded(Cluster):
    """Everything in one process, on SQLite."""

    def start(self) -> None:
        """Start it with the demonstration's data, and wait until it is ready."""
        self.environment["PUPITRE_DEMO"] = "1"
        self.add("run", self.words("run")).start()
        wait_until(self.answers_http, START_SECONDS, 0.2)

    def database_uri(self, service: str) -> str:
        """The file of a service."""
        return f"sqlite:///{self.state / service}.sqlite3"

    def damaged(self) -> dict[str, str]:
        """What SQLite's integrity check finds, by service; nothing when all files are sound."""
        found = {}
        for name in catalogue.SERVICES:
            with contextlib.closing(sqlite3.connect(self.state / f"{name}.sqlite3")) as link:
                verdict = " ".join(row[0] for row in link.execute("PRAGMA integrity_check"))
            if verdict != "ok":
                found[name] = verdict
        return found
