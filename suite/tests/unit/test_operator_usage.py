"""What the operator's commands refuse before they touch anything."""

import pytest
from click.testing import CliRunner
from pupitre.cli import cli
from pupitre_bus import migrations
from pupitre_contracts.catalogue import SERVICES

UNKNOWN = "11111111-1111-1111-1111-111111111111"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PUPITRE_STATE", str(tmp_path))
    return lambda *words: CliRunner().invoke(cli, words)


@pytest.mark.parametrize("words", [(), (UNKNOWN, "--all"), (UNKNOWN, "--type", "espace.opened.v1"), (UNKNOWN, "--dry-run")])
def test_a_retry_names_messages_or_means_all(run, words):
    assert run("dead-letters", "retry", "notifications", *words).exit_code == 2


@pytest.mark.parametrize("words", [("--again",), ("--consumer", "identity"), ("--to", "1"), ("--consumer", "portal")])
def test_a_replay_that_contradicts_itself_is_refused(run, words):
    assert run("events", "replay", "organisation", "--from", "3", *words).exit_code == 2


def test_a_tail_starts_at_one_place(run):
    assert run("events", "tail", "organisation", "--last", "2", "--after", "1").exit_code == 2


def test_a_consumer_is_not_given_what_it_does_not_hear(run, tmp_path):
    for name in SERVICES:
        migrations.upgrade(f"pupitre_{name}", f"sqlite:///{tmp_path / name}.sqlite3", name)
    words = ("events", "replay", "--from", "1", "--consumer", "notifications")
    refused = run(*words, "organisation", "--type", "structure.created.v1")
    assert (refused.exit_code, refused.output) == (1, "Error: notifications does not hear structure.created.v1\n")
    assert run(*words, "notifications").output == "Error: notifications hears nothing of notifications\n"
    assert run(*words, "organisation").output.endswith("0 event(s) are handed to notifications\n")
    assert run("dead-letters", "list").output == "no failed message\n"
    assert run("acts", "notifications").output == "nothing was done by hand\n"
