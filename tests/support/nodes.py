"""RabbitMQ and PostgreSQL servers of a test's own, in a folder and on ports of their own, to be stopped, killed, wiped and filled.

The machine's shared servers are never touched by a fault. What is killed here is processes: the machine keeps its disk cache, so
this shows nothing about a loss of power.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import amqp
import psycopg2
from pupitre_bus.testing import Absent

from support.node_programs import POSTGRES_USER, free_port, postgres_programs, postgres_user, rabbitmq_programs

START_SECONDS = 180
STOP_SECONDS = 30
PAUSE = 0.05


class Node:
    """One server. Used as a context manager it is running inside and gone after."""

    #: What a reader of a log calls it.
    name = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / f"{self.name}.log"
        self.process: subprocess.Popen | None = None
        #: Only one thread at a time may stop or start it.
        self._turn = threading.RLock()

    @property
    def uri(self) -> str:
        """Where clients connect."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether its process lives; it may not answer yet."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether a client can work with it now."""
        raise NotImplementedError

    def start(self, seconds: float = START_SECONDS) -> Self:
        """Start it on the data that it has, and wait until it answers; again and again, as a supervisor would.

        Raises AssertionError with the end of its log when it does not answer within ``seconds``.
        """
        with self._turn:
            deadline = time.monotonic() + seconds
            while True:
                if not self.running:
                    self._launch()
                if self.answers():
                    return self
                if time.monotonic() > deadline:
                    raise AssertionError(f"{self.name} does not answer within {seconds} s:\n{self.tail()}")
                time.sleep(PAUSE)

    def stop(self) -> None:
        """Ask it to stop in order, as its supervisor does, and wait until it is gone."""
        with self._turn:
            if self.running:
                self._ask_to_stop()
                try:
                    self.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self.kill()

    def kill(self) -> None:
        """End all its processes with SIGKILL. Nothing of it is written, closed or said goodbye to."""
        with self._turn:
            if self.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(STOP_SECONDS)

    def restart(self, pause: float = 0, *, kill: bool = False) -> None:
        """Stop or kill it, leave it down for ``pause`` seconds, start it again."""
        with self._turn:
            self.kill() if kill else self.stop()
            time.sleep(pause)
            self.start()

    def wipe(self) -> None:
        """Delete all its data, while it is down or not; it is down afterwards."""
        raise NotImplementedError

    def close(self) -> None:
        """End it for good and give back what it used outside of its folder."""
        self.kill()

    def tail(self, lines: int = 20) -> str:
        """The last lines that it wrote."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _launch(self) -> None:
        raise NotImplementedError

    def _ask_to_stop(self) -> None:
        raise NotImplementedError

    def _spawn(self, command: list[str], environment: dict[str, str]) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )


