import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import errors, organisation, platform, rattachements


def open_(bus, structure, espace="atelier"):
    reply = bus.call(organisation.OpenEspace, structure_id=structure.structure_id, espace=espace)
    return {each.key: each for each in reply.espaces}


def close(bus, structure, espace="atelier"):
    reply = bus.call(organisation.CloseEspace, structure_id=structure.structure_id, espace=espace)
    return {each.key: each for each in reply.espaces}


def rights(bus):
    (found,) = bus.call(organisation.RightsOfActor).structures
    return {right.espace: right.profile for right in found.espaces}


def published(operator, espace_event):
    page = operator.call_on("organisation", platform.EventsAfter, after=0, types=[espace_event])
    return len(page.events)


def approve_all(bus):
    """Approve every request that waits; return how many there were."""
    asked = bus.call(rattachements.ListApprobations, side="to_decide", state="DEMANDE").approbations
    if asked:
        ids = [each.approbation_id for each in asked]
        outcomes = bus.call(rattachements.DecideApprobations, approbation_ids=ids, decision="APPROUVE").outcomes
        assert all(each.done for each in outcomes)
    return len(asked)


@pytest.mark.requirement("R130")
@pytest.mark.requirement("R142")
def test_opening_an_espace_gives_it_to_the_gestionnaire_and_asks_for_the_users(operator, commune, member, atelier):
    _, gestionnaire = member(commune, "GP")
    _, simple = member(commune)
    assert open_(gestionnaire, commune)["atelier"].open is True
    assert rights(gestionnaire)["atelier"] == "MODIFICATION"
    assert "atelier" not in rights(simple)
    assert approve_all(gestionnaire) == 1
    assert rights(simple)["atelier"] == "CONSULTATION"
    wait_until(lambda: atelier.told == [("opened", "Commune de Valmont", "public")])
    wait_until(lambda: published(operator, "espace.opened.v1") == 1)


def test_opening_an_open_espace_changes_nothing(operator, commune, atelier):
    open_(operator, commune)
    open_(operator, commune)
    wait_until(lambda: published(operator, "espace.opened.v1") == 1 and atelier.told)
    assert len(atelier.told) == 1


def test_services_learn_what_is_open_at_many_structures_and_users_do_not(operator, commune, create, caller, somebody, atelier):
    open_(operator, commune)
    other, unknown = create().structure_id, uuid.uuid4()
    values = {"structure_ids": [commune.structure_id, other, unknown]}
    serving = caller(Actor.service("invoicing"))
    found = serving.call(organisation.EspacesOfStructures, **values).structures
    assert [each.structure_id for each in found] == values["structure_ids"]
    assert "atelier" in found[0].espaces
    assert "factures-recues" in found[1].espaces and "atelier" not in found[1].espaces
    assert found[2].espaces == []
    close(operator, commune)
    assert "atelier" not in serving.call(organisation.EspacesOfStructures, **values).structures[0].espaces
    with pytest.raises(errors.Invalid):
        serving.call(organisation.EspacesOfStructures, structure_ids=[commune.structure_id] * 1001)
    with pytest.raises(errors.Forbidden):
        somebody.call(organisation.EspacesOfStructures, **values)


@pytest.mark.requirement("R144")
def test_closing_an_espace_ends_every_access_to_it_at_once(operator, commune, member, caller, atelier):
    _, gestionnaire = member(commune, "GP")
    _, simple = member(commune)
    open_(gestionnaire, commune)
    approve_all(gestionnaire)
    assert "atelier" in rights(simple)
    assert close(gestionnaire, commune)["atelier"].open is False
    assert "atelier" not in rights(gestionnaire)
    assert "atelier" not in rights(simple)
    members = caller(Actor.service("notifications")).call(
        organisation.MembersOfEspace, structure_ids=[commune.structure_id], espace="atelier"
    )
    assert members.structures[0].user_ids == []
    wait_until(lambda: [what for what, *_ in atelier.told] == ["opened", "closed"])
    wait_until(lambda: published(operator, "espace.closed.v1") == 1)


