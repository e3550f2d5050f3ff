"""Commands for the operator: declared as values that are checked, named when two have one key, and tried with the kit."""

import pytest
from pupitre_espaces import Command, CommandFailed, Label, Manifest, Option, hookimpl
from pupitre_espaces.testing import a_host, problems_of, run_command


def a_plugin(*commands):
    class Plugin:
        @hookimpl
        def espace_manifest(self):
            return Manifest(key="essai", label=Label("Essai", "Trial"), description=Label("Essai", "Trial"))

        @hookimpl
        def espace_commands(self):
            return list(commands)

    return Plugin()


def told(call):
    yield f"{call.by}, {sorted(call.options.items())}, {call.context and call.context.structure.name}"


OPTIONS = (Option("year", "The year.", "whole"), Option("all", "All of it.", "flag"), Option("key", "The key.", required=True))


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Command("Bilan", "Tell.", told), "not kebab-case"),
        (lambda: Command("bilan", " ", told), "has no help"),
        (lambda: Command("bilan", "Tell.", "told"), "Command.run must be Callable"),
        (lambda: Command("bilan", "Tell.", told, [Option("year", "The year.")]), "Command.options must be tuple"),
        (lambda: Command("bilan", "Tell.", told, ("year",)), "is no Option"),
        (lambda: Command("bilan", "Tell.", told, OPTIONS + OPTIONS), "two options of one name"),
        (lambda: Option("from_day", "The day."), "not kebab-case"),
        (lambda: Option("by", "Who."), "the platform's own"),
        (lambda: Option("structure", "Which."), "the platform's own"),
        (lambda: Option("day", "The day.", "date"), "has no kind 'date'"),
        (lambda: Option("day", ""), "has no help"),
        (lambda: Option("all", "All.", "flag", required=True), "a flag is never required"),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_made(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_a_command_is_tried_with_its_options_and_for_a_structure():
    plugin = a_plugin(Command("bilan", "Tell.", told, OPTIONS), Command("bilan-de", "Tell.", told, for_structure=True))
    assert run_command(plugin, "bilan", {"key": "a"}) == ["Camille Duval, [('all', False), ('key', 'a'), ('year', None)], None"]
    assert run_command(plugin, "bilan-de", by="Noé") == ["Noé, [], Atelier Duval"]
    with pytest.raises(AssertionError, match=r"wants \['key'\]"):
        run_command(plugin, "bilan")
    with pytest.raises(AssertionError, match="has the options"):
        run_command(plugin, "bilan", {"key": "a", "annee": 3})
    with pytest.raises(AssertionError, match="no command bilans"):
        run_command(plugin, "bilans")
    assert problems_of(plugin) == []


def test_what_it_keeps_for_a_structure_is_among_the_documents_of_the_espace():
    def keep(call):
        call.context.ports.records.put("bilans", "2024", {"by": call.by})
        yield call.context.ports.records.get("bilans", "2024").document["by"]

    assert run_command(a_plugin(Command("keep", "Keep.", keep, for_structure=True)), "keep") == ["Camille Duval"]


def test_a_command_that_fails_says_why():
    def fail(call):
        raise CommandFailed("nothing to do")
        yield

    with pytest.raises(CommandFailed, match="nothing to do"):
        run_command(a_plugin(Command("fail", "Fail.", fail)), "fail")


@pytest.mark.parametrize("answer", ["text", None, 3, [3]])
def test_what_is_no_lines_is_refused(answer):
    with pytest.raises(TypeError, match="the command odd gives"):
        run_command(a_plugin(Command("odd", "Be odd.", lambda call: answer)), "odd")


def test_two_commands_of_one_key_are_named_and_leave_the_espace_without_commands():
    host = a_host(a_plugin(Command("bilan", "Tell.", told), Command("bilan", "Tell again.", told)))
    host.ask()
    assert host.commands() == {}
    [problem] = host.problems()
    assert (problem.hook, problem.kind, problem.detail) == ("espace_commands", "duplicate-key", "two commands are called bilan")


def test_an_answer_that_is_no_command_is_named():
    host = a_host(a_plugin("bilan"))
    assert host.commands() == {}
    [problem] = host.problems()
    assert (problem.hook, problem.kind) == ("espace_commands", "wrong-answer")