class RabbitMQNode(Node):
    """A broker. Raises :class:`Absent` where RabbitMQ is not installed."""

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._programs = rabbitmq_programs()
        self._cookie = secrets.token_hex(16)
        self._node = f"pupitre-{self.port}@localhost"
        self._directory = free_port()
        self._epmd: subprocess.Popen | None = None
        self.data = folder / "rabbitmq"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = 127.0.0.1:{self.port}\nlog.file.level = warning\ndisk_free_limit.absolute = 1MB\n"
        )
        (folder / "rabbitmq.plugins").write_text("[].\n")
        (folder / "rabbitmq-env.conf").write_text("")
        cookie = folder / ".erlang.cookie"
        cookie.write_text(self._cookie)
        cookie.chmod(0o400)
        self._environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._directory),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "rabbitmq.plugins"),
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(folder / "rabbitmq-logs"),
            # Idle schedulers must not spin: the processor belongs to what is tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        }

    @property
    def uri(self) -> str:
        """Of its only virtual host, which is there again after a wipe."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def answers(self) -> bool:
        try:
            with amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=2, read_timeout=2, write_timeout=2) as link:
                return link.connected
        except (OSError, amqp.AMQPError):
            return False

    def alarm(self, on: bool = True) -> None:
        """Make it believe that its disk is full (it takes no message then, without an error), or no longer."""
        self._evaluate("rabbit_disk_monitor", "set_disk_free_limit", "9000000000000" if on else "1000000")
        self._evaluate("rabbit_alarm", "get_alarms")  # answered once the connections have been told

    def hang(self, queue: str) -> None:
        """Have a quorum queue answer nothing any more while others do: how RabbitMQ 3.10.8 once left one after many kills."""
        self._evaluate("sys", "suspend", f"'%2F_{queue}'")

    def cut_connections(self) -> None:
        """Have it close every connection of its clients."""
        self.control("close_all_connections", "pupitre-test")

    def control(self, *words: str) -> str:
        """Run ``rabbitmqctl`` on it (a second or two) and return what it prints."""
        command = [str(self._programs / "rabbitmqctl"), "--quiet", *words]
        return subprocess.run(
            command, env=self._environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def wipe(self) -> None:
        with self._turn:
            self.kill()
            shutil.rmtree(self.data, ignore_errors=True)

    def close(self) -> None:
        super().close()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(STOP_SECONDS)

    def _launch(self) -> None:
        if self._epmd is None or self._epmd.poll() is not None:
            # Erlang would otherwise leave a daemon behind that outlives the node.
            self._epmd = subprocess.Popen(
                ["epmd", "-port", str(self._directory), "-address", "127.0.0.1"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._spawn([str(self._programs / "rabbitmq-server")], self._environment)

    def _ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def _evaluate(self, module: str, function: str, *arguments: str) -> None:
        """Call a function of the node: what ``rabbitmqctl`` does, without the second that its start takes."""
        applied = f"{module} {function} [{','.join(arguments)}]"
        command = ["erl_call", "-c", self._cookie, "-n", self._node, "-a", applied]
        subprocess.run(command, env=self._environment, check=True, capture_output=True, timeout=20)


class PostgresNode(Node):
    """A database server with one empty database. Raises :class:`Absent` where PostgreSQL is not installed.

    ``megabytes`` puts its data on a file system of that size in memory, which :meth:`fill` can fill; it needs root.
    As root, the server runs as the user ``postgres``: PostgreSQL refuses root.
    """

    name = "postgresql"
    database = "pupitre"

    def __init__(self, folder: Path, megabytes: int | None = None) -> None:
        super().__init__(folder)
        self._programs = postgres_programs()
        self._as_user, owner = postgres_user()
        folder.mkdir(parents=True, exist_ok=True)
        # Not in `folder`: the other user may have no way into it.
        self.home = Path(tempfile.mkdtemp(prefix="pupitre-postgresql-"))
        self._mounted = False
        if megabytes is not None:
            self._mount(megabytes)
        if owner is not None:
            os.chown(self.home, owner, -1)
        self.home.chmod(0o700)
        self.data = self.home / "data"
        self._environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.home)}

    @property
    def uri(self) -> str:
        """Of its database."""
        return f"postgresql://{POSTGRES_USER}@127.0.0.1:{self.port}/{self.database}"

    def answers(self) -> bool:
        try:
            with self.connected():
                return True
        except psycopg2.Error:
            return False

    @contextlib.contextmanager
    def connected(self, database: str = database) -> Iterator[Any]:
        """A connection that commits each statement."""
        link = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=POSTGRES_USER, dbname=database, connect_timeout=2
        )
        try:
            link.autocommit = True
            yield link
        finally:
            link.close()

    def execute(self, *statements: str, database: str = database) -> None:
        """Run statements, each committed."""
        with self.connected(database) as link, link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def cut_connections(self) -> None:
        """Have it end every session of its clients."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def fill(self) -> int:
        """Leave no free byte on its file system; returns the bytes that this took. Needs ``megabytes``."""
        assert self._mounted, "only a file system of its own may be filled"
        block, written = b"\0" * 65536, 0
        with self._ballast.open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                written += ballast.write(block)
        return written

    def free(self) -> None:
        """Undo :meth:`fill`."""
        self._ballast.unlink(missing_ok=True)

    def wipe(self) -> None:
        with self._turn:
            self.kill()
            shutil.rmtree(self.data, ignore_errors=True)

    def close(self) -> None:
        super().close()
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self.home)], check=False, capture_output=True, timeout=20)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _ballast(self) -> Path:
        return self.home / "ballast"

    def _launch(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._spawn(
            [*self._as_user, str(self._programs / "postgres"), "-D", str(self.data), *settings], self._environment
        )

    def _initialise(self) -> None:
        words = ["-D", str(self.data), "-U", POSTGRES_USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._run(str(self._programs / "initdb"), *words, "--data-checksums", "--no-sync", "--no-instructions")
        # A server that listens nowhere makes the database: nobody can see the node before it is whole.
        single = [*self._as_user, str(self._programs / "postgres"), "--single", "-D", str(self.data), "template1"]
        subprocess.run(
            single,
            env=self._environment,
            input=f"CREATE DATABASE {self.database}\n",
            text=True,
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
        )

    def _run(self, *command: str) -> None:
        subprocess.run(
            [*self._as_user, *command], env=self._environment, check=True, capture_output=True, timeout=START_SECONDS
        )

    def _ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # the "fast" shutdown: clients are cut, data is written

    def _mount(self, megabytes: int) -> None:
        options = f"size={megabytes}m,mode=0755"
        mounting = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.home)]
        done = subprocess.run(mounting, check=False, capture_output=True, text=True, timeout=20)
        if done.returncode != 0:
            shutil.rmtree(self.home, ignore_errors=True)
            raise Absent(f"right to mount a small file system: {done.stderr.strip()}")
        self._mounted = True


def rabbitmq_node(folder: Path) -> RabbitMQNode:
    """A broker for the running test, not started; without RabbitMQ the test is skipped, or fails where servers are required."""
    return _needed(lambda: RabbitMQNode(folder))


def postgres_node(folder: Path, megabytes: int | None = None) -> PostgresNode:
    """A database server for the running test, not started; without PostgreSQL (or the right to mount) as :func:`rabbitmq_node`."""
    return _needed(lambda: PostgresNode(folder, megabytes))


def _needed(make: Callable[[], Any]) -> Any:
    from pupitre_bus.pytest_plugin import need_servers  # late: a program that is no test has no pytest

    try:
        return make()
    except Absent as absent:
        need_servers(str(absent))
