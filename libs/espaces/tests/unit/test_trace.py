"""A trace says which hook of which plugin ran, for whom and how long, while somebody looks."""

import json
from types import SimpleNamespace

import pytest
from espace_kinds import NAME
from pupitre_espaces import Card, Manifest, Page, PageContent, hookimpl, trace
from pupitre_espaces.testing import a_context, a_host, a_request


def a_plugin():
    plugin = SimpleNamespace()
    plugin.espace_manifest = hookimpl(lambda: Manifest("essai", NAME, NAME))
    plugin.espace_pages = hookimpl(lambda context: [Page("un", NAME, lambda request: PageContent("Un", "x"))])
    plugin.espace_cards = hookimpl(lambda context: [Card(NAME, NAME)] if context.language == "fr" else None)
    return plugin


def test_every_call_is_told_with_its_outcome_and_for_whom():
    calls = []
    host = a_host(a_plugin(), tracer=calls.append)
    host.page("essai", "un", a_request("essai"))
    host.call("espace_cards", context=a_context("en"))
    assert [(each.hook, each.outcome) for each in calls] == [
        ("espace_manifest", "answered"),
        ("espace_pages", "answered"),
        ("Page.render", "answered"),
        ("espace_cards", "wrong-answer"),
    ]
    assert {(each.structure, each.user, each.host) for each in calls[1:]} == {("Atelier Duval", "Camille Duval", "portal")}
    assert all(each.milliseconds >= 0 for each in calls)


def test_a_file_is_written_only_while_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(trace, "LOOK", 0)
    path = tmp_path / "trace.jsonl"
    host = a_host(a_plugin(), tracer=trace.TraceFile(path))
    host.call("espace_cards", context=a_context())
    assert not path.exists()
    path.touch()
    host.call("espace_cards", context=a_context())
    [line] = path.read_text().splitlines()
    assert json.loads(line)["hook"] == "espace_cards"
    path.unlink()
    host.call("espace_cards", context=a_context())
    assert not path.exists()


@pytest.mark.parametrize("arguments", [{}, {"context": None}, {"structure": None}])
def test_for_whom_is_empty_where_nobody_is_named(arguments):
    assert trace.for_whom(arguments) == {"structure": "", "user": ""}
