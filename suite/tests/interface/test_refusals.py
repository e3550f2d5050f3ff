"""What cannot work is refused before anything starts, in one line that says what to do."""

import socket

import pytest
from click.testing import CliRunner
from pupitre.cli import cli

SERVERS = {"PUPITRE_AMQP_URI": "amqp://guest:guest@127.0.0.1:5672/none", "PUPITRE_DATABASE_URI": "postgresql://127.0.0.1/none"}


@pytest.fixture
def refused(monkeypatch, tmp_path):
    """Gives what is said by a command that is refused before it starts anything."""

    def run(*words, **environment):
        monkeypatch.setenv("PUPITRE_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("PUPITRE_DEMO", "0")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(cli, words)
        assert (done.exit_code, type(done.exception)) == (1, SystemExit)
        assert not (tmp_path / "state").exists()
        return done.stderr

    return run


def _refused_process(installation, *words):
    done = installation.command(*words, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "192.0.2.7:8000", "[::]:8000"])
@pytest.mark.parametrize("demo", ["1", "0"])
def test_the_embedded_run_listens_on_this_machine_only(refused, address, demo):
    said = refused("run", PUPITRE_HTTP=address, PUPITRE_DEMO=demo)
    assert "listens on this machine only" in said
    assert "PUPITRE_HTTP=127.0.0.1:8000" in said


def test_a_taken_port_is_named_with_what_to_do(refused):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        said = refused("run", PUPITRE_HTTP=address)
    assert f"{address} is taken; choose another: PUPITRE_HTTP=127.0.0.1:8001" in said


@pytest.mark.parametrize("name", [*SERVERS, "PUPITRE_INVOICING_DATABASE_URI"])
def test_the_embedded_run_refuses_the_settings_of_servers(refused, name):
    said = refused("run", **{name: SERVERS.get(name, "postgresql://pupitre:hush@127.0.0.1/none")})
    assert f"unset {name}" in said
    assert "pupitre up" in said


@pytest.mark.parametrize("given", [[], ["PUPITRE_AMQP_URI"], ["PUPITRE_DATABASE_URI"]])
def test_processes_of_their_own_need_a_broker_and_a_database_server(refused, given):
    said = refused("up", **{name: SERVERS[name] for name in given})
    assert "set PUPITRE_AMQP_URI (amqp://" in said
    assert "PUPITRE_DATABASE_URI (postgresql://" in said


def test_a_service_of_its_own_needs_a_broker(refused):
    assert "set PUPITRE_AMQP_URI" in refused("serve", "identity")


def test_a_service_of_its_own_needs_its_key(refused):
    assert "there is no key of identity" in refused("serve", "identity", **SERVERS)


def test_the_demonstration_of_several_processes_stays_on_this_machine(refused):
    assert "listens on this machine only" in refused("up", "--demo", **SERVERS, PUPITRE_HTTP="0.0.0.0:8000")


@pytest.mark.parametrize("words, environment", [(["run"], {}), (["up", "--demo"], SERVERS), (["serve", "identity"], SERVERS)])
def test_the_clock_moves_in_the_embedded_demonstration_alone(refused, tmp_path, words, environment):
    said = refused(*words, **environment, PUPITRE_CLOCK_FILE=str(tmp_path / "clock"))
    assert "PUPITRE_CLOCK_FILE moves the clock of the embedded demonstration alone: unset it" in said


def test_the_embedded_run_loads_its_demo_by_itself(refused):
    assert "`pupitre run` loads the demo data by itself" in refused("demo")


def test_a_service_of_the_embedded_run_is_asked_through_the_portal(refused):
    assert "`pupitre health portal`" in refused("health", "invoicing")


@pytest.mark.parametrize(
    "words",
    [("events", "tail", "identity"), ("dead-letters", "list", "notifications"), ("verify",), ("users", "list")],
    ids=" ".join,
)
def test_what_needs_a_migration_says_so_and_makes_nothing(refused, words):
    assert "`pupitre migrate` makes it" in refused(*words)


@pytest.mark.parametrize("words", [("health", "accounting"), ("migrate", "accounting"), ("serve", "accounting"), ("serve",)])
def test_a_service_that_does_not_exist_is_a_usage_error(words):
    assert CliRunner().invoke(cli, words).exit_code == 2


@pytest.mark.parametrize("words", [("events", "tail", "identity"), ("migrate",)], ids=" ".join)
def test_servers_that_do_not_answer_are_told_in_a_sentence(stopped, words):
    nowhere = {"PUPITRE_AMQP_URI": "amqp://u:hush@127.0.0.1:1/v", "PUPITRE_DATABASE_URI": "postgresql://u:hush@127.0.0.1:1/d"}
    assert "does not answer" in _refused_process(stopped(**nowhere), *words)


def test_a_broker_that_does_not_answer_is_told_in_a_sentence(stopped):
    assert "the broker amqp://u:**@127.0.0.1:1/v does not answer" in _refused_process(
        stopped(PUPITRE_AMQP_URI="amqp://u:hush@127.0.0.1:1/v"), "migrate"
    )
