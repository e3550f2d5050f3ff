"""deploy/Dockerfile read as data, its install steps done again in a clean environment (docs/decisions/0011)."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.cli import accepts
from support.dockerfile import arguments, environment, read
from support.repository import ROOT, distributions
from support.settings import declared_names

INSTRUCTIONS = read(ROOT / "deploy/Dockerfile")
LAST = max(each.stage for each in INSTRUCTIONS)
FINAL = [each for each in INSTRUCTIONS if each.stage == LAST]
BUILD = [each for each in INSTRUCTIONS if each.stage == 0]


def values(name: str, instructions: list = FINAL) -> list[str]:
    return [each.value for each in instructions if each.name == name]


def test_it_builds_in_one_stage_and_runs_in_another():
    assert LAST == 1
    assert not [each for each in FINAL if each.name == "RUN" and "pip" in each.value], (
        "no installer runs in the final stage"
    )


def test_base_images_are_pinned_by_full_version():
    images = [each.value.split()[0] for each in INSTRUCTIONS if each.name == "FROM"]
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", images[0])


def test_the_process_is_not_root_and_cannot_change_its_own_code():
    (user,) = values("USER")
    uid = user.split(":")[0]
    assert uid.isdigit()
    assert int(uid) >= 10000
    owned = [each for each in FINAL if each.name == "COPY"]
    assert not [each for each in owned if "--chown" in each.value]


def test_no_secret_is_built_in():
    names = set(arguments(INSTRUCTIONS)) | set(environment(INSTRUCTIONS))
    assert not [name for name in names if re.search(r"PASS|SECRET|TOKEN|CREDENTIAL", name)]
    assert {name for name in environment(FINAL) if name.startswith("PUPITRE_")} <= declared_names()


def test_it_says_whether_it_is_well_and_stops_when_told():
    (check,) = values("HEALTHCHECK")
    assert "pupitre health" in check
    assert values("STOPSIGNAL") == ["SIGTERM"]
    (command,) = [each for each in FINAL if each.name == "CMD"]
    # `exec`: the service itself, not a shell in front of it, gets the signal.
    assert command.words == ["sh", "-c", "exec pupitre serve $SERVICE"]
    service = environment(FINAL)["SERVICE"]
    assert accepts(["serve", service])
    assert accepts(["health", service])


def test_what_it_copies_exists_and_reaches_the_engine():
    ignored = (ROOT / ".dockerignore").read_text()
    for each in BUILD:
        if each.name == "COPY":
            for source in each.words[:-1]:
                assert (ROOT / source).exists()
                assert re.search(rf"^!{re.escape(source.split('/')[0])}", ignored, re.MULTILINE), source


def test_the_default_distribution_exists():
    assert arguments(INSTRUCTIONS)["DISTRIBUTION"] in {each.name for each in distributions()}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("distribution, service", [("pupitre-notifications", "notifications")])
def test_its_install_steps_give_an_environment_in_which_the_service_loads(
    tmp_path: Path, distribution: str, service: str
):
    source, target = tmp_path / "source", tmp_path / "opt"
    _replay(source, target, {**arguments(INSTRUCTIONS), "DISTRIBUTION": distribution})
    python = target / "bin/python"

    version = _run([target / "bin/pupitre", "--version"], cwd=tmp_path)
    assert "0.1.0" in version
    loaded = _run(
        [
            python,
            "-W",
            "ignore",
            "-c",
            f"from pupitre.services import installed, load; load({service!r}); print(installed())",
        ],
        cwd=tmp_path,
    )
    assert loaded.splitlines()[-1] == f"['{service}']", "the image of one service holds no other"
    assert not _run([python, "-m", "pip", "list", "--format=freeze"], cwd=tmp_path).count("pytest")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_espace_from_elsewhere_is_one_pinned_line_and_its_wheel(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "opt"
    made = tmp_path / "made"
    _run([sys.executable, "-m", "pupitre", "espaces", "new", "essai", "--into", str(tmp_path)], cwd=tmp_path)
    _run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", made, tmp_path / "essai"], cwd=tmp_path)
    (wheel,) = made.glob("*.whl")
    pin = f"./deploy/espaces/{wheel.name} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def lay(folder: Path) -> None:
        shutil.copy(wheel, folder / "deploy/espaces" / wheel.name)
        (folder / "requirements/espaces.txt").write_text(pin)

    _replay(source, target, {**arguments(INSTRUCTIONS), "DISTRIBUTION": "pupitre-portal"}, before_last=lay)
    found = json.loads(_run([target / "bin/pupitre", "espaces", "list", "--json"], cwd=tmp_path))
    assert "essai" in {each["key"] for each in found}
    assert {each["distribution"] for each in found} >= {each.name for each in distributions() if each.folder.parent.name == "plugins"}
    assert not [each for each in found if each["problems"]]


def _replay(
    source: Path, target: Path, args: dict[str, str], before_last: Callable[[Path], None] = lambda folder: None
) -> None:
    """Do what the build stage says, with its folder and its environment moved to places of this test. ``before_last`` is given the folder
    before the last step, as an operator changes his checkout."""
    source.mkdir()
    for each in BUILD:
        if each is BUILD[-1]:
            before_last(source)
        if each.name == "COPY":
            _copy(each.words[:-1], source / each.words[-1])
        elif each.name == "RUN":
            command = each.value.replace("/opt/pupitre", str(target))
            command = re.sub(r"^python ", f"{sys.executable} ", command)
            _run(["sh", "-e", "-c", command], cwd=source, **environment(BUILD), **args)


def _copy(sources: list[str], target: Path) -> None:
    for name in sources:
        origin = ROOT / name
        if origin.is_dir():
            shutil.copytree(
                origin, target, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.egg-info", "build")
            )
        else:
            place = target / origin.name if str(target).endswith("requirements") or len(sources) > 1 else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, place)


def _run(command: list, cwd: Path, **extra: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=_environment() | extra, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _environment() -> dict[str, str]:
    """This one's, without what points back at the environment that runs the tests."""
    return {
        name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    }
