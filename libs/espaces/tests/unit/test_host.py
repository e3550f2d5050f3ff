"""How a host loads, orders, filters, counts and describes its plugins."""

import types

import pytest
from pupitre_espaces import (
    Card,
    Finding,
    Health,
    Label,
    Manifest,
    MessageTemplate,
    Objection,
    Page,
    PageContent,
    PortRefused,
    hookimpl,
)
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import EspaceSilent, Host, PageUnknown
from pupitre_espaces.testing import (
    FixedClock,
    a_context,
    a_host,
    a_received_invoice,
    a_request,
    an_invoice,
    problems_of,
)

NAME = Label("Nom", "Name")


def a_plugin(key="essai", *, api_version="1.0", **hooks):
    """A module with a manifest and these hooks, by name without the prefix."""
    module = types.ModuleType(f"plugin_{key}")
    module.espace_manifest = hookimpl(lambda: Manifest(key, NAME, NAME, api_version=api_version))
    for name, function in hooks.items():
        setattr(module, f"espace_{name}", hookimpl(function))
    return module


def hosting(*plugins, kind="portal", **options):
    sources = [each if isinstance(each, Source) else Source.of(each) for each in plugins]
    return Host(kind, plugins=sources, discover=False, **options)


def kinds(host):
    return [problem.kind for problem in host.problems()]


def cards(host, keys=None):
    return [key for key, _ in host.call("espace_cards", keys, context=a_context())]


def one_card(context):
    return [Card(NAME, NAME)]


def test_plugins_are_called_in_the_order_of_their_keys():
    assert cards(hosting(*(a_plugin(key, cards=one_card) for key in ("c", "a", "b")))) == ["a", "b", "c"]


def test_only_the_espaces_that_the_structure_opened_are_called():
    host = hosting(*(a_plugin(key, cards=one_card) for key in ("a", "b")))
    assert cards(host, ["b", "unknown"]) == ["b"]
    assert cards(host, []) == []


def test_a_hook_of_another_host_is_a_mistake_of_the_host():
    with pytest.raises(ValueError, match="not a hook of the host invoicing"):
        hosting(kind="invoicing").call("espace_cards", context=a_context())


def test_arguments_that_the_hook_does_not_have_are_a_mistake_of_the_host():
    with pytest.raises(TypeError, match="espace_cards takes context"):
        hosting().call("espace_cards", structure=None)


def test_a_host_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no host"):
        Host("identity")


def test_an_implementation_may_take_fewer_arguments_and_may_be_a_generator():
    def checks(invoice):
        yield Finding("r", "information", NAME, NAME)

    host = hosting(a_plugin(checks=checks), kind="invoicing")
    [(key, [finding])] = host.call("espace_checks", invoice=an_invoice(), context=a_context())
    assert (key, finding.rule) == ("essai", "r")


def test_a_reaction_that_returns_nothing_has_answered():
    seen = []
    host = hosting(a_plugin(opened=lambda structure: seen.append(structure.siret)), kind="organisation")
    context = a_context()
    assert host.call("espace_opened", ["essai"], structure=context.structure, at=context.clock.now()) == [
        ("essai", None)
    ]
    assert seen == [context.structure.siret]


@pytest.mark.parametrize("wanted, loaded", [("1.0", True), ("1.1", False), ("0.1", False), ("2.0", False)])
def test_a_host_takes_the_same_major_version_and_no_newer_minor(wanted, loaded):
    host = hosting(a_plugin(api_version=wanted), api_version="1.0")
    assert bool(host.catalogue()) is loaded
    assert kinds(host) == ([] if loaded else ["api-version"])


def test_a_key_claimed_by_two_strangers_goes_to_neither_and_both_are_named():
    first, second = Source.of(a_plugin(), "one"), Source.of(a_plugin(), "two")
    host = hosting(first, second, a_plugin("autre"))
    assert [each.key for each in host.catalogue()] == ["autre"]
    assert [(each.plugin, each.kind) for each in host.problems()] == [
        ("one", "duplicate-key"),
        ("two", "duplicate-key"),
    ]
    assert "one and two; neither is loaded" in host.problems()[0].detail


def test_a_key_claimed_by_two_stays_with_the_distribution_named_after_it():
    owner = Source.of(a_plugin(), "owner", distribution="Pupitre_Espace.Essai")
    host = hosting(Source.of(a_plugin(), "aaa"), owner)
    assert [each.distribution for each in host.catalogue()] == ["Pupitre_Espace.Essai"]
    assert [each.plugin for each in host.problems()] == ["aaa"]


@pytest.mark.parametrize("answer", [None, "essai", [Manifest("essai", NAME, NAME)]])
def test_a_manifest_of_another_type_refuses_the_plugin(answer):
    module = types.ModuleType("no_manifest")
    module.espace_manifest = hookimpl(lambda: answer)
    host = hosting(module)
    assert host.catalogue() == []
    assert kinds(host) == ["wrong-answer"]


