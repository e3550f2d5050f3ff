"""docs/reference/cli.md says of every command what the command says of itself, its options and its exit codes."""

import re

import click
import pytest
from support.cli import verbs
from support.repository import ROOT

PAGE = (ROOT / "docs/reference/cli.md").read_text()
SECTIONS = dict(re.findall(r"^### `pupitre (.+?)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
VERBS = verbs()


def _title(verb: str) -> str:
    command = VERBS[verb]
    context = click.Context(command, info_name=verb)
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    return " ".join((verb, *arguments))


def _options(verb: str) -> dict[str, click.Option]:
    found = (each for each in VERBS[verb].params if isinstance(each, click.Option))
    return {", ".join(sorted(each.opts, key=len, reverse=True)): each for each in found}


def test_the_page_has_a_section_for_every_command_and_for_no_other():
    assert list(SECTIONS) == sorted(SECTIONS)
    assert set(SECTIONS) == {_title(verb) for verb in VERBS}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_section_says_what_the_help_says(verb):
    told = " ".join(SECTIONS[_title(verb)].split())
    assert " ".join(VERBS[verb].help.split("\n\n")[0].split()) in told


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_section_lists_the_options_of_its_command_and_no_other(verb):
    rows = dict(re.findall(r"^\| `(-[^`]+)` \| (.+) \|$", SECTIONS[_title(verb)], re.MULTILINE))
    options = _options(verb)
    assert set(rows) == set(options)
    for name, option in options.items():
        if option.help:
            assert option.help in rows[name], name
        assert ("required" in rows[name].lower()) == option.required, name


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_section_ends_with_its_exit_codes(verb):
    assert re.search(r"^Exit code: 0 .+\.$", SECTIONS[_title(verb)], re.MULTILINE)
