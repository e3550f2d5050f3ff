"""Reactions to events: declared by names that exist, told in public values, played on the desk, and walled in by the host."""

import time
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pupitre_espaces import EspaceEvent, Label, Manifest, PortRefused, Reaction, hookimpl
from pupitre_espaces.events import EVENTS
from pupitre_espaces.host import EspaceSilent, ReactionFailed
from pupitre_espaces.pending import PendingRecords
from pupitre_espaces.testing import a_context, a_host, a_structure, problems_of
from pupitre_espaces.testing_desk import Desk
from pupitre_espaces.testing_ports import MemoryRecords

FLUX = {"flux_id": uuid.UUID(int=7), "numero_flux": "CPP1", "structure_id": "3f1c", "state": "IN_INTEGRE", "accepted": 2, "refused": 0}
FLUX_DONE = "flux.processed.v1"


def a_plugin(react, *events):
    class Plugin:
        @hookimpl
        def espace_manifest(self):
            return Manifest(key="essai", label=Label("Essai", "Trial"), description=Label("Essai", "Trial"))

        @hookimpl
        def espace_reactions(self):
            return [Reaction(event, react) for event in events or (FLUX_DONE,)]

    return Plugin()


def an_event(**changes):
    values = {"id": uuid.UUID(int=1), "type": FLUX_DONE, "at": datetime(2026, 3, 1, tzinfo=UTC), "roles": {"structure"}, "data": FLUX}
    return EspaceEvent(**values | changes)


def count(event, context):
    records = context.ports.records
    before = records.get("flux", "total")
    records.put("flux", "total", {"count": (before.document["count"] if before else 0) + event.data["accepted"]})


@pytest.mark.parametrize("event", ["flux.procesed.v1", "invoice.moved.v2", "", "user.created.v1"])
def test_a_misspelt_event_is_named_when_the_process_starts(event):
    host = a_host(a_plugin(count, event))
    host.ask()
    [problem] = host.problems()
    assert (problem.hook, problem.kind) == ("espace_reactions", "error")
    assert repr(event) in problem.detail
    assert [each for each in problems_of(a_plugin(count, event)) if repr(event) in each.detail]
    with pytest.raises(AssertionError):
        Desk(a_plugin(count, event))


def test_the_event_that_was_probably_meant_is_told():
    with pytest.raises(ValueError, match=r"did you mean flux\.processed\.v1"):
        Reaction("flux.procesed.v1", count)
    with pytest.raises(ValueError, match="react"):
        Reaction(FLUX_DONE, None)


def test_an_event_has_its_public_values_and_no_others():
    event = an_event()
    assert event.data["accepted"] == 2
    with pytest.raises(TypeError):
        event.data["accepted"] = 3
    with pytest.raises(ValueError, match="no value actor"):
        an_event(data=FLUX | {"actor": "user:1"})
    with pytest.raises(ValueError, match="needs refused"):
        an_event(data={name: value for name, value in FLUX.items() if name != "refused"})
    with pytest.raises(ValueError, match="accepted is int"):
        an_event(data=FLUX | {"accepted": "2"})
    sent = {name: of() if of in (str, int) else of for name, of in EVENTS["request.sent.v1"].fields.items()}
    sent |= {"request_id": uuid.UUID(int=1)} | dict.fromkeys(("net", "vat"), Decimal(1))
    told = an_event(type="request.sent.v1", data={name: value for name, value in sent.items() if name not in ("gross", "dossier_number")})
    assert told.data["gross"] is None


def test_a_reaction_on_the_desk_has_one_effect_for_one_event():
    desk, structure, other = Desk(a_plugin(count)), a_structure(), a_structure(id="9", siret="90000002000019")
    same = uuid.uuid4()
    for _ in range(2):
        desk.fire(FLUX_DONE, structure, id=same, **FLUX)
    desk.fire(FLUX_DONE, structure, **FLUX)
    assert desk.records(structure).get("flux", "total").document == {"count": 4}
    assert desk.records(other).get("flux", "total") is None
    desk.fire("espace.opened.v1", structure, structure_id="3f1c", structure_name="Duval", espace="essai")
    with pytest.raises(ValueError, match="no value number"):
        desk.fire(FLUX_DONE, structure, number="F-1", **FLUX)


