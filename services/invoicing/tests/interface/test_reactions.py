"""Espaces that react to events: told of what concerns a structure where they are open, once, whatever others do."""

import time
import uuid

import pytest
import request_plugin
from pupitre_bus import inbox, parked, redelivery
from pupitre_bus.testing import wait_until
from pupitre_espaces import Label, Manifest, PortRefused, Reaction, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_invoicing import reaction_ports
from request_people import Desk

SUBMITTED, MOVED = "invoice.submitted.v1", "invoice.moved.v1"


class Follower:
    """An espace that counts what it is told, in a document for each invoice."""

    def __init__(self, key="suivi", events=(SUBMITTED, MOVED), react=None):
        self.key, self.events, self.told, self.react = key, events, [], react or self.count

    @hookimpl
    def espace_manifest(self):
        label = Label("Suivi", "Following")
        return Manifest(key=self.key, label=label, description=label)

    @hookimpl
    def espace_reactions(self):
        return [Reaction(event, self.reacting) for event in self.events]

    def reacting(self, event, context):
        self.told.append((event, context))
        return self.react(event, context)

    @staticmethod
    def count(event, context):
        records = context.ports.records
        key = f"f-{event.data['portal_number']}"
        before = records.get("factures", key)
        seen = before.document["seen"] if before else []
        records.put("factures", key, {"seen": [*seen, event.data.get("status_to") or "sent"]})


@pytest.fixture
def follower():
    return Follower()


@pytest.fixture
def plugins(follower):
    return [Source.of(follower)]


def opened(stage, structure, *espaces):
    """Have a structure of the stage opened these espaces too."""
    now = stage.world.structures[structure.structure_id]
    stage.world.structures[structure.structure_id] = type(now)(**now.values | {"espaces": [*now.espaces, *espaces]})


def kept(stage, structure, espace="suivi"):
    rows = stage.rows("select espace, structure_id, key, document, version, changed_by from record order by key")
    of = {uuid.UUID(str(row["structure_id"])) for row in rows if row["espace"] == espace}
    assert of <= {structure.structure_id}, "a reaction wrote for a structure that is not concerned"
    return [dict(row) for row in rows if row["espace"] == espace]


def settled(stage, consumer):
    return not stage.rows(f"select 1 from parked where consumer = '{consumer}' and state in ('waiting', 'retrying')")


def quiet(stage, number):
    """Wait until the service has taken in its own events up to now, and its guests have had their turn."""

    def done():
        [out] = stage.rows("select count(*) as n from outbox")
        [taken] = stage.rows("select count(*) as n from inbox where consumer = 'invoicing'")
        waiting = stage.rows("select 1 from parked where state = 'waiting'")
        return out["n"] >= number and taken["n"] >= out["n"] and not waiting

    wait_until(done, timeout=30)


def told_numbers(follower):
    return [(event.type, event.data["number"], event.data.get("status_to")) for event, _ in follower.told]


def test_an_espace_reacts_where_it_is_open_and_nowhere_else(stage, follower):
    opened(stage, stage.body, "suivi")
    stage.sent("F-1", engagement="BC-1")
    wait_until(lambda: len(follower.told) == 3, timeout=30)
    quiet(stage, 3)
    assert told_numbers(follower) == [
        (SUBMITTED, "F-1", None),
        (MOVED, "F-1", "DEPOSEE"),
        (MOVED, "F-1", "MISE_A_DISPOSITION"),
    ]
    event, context = follower.told[0]
    assert (context.structure.id, context.structure.siret, context.structure.type) == (
        str(stage.body.structure_id),
        stage.BUYER,
        "public",
    )
    assert (context.user, event.roles, event.data["engagement"]) == (None, {"recipient"}, "BC-1")
    [row] = kept(stage, stage.body)
    assert (row["version"], row["changed_by"]) == (3, "espace suivi")


def test_a_reaction_reads_the_invoice_as_it_is_now(stage, follower):
    found = []
    follower.react = lambda event, context: found.append(context.ports.invoices.get(event.data["invoice_id"]))
    opened(stage, stage.body, "suivi")
    sent = stage.sent("F-1", code_service="VOIRIE")
    quiet(stage, 3)
    assert {(each.id, each.portal_number, each.status, each.code_service) for each in found} == {
        (sent.invoice_id, sent.portal_number, "MISE_A_DISPOSITION", "VOIRIE")
    }
    assert all(each.received_at is not None and each.due_on is not None for each in found)


