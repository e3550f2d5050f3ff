"""The same commands on RabbitMQ and PostgreSQL, beside processes of their own."""

import json
import signal
import subprocess

import pytest
from support.installation import PUPITRE, until
from support.machine import UBL
from support.story import Story
from support.visitor import Visitor

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.slow]

SERVICES = ("identity", "organisation", "invoicing", "notifications")


@pytest.mark.parametrize("service", [*SERVICES, "portal"])
def test_every_service_says_that_it_is_well(distributed, service):
    lines = distributed.command("health", service).stdout.splitlines()
    assert lines[0].startswith("ok  ")
    assert all(line.startswith(("ok  ", "    ")) for line in lines)
    figures = dict(line.split(maxsplit=1) for line in lines if line.startswith("    "))
    assert "hub_gap_ms" in figures
    assert figures["restarts"] == "0"


def test_a_service_that_is_stopped_is_ill(distributed):
    pid = distributed.pid_of("notifications")
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        done = distributed.command("health", "notifications", check=False)
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    until(distributed.is_ready, 60, "ready again")


def test_loading_the_demo_again_changes_nothing(distributed):
    users, before = distributed.command("users", "list").stdout, distributed.demo
    said = distributed.command("demo").stdout
    assert f"Pupitre: {distributed.base_url}" in said
    assert distributed.demo == before
    assert (distributed.state / "demo.json").stat().st_mode & 0o777 == 0o600
    assert distributed.command("users", "list").stdout == users


def test_an_account_made_by_the_operator_can_sign_in(distributed):
    words = ("users", "create", "jeanne@example.org", "--given-name", "Jeanne", "--family-name", "Martin")
    email, password = distributed.command(*words).stdout.splitlines()
    assert Visitor(distributed).sign_in(email, password).status == 200
    assert email in distributed.command("users", "list").stdout


def test_events_dead_letters_and_history_are_read_in_the_servers_databases(distributed):
    story = Story(distributed)
    story.machine.settled(story.machine.deposit(story.invoice("CLI-SERVERS-1"), "a.xml", UBL))
    events = [json.loads(line) for line in distributed.command("events", "tail", "invoicing").stdout.splitlines()]
    assert [each["feedseq"] for each in events] == list(range(1, len(events) + 1))
    assert "invoice.submitted.v1" in {each["type"] for each in events}
    assert distributed.command("dead-letters", "list", "notifications").stdout == "no failed message\n"
    assert distributed.command("verify").stdout.endswith("in 1 chain(s): intact\n")


def test_a_second_instance_of_a_service_serves_beside_the_first_and_stops_cleanly_on_sigterm(distributed, tmp_path):
    log = tmp_path / "second.log"
    with log.open("wb") as file:
        second = subprocess.Popen([*PUPITRE, "serve", "identity"], env=distributed.environment, stdout=file, stderr=file)
    until(lambda: "serving identity" in log.read_text(), 60, "serving")
    second.send_signal(signal.SIGTERM)
    assert second.wait(120) == 0
    assert "Traceback" not in log.read_text()
    assert distributed.command("health", "identity").returncode == 0


def test_ctrl_c_stops_every_process_and_is_no_failure(distributed):
    assert distributed.stop() == 0
    until(lambda: not distributed.pids(), 60, "every process ended")
    assert "Traceback" not in distributed.log.read_text()
    distributed.start()
