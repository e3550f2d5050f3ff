"""In the processes of Pupitre the deadline is a green one, which also wakes the plugin that sleeps."""

from dataclasses import replace

import eventlet
import pytest
from plugins.distributions import reported
from pupitre_bus.deadline import green_deadline
from pupitre_espaces import Html, Label, Manifest, Page, PageContent, PortRefused, Ports, hookimpl, watching
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import EspaceSilent, Host
from pupitre_espaces.testing import a_context, a_request


def test_a_sleeping_plugin_is_woken_at_the_deadline_while_other_greenthreads_run(installed):
    installed("sleeps")
    host = Host("portal", deadline=0.1, guard=green_deadline)
    others = eventlet.spawn(lambda: [eventlet.sleep(0.01) for _ in range(3)])
    answers = dict(host.call("espace_cards", context=a_context()))
    assert list(answers) == ["bonjour"]
    assert others.dead
    assert [(each.plugin, each.kind) for each in host.problems()] == [(reported("sleeps"), "time-out")]


def test_the_time_out_of_the_caller_is_not_taken_for_the_plugins(installed):
    installed("sleeps")
    host = Host("portal", deadline=5, guard=green_deadline)
    with eventlet.Timeout(0.05, False):
        host.call("espace_cards", context=a_context())
    assert host.problems() == []


class Qualifying:
    """An espace whose page has a file judged by the rules engine."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("controle", Label("Contrôle", "Check"), Label("Contrôle", "Check"))

    @hookimpl
    def espace_pages(self, context):
        return [Page("juger", Label("Contrôle", "Check"), judge)]


def judge(request):
    return PageContent("Contrôle", Html(request.context.ports.flux.check("a.xml", b"")))


def judging(seconds):
    """A request of its page, at an engine that takes so long."""

    class Engine:
        def check(self, name, content):
            eventlet.sleep(seconds)
            return "<p>jugé</p>"

    request = a_request("controle")
    return replace(request, context=replace(request.context, ports=Ports(flux=Engine())))


def test_a_busy_rules_engine_is_no_fault_of_the_plugin_that_waits_for_it():
    host = Host("portal", deadline=0.1, guard=green_deadline, plugins=[Source.of(Qualifying())], discover=False)
    for _ in range(4):
        assert host.page("controle", "juger", judging(0.3)).body == "<p>jugé</p>"
    assert host.problems() == []


def test_the_wait_for_the_engine_has_an_end_too(monkeypatch):
    monkeypatch.setattr(watching, "MOST_WAITED", 0.1)
    host = Host("portal", deadline=5, guard=green_deadline, plugins=[Source.of(Qualifying())], discover=False)
    with pytest.raises(PortRefused, match="moteur de règles"):
        host.page("controle", "juger", judging(60))
    assert host.problems() == []


def test_without_a_guard_a_green_thread_keeps_the_deadline(installed):
    installed("sleeps")
    host = Host("portal", deadline=0.1)
    assert list(dict(host.call("espace_cards", context=a_context()))) == ["bonjour"]


def test_a_page_that_loops_and_yields_is_stopped_at_the_deadline_for_good(installed):
    installed("loops")
    host = Host("portal", deadline=0.1, guard=green_deadline)
    with pytest.raises(EspaceSilent):
        host.page("boucle", "", a_request("boucle"))
    assert [(each.plugin, each.hook, each.kind) for each in host.problems()] == [(reported("loops"), "Page.render", "time-out")]
    assert "Bonjour Camille Duval" in host.page("bonjour", "", a_request("bonjour")).body
