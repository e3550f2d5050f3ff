"""What the package depends on, and what it promises."""

import ast
import sys
from pathlib import Path

import pupitre_espaces
import pytest

PACKAGE = Path(pupitre_espaces.__file__).parent


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_the_standard_library_and_pluggy_only(path):
    assert set(imported(path)) - set(sys.stdlib_module_names) <= {"pluggy", "marshmallow"}


def test_every_promised_name_exists_and_is_documented():
    assert sorted(pupitre_espaces.__all__) == pupitre_espaces.__all__
    for name in set(pupitre_espaces.__all__) - {"API_VERSION"}:
        assert getattr(pupitre_espaces, name).__doc__, name