def half(event, context):
    context.ports.records.put("flux", "total", {"count": 1})
    raise KeyError("template")


def test_a_reaction_that_fails_keeps_nothing_and_says_so():
    desk, structure = Desk(a_plugin(half)), a_structure()
    with pytest.raises(ReactionFailed, match=r"error in Reaction\.react \(espace_reactions\) on flux\.processed\.v1, for Atelier Duval"):
        desk.fire(FLUX_DONE, structure, **FLUX)
    assert desk.records(structure).get("flux", "total") is None


def refused(event, context):
    raise PortRefused("conflict", "changed")


@pytest.mark.parametrize(
    "react, kind",
    [
        (half, "error"),
        (refused, "refused"),
        (lambda event, context: 1, "wrong-answer"),
        (lambda event, context: time.sleep(5), "time-out"),
    ],
)
def test_an_ill_reaction_is_named_and_sets_nothing_aside(react, kind):
    host = a_host(a_plugin(react), "invoicing", deadline=0.05 if kind == "time-out" else 30)  # a busy machine is no ill plugin
    for _ in range(6):
        with pytest.raises(ReactionFailed):
            host.react("essai", an_event(), a_context())
    [problem] = host.problems()
    assert (problem.hook, problem.kind, problem.count) == ("Reaction.react", kind, 6)
    assert [each.state for each in host.catalogue()] == ["active"]


def test_a_plugin_that_is_away_or_set_aside_does_not_react():
    host = a_host(a_plugin(count), "invoicing")
    with pytest.raises(EspaceSilent):
        host.react("autre", an_event(), a_context())
    assert (host.has("essai"), host.has("autre")) == (True, False)
    opened = {"structure_id": "1", "structure_name": "D", "espace": "essai"}
    host.react("essai", an_event(type="espace.opened.v1", data=opened), a_context())


def test_each_reaction_is_traced_with_whom_it_is_for():
    calls = []
    host = a_host(a_plugin(count), "invoicing", tracer=calls.append)
    host.react("essai", an_event(), a_context())
    assert [(each.hook, each.outcome, each.structure) for each in calls if each.hook == "Reaction.react"] == [
        ("Reaction.react", "answered", "Atelier Duval")
    ]


class TestPendingRecords:
    @pytest.fixture
    def kept(self):
        records = MemoryRecords(a_context().clock)
        for key in "abc":
            records.put("fiches", key, {"nom": f"École {key}"})
        return records

    @pytest.fixture
    def pending(self, kept):
        return PendingRecords(kept, a_context().clock.now, "espace essai")

    def test_what_is_written_is_read_again_and_kept_for_later(self, kept, pending):
        assert pending.put("fiches", "a", {"nom": "Quai"}, version=1).version == 2
        assert pending.put("fiches", "a", {"nom": "Quai sud"}).version == 3
        pending.put("fiches", "d", {"nom": "Ecole d"}, version=0)
        pending.delete("fiches", "b")
        pending.delete("fiches", "z")
        assert pending.get("fiches", "a").document["nom"] == "Quai sud"
        assert [each.key for each in pending.search("fiches")] == ["a", "c", "d"]
        assert [each.key for each in pending.search("fiches", "école")] == ["c", "d"]
        assert [each.key for each in pending.search("fiches", limit=1, after="a")] == ["c"]
        assert kept.get("fiches", "a").document["nom"] == "École a"
        changes = {each.key: (each.document and dict(each.document), each.base) for each in pending.changes()}
        assert changes == {"a": ({"nom": "Quai sud"}, 1), "b": (None, 1), "d": ({"nom": "Ecole d"}, 0)}

    def test_a_version_that_is_not_there_is_refused(self, pending):
        for key, version in (("a", 0), ("a", 2), ("d", 1)):
            with pytest.raises(PortRefused) as error:
                pending.put("fiches", key, {}, version=version)
            assert error.value.code == "conflict"
        assert pending.changes() == ()
