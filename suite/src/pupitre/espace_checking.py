"""Checking an espace as a stranger would receive it: what its hooks do, and whether it is packaged so that any Pupitre can take it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from pupitre_espaces import API_VERSION
from pupitre_espaces.discovery import installed
from pupitre_espaces.testing import a_host, problems_of

_OURS = re.compile(r"pupitre(_[a-z_]+)?")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an espace, and how to mend it."""

    what: str
    remedy: str


def faults_of(key: str) -> list[Fault] | None:
    """Return what is wrong with the installed espace ``key``; None when no installed plugin has that key or entry point."""
    for source in installed():
        loaded = a_host(source, "portal").catalogue()
        if key not in {source.name.partition(":")[2], *(each.key for each in loaded)}:
            continue
        found = [Fault(str(problem), "see docs/how-to/write-an-espace.md, When something is wrong") for problem in problems_of(source)]
        return [*found, *_packaging(source.distribution, key)]
    return None


def _packaging(distribution: str, key: str) -> Iterator[Fault]:
    expected = f"pupitre-espace-{key}"
    if re.sub(r"[-_.]+", "-", distribution).lower() != expected:
        yield Fault(
            f"the distribution is called {distribution}",
            f"call it {expected}: by that name the key stays yours when another plugin claims it",
        )
    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        yield Fault(f"the distribution {distribution} has no metadata", "install it with pip")
        return
    wanted = [each for each in found.requires or () if re.match(r"pupitre[-_]", each)]
    ours = [each for each in wanted if re.match(r"pupitre[-_]espaces\b", each)]
    for each in set(wanted) - set(ours):
        yield Fault(f"it depends on {each}", "depend on pupitre-espaces only: everything else of Pupitre changes without notice")
    if not ours:
        yield Fault("it does not depend on pupitre-espaces", f'add "pupitre-espaces>={API_VERSION},<{int(API_VERSION[0]) + 1}.0"')
    elif "<" not in ours[0]:
        yield Fault(f"it takes any version: {ours[0]}", f"bound it: the next major version may break it (<{int(API_VERSION[0]) + 1}.0)")
    for module in {entry.value.partition(":")[0].partition(".")[0] for entry in found.entry_points if entry.group == "pupitre.espaces"}:
        yield from _imports(module)


def _imports(package: str) -> Iterator[Fault]:
    spec = util.find_spec(package)
    folders = [Path(each) for each in (spec.submodule_search_locations or ())] if spec else []
    for path in sorted(each for folder in folders for each in folder.rglob("*.py")):
        for name in _imported(ast.parse(path.read_text("utf-8"))):
            root = name.partition(".")[0]
            if _OURS.fullmatch(root) and root not in ("pupitre_espaces", package):
                yield Fault(f"{path.name} imports {name}", "use pupitre_espaces only: the rest is not promised to you")


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
