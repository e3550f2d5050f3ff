"""The command line itself: what it is called, what it says of itself, and how it fails."""

import os
import re
from importlib.metadata import version

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from pupitre import espaces, services
from pupitre.cli import cli
from pupitre.failures import sentence
from pupitre_bus import topology
from support.cli import verbs


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Runs a command that starts no service, with these variables alone."""
    monkeypatch.setenv("PUPITRE_STATE", str(tmp_path))

    def run(*words, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli, words)

    return run


def test_the_version_is_the_distribution_s(ask):
    said = ask("--version")
    assert (said.exit_code, said.output.strip()) == (0, f"pupitre, version {version('pupitre')}")


def test_the_help_names_every_verb_in_a_sentence(ask):
    said = ask("--help")
    assert said.exit_code == 0
    for name in {verb.split()[0] for verb in verbs()}:
        assert re.search(rf"^  {name}  +\S", said.output, re.MULTILINE), name


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_every_verb_explains_itself(ask, verb):
    said = ask(*verb.split(), "--help")
    assert said.exit_code == 0
    assert len(verbs()[verb].help.split()) >= 2


def test_a_verb_that_does_not_exist_is_a_usage_error(ask):
    assert ask("fly").exit_code == 2


def test_the_configuration_shows_no_secret(ask):
    said = ask(
        "config",
        "show",
        PUPITRE_SECRET_KEY="hush-one",
        PUPITRE_SMTP_PASSWORD="hush-two",
        PUPITRE_AMQP_URI="amqp://pupitre:hush-three@broker/v",
        PUPITRE_DATABASE_URI="postgresql://pupitre:hush-four@base/p",
        PUPITRE_INVOICING_DATABASE_URI="postgresql://pupitre:hush-five@base/i",
    )
    assert said.exit_code == 0
    assert "hush" not in said.output
    assert "* PUPITRE_AMQP_URI=amqp://pupitre:********@broker/v\n" in said.output
    assert "* PUPITRE_SECRET_KEY=********\n" in said.output


def test_the_configuration_tells_what_is_given_from_what_is_default(ask):
    said = ask("config", "show", PUPITRE_HTTP="127.0.0.1:8123")
    assert "* PUPITRE_HTTP=127.0.0.1:8123\n" in said.output
    assert "  PUPITRE_LOG_LEVEL=INFO\n" in said.output


def test_a_misspelt_variable_is_flagged_and_a_known_one_is_not(ask, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PUPITRE_")]:
        monkeypatch.delenv(name)  # those of the test run itself
    said = ask("config", "show", PUPITRE_HTPP="127.0.0.1:8123", PUPITRE_IDENTITY_DATABASE_URI="sqlite:////srv/i")
    assert said.stderr == "! PUPITRE_HTPP is no setting of Pupitre: misspelt?\n"


def test_a_value_that_cannot_be_read_names_its_variable(ask):
    said = ask("config", "show", PUPITRE_LOG_LEVEL="LOUD")
    assert said.exit_code == 1
    assert "PUPITRE_LOG_LEVEL: expected DEBUG" in said.stderr


def test_every_service_here_can_be_loaded_and_names_itself():
    assert [services.load(name).name for name in services.installed()] == list(services.ALL)


def test_a_service_that_is_not_installed_is_told_in_words(ask, monkeypatch):
    monkeypatch.setattr(services, "installed", lambda: ["identity"])
    said = ask("migrate", "invoicing")
    assert said.exit_code == 1
    assert said.stderr == "Error: invoicing is not installed here: install pupitre-invoicing\n"


def test_a_gestionnaire_needs_a_structure(ask):
    said = ask("users", "create", "a@example.org", "--given-name", "A", "--family-name", "B", "--gestionnaire")
    assert said.exit_code == 2
    assert "--gestionnaire needs --siret" in said.stderr


def _database_error(kind, text):
    return kind("SELECT 1", {}, Exception(text))


@pytest.mark.parametrize(
    "error, told",
    [
        (_database_error(sa.exc.OperationalError, "no such table: outbox"), "run `pupitre migrate`"),
        (_database_error(sa.exc.ProgrammingError, 'relation "outbox" does not exist'), "run `pupitre migrate`"),
        (_database_error(sa.exc.OperationalError, "connection refused\nmore"), "the database does not answer: connection refused"),
        (sa.exc.TimeoutError("no connection in 5 s"), "the database does not answer: no connection in 5 s"),
        (topology.TopologyWrong("queue events.invoicing is not usable"), "queue events.invoicing is not usable"),
        (ConnectionRefusedError(111, "refused"), "no answer: "),
        (PermissionError(13, "Permission denied", "/srv/state"), "/srv/state: Permission denied"),
    ],
)
def test_what_the_surroundings_refuse_is_told_in_a_sentence(error, told):
    assert told in sentence(error)
    assert "\n" not in sentence(error)


@pytest.mark.parametrize("error", [KeyError("x"), _database_error(sa.exc.IntegrityError, "UNIQUE"), AssertionError()])
def test_a_defect_of_ours_is_not_dressed_up_as_one_of_the_surroundings(error):
    assert sentence(error) is None


def test_a_line_of_a_trace_tells_who_was_called_for_whom_how_long_how_often_it_asked_and_how_it_ended():
    call = {"at": "2026-12-01T09:00:00+00:00", "host": "portal", "plugin": "essai:essai", "hook": "Page.render", "milliseconds": 12.5}
    told = espaces._told({**call, "port_calls": 7, "outcome": "answered", "user": "Camille Duval", "structure": "Atelier Duval"})
    assert told.endswith("12.5 ms    7 calls of ports  answered  (Camille Duval for Atelier Duval)")
    nobody = espaces._told({**call, "port_calls": 0, "outcome": "too-many-calls", "user": "", "structure": ""})
    assert nobody.endswith("0 calls of ports  too-many-calls  (nobody in person)")
