"""An author writes an espace with the command, installs it, tests it, checks it, and traces it: nothing but the command line is used."""

import json
import os
import subprocess
import sys

import pytest
from support.installation import PUPITRE, until
from support.story import Story
from support.strange_espaces import installed

BONJOUR = "pupitre-espace-bonjour:bonjour"


@pytest.fixture
def written(stopped, tmp_path):
    """Writes an espace and installs it into a folder of its own; gives the folder it was written to and that PYTHONPATH."""

    def write(key="essai", *options):
        done = stopped().command("espaces", "new", key, "--into", str(tmp_path), *options)
        assert f"pupitre espaces check {key}" in done.stdout
        return tmp_path / key, installed(tmp_path / key, tmp_path / "site")

    return write


def test_what_the_command_writes_passes_its_own_test_and_the_check(written, stopped):
    folder, path = written("prix-de-revient", "--title", "Prix de revient", "--title-en", "Cost price")
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "4 passed" in tested.stdout
    checked = stopped(PYTHONPATH=path).command("espaces", "check", "prix-de-revient")
    assert checked.stdout.strip() == "prix-de-revient: all well"
    listed = json.loads(stopped(PYTHONPATH=path).command("espaces", "list", "--json").stdout)
    [own] = [each for each in listed if each["key"] == "prix-de-revient"]
    assert own["label"] == {"fr": "Prix de revient", "en": "Cost price"}
    assert "espace_requests" in own["hooks"]


@pytest.mark.parametrize(
    "key, said",
    [
        ("Essai", "is not the key of an espace"),
        ("factures-emises", "belongs to the portal"),
        ("../ailleurs", "is not the key"),
        ("x" * 51, "is not the key"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_and_nothing_is_written(stopped, tmp_path, key, said):
    done = stopped().command("espaces", "new", key, "--into", str(tmp_path), check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert not [each for each in tmp_path.iterdir() if each.name != "state"]


def test_nothing_is_written_over_what_is_there(stopped, tmp_path):
    (tmp_path / "essai").mkdir()
    done = stopped().command("espaces", "new", "essai", "--into", str(tmp_path), check=False)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert not list((tmp_path / "essai").iterdir())


@pytest.mark.parametrize(
    "change, said",
    [
        (("pyproject.toml", 'name = "pupitre-espace-essai"', 'name = "essai"'), "call it pupitre-espace-essai"),
        (("pyproject.toml", ",<2.0", ""), "it takes any version"),
        (
            ("pyproject.toml", 'dependencies = ["pupitre-espaces>=1.1,<2.0", "marshmallow>=4.0"]', 'dependencies = ["pupitre-bus"]'),
            "depends on pupitre-bus",
        ),
        (
            ("src/pupitre_espace_essai/pages.py", "from . import texts", "import pupitre_bus\nfrom . import texts"),
            "imports pupitre_bus",
        ),
        (
            ("src/pupitre_espace_essai/pages.py", "    context = request.context", "    context = request.contexte"),
            "error in Page.render",
        ),
        (("src/pupitre_espace_essai/hooks.py", "def espace_cards", "def espace_card"), "unknown-hook"),
    ],
)
def test_the_check_names_what_is_wrong_and_what_mends_it(stopped, tmp_path, change, said):
    stopped().command("espaces", "new", "essai", "--into", str(tmp_path))
    name, old, new = change
    path = tmp_path / "essai" / name
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    site = installed(tmp_path / "essai", tmp_path / "site")
    done = stopped(PYTHONPATH=site).command("espaces", "check", "essai", check=False)
    assert done.returncode == 1
    assert said in done.stdout
    assert "problem(s)" in done.stdout


def test_an_espace_that_is_not_installed_cannot_be_checked(stopped):
    done = stopped().command("espaces", "check", "inconnu", check=False)
    assert done.returncode == 1
    assert "no installed espace is called inconnu" in done.stderr


def called(trace):
    """The first call of the plugin's hook in a trace, whose last line may be on its way and whose first page may be cut off before it."""
    lines = (json.loads(each) for each in trace.read_text("utf-8").splitlines(True) if each.endswith("\n"))
    return next((each for each in lines if (each["hook"], each["plugin"]) == ("espace_cards", BONJOUR)), None)


def test_a_trace_shows_for_whom_a_hook_of_the_running_portal_ran_and_ends_with_the_command(embedded, tmp_path):
    story, output = Story(embedded), tmp_path / "trace.jsonl"
    visitor = story.visitor(story.supplier)
    with output.open("wb") as lines:
        tracing = subprocess.Popen([*PUPITRE, "espaces", "trace", "--json"], env=embedded.environment, stdout=lines)
    try:
        call = until(lambda: visitor.open("/").status == 200 and called(output), 60, "a call of the plugin in the trace")
    finally:
        tracing.terminate()
        tracing.wait(60)
    assert (call["host"], call["outcome"]) == ("portal", "answered")
    assert (call["structure"], call["port_calls"]) == (story.supplier.name, 0)
    assert not (embedded.state / "espaces-trace.jsonl").exists()
