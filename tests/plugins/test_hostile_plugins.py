"""The host survives its guests, whatever they do, and says which one is ill."""

import contextlib
import uuid
from decimal import Decimal

import pytest
from plugins.distributions import hostile_names, reported
from pupitre_espaces import EspaceEvent, PageRequest, PortRefused, Ports
from pupitre_espaces.host import EspaceSilent, Host, ReactionFailed
from pupitre_espaces.operations import OperationRequest
from pupitre_espaces.testing import FixedClock, a_context, a_received_invoice, a_request, a_structure, an_invoice

DEADLINES = {"deadline": 0.1, "load_deadline": 0.3}
REFUSED = {
    "fails_to_import": ("import", "a_library_that_is_not_installed"),
    "exits_at_import": ("import", "a script, not a plugin"),
    "sleeps_at_import": ("time-out", "0.3 s"),
    "raises_at_once": ("error", "Unspeakable"),
    "misspells": ("unknown-hook", "espace_card"),
    "forgets_the_mark": ("unknown-hook", "espace_cards is not marked"),
    "asks_too_much": ("signature", "database"),
    "takes_a_core_key": ("duplicate-key", "factures-emises belongs to the portal"),
    "takes_a_key": ("duplicate-key", "pupitre-espace-bonjour:bonjour keeps it by its name"),
    "needs_the_future": ("api-version", "needs 9.0"),
}
ARGUMENTS = {
    "context": a_context(),
    "invoice": an_invoice(),
    "structure": a_structure(),
    "at": FixedClock().now(),
    "status_to": "MANDATEE",
}
CALLS = {
    "espace_pages": ("portal", ["context"]),
    "espace_cards": ("portal", ["context"]),
    "espace_messages": ("notifications", []),
    "espace_checks": ("invoicing", ["invoice", "context"]),
    "espace_passages": ("invoicing", ["invoice", "status_to", "context"]),
    "espace_opened": ("organisation", ["structure", "at"]),
    "espace_closed": ("organisation", ["structure", "at"]),
    "espace_health": ("portal", []),
}


def call(host, hook, *espace_keys):
    return host.call(hook, espace_keys or None, **{name: ARGUMENTS[name] for name in CALLS[hook][1]})


def kinds_of(host, plugin):
    return {(each.hook, each.kind) for each in host.problems() if each.plugin == plugin}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_plugin_that_cannot_be_taken_is_named_with_its_reason_and_the_others_go_on(installed, name):
    installed(name)
    host = Host("portal", **DEADLINES)
    kind, detail = REFUSED[name]
    problem = next(each for each in host.problems() if each.plugin == reported(name))
    assert problem.kind == kind
    assert detail in problem.detail
    assert [key for key, _ in call(host, "espace_cards")] == ["bonjour"]
    [line] = [each for each in host.describe() if each["plugin"] == reported(name)]
    assert line["state"] == "refused"
    assert line["problems"]


@pytest.mark.parametrize("hook", sorted(CALLS))
def test_a_plugin_that_raises_costs_its_own_answer_only(installed, hook):
    installed("raises")
    host = Host(CALLS[hook][0])
    assert "raises" not in dict(call(host, hook))
    assert kinds_of(host, reported("raises")) == {(hook, "error")}
    assert {each.plugin for each in host.problems()} == {reported("raises")}


@pytest.mark.parametrize("hook", sorted(CALLS))
def test_a_plugin_that_sleeps_is_left_at_the_deadline(installed, hook):
    installed("sleeps")
    host = Host(CALLS[hook][0], **DEADLINES)
    assert "sleeps" not in dict(call(host, hook))
    assert kinds_of(host, reported("sleeps")) == {(hook, "time-out")}


@pytest.mark.parametrize("name, kind, most", [("sleeps", "time-out", 3), ("raises", "error", 5), ("returns_rubbish", "wrong-answer", 5)])
def test_a_plugin_that_does_not_say_whether_an_invoice_may_pass_lets_none_pass(installed, name, kind, most):
    installed(name)
    host, key = Host("invoicing", **DEADLINES), "rubbish" if name == "returns_rubbish" else name
    for _ in range(most + 1):
        with pytest.raises(EspaceSilent) as silent:
            host.objections([key], invoice=a_received_invoice(), status_to="MANDATEE", context=a_context())
        assert silent.value.key == key
    [problem] = [each for each in host.problems() if each.plugin == reported(name) and each.kind == kind]
    assert problem.count == most, "it is set aside, and refuses at once"


