"""One concept, one word: names that outlive a release hold no forbidden synonym (docs/glossary.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.repository import ROOT, distribution, relative, services

KEPT = re.search(r"## Kept\n(.+?)\n## ", (ROOT / "docs/glossary.md").read_text(), re.DOTALL)[1]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in KEPT.splitlines() if line.startswith("| ")][
    2:
]
FORBIDDEN = {synonym.strip(): row[0] for row in ROWS for synonym in row[2].split(",") if synonym.strip()}
# What a consumer hears of is its subscription, as everywhere on message buses; nobody takes it for a habilitation.
OF_THE_BUS = {"subscriptions"}


def promised_modules() -> list[Path]:
    contracts = distribution("pupitre-contracts").modules()
    espaces = [
        path
        for path in distribution("pupitre-espaces").modules()
        if path.name in ("hookspecs.py", "values.py", "ports.py")
    ]
    owned = [each.source / name for each in services() for name in ("tables.py", "settings.py")]
    return [path for path in [*contracts, *espaces, *owned] if path.exists()]


def names(module: Path) -> Iterator[str]:
    """Names that a module gives: classes, functions, arguments, attributes and variables, tables and columns."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("Table", "Column", "Setting"):
                yield str(node.args[0].value)


def words(name: str) -> str:
    """A name as its words, in lower case, joined by underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def uses(name: str, synonym: str) -> bool:
    return re.search(rf"(^|_){re.escape(synonym)}s?(_|$)", words(name)) is not None


@pytest.mark.parametrize("module", promised_modules(), ids=relative)
def test_no_name_uses_a_forbidden_synonym(module: Path):
    found = {name: FORBIDDEN[synonym] for name in names(module) for synonym in FORBIDDEN if uses(name, synonym)}
    assert {name: kept for name, kept in found.items() if words(name) not in OF_THE_BUS} == {}


def test_the_glossary_is_read():
    assert FORBIDDEN["organization"] == "structure"
    assert uses("OrganizationCreated", "organization")
    assert uses("company_names", "company")
    assert not uses("accompany", "company")
