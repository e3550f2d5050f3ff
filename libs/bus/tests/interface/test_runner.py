"""Processes: how they start, refuse to start, stop, and are kept running."""

import importlib.util
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import eventlet
import kombu
import pytest
import sqlalchemy as sa
from pupitre_bus import connection, tables, topology
from pupitre_bus.supervisor import Supervisor
from pupitre_bus.testing import Bench, user, wait_until
from pupitre_contracts import errors
from support.fault_proxy import FaultProxy

START_SECONDS = PATIENCE_SECONDS = 60
PROCESS = Path(__file__).with_name("service_process.py")
_spec = importlib.util.spec_from_file_location("service_process", PROCESS)
world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(world)


@pytest.fixture
def launch(backend, tmp_path):
    """Starts ``service_process.py`` on the backend and kills it after the test."""
    processes = []

    def start(*names, wait="serving", **changes):
        log = tmp_path / f"log-{len(processes)}"
        environment = {
            **os.environ,
            "PUPITRE_STATE": str(tmp_path),
            "PUPITRE_KEYS": str(backend.keys),
            "PUPITRE_AMQP_URI": "" if backend.name == "embedded" else backend.amqp_uri,
            "PUPITRE_DATABASE_URI": "" if backend.name == "embedded" else backend.database_uri("any"),
            **changes,
        }
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, str(PROCESS), *names], env=environment, stderr=output)
        process.log = log
        processes.append(process)
        if wait:
            wait_until(lambda: wait in log.read_text() or process.poll() is not None, START_SECONDS)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


def prepared(bench, *classes):
    from pupitre_bus.actors import Keyring

    Keyring.create(bench.backend.keys, ["walker", "follower", "identity", "portal"])
    for service in classes:
        bench.migrate(service)
        bench.backend.services.add(service.name)
    bench._served |= set(classes)
    topology.declare(bench.backend.amqp_uri, bench.subscriptions())


def steps_published(bench):
    database = bench.database("walker")
    try:
        with database.reading() as db:
            return db.execute(sa.select(sa.func.count()).select_from(tables.outbox)).scalar_one()
    finally:
        database.close()


def traces(bench, what):
    database = bench.database("follower")
    try:
        with database.reading() as db:
            return list(db.execute(sa.select(world.trace.c.step).where(world.trace.c.what == what)).scalars())
    finally:
        database.close()


@pytest.mark.requirement("RS-12")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_stops_at_once_with_code_0(bench, launch, number):
    prepared(bench, world.Walker, world.Follower)
    process = launch("walker", "follower")
    process.send_signal(number)
    # 0 says that it took less than the 25 s after which it would have left its work and ended with 1
    assert process.wait(PATIENCE_SECONDS) == 0, process.log.read_text()


@pytest.mark.requirement("RS-11")
def test_what_a_process_is_made_of_is_never_looked_through_for_garbage_again(tmp_path):
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _WHAT_IS_LOOKED_THROUGH],
        env={**os.environ, "PUPITRE_STATE": str(tmp_path), "PUPITRE_AMQP_URI": "", "PUPITRE_DATABASE_URI": ""},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    set_aside, left = map(int, told.stdout.split())
    assert set_aside > 10 * left, "a collection would hold the hub (RS-11)"


_WHAT_IS_LOOKED_THROUGH = """
import pupitre_bus.patch
import gc, os, signal, sys
from pupitre_bus import runner, settings

def beside(host):
    print(gc.get_freeze_count(), len(gc.get_objects()))
    os.kill(os.getpid(), signal.SIGTERM)

sys.exit(runner.run([], settings.Settings(), beside))
"""


@pytest.mark.requirement("RS-05")
@pytest.mark.rabbitmq
@pytest.mark.faults
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_process_with_a_backlog_finishes_its_handlers_on_sigterm_and_leaves_the_rest(bench, launch, tmp_path):
    prepared(bench, world.Walker, world.Follower)
    bench.start(world.Walker)
    gate = tmp_path / "gate"
    process = launch("follower", GATE=str(gate))
    bench.caller(user()).call(world.Walk, steps=40)
    wait_until(lambda: len(traces(bench, "ended")) == 2 and len(traces(bench, "began")) >= 4)
    process.send_signal(signal.SIGTERM)
    gate.touch()
    assert process.wait(PATIENCE_SECONDS) == 0, process.log.read_text()
    began, ended = traces(bench, "began"), traces(bench, "ended")
    assert sorted(began) == sorted(ended)
    assert len(set(ended)) == len(ended) < 40
    second, third = launch("follower"), launch("follower")
    wait_until(lambda: len(traces(bench, "ended")) == 40)
    assert sorted(traces(bench, "ended")) == list(range(40))
    assert second.poll() is third.poll() is None