@pytest.mark.requirement("R144")
def test_what_was_taken_by_closing_does_not_come_back_by_itself(operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    user_id, simple = member(commune)
    open_(operator, commune)
    operator.call(
        organisation.SetHabilitation,
        structure_id=commune.structure_id,
        user_id=user_id,
        espace="atelier",
        profile="MODIFICATION",
    )
    close(operator, commune)
    close(operator, commune)
    open_(operator, commune)
    assert "atelier" not in rights(simple)
    approve_all(gestionnaire)
    assert rights(simple)["atelier"] == "CONSULTATION"


@pytest.mark.requirement("R141")
def test_an_espace_that_is_added_makes_one_request_for_each_user_to_accept_or_refuse_in_mass(bench, commune, member):
    _, gestionnaire = member(commune, "GP")
    users = [member(commune) for _ in range(5)]
    open_(gestionnaire, commune)
    asked = gestionnaire.call(rattachements.ListApprobations, side="to_decide", state="DEMANDE")
    assert (asked.waiting, {each.user_id for each in asked.approbations}) == (5, {user_id for user_id, _ in users})
    assert {each.generated_by for each in asked.approbations} == {asked.approbations[0].generated_by} - {None}
    assert {(wish.espace, wish.profile) for each in asked.approbations for wish in each.wishes} == {("atelier", "CONSULTATION")}
    ids = [each.approbation_id for each in asked.approbations]
    deciding = {"motive": "Pas pour vous", "decision": "REFUSE"}
    gestionnaire.call(rattachements.DecideApprobations, approbation_ids=ids[:2], **deciding)
    gestionnaire.call(rattachements.DecideApprobations, approbation_ids=ids[2:], decision="APPROUVE")
    able = {user_id for user_id, bus in users if "atelier" in rights(bus)}
    assert able == {each.user_id for each in asked.approbations[2:]}
    told = [data for kind, data in bench.told("organisation") if kind == "habilitation.requested.v1"]
    assert len(told) == 5 and all(each["generated_by"] for each in told)


@pytest.mark.requirement("R144")
def test_what_was_asked_for_an_espace_is_taken_back_when_it_closes(commune, member):
    _, gestionnaire = member(commune, "GP")
    _, simple = member(commune)
    open_(gestionnaire, commune)
    close(gestionnaire, commune)
    assert gestionnaire.call(rattachements.ListApprobations, side="to_decide", state="DEMANDE").waiting == 0
    (asked,) = simple.call(rattachements.ListApprobations, side="mine").approbations
    assert asked.state == "ANNULE"


@pytest.mark.requirement("R133")
def test_exactly_seven_of_the_portals_own_espaces_can_be_added_by_a_private_structure(operator, create):
    firm = create(type="PRIVATE")
    listed = operator.call(organisation.ListEspaces, structure_id=firm.structure_id).espaces
    assert {each.key for each in listed if each.addable and each.origin == "pupitre-organisation"} == {
        "factures-travaux",
        "factures-a-valider",
        "remboursement-tic",
        "frais-de-justice",
        "engagements",
        "suivi-des-flux",
        "raccordements",
    }


@pytest.mark.requirement("R136")
def test_the_further_applications_exist(operator, commune):
    listed = operator.call(organisation.ListEspaces, structure_id=commune.structure_id).espaces
    assert {each.key for each in listed} >= {
        "sollicitations-emises",
        "processus-de-validation",
        "remboursement-tic",
        "raccordements",
        "suivi-des-flux",
        "engagements",
        "organisation",
    }


@pytest.mark.requirement("R143")
def test_only_a_gestionnaire_of_the_structure_opens_and_closes(commune, create, member, somebody, caller):
    _, simple = member(commune)
    _, gestionnaire_elsewhere = member(create(), "GP")
    technical = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    behalf = caller(Actor.service("invoicing", behalf_of=user()))
    for bus in (simple, gestionnaire_elsewhere, somebody, technical, behalf):
        with pytest.raises(errors.Forbidden):
            open_(bus, commune)
        with pytest.raises(errors.Forbidden):
            close(bus, commune, "factures-emises")


def test_an_espace_that_does_not_exist_or_is_for_others_is_unknown(operator, create):
    private = create(type="PRIVATE")
    for espace in ("inconnu", "guichet", "factures-recues"):
        with pytest.raises(errors.EspaceUnknown):
            open_(operator, private, espace)


def test_the_list_holds_what_is_meant_for_the_type_and_says_where_it_comes_from(operator, create):
    private, public = create(type="PRIVATE"), create()
    of_private = operator.call(organisation.ListEspaces, structure_id=private.structure_id).espaces
    assert [each.key for each in of_private if each.open] == ["factures-emises", "organisation", "sollicitations-emises"]
    assert not {"guichet", "factures-recues"} & {each.key for each in of_private}
    of_public = {
        each.key: each for each in operator.call(organisation.ListEspaces, structure_id=public.structure_id).espaces
    }
    assert of_public.keys() >= {"factures-emises", "factures-recues", "atelier", "guichet"}
    atelier = of_public["atelier"]
    assert (atelier.origin, atelier.version, atelier.default, atelier.open) == (
        "pupitre-espace-atelier",
        "1.2",
        False,
        False,
    )
    assert (atelier.label_fr, atelier.label_en, atelier.problem) == ("Atelier", "Workshop", None)
    assert of_public["guichet"].default and of_public["guichet"].open


def test_the_failure_of_a_plugin_is_told_in_the_list_and_stops_nothing(operator, commune):
    open_(operator, commune)
    close(operator, commune)

    def problem():
        listed = operator.call(organisation.ListEspaces, structure_id=commune.structure_id).espaces
        return next(each.problem for each in listed if each.key == "atelier")

    assert "RuntimeError" in wait_until(problem)


def test_users_see_the_espaces_of_their_own_structures_only(commune, member, somebody, caller):
    _, simple = member(commune)
    technical = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    for bus in (simple, technical, caller(Actor.service("invoicing"))):
        assert bus.call(organisation.ListEspaces, structure_id=commune.structure_id).espaces
    foreign = caller(Actor("technical", str(uuid.uuid4()), structure_id=uuid.uuid4()))
    for bus in (somebody, foreign):
        with pytest.raises(errors.NotFound):
            bus.call(organisation.ListEspaces, structure_id=commune.structure_id)
