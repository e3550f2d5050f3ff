import uuid

import pytest
from pupitre_bus.testing import user
from pupitre_contracts import errors, organisation, rattachements


def detach(bus, structure, user_id):
    bus.call(rattachements.Detach, structure_id=structure.structure_id, user_id=user_id)


def transfer(bus, structure, user_id):
    return bus.call(
        rattachements.TransferGestionnairePrincipal, structure_id=structure.structure_id, user_id=user_id
    ).member


def members(bus, structure):
    return bus.call(rattachements.ListMembers, structure_id=structure.structure_id).members


def roles(bus, structure):
    return {each.user_id: each.role for each in members(bus, structure)}


@pytest.fixture
def firm(create):
    return create(type="PRIVATE", name="Papeterie")


@pytest.mark.requirement("R108")
@pytest.mark.requirement("R110")
@pytest.mark.parametrize("by", ["himself", "gestionnaire", "operator"])
def test_a_detached_user_has_no_right_any_more(commune, member, operator, by, bench):
    _, gestionnaire = member(commune, "GP")
    user_id, bus = member(commune)
    detach({"himself": bus, "gestionnaire": gestionnaire, "operator": operator}[by], commune, user_id)
    assert bus.call(organisation.RightsOfActor).structures == []
    with pytest.raises(errors.NotFound):
        detach(operator, commune, user_id)
    operator.call(organisation.AttachUser, structure_id=commune.structure_id, user_id=user_id)
    given = {right.espace: right.profile for right in bus.call(organisation.RightsOfActor).structures[0].espaces}
    assert given["factures-recues"] == given["organisation"] == "CONSULTATION"


@pytest.mark.requirement("R121")
@pytest.mark.requirement("R124")
def test_nobody_else_detaches_or_lists(commune, create, member, somebody):
    user_id, _ = member(commune)
    _, simple = member(commune)
    _, elsewhere = member(create(), "GP")
    for bus in (simple, elsewhere, somebody):
        with pytest.raises(errors.Forbidden):
            detach(bus, commune, user_id)
        with pytest.raises(errors.Forbidden):
            members(bus, commune)


@pytest.mark.requirement("R109")
@pytest.mark.requirement("R125")
def test_the_gestionnaire_principal_leaves_only_after_handing_over(firm, member):
    first_id, first = member(firm, "GP")
    second_id, second = member(firm)
    with pytest.raises(errors.SuccessorNeeded) as caught:
        detach(first, firm, first_id)
    assert "Papeterie" in caught.value.message("fr")
    transfer(first, firm, second_id)
    detach(first, firm, first_id)
    assert roles(second, firm) == {second_id: "GP"}


@pytest.mark.requirement("R120")
def test_handing_over_leaves_one_gestionnaire_principal_and_the_old_one_attached(bench, firm, member, caller):
    first_id, first = member(firm, "GP")
    newcomer = user()
    made = transfer(first, firm, uuid.UUID(newcomer.id))
    assert made.role == "GP"
    assert {right.profile for right in made.espaces} == {"MODIFICATION"}
    second = caller(newcomer)
    assert roles(second, firm) == {first_id: "US", uuid.UUID(newcomer.id): "GP"}
    for bus, target in ((first, first_id), (first, uuid.uuid4())):
        with pytest.raises(errors.Forbidden):
            transfer(bus, firm, target)
    with pytest.raises(errors.Conflict):
        transfer(second, firm, uuid.UUID(newcomer.id))
    (moved,) = [data for kind, data in bench.told("organisation") if kind == "gestionnaire_principal.transferred.v1"]
    assert (moved["from_user_id"], moved["to_user_id"]) == (str(first_id), newcomer.id)


@pytest.mark.requirement("R026")
def test_the_gestionnaire_of_a_public_structure_is_named_by_an_operator(commune, member, operator):
    first_id, first = member(commune, "GP")
    second_id, second = member(commune)
    with pytest.raises(errors.Forbidden):
        transfer(first, commune, second_id)
    transfer(operator, commune, second_id)
    assert roles(second, commune) == {first_id: "US", second_id: "GP"}


def test_the_role_is_not_handed_to_somebody_unknown(firm, member, strangers):
    first_id, first = member(firm, "GP")
    stranger = uuid.uuid4()
    strangers.add(stranger)
    with pytest.raises(errors.NotFound):
        transfer(first, firm, stranger)
    assert roles(first, firm) == {first_id: "GP"}


def test_a_structure_without_gestionnaire_gets_one_another_way(firm, member, operator):
    user_id, _ = member(firm)
    with pytest.raises(errors.Conflict):
        transfer(operator, firm, user_id)
