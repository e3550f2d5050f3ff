"""How often one answer of a plugin may call its ports: counted, refused beyond, and told by name."""

import logging
from types import SimpleNamespace

import marshmallow
import pytest
from espace_kinds import NAME
from pupitre_espaces import Card, Manifest, Operation, Page, PageContent, PortRefused, hookimpl
from pupitre_espaces.host import EspaceSilent
from pupitre_espaces.operations import OperationRequest
from pupitre_espaces.testing import a_context, a_host, a_request
from pupitre_espaces.watching import PORT_CALLS

MOST = 3


class Count(marshmallow.Schema):
    n = marshmallow.fields.Integer(metadata={"description": "How often it asked"})


def asking(times, *, swallows=False):
    """Return what a plugin does that calls its ports so often; `swallows` what they refuse."""

    def ask(context):
        for number in range(times):
            try:
                context.ports.records.get("fiches", f"f-{number}")
            except PortRefused:
                if not swallows:
                    raise
        return times

    return ask


def a_plugin(ask):
    plugin = SimpleNamespace()
    page = Page("un", NAME, lambda request: PageContent("Un", str(ask(request.context))))
    plugin.espace_manifest = hookimpl(lambda: Manifest("essai", NAME, NAME, api_version="1.1"))
    plugin.espace_pages = hookimpl(lambda context: [page])
    plugin.espace_cards = hookimpl(lambda context: [Card(NAME, NAME)] * bool(ask(context)))
    count = Operation("compter", "get", "compter", NAME, lambda request: {"n": ask(request.context)}, Count)
    plugin.espace_operations = hookimpl(lambda: [count])
    return plugin


def hosted(ask, **options):
    calls = []
    return a_host(a_plugin(ask), tracer=calls.append, **{"port_calls": MOST, **options}), calls


def operated(host):
    [operation] = host.operations()["essai"]
    return host.operate("essai", operation, OperationRequest(a_context(), {}), {})


WAYS = {
    "Page.render": lambda host: host.page("essai", "un", a_request("essai")),
    "espace_cards": lambda host: host.call("espace_cards", context=a_context()) or pytest.fail("no card"),
    "Operation.handle": operated,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_answer_has_the_whole_budget_and_the_trace_tells_what_it_took(way):
    host, calls = hosted(asking(MOST))
    for _ in range(2):
        WAYS[way](host)
    assert [each.port_calls for each in calls if each.hook == way] == [MOST, MOST]
    assert host.problems() == []


@pytest.mark.parametrize("swallows, times", [(False, MOST + 1), (True, MOST + 1), (True, 10**9)])
@pytest.mark.parametrize("way", WAYS)
def test_who_asks_more_often_gives_no_answer_and_is_named_whatever_he_makes_of_the_refusal(way, swallows, times):
    host, calls = hosted(asking(times, swallows=swallows))
    with pytest.raises((EspaceSilent, pytest.fail.Exception)):
        WAYS[way](host)
    [problem] = host.problems()
    assert (problem.hook, problem.kind) == (way, "too-many-calls")
    assert problem.plugin in problem.detail
    assert f"{MOST} times" in problem.detail
    assert [(each.outcome, each.port_calls) for each in calls if each.hook == way] == [("too-many-calls", min(times, MOST + 2))]


@pytest.mark.parametrize("language, words", [("fr", "a déjà appelé 3 fois ses ports"), ("en", "has called its ports 3 times")])
def test_the_plugin_is_told_in_the_language_of_its_user(language, words):
    told = []

    def ask(context):
        try:
            asking(MOST + 1)(context)
        except PortRefused as refused:
            told.append(refused)

    host, _ = hosted(ask)
    with pytest.raises(EspaceSilent):
        host.page("essai", "un", a_request("essai", language))
    assert told[0].code == "too-many-calls"
    assert words in str(told[0])
    assert host.problems()[0].plugin in str(told[0])


def test_who_asks_too_often_again_and_again_is_set_aside(caplog):
    caplog.set_level(logging.CRITICAL)
    host, _ = hosted(asking(MOST + 1))
    for _ in range(5):
        with pytest.raises(EspaceSilent):
            host.page("essai", "un", a_request("essai"))
    assert {each.kind for each in host.problems()} == {"too-many-calls", "set-aside"}


def test_what_a_card_may_not_see_is_no_problem_of_it():
    def ask(context):
        try:
            context.ports.invoices.count("issued")
        except PortRefused:
            return 1
        return 1

    def refused(*given, **values):
        raise PortRefused("forbidden", "no")

    host, _ = hosted(ask)
    context = a_context()
    lent = type(context.ports)(records=context.ports.records, invoices=SimpleNamespace(count=refused))
    assert host.call("espace_cards", context=a_context(ports=lent))
    assert host.problems() == []


def test_without_a_setting_thirty_calls_are_enough():
    host = a_host(a_plugin(asking(30)))
    assert host.page("essai", "un", a_request("essai")).title == "Un"
    assert PORT_CALLS == 30