def test_a_plugin_without_manifest_is_refused():
    module = types.ModuleType("no_manifest")
    module.espace_cards = hookimpl(one_card)
    assert kinds(hosting(module)) == ["manifest"]


def test_a_class_a_wrapper_and_a_hook_implemented_twice_are_refused():
    class AClass:
        pass

    def around(context):
        return (yield)

    wrapper, twice = a_plugin("wrapper"), a_plugin("twice", cards=one_card)
    wrapper.espace_cards = hookimpl(around, wrapper=True)
    twice.more_cards = hookimpl(one_card, specname="espace_cards")
    host = hosting(AClass, wrapper, twice)
    assert kinds(host) == ["signature"] * 3
    assert host.catalogue() == []


def test_an_instance_may_be_a_plugin():
    class Espace:
        @hookimpl
        def espace_manifest(self):
            return Manifest("instance", NAME, NAME)

        @hookimpl
        def espace_cards(self, context):
            return one_card(context)

    assert cards(hosting(Espace())) == ["instance"]


def raising(context):
    raise RuntimeError("broken")


def test_five_errors_in_a_row_set_a_plugin_aside_and_the_others_go_on():
    host = hosting(a_plugin("ill", cards=raising, pages=raising), a_plugin("well", cards=one_card), clock=FixedClock())
    for _ in range(4):
        assert cards(host) == ["well"]
    assert host.catalogue()[0].state == "active"
    assert cards(host) == ["well"]
    assert host.catalogue()[0].state == "set-aside"
    assert kinds(host) == ["error", "set-aside"]
    assert host.problems()[0].count == 5
    assert cards(host) == ["well"]
    assert host.problems()[0].count == 5
    assert host.health() == [("ill", False, "set aside after repeated failures"), ("well", True, "")]
    with pytest.raises(EspaceSilent):
        host.page("ill", "", a_request("ill"))


def test_an_answer_in_good_order_starts_the_count_again():
    state = {"broken": True}

    def sometimes(context):
        return raising(context) if state["broken"] else one_card(context)

    host = hosting(a_plugin(cards=sometimes))
    for broken in [True] * 4 + [False] + [True] * 4:
        state["broken"] = broken
        cards(host)
    assert host.catalogue()[0].state == "active"


def test_three_answers_after_the_deadline_are_used_reported_as_slow_and_set_the_plugin_aside():
    class NeverInterrupts:
        """A guard that never interrupts: what a plugin that blocks the interpreter is to a green one."""

        def __init__(self, seconds):
            pass

        def __enter__(self):
            return None

        def __exit__(self, *raised):
            return False

    host = hosting(a_plugin(cards=one_card), guard=NeverInterrupts, deadline=0)
    assert [cards(host) for _ in range(4)] == [["essai"], ["essai"], ["essai"], []]
    assert [(each.hook, each.kind) for each in host.problems()] == [
        ("espace_manifest", "slow"),
        ("espace_cards", "slow"),
        ("espace_cards", "set-aside"),
    ]


def test_what_stops_the_process_is_not_the_plugins_to_swallow():
    def interrupted(context):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cards(hosting(a_plugin(cards=interrupted)))


def test_problems_stay_few_and_short_however_often_they_happen():
    def verbose(context):
        raise RuntimeError("x" * 10_000)

    host = hosting(a_plugin(cards=verbose))
    for _ in range(50):
        cards(host)
    assert len(host.problems()) == 2
    assert len(host.problems()[0].detail) == 500


def a_page(slug="accueil", render=lambda request: PageContent("Titre", "corps")):
    return Page(slug, NAME, render)


def test_the_first_page_is_the_one_of_the_empty_slug():
    host = hosting(a_plugin(pages=lambda: [a_page("un", lambda request: PageContent("Un", "1")), a_page("deux")]))
    assert host.page("essai", "", a_request("essai")).title == "Un"
    assert host.page("essai", "deux", a_request("essai")).title == "Titre"
    assert [page.slug for page in host.pages("essai", a_context())] == ["un", "deux"]


@pytest.mark.parametrize("key, slug", [("essai", "absent"), ("absent", ""), ("sans-page", "")])
def test_a_page_that_does_not_exist_is_unknown(key, slug):
    host = hosting(a_plugin(pages=lambda: [a_page()]), a_plugin("sans-page"))
    with pytest.raises(PageUnknown):
        host.page(key, slug, a_request(key))
    assert host.problems() == []


def test_a_page_that_raises_is_silent_and_named():
    host = hosting(a_plugin(pages=lambda: [a_page(render=lambda request: 1 / 0)]))
    with pytest.raises(EspaceSilent):
        host.page("essai", "", a_request("essai"))
    assert "ZeroDivisionError" in host.problems()[0].detail


def test_a_page_that_goes_on_raising_sets_its_plugin_aside():
    host = hosting(a_plugin(pages=lambda: [a_page(render=lambda request: 1 / 0)]))
    for _ in range(6):
        with pytest.raises(EspaceSilent):
            host.page("essai", "", a_request("essai"))
    assert [(each.hook, each.kind, each.count) for each in host.problems()] == [
        ("Page.render", "error", 5),
        ("Page.render", "set-aside", 1),
    ]


