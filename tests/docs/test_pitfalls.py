"""Every pitfall of the bus is on its page, with tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from support.repository import ROOT

PAGE = ROOT / "docs/explanation/bus-pitfalls.md"
ROWS = {row[1]: row[0].split(" | ") for row in re.finditer(r"^\| (N\d\d) \| .+ \|$", PAGE.read_text(), re.MULTILINE)}
NAMED = re.compile(r"`([\w/.-]+\.py)::(test_\w+)`")


def test_all_38_are_there_once():
    assert list(ROWS) == [f"N{number:02}" for number in range(1, 39)]
    assert len(re.findall(r"^\| N\d\d ", PAGE.read_text(), re.MULTILINE)) == 38


@pytest.mark.parametrize("name", ROWS)
def test_each_says_what_happens_what_is_done_and_which_tests_show_it(name: str):
    out_of_the_box, here, shown = ROWS[name][1:]
    assert len(out_of_the_box.split()) > 3 and len(here.split()) > 3
    named = NAMED.findall(shown)
    assert named
    assert [f"{path}::{test}" for path, test in named if test not in _tests_of(ROOT / path)] == []


@cache
def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