def declare(folder, name, key):
    """Have an installed distribution say that an espace guards passages."""
    with (folder / f"espace_hostile_{name}-1.0.dist-info" / "entry_points.txt").open("a") as file:
        file.write(f"[pupitre.espaces.guards]\n{key} = hostile_{name}\n")


def test_a_guard_that_cannot_be_loaded_is_known_by_its_distribution_and_refuses(installed):
    folder = installed("fails_to_import")
    assert "fails_to_import" not in Host("invoicing", **DEADLINES).guards()
    declare(folder, "fails_to_import", "fails_to_import")
    host = Host("invoicing", **DEADLINES)
    assert "fails_to_import" in host.guards()
    with pytest.raises(EspaceSilent):
        host.objections(["fails_to_import"], invoice=a_received_invoice(), status_to="MANDATEE", context=a_context())


@pytest.mark.parametrize("key", ["bonjour", "factures-recues", "rien"])
def test_a_distribution_declares_guards_of_its_own_espaces_only(installed, key):
    declare(installed("fails_to_import"), "fails_to_import", key)
    assert key not in Host("invoicing", **DEADLINES).guards()


@pytest.mark.parametrize("hook", ["espace_cards", "espace_messages", "espace_checks", "espace_passages", "espace_opened", "espace_health"])
def test_an_answer_of_the_wrong_type_is_refused(installed, hook):
    installed("returns_rubbish")
    host = Host(CALLS[hook][0])
    assert "rubbish" not in dict(call(host, hook))
    assert kinds_of(host, reported("returns_rubbish")) == {(hook, "wrong-answer")}


def test_a_page_of_the_wrong_type_is_not_shown(installed):
    installed("returns_rubbish")
    host = Host("portal")
    with pytest.raises(EspaceSilent) as silent:
        host.page("rubbish", "accueil", a_request("rubbish"))
    assert silent.value.key == "rubbish"
    assert kinds_of(host, reported("returns_rubbish")) == {("Page.render", "wrong-answer")}


def test_a_page_that_wants_all_memory_gets_none_of_it_and_is_named(installed):
    installed("hogs_memory")
    host = Host("portal", memory_budget=256_000_000)
    with pytest.raises(EspaceSilent):
        host.page("gourmand", "", a_request("gourmand"))
    assert kinds_of(host, reported("hogs_memory")) == {("Page.render", "memory")}
    assert len(bytearray(300_000_000)) == 300_000_000, "the bound is lifted again"
    assert "Bonjour Camille Duval" in host.page("bonjour", "", a_request("bonjour")).body


class _OfOneStructure:
    """Stands for the platform's ports: there is nothing for this structure, and what is another's is refused."""

    def get(self, *asked):
        return None

    def search(self, *asked, **values):
        raise PortRefused("forbidden", "needs factures-recues, CONSULTATION")


EVENT = {
    "invoice.submitted.v1": {
        "kind": "FACTURE",
        "cadre": "A1",
        "supplier_structure_id": "s",
        "supplier_name": "S",
        "recipient_structure_id": "r",
        "recipient_name": "R",
        "currency": "EUR",
        "gross": Decimal("1.00"),
        "invoice_id": uuid.UUID(int=1),
        "portal_number": 1,
        "number": "F-1",
    },
    "flux.processed.v1": {
        "flux_id": uuid.UUID(int=1),
        "numero_flux": "CPP1",
        "structure_id": "s",
        "state": "IN_INTEGRE",
        "accepted": 1,
        "refused": 0,
    },
}


@pytest.mark.parametrize("type_, kind", [("invoice.submitted.v1", "error"), ("flux.processed.v1", "wrong-answer")])
def test_an_ill_reaction_is_named_with_its_event_and_sets_nothing_aside(installed, type_, kind):
    installed("reacts_badly")
    host = Host("invoicing")
    event = EspaceEvent(uuid.UUID(int=2), type_, FixedClock().now(), {"structure"}, EVENT[type_])
    for _ in range(7):
        with pytest.raises(ReactionFailed, match=f"{kind} in Reaction.react.*{type_}") as failed:
            host.react("emotif", event, a_context(user=None))
        assert reported("reacts_badly") in str(failed.value)
    assert kinds_of(host, reported("reacts_badly")) == {("Reaction.react", kind)}
    assert {each.plugin for each in host.problems()} == {reported("reacts_badly")}


