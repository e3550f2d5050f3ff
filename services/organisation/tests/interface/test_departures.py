import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import Service
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import account_life, errors, organisation, rattachements
from pupitre_organisation import tables


class Identity(Service):
    """Publishes what identity publishes; it answers nothing here."""

    name = "identity"


@pytest.fixture
def identity_bus(service, caller):
    return caller(Actor.service("identity"))


@pytest.fixture
def firms(create):
    return [create(type="PRIVATE", name=name) for name in ("Papeterie", "Imprimerie")]


def hand_over(bus, user_id, *pairs):
    successors = [account_life.Succession(structure_id=each.structure_id, user_id=to) for each, to in pairs]
    return bus.call(rattachements.HandOverRoles, user_id=user_id, successors=successors).structure_ids


def principal(bus, structure):
    members = bus.call(rattachements.ListMembers, structure_id=structure.structure_id).members
    return [each.user_id for each in members if each.role == "GP"]


@pytest.fixture
def leaver(operator, firms, caller):
    """A user who is gestionnaire principal of both firms."""
    actor = user()
    for firm in firms:
        operator.call(organisation.AttachUser, structure_id=firm.structure_id, user_id=uuid.UUID(actor.id), role="GP")
    return uuid.UUID(actor.id), caller(actor)


@pytest.mark.requirement("R052")
def test_one_successor_takes_every_structure_or_each_its_own(bench, identity_bus, operator, firms, leaver):
    first, second = firms
    leaver_id, _ = leaver
    ada, bob = uuid.uuid4(), uuid.uuid4()
    assert set(hand_over(identity_bus, leaver_id, (first, ada), (second, bob))) == {each.structure_id for each in firms}
    assert (principal(operator, first), principal(operator, second)) == ([ada], [bob])
    assert hand_over(identity_bus, ada, (first, bob)) == [first.structure_id]
    moved = [data["to_user_id"] for kind, data in bench.told("organisation") if kind == "gestionnaire_principal.transferred.v1"]
    assert sorted(moved) == sorted(map(str, (ada, bob, bob)))
    assert {each.role for each in operator.call(rattachements.ListMembers, structure_id=second.structure_id).members} == {"GP", "US"}


@pytest.mark.requirement("R052")
@pytest.mark.requirement("R125")
def test_nothing_is_handed_over_while_one_structure_has_no_successor(identity_bus, operator, firms, leaver, strangers):
    first, second = firms
    leaver_id, _ = leaver
    ada, stranger = uuid.uuid4(), uuid.uuid4()
    strangers.add(stranger)
    with pytest.raises(errors.SuccessorsNeeded) as caught:
        hand_over(identity_bus, leaver_id, (first, ada))
    assert "Imprimerie" in caught.value.message("fr") and "Papeterie" not in caught.value.message("fr")
    with pytest.raises(errors.SuccessorsNeeded):
        hand_over(identity_bus, leaver_id, (first, ada), (second, leaver_id))
    with pytest.raises(errors.NotFound):
        hand_over(identity_bus, leaver_id, (first, ada), (second, stranger))
    assert principal(operator, first) == principal(operator, second) == [leaver_id]


def test_handing_over_again_changes_nothing(identity_bus, operator, firms, leaver):
    leaver_id, _ = leaver
    pairs = [(each, uuid.uuid4()) for each in firms]
    hand_over(identity_bus, leaver_id, *pairs)
    assert hand_over(identity_bus, leaver_id, *pairs) == []
    assert [principal(operator, each) for each in firms] == [[to] for _, to in pairs]


@pytest.mark.requirement("R026")
def test_the_gestionnaire_of_a_public_structure_waits_for_the_operator(identity_bus, commune, member):
    leaver_id, _ = member(commune, "GP")
    with pytest.raises(errors.SuccessorByOperator) as caught:
        hand_over(identity_bus, leaver_id, (commune, uuid.uuid4()))
    assert "Commune de Valmont" in caught.value.message("fr")


def test_identity_alone_hands_over_for_who_leaves(firms, leaver, operator, somebody, caller):
    leaver_id, himself = leaver
    for bus in (himself, operator, somebody, caller(Actor.service("notifications"))):
        with pytest.raises(errors.Forbidden):
            hand_over(bus, leaver_id, *[(each, uuid.uuid4()) for each in firms])


@pytest.mark.requirement("R125")
def test_who_leaves_gets_no_role_on_the_word_of_an_older_answer(identity_bus, operator, firms, leaver, caller, create, service_clock):
    leaving = user()
    leaving_id, bus = uuid.UUID(leaving.id), caller(leaving)
    hand_over(identity_bus, leaving_id)
    _, gestionnaire = leaver
    with pytest.raises(errors.Conflict):
        gestionnaire.call(
            rattachements.TransferGestionnairePrincipal, structure_id=firms[0].structure_id, user_id=leaving_id
        )
    with pytest.raises(errors.Conflict):
        create(bus, type="PRIVATE")
    with pytest.raises(errors.Conflict):
        operator.call(
            organisation.AttachUser, structure_id=create().structure_id, user_id=leaving_id, role="GP"
        )
    service_clock.advance(minutes=2)  # he came back
    create(bus, type="PRIVATE")


@pytest.mark.requirement("R125")
def test_leaving_and_being_named_at_once_leave_no_structure_without_its_gestionnaire(identity_bus, operator, firms, leaver):
    leaver_id, gestionnaire = leaver
    successor = uuid.uuid4()

    def outcome(work):
        try:
            return work()
        except errors.PupitreError as error:
            return error

    def naming():
        values = {"structure_id": firms[0].structure_id, "user_id": successor}
        return gestionnaire.call(rattachements.TransferGestionnairePrincipal, **values)

    def leaving():
        return hand_over(identity_bus, successor)

    threads = [eventlet.spawn(outcome, work) for work in (naming, leaving)]
    named, left = [thread.wait() for thread in threads]
    assert isinstance(named, errors.Conflict) != isinstance(left, errors.SuccessorsNeeded)
    assert principal(operator, firms[0]) == ([leaver_id] if isinstance(named, errors.Conflict) else [successor])


@pytest.mark.requirement("RS-75")
def test_an_erased_user_belongs_to_nothing_any_more(bench, fake_service, commune, member, create, operator):
    user_id, bus = member(commune)
    bus.call(rattachements.AskRattachement, structure_id=create().structure_id, comment="Bonjour")
    host = bench.start(Identity)
    with host.runtime("identity").database.transaction() as tx:
        tx.publish(account_life.UserErased(user_id=user_id))
    wait_until(lambda: bus.call(organisation.RightsOfActor).structures == [], timeout=20)
    database = bench.database("organisation")
    with database.reading() as db:
        states = db.execute(sa.select(tables.approbation.c.state).where(tables.approbation.c.user_id == user_id)).scalars().all()
    database.close()
    assert states == ["ANNULE"]
