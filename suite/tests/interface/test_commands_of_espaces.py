"""`pupitre espaces run`: commands of a plugin, for a structure of a running installation, as the operator and with his name."""

import json
import os
import shutil

import pytest
from support import commanding_espace


@pytest.fixture
def path(tmp_path):
    """A PYTHONPATH on which the espace of these tests is installed."""
    site = tmp_path / "site"
    information = site / "espace_fichier-1.0.dist-info"
    information.mkdir(parents=True)
    shutil.copy(commanding_espace.__file__, site / "an_espace_with_commands.py")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: espace-fichier\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[pupitre.espaces]\nfichier = an_espace_with_commands\n")
    return os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))


@pytest.fixture
def run(path, monkeypatch):
    """Runs a command of the espace on a running installation, for a structure that it knows by its persona."""

    def run_on(installation, command, persona=None, *options):
        monkeypatch.setitem(installation.environment, "PYTHONPATH", path)
        named = ("--structure", installation.persona(persona)["structures"][0]["siret"]) if persona else ()
        return installation.command("espaces", "run", "fichier", command, *named, *options, check=False)

    return run_on


@pytest.mark.parametrize(
    "installed", ["embedded", pytest.param("distributed", marks=[pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.slow])]
)
def test_what_a_command_keeps_is_there_for_that_structure_and_written_down_with_the_operator(request, run, installed):
    installation = request.getfixturevalue(installed)
    done = run(installation, "keep", "fournisseur", "--key", "a,b", "--due", "2026-03-01", "--price", "12.50", "--by", "Noé")
    assert (done.returncode, done.stdout) == (0, "a is at version 1\nb is at version 1\n"), done.stderr
    assert run(installation, "show", "commune-agent").stdout == ""
    assert run(installation, "forget", "fournisseur", "--key", "a", "--by", "Noé").stdout == "gone\n"
    assert run(installation, "show", "fournisseur").stdout == "b: 2026-03-01 12.50, by Noé\n"
    acts = json.loads(installation.command("acts", "invoicing", "--json").stdout)
    written = [(each["who"], each["act"], each["subject"]) for each in acts if each["subject"].startswith("fichier ")]
    subjects = [("put record", "fichier fiches/a"), ("put record", "fichier fiches/b"), ("delete record", "fichier fiches/a")]
    assert written == [("Noé", *each) for each in subjects]


def test_what_was_kept_before_a_command_fails_stays_and_the_reason_names_the_plugin(embedded, run):
    done = run(embedded, "keep", "commune-agent", "--key", "x,y", "--then-fail")
    assert (done.returncode, done.stdout) == (1, "x is at version 1\n")
    assert done.stderr == "Error: the command keep of the espace fichier failed: KeyError: 'a mistake'\n"
    assert run(embedded, "show", "commune-agent").stdout.startswith("x: None None, by ")
    assert run(embedded, "forget", "commune-agent", "--key", "x").returncode == 0


def test_a_port_that_commands_do_not_have_and_a_structure_that_is_not_there_are_refused(embedded, run):
    done = run(embedded, "read-invoices", "commune-agent")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    unknown = run(embedded, "show", None, "--structure", "00000000000000")
    assert (unknown.returncode, unknown.stderr) == (1, "Error: no structure has the SIRET 00000000000000\n")


@pytest.mark.parametrize(
    "words, code, said",
    [
        (["refuse"], 1, "Error: there is nothing to do\n"),
        (["odd"], 1, "the command odd of the espace fichier failed: TypeError: the command odd gives lines, not int"),
        (["show"], 2, "Missing option '--structure'"),
        (["keep", "--structure", "1", "--key", "a", "--due", "hier"], 2, "'hier' is no day: write it as 2026-01-31"),
        (["keep", "--structure", "1", "--key", "a", "--price", "NaN"], 2, "'NaN' is no amount"),
        (["keep", "--structure", "1"], 2, "Missing option '--key'"),
        (["nothing"], 2, "No such command 'nothing'"),
    ],
)
def test_a_command_that_cannot_be_run_says_why_in_a_line(stopped, path, words, code, said):
    done = stopped(PYTHONPATH=path).command("espaces", "run", "fichier", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_the_espaces_with_commands_and_what_each_command_takes(stopped, path):
    installation = stopped(PYTHONPATH=path)
    listed = installation.command("espaces", "run", "--help").stdout
    assert "fichier" in listed and "remboursement-tic" in listed and "engagements" not in listed
    assert "Keep something." in installation.command("espaces", "run", "fichier", "--help").stdout
    told = installation.command("espaces", "run", "fichier", "keep", "--help").stdout
    assert all(word in told for word in ("--structure SIRET", "--key", "--due DAY", "--price AMOUNT", "--then-fail", "--by"))


@pytest.mark.parametrize(
    "key, said",
    [
        ("rien", "no installed espace is called rien"),
        ("engagements", "the espace engagements brings no commands"),
    ],
)
def test_an_espace_without_commands_is_named(stopped, key, said):
    done = stopped().command("espaces", "run", key, "bilan", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {said}")