@pytest.mark.parametrize("operation, kind", [("leve", "error"), ("rend", "wrong-answer")])
def test_an_ill_operation_gives_no_answer_and_is_named(installed, operation, kind):
    installed("operates_badly")
    host = Host("portal")
    [wanted] = [each for each in host.operations()["maladroit"] if each.key == operation]
    with pytest.raises(EspaceSilent):
        host.operate("maladroit", wanted, OperationRequest(a_context(), {}), {})
    assert kinds_of(host, reported("operates_badly")) == {("Operation.handle", kind)}
    assert [key for key, _ in call(host, "espace_cards")] == ["bonjour"]


def visit_all(host):
    """Open every hostile page as a visitor would, ports and all."""
    one = _OfOneStructure()
    context = a_context(ports=Ports(records=one, requests=one, invoices=one, flux=one))
    shown = {}
    for key in {"gourmand", "curieux"} & {each.key for each in host.catalogue()}:
        query = {"request": "3f1c0000-0000-0000-0000-000000000000"}
        with contextlib.suppress(EspaceSilent):
            shown[key] = host.page(key, "", PageRequest(context, "MODIFICATION", lambda slug: f"/{slug}", query))
    return shown


def test_a_plugin_that_asks_for_the_data_of_others_gets_nothing_and_is_named(installed):
    installed("reads_others")
    host = Host("portal")
    body = visit_all(host)["curieux"].body
    assert body.count("refused: needs") == 4
    assert body.count("None") == 2
    assert kinds_of(host, reported("reads_others")) == {("Page.render", "refused")}


@pytest.mark.parametrize("what", ["Page.render", "espace_cards"])
def test_a_plugin_that_calls_its_ports_without_end_is_ended_and_named_and_the_others_are_not(installed, what):
    installed("asks_without_end")
    host = Host("portal")
    if what == "espace_cards":
        assert [key for key, _ in call(host, "espace_cards")] == ["bonjour"]
    else:
        with pytest.raises(EspaceSilent) as silent:
            host.page("avide", "", a_request("avide"))
        assert silent.value.key == "avide"
    assert kinds_of(host, reported("asks_without_end")) == {(what, "too-many-calls")}
    assert "Bonjour Camille Duval" in host.page("bonjour", "", a_request("bonjour")).body
    assert {each.plugin for each in host.problems()} == {reported("asks_without_end")}


def test_a_generator_without_end_is_cut(installed):
    installed("never_ends")
    host = Host("portal")
    assert "endless" not in dict(call(host, "espace_cards"))
    assert kinds_of(host, reported("never_ends")) == {("espace_cards", "wrong-answer")}


def test_a_plugin_that_ends_the_process_does_not_end_it(installed):
    installed("exits")
    host = Host("portal")
    assert "exits" not in dict(call(host, "espace_cards"))
    assert kinds_of(host, reported("exits")) == {("espace_cards", "error")}


def test_a_key_claimed_by_two_stays_with_the_distribution_named_after_it(installed):
    installed("takes_a_key")
    host = Host("portal")
    [card] = dict(call(host, "espace_cards"))["bonjour"]
    assert card.title.fr == "Bonjour"
    assert [each.distribution for each in host.catalogue()] == ["pupitre-espace-bonjour"]


def test_all_hostile_plugins_together_leave_the_espace_bonjour_at_work_and_are_all_named(installed):
    # Without an event loop's guard a loop that yields is left in its thread and goes on: test_under_eventlet stops it. Reactions and
    # operations have tests of their own.
    names = [name for name in hostile_names() if name not in ("loops", "reacts_badly", "operates_badly")]
    installed(*names)
    host = Host("portal", **DEADLINES, memory_budget=256_000_000)
    for hook in ("espace_pages", "espace_cards", "espace_health"):
        assert "bonjour" in dict(call(host, hook))
    visit_all(host)
    assert "Bonjour Camille Duval" in host.page("bonjour", "", a_request("bonjour")).body
    assert {each.plugin for each in host.problems()} == {reported(name) for name in names}
    unwell = {name for name, well, _ in host.health() if not well}
    assert unwell >= {reported(name) for name in REFUSED} | {"raises", "sleeps", "rubbish"}
    assert "bonjour" not in unwell


def test_a_plugin_that_is_not_opened_by_the_structure_is_not_called(installed):
    installed("raises")
    host = Host("portal")
    assert [key for key, _ in call(host, "espace_cards", "bonjour")] == ["bonjour"]
    assert host.problems() == []
