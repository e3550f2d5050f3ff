"""`pupitre espaces list` says what is installed, and which of it is ill."""

import json

from plugins.distributions import distribution


def test_the_installed_espace_is_listed_with_its_hooks(stopped):
    done = stopped().command("espaces", "list")
    [line] = [each for each in done.stdout.splitlines() if each.startswith("bonjour ")]
    assert "pupitre-espace-bonjour 1.0.0" in line
    assert "espace_manifest" in line


def test_an_ill_espace_is_told_with_its_reason_and_the_exit_code(stopped, with_plugins):
    done = stopped(PYTHONPATH=with_plugins("fails_to_import", "misspells")).command("espaces", "list", check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name, reason in (("fails_to_import", "! import: "), ("misspells", "! unknown-hook: ")):
        told = done.stdout[done.stdout.index(distribution(name)) :].splitlines()[1]
        assert told.strip().startswith(reason)
    assert "pupitre-espace-bonjour" in done.stdout


def test_json_says_the_same_to_programs(stopped, with_plugins):
    done = stopped(PYTHONPATH=with_plugins("misspells")).command("espaces", "list", "--json", check=False)
    assert done.returncode == 1
    found = {each["distribution"]: each for each in json.loads(done.stdout)}
    assert found["pupitre-espace-bonjour"]["key"] == "bonjour"
    assert found["pupitre-espace-bonjour"]["problems"] == []
    assert [each["kind"] for each in found[distribution("misspells")]["problems"]] == ["unknown-hook"]
