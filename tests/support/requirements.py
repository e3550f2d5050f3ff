"""Which requirement is shown by which test: `make requirements` prints what has none and fills the tables."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

from support.repository import ROOT, distributions

#: What users may expect, and what must hold whatever breaks.
TABLES = (ROOT / "docs/reference/requirements.md", ROOT / "docs/reference/reliability.md")
ROW = re.compile(r"^\| (R\d{3}|RS-\d{2}) \| (.+) \| ([^|]+) \|$", re.MULTILINE)


def known() -> dict[str, str]:
    """Every requirement of the tables: id -> statement, and how it is checked where the table says so."""
    return {found[1]: found[2] for table in TABLES for found in ROW.finditer(table.read_text())}


def shown() -> Counter[str]:
    """How many test functions carry each requirement, on themselves, their class or their module."""
    counts: Counter[str] = Counter()
    for path in test_modules():
        counts.update(_marks(ast.parse(path.read_text(), str(path))))
    return counts


def test_modules() -> list[Path]:
    folders = [ROOT / "tests", *(each.folder / "tests" for each in distributions())]
    return sorted(path for folder in folders for path in folder.rglob("test_*.py"))


def _marks(tree: ast.Module) -> list[str]:
    of_module = [
        name
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_pytestmark(node)
        for name in _requirements(node.value)
    ]
    return [name for function, inherited in _functions(tree, of_module) for name in {*inherited, *_decorated(function)}]


def _is_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _functions(node: ast.AST, inherited: list[str]) -> list[tuple[ast.FunctionDef, list[str]]]:
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            found += _functions(child, [*inherited, *_decorated(child)])
        elif isinstance(child, ast.FunctionDef) and child.name.startswith("test"):
            found.append((child, inherited))
    return found


def _decorated(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    return [name for decorator in node.decorator_list for name in _requirements(decorator)]


def _requirements(node: ast.AST) -> list[str]:
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "requirement"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]


def written(text: str, counts: Counter[str]) -> str:
    """The table with its last column filled from the tests."""
    return ROW.sub(lambda row: f"| {row[1]} | {row[2]} | {counts[row[1]] or '–'} |", text)


def report(text: str, counts: Counter[str]) -> str:
    """What of a table no test shows, one requirement a line, and how much is shown."""
    rows = [(found[1], found[2]) for found in ROW.finditer(text)]
    without = [f"{name}  {statement}\n" for name, statement in rows if not counts[name]]
    return "".join(without) + f"{len(rows) - len(without)} of {len(rows)} are shown by a test.\n"


def main() -> int:
    counts = shown()
    for table in TABLES:
        table.write_text(written(table.read_text(), counts))
        sys.stdout.write(f"{table.relative_to(ROOT)}\n{report(table.read_text(), counts)}\n")
    unknown = sorted(set(counts) - set(known()))
    if unknown:
        sys.stderr.write(f"Tests name requirements that do not exist: {', '.join(unknown)}\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
