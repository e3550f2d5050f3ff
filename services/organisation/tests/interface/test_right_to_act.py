"""The whole table of the right to act: every call, by everybody, on an own and a foreign structure of either type."""

import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import catalogue, errors, rattachements
from pupitre_organisation import right_to_act
from pupitre_organisation.service import OrganisationService
from rights_world import ALWAYS_OWN, ASKED, BEYOND, OWN, SHARED, USERS, World

CALLS = {call.method: call for call in catalogue.CALLS if call.service == "organisation"}
ALLOWED, FORBIDDEN, UNSEEN = "allowed", "forbidden", "unseen"


def outcome(bus, action, values):
    """Ask, and say what came of it; anything but a refusal of rights fails the test."""
    call = CALLS[action.partition(":")[0]]
    try:
        reply = bus.call(call, **values)
    except errors.Forbidden:
        return FORBIDDEN
    except errors.NotFound:
        return UNSEEN
    except BEYOND.get(action, ()):
        return ALLOWED
    if call is rattachements.DecideApprobations and not reply.outcomes[0].done:
        hidden = str(values["approbation_ids"][0]) in reply.outcomes[0].why_en
        return UNSEEN if hidden else FORBIDDEN
    return ALLOWED


def expected(action, relation, structure_type, *, own=False):
    cell = right_to_act.TABLE[action, structure_type][relation]
    if cell == right_to_act.YES or (own and cell in (right_to_act.OWN, right_to_act.OWN_OR_UNSEEN)):
        return ALLOWED
    if cell in (right_to_act.UNSEEN, right_to_act.OWN_OR_UNSEEN):
        return UNSEEN
    return FORBIDDEN


@pytest.fixture(params=["PRIVATE", "PUBLIC"])
def world(request, operator, caller, create, service_clock, addresses, subscribe):
    made = World(operator, caller, create, request.param)
    made.address = "somebody@exemple.invalid"
    addresses[made.address] = uuid.uuid4()
    made.day = service_clock.now().date()
    made.subscribe = subscribe
    return made


@pytest.mark.requirement("RS-40")
def test_every_call_has_its_row_and_every_row_its_call():
    """A call without a row fails here; so does a row that no test asks for."""
    offered = {name for name in CALLS if hasattr(OrganisationService, name)}
    actions = {action for action, _ in right_to_act.TABLE}
    assert offered == {action for action in actions if ":" not in action} - SHARED
    assert offered == set(CALLS)
    assert actions - SHARED == set(ASKED) | set(OWN)
    assert all(set(row) == set(right_to_act.RELATIONS) for row in right_to_act.TABLE.values())


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R121")
@pytest.mark.requirement("R122")
@pytest.mark.requirement("R123")
@pytest.mark.requirement("R124")
def test_the_whole_table_holds(world):
    wrong, tried = [], 0
    for action, values in ASKED.items():
        for relation in right_to_act.RELATIONS:
            wanted = expected(action, relation, world.type, own=action in ALWAYS_OWN)
            if action == "attach_user: as GP" and relation != right_to_act.OPERATOR:
                asked = {"structure_id": world.id, "user_id": uuid.uuid4(), "role": "GP"}
            elif action == "transfer_gestionnaire_principal" and wanted == ALLOWED:
                continue  # asked below, since it changes who everybody is
            else:
                asked = values(world)
            if action == "rights_of_actor" and relation in (right_to_act.TECHNICAL, right_to_act.ELSEWHERE):
                asked = {"kind": "technical", "actor_id": uuid.uuid4()}
            found = outcome(world.bus(relation), action, asked)
            tried += 1
            if found != wanted:
                wrong.append((action, relation, wanted, found))
    assert tried > 600
    assert not wrong


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R124")
def test_everybody_may_do_to_himself_what_the_table_says(world):
    wrong = []
    # Detaching comes last: who has gone has no relation any more.
    for action, values in sorted(OWN.items(), key=lambda each: each[0] == "detach"):
        for relation in USERS:
            if action == "detach" and relation in (right_to_act.GP, right_to_act.STRANGER):
                continue  # the one needs a successor, the other is not attached: tested where they belong
            wanted = expected(action, relation, world.type, own=True)
            found = outcome(world.bus(relation), action, values(world, relation))
            if found != wanted:
                wrong.append((action, relation, wanted, found))
    assert not wrong


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R143")
def test_who_manages_another_structure_is_a_stranger_to_this_one(world):
    wrong = []
    for action, values in ASKED.items():
        wanted = expected(action, right_to_act.STRANGER, world.type, own=action in ALWAYS_OWN)
        asked = values(world)
        if action == "attach_user: as GP":
            asked = {"structure_id": world.id, "user_id": uuid.uuid4(), "role": "GP"}
        if outcome(world.bus("gestionnaire of another"), action, asked) != wanted:
            wrong.append(action)
    assert not wrong


@pytest.mark.requirement("R121")
@pytest.mark.requirement("R122")
def test_the_role_of_gp_is_handed_over_by_whom_the_table_names(operator, caller, create):
    for structure_type in ("PRIVATE", "PUBLIC"):
        for relation in (right_to_act.GP, right_to_act.OPERATOR):
            world = World(operator, caller, create, structure_type)
            asked = {"structure_id": world.id, "user_id": world.member()}
            found = outcome(world.bus(relation), "transfer_gestionnaire_principal", asked)
            assert found == expected("transfer_gestionnaire_principal", relation, structure_type)


@pytest.mark.requirement("RS-40")
def test_a_service_that_acts_for_somebody_has_his_rights_and_no_more(world):
    for relation in (right_to_act.GP, right_to_act.US, right_to_act.STRANGER):
        behalf = world.caller(Actor.service("operator", behalf_of=world.actors[relation]))
        for action in ("open_espace", "list_members", "attach_user"):
            assert outcome(behalf, action, ASKED[action](world)) == expected(action, relation, world.type)


@pytest.mark.requirement("RS-40")
def test_identity_alone_hands_the_roles_over_of_who_leaves(create, member, caller):
    gestionnaire, _ = member(create(type="PRIVATE"), "GP")
    for name, wanted in (("identity", ALLOWED), ("invoicing", FORBIDDEN), ("operator", FORBIDDEN)):
        asked = {"user_id": gestionnaire, "successors": []}
        assert outcome(caller(Actor.service(name)), "hand_over_roles", asked) == wanted


def test_a_rule_that_no_row_states_lets_nobody_do_anything():
    with pytest.raises(KeyError):
        right_to_act.allows("burn_down", frozenset({right_to_act.OPERATOR}), "PRIVATE")
