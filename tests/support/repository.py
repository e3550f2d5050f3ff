"""The repository as tests see it: its distributions, their packages and modules, and the text that is kept."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "node_modules", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}


@dataclass(frozen=True)
class Distribution:
    folder: Path
    project: dict

    @property
    def name(self) -> str:
        return self.project["project"]["name"]

    @property
    def package(self) -> str:
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.package

    @property
    def requires(self) -> set[str]:
        return {canonical(requirement) for requirement in self.project["project"].get("dependencies", [])}

    def modules(self) -> list[Path]:
        return sorted(self.source.rglob("*.py"))

    def __str__(self) -> str:
        return self.name


def canonical(requirement: str) -> str:
    """The name in a requirement, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


@cache
def distributions() -> tuple[Distribution, ...]:
    patterns = ("libs/*", "services/*", "suite", "plugins/*", "examples/*")
    files = (path for pattern in patterns for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml")))
    return tuple(Distribution(path.parent, tomllib.loads(path.read_text())) for path in files)


def distribution(name: str) -> Distribution:
    return next(each for each in distributions() if each.name == name)


def services() -> tuple[Distribution, ...]:
    return tuple(each for each in distributions() if each.folder.parent.name == "services")


def imports(path: Path) -> set[str]:
    """Dotted names of everything a module imports, wherever the import stands; relative ones are its own package's."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def roots(path: Path) -> set[str]:
    """The top-level packages that a module imports."""
    return {name.partition(".")[0] for name in imports(path)}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def kept_files() -> Iterator[Path]:
    """Every file that belongs to the repository: what git tracks or would, or without git what is not generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        yield from (ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())
        return
    for path in ROOT.rglob("*"):
        if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts):
            yield path


def text_of(path: Path) -> str | None:
    """The text of a file, or None when it is not text."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
