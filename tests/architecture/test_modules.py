"""What holds for every module: its size, its name, what it may not contain."""

import ast
import re
from pathlib import Path

import pytest
from support.repository import ROOT, Distribution, distributions, kept_files, relative, services, text_of

LONGEST = 400
VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "manager.py", "misc.py", "tools.py"}
INDEX_HOST = re.compile(
    r"(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|deb\.debian\.org|--(extra-)?index-url|--find-links)"
)
MADE_BY_TOOLS = re.compile(r"(^|/)(static|vendor|data)/")


def python_files() -> list[Path]:
    return [path for path in kept_files() if path.suffix == ".py"]


def test_every_module_can_be_read_in_one_sitting():
    long = {relative(path): count for path in python_files() if (count := len(path.read_text().splitlines())) > LONGEST}
    assert not long


def test_no_module_has_a_name_that_says_nothing():
    assert not [relative(path) for path in python_files() if path.name in VAGUE]


def test_no_file_names_a_package_index():
    # What keeps such addresses out has to name them.
    guards = {Path(__file__), ROOT / "requirements/compile.py", ROOT / "tests/deploy/test_pins.py"}
    guilty = [
        relative(path)
        for path in kept_files()
        if path not in guards
        and (text := text_of(path))
        and INDEX_HOST.search(text)
        and not MADE_BY_TOOLS.search(relative(path))
    ]
    assert not guilty


def test_no_process_listens_on_a_backdoor():
    backdoor = re.compile(r"eventlet\.backdoor|backdoor_server|--backdoor-port|BACKDOOR")
    sources = [path for each in distributions() for path in each.modules()]
    assert not [relative(path) for path in sources if backdoor.search(path.read_text())]


def test_no_exception_to_a_check_is_made_without_naming_it():
    bare = re.compile(r"#\s*(noqa(?!:\s*[A-Z]+\d+)|type:\s*ignore(?!\[))")
    guilty = [
        f"{relative(path)}:{number}"
        for path in python_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert not guilty


@pytest.mark.parametrize(
    "entry",
    [
        "conftest.py",
        "libs/bus/src/pupitre_bus/pytest_plugin.py",
        "suite/src/pupitre/cli.py",
        "suite/src/pupitre/__main__.py",
    ],
)
def test_a_process_is_made_green_before_anything_else_is_imported(entry: str):
    first = _first_import(ROOT / entry)
    # The entry of `pupitre` imports nothing but the standard library before that.
    assert first in ("pupitre_bus.patch", ".patch") or (entry.endswith("__main__.py") and first == ".entry.main")


def _first_import(module: Path) -> str:
    statements = ast.parse(module.read_text()).body
    first = next(node for node in statements if isinstance(node, ast.Import | ast.ImportFrom))
    if isinstance(first, ast.Import):
        return first.names[0].name
    return f"{'.' * first.level}{first.module + '.' if first.module else ''}{first.names[0].name}"


@pytest.mark.parametrize("service", services(), ids=str)
def test_only_settings_read_the_environment(service: Distribution):
    reads = re.compile(r"os\.environ|os\.getenv")
    assert not [
        relative(path) for path in service.modules() if path.name != "settings.py" and reads.search(path.read_text())
    ]