def test_no_espace_that_is_closed_everywhere_hears_anything(stage, follower):
    stage.sent("F-1")
    quiet(stage, 3)
    assert follower.told == []


def test_an_espace_gets_the_public_view_alone(stage, follower):
    opened(stage, stage.supplier, "suivi")
    stage.sent("F-1")
    wait_until(lambda: follower.told, timeout=30)
    event = follower.told[0][0]
    assert {"original_sha256", "deposit_mode", "numero_flux", "actor"}.isdisjoint(event.data)
    with pytest.raises(TypeError):
        event.data["number"] = "X"
    assert event.roles == {"supplier"}


def test_an_espace_has_one_effect_for_an_event_that_comes_again_and_after_a_restart(stage, follower):
    opened(stage, stage.body, "suivi")
    stage.sent("F-1")
    quiet(stage, 3)
    assert len(follower.told) == 3
    database = stage.bench.database("invoicing")
    # Given to the service once more, as a broker would: the handler runs again, the guest has it already.
    with database.transaction() as tx:
        ids = [uuid.UUID(str(row["id"])) for row in stage.rows("select id from outbox")]
        tx.execute(inbox.table.delete().where(inbox.table.c.consumer == "invoicing", inbox.table.c.event_id.in_(ids)))
    redelivery.hand_over(database, database, 1, None, (), "test")
    quiet(stage, 3)
    stage.bench.stop(stage.host)
    stage.host = stage.restart()
    stage.sent("F-2")
    wait_until(lambda: len(follower.told) == 6, timeout=30)
    quiet(stage, 6)
    assert [row["version"] for row in kept(stage, stage.body)] == [3, 3]
    # Asked for by an operator, it has its effect again.
    redelivery.hand_over(database, database, 1, 1, (), "test", again=True)
    wait_until(lambda: len(follower.told) == 7, timeout=30)
    database.close()


def broken(event, context):
    context.ports.records.put("factures", "f-1", {"half": True})
    raise KeyError("template")


def slow(event, context):
    time.sleep(3)


def foreign(event, context):
    raise PortRefused("conflict", "changed meanwhile")


@pytest.mark.parametrize(
    "react, said",
    [
        (broken, "error in Reaction.react (espace_reactions) on invoice.submitted.v1, for Commune d'Exempleville: KeyError: 'template'"),
        (lambda event, context: "rubbish", "wrong-answer in Reaction.react"),
        (slow, "time-out in Reaction.react"),
        (foreign, "refused in Reaction.react"),
    ],
    ids=["raises", "answers", "slow", "refused"],
)
class TestIll:
    @pytest.fixture
    def ill(self, react):
        return Follower("malade", (SUBMITTED,), react)

    @pytest.fixture
    def plugins(self, ill, follower):
        return [Source.of(ill, "ill-plugin:malade"), Source.of(follower)]

    def test_it_is_named_tried_again_and_keeps_nobody(self, stage, ill, follower, said):
        opened(stage, stage.body, "malade", "suivi")
        for number in range(7):
            stage.sent(f"F-{number}")
        wait_until(lambda: len(follower.told) == 21, timeout=60)
        failed = wait_until(
            lambda: (rows := stage.rows("select * from parked where consumer = 'invoicing:malade' and attempts > 0")) and rows, timeout=30
        )
        assert said in failed[0]["error"]
        assert "ill-plugin:malade" in failed[0]["error"]
        assert kept(stage, stage.body, "malade") == []
        host = stage.host.runtime("invoicing").resources.espaces
        assert {each.plugin for each in host.problems()} == {"ill-plugin:malade"}
        # However often: what fails here says nothing of its pages and kinds.
        assert all(each.state == "active" for each in host.catalogue())

    def test_it_climbs_the_ladder_and_is_parked_until_an_operator_retries(self, stage, ill, said, react):
        opened(stage, stage.body, "malade")
        stage.sent("F-1")
        [row] = wait_until(lambda: stage.rows("select * from parked where consumer = 'invoicing:malade' and attempts > 0"), timeout=30)
        letter = uuid.UUID(str(row["id"]))
        database = stage.bench.database("invoicing")
        for attempts in range(2, 7):
            with database.transaction() as tx:
                tx.execute(parked.table.update().values(next_at=tx.now))
            wait_until(lambda wanted=attempts: parked.show(database, letter).attempts >= wanted, timeout=30)
        assert parked.show(database, letter).state == "parked"
        ill.react = Follower.count
        parked.retry(database, letter, "n.roux")
        wait_until(lambda: parked.show(database, letter).state == "done", timeout=30)
        database.close()
        assert [row["version"] for row in kept(stage, stage.body, "malade")] == [1]


