"""Who manages a structure beside its gestionnaire principal, and the list of what its users may do (R122, R123, R126, R144, R145)."""

import uuid

import pytest
from organisation_world import logged
from pupitre_contracts import errors, habilitations, organisation, rattachements


def give(bus, structure, user_id, espace, profile="MODIFICATION"):
    values = {"structure_id": structure.structure_id, "user_id": user_id, "espace": espace}
    bus.call(organisation.SetHabilitation, **values, **({"profile": profile} if profile else {}))


def name(bus, structure, user_id, manages_structure=True, manages_users=True):
    flags = {"manages_structure": manages_structure, "manages_users": manages_users}
    values = {"structure_id": structure.structure_id, "user_id": user_id}
    return bus.call(habilitations.SetGestionnaireSecondaire, **values, **flags).member


def standing(bus):
    (found,) = bus.call(organisation.RightsOfActor).structures
    return found.role, found.manages_structure, found.manages_users


@pytest.fixture
def firm(create):
    return create(type="PRIVATE", name="Papeterie")


@pytest.mark.requirement("R122")
def test_who_modifies_the_organisation_manages_all_but_does_not_hand_over(firm, member):
    _, gestionnaire = member(firm, "GP")
    user_id, bus = member(firm)
    assert standing(bus) == ("US", False, False)
    give(gestionnaire, firm, user_id, "organisation")
    assert standing(bus) == ("US", True, True)
    newcomer, _ = member(firm)
    give(bus, firm, newcomer, "organisation")
    bus.call(organisation.OpenEspace, structure_id=firm.structure_id, espace="engagements")
    # identity asks for the role before it makes a technical account (R126), and the table keeps the handing over to the GP.
    with pytest.raises(errors.Forbidden) as caught:
        bus.call(rattachements.TransferGestionnairePrincipal, structure_id=firm.structure_id, user_id=newcomer)
    assert caught.value.details["needed"] == "GP"
    give(gestionnaire, firm, user_id, "organisation", None)
    with pytest.raises(errors.Forbidden):
        bus.call(organisation.OpenEspace, structure_id=firm.structure_id, espace="raccordements")


@pytest.mark.requirement("R123")
def test_a_gestionnaire_secondaire_has_two_flags_each_with_its_field_of_action(firm, member, bench):
    _, gestionnaire = member(firm, "GP")
    user_id, bus = member(firm)
    attaching = {"structure_id": firm.structure_id, "user_id": uuid.uuid4()}
    opening = {"structure_id": firm.structure_id, "espace": "engagements"}
    for structure, users in ((True, False), (False, True), (True, True), (False, False)):
        made = name(gestionnaire, firm, user_id, structure, users)
        assert (made.manages_structure, made.manages_users) == (structure, users)
        assert standing(bus) == ("US", structure, users)
        for may, call, values in ((structure, organisation.OpenEspace, opening), (users, organisation.AttachUser, attaching)):
            if may:
                bus.call(call, **values)
            else:
                with pytest.raises(errors.Forbidden):
                    bus.call(call, **values)
    told = [data for kind, data in bench.told("organisation") if kind == "gestionnaire_secondaire.named.v1"]
    assert [(each["manages_structure"], each["manages_users"]) for each in told][-1] == (False, False)


def test_nobody_makes_himself_more_than_he_is(firm, member):
    _, gestionnaire = member(firm, "GP")
    user_id, bus = member(firm)
    name(gestionnaire, firm, user_id, manages_structure=False)
    for espace in ("factures-emises", "organisation"):
        with pytest.raises(errors.Forbidden):
            give(bus, firm, user_id, espace)
    with pytest.raises(errors.Forbidden):
        name(bus, firm, user_id)
    give(gestionnaire, firm, user_id, "organisation")
    with pytest.raises(errors.Forbidden):
        name(bus, firm, user_id)


def test_a_gestionnaire_secondaire_is_a_simple_user_of_the_structure_itself(firm, member):
    gp_id, gestionnaire = member(firm, "GP")
    with pytest.raises(errors.Conflict):
        name(gestionnaire, firm, gp_id)
    with pytest.raises(errors.NotFound):
        name(gestionnaire, firm, uuid.uuid4())


@pytest.mark.requirement("R109")
def test_who_hands_his_role_over_manages_nothing_any_more(firm, member):
    _, first = member(firm, "GP")
    second_id, second = member(firm)
    first.call(rattachements.TransferGestionnairePrincipal, structure_id=firm.structure_id, user_id=second_id)
    assert standing(first) == ("US", False, False)
    assert standing(second) == ("GP", True, True)
    with pytest.raises(errors.Forbidden):
        first.call(rattachements.ListMembers, structure_id=firm.structure_id)