@pytest.mark.requirement("RS-07")
@pytest.mark.faults
def test_a_killed_process_gives_every_event_its_effect_once_after_restart(bench, launch, tmp_path):
    prepared(bench, world.Walker, world.Follower)
    gate = tmp_path / "gate"
    process = launch("walker", "follower", GATE=str(gate))
    database = bench.database("walker")
    with database.transaction() as tx:
        for step in range(12):
            tx.publish(world.StepTaken(step=step))
    database.close()
    wait_until(lambda: len(traces(bench, "ended")) == 2 and len(traces(bench, "began")) > 2)
    process.kill()
    process.wait()
    gate.touch()
    launch("walker", "follower", GATE=str(gate))
    wait_until(lambda: len(traces(bench, "ended")) >= 12)
    assert sorted(traces(bench, "ended")) == list(range(12))


@pytest.mark.requirement("RS-09")
@pytest.mark.rabbitmq
@pytest.mark.faults
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_caller_whose_callee_is_killed_has_its_error_in_time_and_its_repetition_finds_the_effect_once(bench, launch):
    prepared(bench, world.Walker)
    process = launch("walker")
    bus = bench.caller(user())
    call = {"steps": 1, "linger": 1000, "idempotency_key": "k"}
    waiting = eventlet.spawn(bus.call, world.Walk, timeout=3, **call)
    wait_until(lambda: steps_published(bench) == 1)
    process.kill()
    with pytest.raises((errors.TimedOut, errors.Unavailable)), eventlet.Timeout(PATIENCE_SECONDS):
        waiting.wait()
    launch("walker")
    # The request comes again from the queue, and from the caller: it finds its answer, without lingering.
    wait_until(lambda: _answered(bus, call))
    assert steps_published(bench) == 1


def _answered(bus, call):
    try:
        return bus.call(world.Walk, timeout=3, **call)
    except (errors.TimedOut, errors.Unavailable):
        return None


@pytest.mark.requirement("RS-10")
@pytest.mark.rabbitmq
@pytest.mark.parametrize("fault", ["missing", "other arguments"])
def test_a_process_whose_queue_is_wrong_exits_1_and_names_it(servers, tmp_path, fault):
    bench = Bench(servers)
    prepared(bench, world.Follower)
    with connection.connect(servers.amqp_uri) as link:
        channel = link.channel()
        channel.queue_delete("events.follower")
        if fault == "other arguments":
            kombu.Queue("events.follower", durable=True)(channel).declare()
    environment = {
        **os.environ,
        "PUPITRE_STATE": str(tmp_path),
        "PUPITRE_KEYS": str(servers.keys),
        "PUPITRE_AMQP_URI": servers.amqp_uri,
        "PUPITRE_DATABASE_URI": servers.database_uri("any"),
    }
    with subprocess.Popen(
        [sys.executable, str(PROCESS), "follower"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"here\n"  # from here on it is the service's time, not the interpreter's
        said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode == 1
    assert b"events.follower" in said


@pytest.mark.requirement("RS-12")
@pytest.mark.faults
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_process_without_broker_waits_for_it_and_stops_when_asked(bench, launch):
    prepared(bench, world.Follower)
    process = launch("follower", wait="does not answer", PUPITRE_AMQP_URI="amqp://guest:guest@127.0.0.1:1//")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.requirement("RS-12")
@pytest.mark.faults
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_process_started_before_its_broker_serves_when_it_comes(bench, launch):
    prepared(bench, world.Follower)
    with FaultProxy.before(bench.backend.amqp_uri) as proxy:
        proxy.set("refuse")
        process = launch("follower", wait="does not answer", PUPITRE_AMQP_URI=proxy.uri(bench.backend.amqp_uri))
        assert process.poll() is None
        proxy.set("pass")
        wait_until(lambda: "serving follower" in process.log.read_text(), START_SECONDS)
        assert process.poll() is None


@pytest.mark.requirement("RS-12")
def test_the_supervisor_restarts_what_dies_prefixes_output_and_stops_all(monkeypatch):
    monkeypatch.setattr("pupitre_bus.supervisor.RESTART_SECONDS", 0.1)
    output = io.StringIO()
    supervisor = Supervisor(
        {
            "brief": [sys.executable, "-c", "print('here I was')"],
            "steady": [sys.executable, "-c", "import time; print('up'); time.sleep(60)"],
        },
        output,
    )
    keepers = [eventlet.spawn(supervisor._keep, name) for name in ("brief", "steady")]
    wait_until(lambda: output.getvalue().count("brief  | here I was") >= 2 and "steady | up" in output.getvalue())
    assert supervisor.restarts["steady"] == 0
    assert supervisor.stop() == [], "one had to be killed"
    for keeper in keepers:
        keeper.wait()