def test_a_template_that_wants_a_value_the_event_does_not_bring_is_left_out_and_reported():
    def messages():
        yield MessageTemplate("espace.opened.v1", NAME, NAME)
        yield MessageTemplate("espace.opened.v1", Label("{absent}", "{absent}"), NAME)

    host = hosting(a_plugin(messages=messages), kind="notifications")
    assert [mail.subject for _, mail in host.messages("espace.opened.v1", "en", {})] == ["Name"]
    assert "absent" in host.problems()[0].detail
    assert host.messages("espace.opened.v1", "en", {}, []) == []


def test_an_ill_espace_is_named_and_the_refused_ones_too():
    ill = a_plugin("ill", health=lambda: Health(False, "no tariff"))
    host = hosting(ill, a_plugin("raises", health=lambda: 1 / 0), types.ModuleType("empty"))
    assert host.health() == [
        ("ill", False, "no tariff"),
        ("raises", False, "espace_health does not answer"),
        ("empty", False, "manifest: espace_manifest is not implemented"),
    ]


def test_the_standing_of_the_plugins_is_told_without_calling_any():
    called = []
    host = hosting(a_plugin("ill", health=lambda: called.append(1) or Health()), types.ModuleType("empty"))
    assert host.standing() == [("ill", True, ""), ("empty", False, "manifest")]
    assert called == []


def test_the_description_lists_every_plugin_with_state_hooks_and_problems():
    host = hosting(Source.of(a_plugin(cards=one_card), version="1.2"), types.ModuleType("empty"), clock=FixedClock())
    well, refused = host.describe()
    assert (well["key"], well["version"], well["state"]) == ("essai", "1.2", "active")
    assert well["hooks"] == ["espace_manifest", "espace_cards"]
    assert (refused["plugin"], refused["key"], refused["state"]) == ("empty", None, "refused")
    assert refused["problems"][0] == {
        "hook": None,
        "kind": "manifest",
        "detail": "espace_manifest is not implemented",
        "at": "2024-03-15T09:30:00+00:00",
        "count": 1,
    }


def test_the_kit_finds_what_is_wrong_in_any_host():
    assert problems_of(a_plugin(cards=one_card)) == []
    ill = a_plugin(pages=lambda: [a_page(render=lambda request: "text")], checks=lambda: [1], messages=lambda: None)
    assert {(each.hook, each.kind) for each in problems_of(ill)} >= {
        ("Page.render", "wrong-answer"),
        ("espace_checks", "wrong-answer"),
        ("espace_messages", "wrong-answer"),
    }


def test_the_kit_loads_one_plugin_alone():
    assert [each.key for each in a_host(a_plugin()).catalogue()] == ["essai"]


def test_a_process_goes_on_with_other_work_between_the_plugins_and_what_they_are_asked():
    done = []
    sources = [Source(name, name, "1", lambda name=name: done.append(name) or a_plugin(name)) for name in ("a", "b")]
    host = hosting(*sources, pause=lambda: done.append("other work"))
    assert done == ["a", "other work", "b", "other work"]
    host.ask()
    assert done[4:] == ["other work"] * 5


def objections(host, *keys):
    return host.objections(keys, invoice=a_received_invoice(), status_to="MANDATEE", context=a_context())


def an_objection(invoice):
    yield Objection(Label(f"{invoice.number} attend.", f"{invoice.number} waits."), NAME)


def test_espaces_object_to_a_passage_where_they_are_open():
    host = hosting(a_plugin("a", passages=an_objection), a_plugin("b", passages=lambda: ()), a_plugin("c"), kind="invoicing")
    assert host.guards() == {"a", "b"}
    assert [(key, each.why.en) for key, each in objections(host, "a", "b", "c", "unknown")] == [("a", "F-2024-17 waits.")]
    assert objections(host, "b", "c") == []


def broken(invoice):
    raise RuntimeError("broken")


def refused(invoice):
    raise PortRefused("conflict", "no")


@pytest.mark.parametrize("passages", [broken, refused, lambda invoice: None, lambda invoice: ["no"], lambda invoice: 1])
def test_an_espace_that_says_nothing_of_a_passage_is_silent_for_as_long_as_it_is_ill(passages):
    host = hosting(a_plugin("a", passages=passages), a_plugin("b", passages=an_objection), kind="invoicing")
    for _ in range(8):
        with pytest.raises(EspaceSilent) as silent:
            objections(host, "a", "b")
        assert silent.value.key == "a"
    assert host.guards() == {"a", "b"}
    assert [key for key, _ in objections(host, "b")] == ["b"], "who has not opened it does not suffer from it"


@pytest.mark.parametrize("why, remedy", [("texte", NAME), (NAME, None)])
def test_an_objection_has_words_in_both_languages(why, remedy):
    with pytest.raises(ValueError, match="must be Label"):
        Objection(why, remedy)
