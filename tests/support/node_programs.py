"""Where the servers' programs are on this machine, as whom they run, and on which ports: what :mod:`support.nodes` starts from."""

import os
import pwd
import random
import shutil
import socket
from pathlib import Path

from pupitre_bus.testing import Absent

#: Below the ports that the kernel gives to outgoing connections: a node that is down must find its port free when it comes back.
PORTS = range(20_000, 32_000)
RABBITMQ_HOMES = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"))
POSTGRES_HOMES = Path("/usr/lib/postgresql")
POSTGRES_USER = "postgres"


def rabbitmq_programs() -> Path:
    """The folder of the programs themselves: Debian's commands on PATH change the user and so the environment."""
    for folder in RABBITMQ_HOMES:
        if (folder / "rabbitmq-server").exists():
            break
    else:
        raise Absent("RabbitMQ's programs on this machine")
    if missing := [program for program in ("epmd", "erl_call") if shutil.which(program) is None]:
        raise Absent(f"Erlang program {missing[0]} on this machine")
    return folder


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL. Raises :class:`Absent` where there is none."""
    found = sorted(POSTGRES_HOMES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if found:
        return found[0].parent
    if (program := shutil.which("initdb")) is not None:
        return Path(program).resolve().parent
    raise Absent("PostgreSQL's programs on this machine")


def postgres_user() -> tuple[list[str], int | None]:
    """The words that precede a command, and the user's number; nothing when this process is no root."""
    if os.geteuid() != 0:
        return [], None
    try:
        owner = pwd.getpwnam(POSTGRES_USER).pw_uid
    except KeyError as error:
        raise Absent(f"user {POSTGRES_USER}, as whom root starts PostgreSQL") from error
    if shutil.which("setpriv") is None:
        raise Absent("setpriv, with which root starts PostgreSQL as another user")
    return ["setpriv", f"--reuid={POSTGRES_USER}", f"--regid={POSTGRES_USER}", "--init-groups"], owner


def free_port() -> int:
    """A port for a server that must find it free again after a restart."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Absent("free port on this machine")
