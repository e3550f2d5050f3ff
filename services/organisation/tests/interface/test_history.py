"""The audit history of structures: every change is a line, and whatever is done to a line shows (RS-22)."""

import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import rpc
from pupitre_bus.testing import user
from pupitre_contracts import errors, history, organisation, rattachements
from pupitre_organisation import repository, tables
from pupitre_organisation.service import OrganisationService
from support.audited import Audited
from support.tampering import SHOWS


@pytest.fixture
def audited(bench, service):
    return Audited(bench, "organisation", tables.HISTORY)


@pytest.fixture
def eventful(operator, create, member):
    """A structure with a dozen lines."""
    commune = create()
    _, chief_bus = member(commune, "GP")
    member(commune)
    chief_bus.call(organisation.OpenEspace, structure_id=commune.structure_id, espace="atelier")
    demands = organisation.Parameters(requires_engagement=True)
    chief_bus.call(organisation.SetParameters, structure_id=commune.structure_id, parameters=demands)
    chief_bus.call(organisation.CloseEspace, structure_id=commune.structure_id, espace="atelier")
    return commune


@pytest.mark.requirement("R301")
def test_each_change_tells_who_made_it_when_and_what_was_before_and_after(
    audited, operator, create, member, caller, service_clock
):
    commune = create()
    chief, chief_bus = member(commune, "GP")
    agent, agent_bus = member(commune)
    here = {"structure_id": commune.structure_id}
    start = len(audited.lines(commune.structure_id))
    service_clock.advance(10)
    chief_bus.call(organisation.SetHabilitation, **here, user_id=agent, espace="guichet", profile="MODIFICATION")
    chief_bus.call(organisation.SetParameters, **here, parameters=organisation.Parameters(requires_service=True))
    agent_bus.call(rattachements.Detach, **here, user_id=agent)

    given, changed, ended = audited.lines(commune.structure_id)[start:]
    assert (given["actor"], given["action"], given["object"]) == (f"user:{chief}", "habilitation.given", f"user:{agent}")
    assert given["at"] == service_clock.now()
    assert given["before"]["habilitations"]["guichet"] == "CONSULTATION"
    assert given["after"]["habilitations"]["guichet"] == "MODIFICATION"
    assert (changed["before"], changed["after"]) == ({"requires_service": False}, {"requires_service": True})
    assert (ended["actor"], ended["object"], ended["before"]["role"], ended["after"]) == (
        f"user:{agent}",
        f"user:{agent}",
        "US",
        None,
    )


def test_a_request_its_decision_and_what_it_gave_are_lines_of_one_commit_each(audited, create, member, caller):
    commune = create()
    chief, chief_bus = member(commune, "GP")
    asking = user()
    days = {"structure_id": commune.structure_id, "comment": "j'y travaille"}
    asked = caller(asking).call(rattachements.AskRattachement, **days).approbation
    chief_bus.call(rattachements.DecideApprobations, approbation_ids=[asked.approbation_id], decision="APPROUVE")

    requested, validated, approved = audited.lines(commune.structure_id)[-3:]
    assert requested["after"]["state"] == "DEMANDE"
    assert (validated["object"], validated["before"]) == (f"user:{asking.id}", None)
    assert validated["after"]["role"] == "US"
    assert (approved["actor"], approved["before"]["state"], approved["after"]["state"]) == (
        f"user:{chief}",
        "DEMANDE",
        "APPROUVE",
    )


def test_handing_over_the_role_of_gestionnaire_principal_names_both(audited, operator, create, member):
    commune = create()
    chief, _ = member(commune, "GP")
    next_one, _ = member(commune)
    operator.call(
        rattachements.TransferGestionnairePrincipal, structure_id=commune.structure_id, user_id=next_one
    )
    handed = audited.lines(commune.structure_id)[-1]
    assert (handed["before"], handed["after"]) == ({"user_id": str(chief)}, {"user_id": str(next_one)})


def test_what_was_refused_leaves_no_line(audited, create, member, caller):
    commune = create()
    before = audited.lines(commune.structure_id)
    with pytest.raises(errors.Forbidden):
        caller(user()).call(organisation.OpenEspace, structure_id=commune.structure_id, espace="atelier")
    assert audited.lines(commune.structure_id) == before


def test_structures_have_chains_of_their_own_and_all_of_them_are_intact(audited, eventful, create):
    other = create()
    assert [line["number"] for line in audited.lines(other.structure_id)] == list(
        range(1, len(audited.lines(other.structure_id)) + 1)
    )
    audited.anchor()
    verdict = audited.verdict()
    assert (verdict.chains, verdict.faults, verdict.unanchored) == (2, [], 0)
    names = audited.place.names()
    assert names
    assert all(name.startswith("organisation-anchor-") for name in names)