@pytest.mark.requirement("R145")
def test_the_list_is_narrowed_by_every_criterion_and_habilitations_are_removed_in_mass(firm, member, bench):
    gp_id, gestionnaire = member(firm, "GP")
    users = [member(firm) for _ in range(3)]
    page = {"structure_id": firm.structure_id, "page_size": 2}
    listed = gestionnaire.call(habilitations.ListHabilitations, **page)
    assert (len(listed.habilitations), listed.total) == (2, 9)  # three espaces of the GP, two of each user

    def lines(**criteria):
        return gestionnaire.call(habilitations.ListHabilitations, structure_id=firm.structure_id, **criteria).habilitations

    assert {each.user_id for each in lines(user_id=users[0][0])} == {users[0][0]}
    assert {each.espace for each in lines(espace="organisation")} == {"organisation"}
    consulting = lines(profile="CONSULTATION")
    assert {each.user_id for each in consulting} == {user_id for user_id, _ in users}
    assert {(each.structure_name, each.user_name, each.standing) for each in consulting} == {("Papeterie", "X Y", "VALIDE")}
    ids = [each.habilitation_id for each in consulting]
    removing = {"structure_id": firm.structure_id, "habilitation_ids": ids}
    assert gestionnaire.call(habilitations.RemoveHabilitations, **removing).removed == 3
    assert gestionnaire.call(habilitations.RemoveHabilitations, **removing).removed == 0
    assert lines(profile="CONSULTATION") == []
    for _, bus in users:
        assert "factures-emises" not in {right.espace for right in bus.call(organisation.RightsOfActor).structures[0].espaces}
    told = [data for kind, data in bench.told("organisation") if kind == "habilitation.removed.v1"]
    assert {each["removed_by"] for each in told} == {f"user:{gp_id}"} and len(told) == 3


@pytest.mark.requirement("R145")
def test_who_does_not_manage_the_users_neither_lists_nor_removes(firm, create, member, somebody):
    _, gestionnaire = member(firm, "GP")
    _, simple = member(firm)
    _, elsewhere = member(create(), "GP")
    line = gestionnaire.call(habilitations.ListHabilitations, structure_id=firm.structure_id).habilitations[0]
    removing = {"structure_id": firm.structure_id, "habilitation_ids": [line.habilitation_id]}
    for bus in (simple, elsewhere, somebody):
        with pytest.raises(errors.Forbidden):
            bus.call(habilitations.ListHabilitations, structure_id=firm.structure_id)
        with pytest.raises(errors.Forbidden):
            bus.call(habilitations.RemoveHabilitations, **removing)
    own = elsewhere.call(organisation.RightsOfActor).structures[0].structure_id
    with pytest.raises(errors.NotFound):
        elsewhere.call(habilitations.RemoveHabilitations, structure_id=own, habilitation_ids=[line.habilitation_id])
    with pytest.raises(errors.Invalid):
        gestionnaire.call(habilitations.RemoveHabilitations, structure_id=firm.structure_id, habilitation_ids=[])


@pytest.mark.requirement("R145")
def test_a_change_of_profile_is_told_and_logged_with_what_it_replaces(firm, member, bench):
    gp_id, gestionnaire = member(firm, "GP")
    user_id, _ = member(firm)
    give(gestionnaire, firm, user_id, "factures-emises")
    give(gestionnaire, firm, user_id, "factures-emises", None)
    (told,) = [data for kind, data in bench.told("organisation") if kind == "habilitation.granted.v1"]
    assert (told["before"], told["profile"], told["user_id"]) == ("CONSULTATION", "MODIFICATION", str(user_id))
    for action, before, after in (("given", "CONSULTATION", "MODIFICATION"), ("taken", "MODIFICATION", None)):
        line = logged(bench, f"habilitation.{action}")[-1]
        assert (line["actor"], line["object"]) == (f"user:{gp_id}", f"user:{user_id}")
        assert [line[side]["habilitations"].get("factures-emises") for side in ("before", "after")] == [before, after]


@pytest.mark.requirement("R031")
def test_everybody_gives_up_what_he_was_given_and_nobody_elses(firm, member, somebody, bench):
    member(firm, "GP")
    user_id, bus = member(firm)
    other_id, other = member(firm)
    (before,) = bus.call(organisation.RightsOfActor).structures
    assert "factures-emises" in {right.espace for right in before.espaces}
    for who, whose in ((other, user_id), (bus, other_id), (somebody, user_id)):
        with pytest.raises(errors.Forbidden):
            give(who, firm, whose, "factures-emises", None)
    give(bus, firm, user_id, "factures-emises", None)
    (after,) = bus.call(organisation.RightsOfActor).structures
    assert "factures-emises" not in {right.espace for right in after.espaces}
    assert logged(bench, "habilitation.taken")[-1]["actor"] == f"user:{user_id}"
    with pytest.raises(errors.Forbidden):
        give(bus, firm, user_id, "factures-emises")
