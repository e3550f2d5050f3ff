import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, organisation
from pupitre_organisation import tables


def rights(bus, structure):
    found = bus.call(organisation.RightsOfActor, structure_id=structure.structure_id).structures
    return {right.espace: right.profile for right in found[0].espaces} if found else None


def attach(bus, structure, user_id, **changes):
    values = {"structure_id": structure.structure_id, "user_id": user_id}
    return bus.call(organisation.AttachUser, **(values | changes)).rights


def give(bus, structure, user_id, profile=None, espace="factures-recues"):
    values = {"profile": profile} if profile else {}
    return bus.call(
        organisation.SetHabilitation, structure_id=structure.structure_id, user_id=user_id, espace=espace, **values
    ).rights


@pytest.mark.requirement("R100")
def test_without_rattachement_there_is_no_right(somebody, commune):
    assert rights(somebody, commune) is None
    assert somebody.call(organisation.RightsOfActor).structures == []


PUBLIC_BODIES = {
    "engagements",
    "factures-travaux",
    "factures-a-valider",
    "factures-emises",
    "factures-recues",
    "remboursement-tic",
    "suivi-des-flux",
    "frais-de-justice",
    "mes-messages",
    "organisation",
    "raccordements",
}


@pytest.mark.requirement("R131")
def test_a_rattachement_to_a_private_structure_comes_with_few_espaces_and_managing_with_the_gestionnaire_alone(create, member):
    firm = create(type="PRIVATE")
    _, gestionnaire = member(firm, "GP")
    _, simple = member(firm)
    assert rights(simple, firm) == {"factures-emises": "CONSULTATION", "sollicitations-emises": "MODIFICATION"}
    assert rights(gestionnaire, firm) == dict.fromkeys(
        ("factures-emises", "sollicitations-emises", "organisation"), "MODIFICATION"
    )


@pytest.mark.requirement("R110")
@pytest.mark.requirement("R132")
@pytest.mark.requirement("R134")
def test_the_gestionnaire_attaches_a_user_who_gets_the_profiles_of_his_role(commune, member, caller):
    _, gestionnaire = member(commune, "GP")
    more = {"guichet", "sollicitations-emises", "sollicitations-recues"}
    assert len(PUBLIC_BODIES) == 11
    assert rights(gestionnaire, commune) == dict.fromkeys(PUBLIC_BODIES | more, "MODIFICATION")
    newcomer = user()
    given = attach(gestionnaire, commune, uuid.UUID(newcomer.id))
    assert given.role == "US"
    assert rights(caller(newcomer), commune) == dict.fromkeys(PUBLIC_BODIES | more, "CONSULTATION") | {
        "sollicitations-emises": "MODIFICATION"
    }


@pytest.mark.requirement("R121")
@pytest.mark.requirement("R124")
def test_who_is_not_gestionnaire_attaches_nobody(commune, create, member, somebody, caller):
    _, simple = member(commune)
    _, gestionnaire_elsewhere = member(create(), "GP")
    technical = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    service = caller(Actor.service("invoicing"))
    for bus in (simple, gestionnaire_elsewhere, somebody, technical, service):
        with pytest.raises(errors.Forbidden):
            attach(bus, commune, uuid.uuid4())


def test_a_user_whom_identity_does_not_know_is_not_attached(operator, commune, strangers):
    stranger = uuid.uuid4()
    strangers.add(stranger)
    with pytest.raises(errors.NotFound):
        attach(operator, commune, stranger)


def test_attaching_again_changes_nothing(operator, commune, member, bench):
    user_id, _ = member(commune)
    give(operator, commune, user_id, "MODIFICATION")
    again = attach(operator, commune, user_id)
    assert {right.espace: right.profile for right in again.espaces}["factures-recues"] == "MODIFICATION"


