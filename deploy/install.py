"""Install distributions of this repository by name, with those they need, into the environment of this interpreter.

Used by deploy/Dockerfile. The pins are in place already; nothing is fetched. The command line comes along with every
choice, as it is what starts and examines a container; it loads only the services that are there.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND_LINE = "pupitre"
#: Stands for every distribution of plugins/.
ESPACES = "espaces"


def main(wanted: list[str]) -> None:
    here = distributions()
    if ESPACES in wanted:
        plugins = {name for name, (folder, _) in here.items() if folder.parent.name == "plugins"}
        wanted = sorted({*wanted, *plugins} - {ESPACES})
    unknown = sorted(set(wanted) - set(here))
    if unknown or not wanted:
        sys.exit(f"No such distribution: {', '.join(unknown) or '(none named)'}. There are: {', '.join(sorted(here))}")
    chosen = closure(wanted, here)
    folders = [str(here[name][0]) for name in sorted(chosen | {COMMAND_LINE} | closure_of_libraries(here))]
    subprocess.run([sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", *folders], check=True)


def distributions() -> dict[str, tuple[Path, set[str]]]:
    """Every distribution of the repository: name -> (folder, names of those of the repository that it needs)."""
    projects = {path.parent: tomllib.loads(path.read_text())["project"] for path in ROOT.glob("*/pyproject.toml")}
    projects |= {path.parent: tomllib.loads(path.read_text())["project"] for path in ROOT.glob("*/*/pyproject.toml")}
    names = {project["name"] for project in projects.values()}
    return {
        project["name"]: (folder, {need for line in project.get("dependencies", []) if (need := bare(line)) in names})
        for folder, project in projects.items()
    }


def bare(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


def closure(wanted: list[str], here: dict[str, tuple[Path, set[str]]]) -> set[str]:
    """The wanted distributions and all that they need, directly or not."""
    found: set[str] = set()
    todo = list(wanted)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += here[name][1]
    return found


def closure_of_libraries(here: dict[str, tuple[Path, set[str]]]) -> set[str]:
    """What the command line needs whatever the choice: the libraries, not the services."""
    return {name for name, (folder, _) in here.items() if folder.parent.name == "libs"}


if __name__ == "__main__":
    main(sys.argv[1:])
