"""The manual says what the code does: every hook has its signature, and every block of code runs or exists."""

import inspect
import re
import types
from pathlib import Path

import pytest
from pupitre_espaces import Label, Manifest, apart, hookimpl, hookspecs
from pupitre_espaces.events import EVENTS
from pupitre_espaces.hooks import HOOKS
from pupitre_espaces.testing import problems_of

ROOT = Path(__file__).parents[2]
HOOKS_PAGE = (ROOT / "docs/reference/hooks.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs/how-to/write-an-espace.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples/espace-bonjour"


def sections():
    return dict(re.findall(r"^### (espace_\w+)\n(.*?)(?=^##|\Z)", HOOKS_PAGE, re.DOTALL | re.MULTILINE))


def chapters():
    """What follows the hooks: what else the platform lends, chapter by chapter."""
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", HOOKS_PAGE, re.DOTALL | re.MULTILINE))


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_page_documents_exactly_the_hooks_that_exist():
    assert list(sections()) == list(HOOKS)


def test_every_specification_is_called_by_a_host():
    specified = {name for name, value in vars(hookspecs).items() if hasattr(value, "pupitre_espaces_spec")}
    assert specified == set(HOOKS)


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_is_documented_with_its_signature(hook):
    signature = str(inspect.signature(getattr(hookspecs, hook))).replace("'", "")
    assert f"`{hook}{signature}`" in sections()[hook]


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_the_specification_says_when_how_often_and_what_an_exception_does(hook):
    text = " ".join(getattr(hookspecs, hook).__doc__.split())
    assert "Called by" in text or "Called once by" in text
    assert "exception" in text or "What it raises" in text
    assert re.search(r"Since 1\.[01]\.", text)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.type)
def test_an_event_is_documented_with_its_values(kind):
    values = ", ".join(f"`{name}`{'?' if name in kind.optional else ''}" for name in kind.fields)
    assert f"| `{kind.type}` | {kind.service} | {kind.when} | {values} |" in sections()["espace_reactions"]


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_the_example_of_a_hook_runs_without_problem(hook):
    [code] = blocks(sections()[hook], "python")
    assert hasattr(run_without_problem(code), hook)


@pytest.mark.parametrize("chapter", sorted(chapters()))
def test_the_example_of_a_chapter_runs_without_problem(chapter):
    [code] = blocks(chapters()[chapter], "python")
    run_without_problem(code)


def test_work_apart_is_documented_with_its_signature():
    signature = str(inspect.signature(apart.run)).replace("'", "")
    assert f"`apart.run{signature}`" in chapters()["Work apart"]


def run_without_problem(code):
    """Run a block of our own manual as a plugin, each of whose hooks and pages is called."""
    module = types.ModuleType("an_example")
    exec(code, vars(module))  # noqa: S102  the block comes from our own manual
    if not hasattr(module, "espace_manifest"):
        module.espace_manifest = hookimpl(lambda: Manifest("exemple", Label("Exemple", "Example"), Label("Un", "One")))
    assert problems_of(module) == []
    return module


@pytest.mark.parametrize("code", blocks(TUTORIAL, "python") + blocks(TUTORIAL, "toml"))
def test_a_block_of_the_tutorial_is_in_the_example(code):
    files = [*EXAMPLE.glob("src/*/*.py"), *EXAMPLE.glob("tests/**/*.py"), EXAMPLE / "pyproject.toml"]
    assert any(code.strip() in path.read_text(encoding="utf-8") for path in files), code


def test_the_tutorial_names_every_kind_of_problem_that_an_author_may_meet():
    from typing import get_args

    from pupitre_espaces.problems import ProblemKind

    for kind in set(get_args(ProblemKind)) - {"ill"}:
        assert kind in TUTORIAL.partition("## When something is wrong")[2]