@pytest.mark.requirement("R120")
def test_a_structure_never_has_two_gestionnaires_principaux(operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    simple_id, _ = member(commune)
    for user_id in (uuid.uuid4(), simple_id):
        with pytest.raises(errors.Conflict):
            attach(operator, commune, user_id, role="GP")
        with pytest.raises(errors.Forbidden):
            attach(gestionnaire, commune, user_id, role="GP")


@pytest.mark.requirement("R120")
def test_the_database_itself_refuses_a_second_gestionnaire_principal(bench, operator, commune, member):
    member(commune, "GP")
    simple_id, _ = member(commune)
    table = tables.rattachement
    database = bench.database("organisation")
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
        tx.execute(table.update().where(table.c.user_id == simple_id).values(role="GP"))
    database.close()


@pytest.mark.requirement("R125")
def test_the_gestionnaire_principal_is_not_made_a_simple_user_without_successor(operator, commune, member):
    user_id, _ = member(commune, "GP")
    with pytest.raises(errors.Conflict):
        attach(operator, commune, user_id, role="US")


def test_an_operator_makes_a_simple_user_the_first_gestionnaire_principal(operator, commune, member):
    user_id, bus = member(commune)
    assert attach(operator, commune, user_id, role="GP").role == "GP"
    assert set(rights(bus, commune).values()) == {"MODIFICATION"}


@pytest.mark.requirement("R135")
def test_a_habilitation_is_given_changed_and_taken_and_bites_at_once(commune, member):
    _, gestionnaire = member(commune, "GP")
    user_id, bus = member(commune)
    give(gestionnaire, commune, user_id, "MODIFICATION")
    assert rights(bus, commune)["factures-recues"] == "MODIFICATION"
    give(gestionnaire, commune, user_id)
    assert "factures-recues" not in rights(bus, commune)
    give(gestionnaire, commune, user_id)
    assert "factures-recues" not in rights(bus, commune)


@pytest.mark.requirement("R130")
def test_no_habilitation_in_an_espace_that_is_not_open(commune, member):
    _, gestionnaire = member(commune, "GP")
    user_id, _ = member(commune)
    for espace in ("atelier", "inconnu"):
        with pytest.raises(errors.EspaceClosed):
            give(gestionnaire, commune, user_id, "MODIFICATION", espace)


def test_no_habilitation_outside_a_rattachement(bench, operator, create, member, commune):
    with pytest.raises(errors.NotFound):
        give(operator, commune, uuid.uuid4(), "CONSULTATION")
    elsewhere = create()
    user_id, _ = member(elsewhere)
    with pytest.raises(errors.NotFound):
        give(operator, commune, user_id, "CONSULTATION")


def test_the_database_itself_ties_a_habilitation_to_one_structure(bench, operator, create, member, commune):
    elsewhere = create()
    member(elsewhere)
    opened, given = tables.open_espace, tables.habilitation
    database = bench.database("organisation")
    foreign = sa.select(opened.c.open_espace_id).where(opened.c.structure_id == commune.structure_id).limit(1)
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
        tx.execute(given.update().values(open_espace_id=foreign.scalar_subquery()))
    database.close()


@pytest.mark.requirement("R121")
@pytest.mark.requirement("R124")
def test_who_is_not_gestionnaire_gives_no_habilitation(commune, member, somebody, caller):
    user_id, simple = member(commune)
    for bus in (simple, somebody, caller(Actor.service("operator", behalf_of=user()))):
        with pytest.raises(errors.Forbidden):
            give(bus, commune, user_id, "MODIFICATION")


def test_a_service_asks_for_the_actor_it_serves(commune, member, caller):
    user_id, _ = member(commune, "GP")
    invoicing = caller(Actor.service("invoicing"))
    (found,) = invoicing.call(organisation.RightsOfActor, kind="user", actor_id=user_id).structures
    assert (found.role, found.portal_number) == ("GP", commune.portal_number)
    serving = caller(Actor.service("invoicing", behalf_of=user()))
    assert serving.call(organisation.RightsOfActor, kind="user", actor_id=user_id).structures == [found]
    values = {"structure_ids": [commune.structure_id], "espace": "factures-recues"}
    assert serving.call(organisation.MembersOfEspace, **values).structures[0].user_ids == [user_id]
    (technical,) = invoicing.call(
        organisation.RightsOfActor, kind="technical", actor_id=uuid.uuid4(), structure_id=commune.structure_id
    ).structures
    assert technical.role == "TECHNICAL"
    assert {right.espace: right.profile for right in technical.espaces} == dict.fromkeys(
        commune.espaces, "MODIFICATION"
    )
    for values in ({}, {"kind": "user"}, {"kind": "technical", "actor_id": uuid.uuid4()}):
        with pytest.raises(errors.Invalid):
            invoicing.call(organisation.RightsOfActor, **values)


def test_nobody_asks_for_the_rights_of_somebody_else(commune, create, member, caller):
    user_id, _ = member(commune, "GP")
    technical = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    assert [each.role for each in technical.call(organisation.RightsOfActor).structures] == ["TECHNICAL"]
    curious = caller(user())
    for bus, values in (
        (curious, {"kind": "user", "actor_id": user_id}),
        (technical, {"kind": "user", "actor_id": user_id}),
        (technical, {"structure_id": create().structure_id}),
    ):
        with pytest.raises(errors.Forbidden):
            bus.call(organisation.RightsOfActor, **values)


def test_services_learn_whom_to_write_to_and_users_do_not(operator, commune, create, member, caller, somebody):
    user_id, _ = member(commune)
    without, _ = member(commune)
    give(operator, commune, without)
    empty = create()
    values = {"structure_ids": [commune.structure_id, empty.structure_id], "espace": "factures-recues"}
    found = caller(Actor.service("notifications")).call(organisation.MembersOfEspace, **values).structures
    assert [each.user_ids for each in found] == [[user_id], []]
    with pytest.raises(errors.Forbidden):
        somebody.call(organisation.MembersOfEspace, **values)