@pytest.mark.requirement("RS-22")
@pytest.mark.parametrize("way", SHOWS, ids=lambda way: way.__name__)
def test_every_way_of_tampering_with_a_structure_s_history_shows(audited, eventful, way):
    audited.anchor()
    assert audited.faults() == set()
    audited.tamper(eventful.structure_id, way)
    assert SHOWS[way] in audited.faults()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_itself_refuses_to_change_the_history(bench, eventful, act):
    lines = tables.HISTORY.lines
    statement = lines.update().values(actor="nobody") if act == "update" else lines.delete()
    database = bench.database("organisation")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(statement)
    database.close()


def test_two_at_once_write_one_chain_without_a_gap(audited, operator, commune, member):
    member(commune, "GP")

    def attach():
        values = {"structure_id": commune.structure_id, "user_id": uuid.uuid4(), "role": "US"}
        return operator.call(organisation.AttachUser, **values)

    threads = [eventlet.spawn(attach) for _ in range(6)]
    for thread in threads:
        thread.wait()
    numbers = [line["number"] for line in audited.lines(commune.structure_id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert audited.faults() == set()


@pytest.mark.requirement("R301")
def test_a_gestionnaire_reads_the_history_of_his_structure_newest_first(eventful, create, member, caller):
    structure = create()
    chief, chief_bus = member(structure, "GP")
    agent, _ = member(structure)
    values = {"structure_id": structure.structure_id, "user_id": agent, "espace": "guichet", "profile": "MODIFICATION"}
    chief_bus.call(organisation.SetHabilitation, **values)
    read = chief_bus.call(history.ListHistory, structure_id=structure.structure_id)
    newest = read.lines[0]
    assert (newest.actor, newest.actor_name, newest.object_name) == (f"user:{chief}", "X Y", "X Y")
    assert [(each.what, each.before, each.after) for each in newest.changes] == [
        ("habilitations.guichet", "CONSULTATION", "MODIFICATION")
    ]
    assert [line.number for line in read.lines] == list(range(read.total, 0, -1))
    second = chief_bus.call(history.ListHistory, structure_id=structure.structure_id, page=2, page_size=2)
    assert [line.number for line in second.lines] == [read.total - 2, read.total - 3]


def test_an_operator_reads_every_history(operator, eventful):
    read = operator.call(history.ListHistory, structure_id=eventful.structure_id)
    assert read.lines[-1].action == "structure.created"


def test_a_user_who_is_no_gestionnaire_may_not_read_the_history(create, member):
    structure = create()
    _, agent_bus = member(structure)
    with pytest.raises(errors.Forbidden):
        agent_bus.call(history.ListHistory, structure_id=structure.structure_id)


def test_to_a_stranger_a_structure_has_no_history(create, member, somebody):
    mine, theirs = create(), create()
    _, chief_bus = member(mine, "GP")
    for bus in (somebody, chief_bus):
        with pytest.raises(errors.NotFound):
            bus.call(history.ListHistory, structure_id=theirs.structure_id)
    with pytest.raises(errors.NotFound):
        chief_bus.call(history.ListHistory, structure_id=uuid.uuid4())


def test_a_write_call_that_leaves_no_line_is_noticed(bench, caller, recorded):
    """The watch over all tests of this folder must itself be able to fail."""

    def change(request, scope):
        with scope.begin() as tx:
            repository.next_number(tx, "structure")
            row = {"structure_id": uuid.uuid4(), "name": "", "name_key": "", "label_key": "", "postal_code_key": "", "city_key": ""}
            facts = {"portal_number": 1, "identifier_type": "SIRET", "identifier": "1", "type": "PUBLIC", "active": True}
            demands = dict.fromkeys(organisation.Parameters.declared, False)
            repository.add_structure(tx, "user:x", {**row, **facts, **demands, "country": "FR"})
            return {}

    class Forgetful(OrganisationService):
        @staticmethod
        def build_resources(settings):
            return None

        @rpc(organisation.CloseEspace)
        def close_espace(self, request, scope):
            change(request, scope)
            return {"espaces": []}

    bench.start(Forgetful)
    caller(user()).call(organisation.CloseEspace, structure_id=uuid.uuid4(), espace="atelier")
    assert recorded.silent.pop() == "close_espace changed structure and left no line in the history"
    assert recorded.silent == []
