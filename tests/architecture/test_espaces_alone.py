"""Each espace of this repository installs and works alone: beside it there is the plugin API, and nothing else of ours."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from support.repository import Distribution, canonical, distributions, kept_files, relative, text_of

PLUGINS = [each for each in distributions() if each.folder.parent.name in ("plugins", "examples")]
API = next(each for each in distributions() if each.name == "pupitre-espaces")
WORKS = """
import importlib, sys
from pupitre_espaces.testing import problems_of
package = sys.argv[1]
problems = problems_of(importlib.import_module(package + ".hooks"))
assert not problems, problems
ours = {name.partition(".")[0] for name in sys.modules if name.partition(".")[0].startswith("pupitre")}
assert ours == {"pupitre_espaces", package}, ours
print("alone and well")
"""


def needed(names: set[str]) -> set[str]:
    """Every distribution from elsewhere that these need, directly or not."""
    found: set[str] = set()
    todo = [name for name in names if not name.startswith("pupitre-")]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            wanted = (line for line in metadata.requires(name) or () if "extra ==" not in line)
            todo += [canonical(line) for line in wanted if _is_installed(canonical(line))]
    return found


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def lay(folder: Path, names: set[str]) -> Path:
    """Make a folder with these distributions and no other, by links."""
    folder.mkdir()
    for name in names:
        files = metadata.distribution(name).files or ()
        tops = {
            Path(each.parts[0])
            for each in files
            if not each.parts[0].startswith("..") and each.parts[0] != "__pycache__"
        }
        site = Path(metadata.distribution(name).locate_file(""))
        for top in tops:
            if not (folder / top).exists():
                (folder / top).symlink_to(site / top)
    return folder


@pytest.mark.parametrize("plugin", PLUGINS, ids=str)
def test_an_espace_works_with_the_plugin_api_and_nothing_else_of_ours(plugin: Distribution, tmp_path):
    site = lay(tmp_path / "site", needed(plugin.requires | API.requires))
    path = [str(API.folder / "src"), str(plugin.folder / "src"), str(site)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PUPITRE_"))}
    command = [sys.executable, "-S", "-W", "ignore", "-c", WORKS, plugin.package]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": os.pathsep.join(path)},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "alone and well"


@pytest.mark.parametrize("plugin", [each for each in PLUGINS if each.folder.parent.name == "plugins"], ids=str)
def test_no_code_of_ours_outside_plugins_knows_an_espace(plugin: Distribution):
    # Pages of the documentation and tests may speak of it; what runs must not.
    name = re.compile(rf"\b({re.escape(plugin.package)}|{re.escape(plugin.name)})\b")
    running = re.compile(
        r"((libs|services)/[^/]+|suite)/src/|deploy/|Makefile$|docker-compose\.yml$|requirements/.*\.in$"
    )
    files = ((relative(path), path) for path in kept_files())
    assert not [known for known, path in files if running.match(known) and name.search(text_of(path) or "")]