def test_an_espace_that_is_away_loses_nothing(stage, follower):
    opened(stage, stage.body, "suivi")
    host = stage.host.runtime("invoicing").resources.espaces
    host.reactions()
    host._plugins["suivi"].set_aside = True
    stage.sent("F-1")
    wait_until(lambda: len(stage.rows("select 1 from parked where state = 'waiting' and attempts = 0")) == 3, timeout=30)
    stage.bench.stop(stage.host)
    stage.host = stage.restart()
    wait_until(lambda: [row["version"] for row in kept(stage, stage.body)] == [3], timeout=30)


def test_what_waits_for_a_plugin_that_was_uninstalled_is_parked_under_its_name(stage, follower):
    opened(stage, stage.body, "suivi")
    host = stage.host.runtime("invoicing").resources.espaces
    host.reactions()
    del host._plugins["suivi"]
    stage.sent("F-1")
    wait_until(lambda: len(stage.rows("select 1 from parked where state = 'parked'")) == 3, timeout=30)
    [error] = {row["error"].strip().splitlines()[-1] for row in stage.rows("select error from parked")}
    assert "no installed espace has the key suivi" in error


class Trials(request_plugin.Trials):
    """The espace of requests of the other tests, which reacts to the moves of its own."""

    def __init__(self):
        self.told = []

    @hookimpl
    def espace_reactions(self):
        return [Reaction("request.sent.v1", self.note), Reaction("request.moved.v1", self.note)]

    def note(self, event, context):
        self.told.append((event, context, context.ports.requests.get(event.data["request_id"])))


class TestOwnRequests:
    @pytest.fixture
    def trials(self):
        return Trials()

    @pytest.fixture
    def plugins(self, trials, follower):
        return [Source.of(trials), Source.of(Follower("curieux", ("request.moved.v1",)))]

    def test_an_espace_reacts_to_its_own_requests_for_each_who_sees_them(self, stage, trials):
        desk = Desk(stage)
        opened(stage, stage.body, "curieux")
        sent = desk.sent()
        desk.move(sent, "SUSPENDUE", desk.agent, motive_code="PIECE", motive="le bon")
        wait_until(lambda: any(each.data.get("status_to") == "SUSPENDUE" for each, _, _ in trials.told), timeout=30)
        quiet(stage, 4)
        moved = [each for each in trials.told if each[0].data.get("status_to") == "SUSPENDUE"]
        assert {(context.structure.id, tuple(event.roles)) for event, context, _ in moved} == {
            (str(stage.supplier.structure_id), ("demandeur",)),
            (str(stage.body.structure_id), ("instructeur",)),
        }
        assert {seen.id for _, _, seen in moved} == {sent.request_id}
        assert not stage.rows("select 1 from inbox where consumer = 'invoicing:curieux'"), "another's request was told"

    def test_what_another_structure_asks_is_not_there_for_a_reaction(self, stage, trials):
        desk = Desk(stage)
        foreign = desk.sent()
        wait_until(lambda: trials.told, timeout=30)
        quiet(stage, 2)
        trials.told.clear()
        trials.note = None
        scope = stage.scope()
        scope.see([desk.moe.structure_id])
        ports, _ = reaction_ports.lent(scope, request_plugin.ESPACE, desk.moe)
        assert ports.requests.get(foreign.request_id) is None
        assert (ports.requests.count(), ports.requests.search()) == (0, ())


def test_every_promised_event_can_be_told(follower):
    """The public view takes from each event what it promises, and nothing that the event has not."""
    from pupitre_contracts import catalogue
    from pupitre_espaces.events import EVENTS
    from pupitre_invoicing import public_events

    for type_, kind in EVENTS.items():
        event = catalogue.EVENTS[type_]
        assert set(kind.fields) <= set(event.declared), type_
        assert kind.service == event.owner
        required = {name for name in kind.fields if event.declared[name].required}
        assert required == set(kind.fields) - kind.optional, type_
    assert {each.type for each in public_events.HEARD} == set(EVENTS)
    assert {each.type for each in catalogue.SUBSCRIPTIONS["invoicing"]} == set(EVENTS)
