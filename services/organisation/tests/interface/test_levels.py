"""Rattachements and habilitations at chosen services of a structure (R101, R108, R110, R138, R139)."""

import datetime
import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, habilitations, organisation, rattachements

TODAY = datetime.date(2024, 1, 1)


@pytest.fixture
def services(operator, commune):
    """Two services of the structure: (ACHATS, VOIRIE)."""

    def add(code):
        values = {"structure_id": commune.structure_id, "code": code, "label": code.title(), "starts_on": TODAY}
        return operator.call(organisation.CreateStructureService, **values).structure_service.structure_service_id

    return add("ACHATS"), add("VOIRIE")


@pytest.fixture
def gestionnaire(commune, member):
    return member(commune, "GP")[1]


@pytest.fixture
def attached(gestionnaire, commune, caller):
    """Attach a new user to services, and return (identifier, a bus that acts as him)."""

    def attach(*at):
        actor = user()
        values = {"structure_id": commune.structure_id, "user_id": uuid.UUID(actor.id), "structure_service_ids": list(at)}
        gestionnaire.call(organisation.AttachUser, **values)
        return uuid.UUID(actor.id), caller(actor)

    return attach


def rights(bus):
    found = bus.call(organisation.RightsOfActor).structures
    return {right.espace: right for right in found[0].espaces} if found else None


def wish(service, espace="factures-recues", profile="MODIFICATION"):
    level = {"structure_service_id": service} if service else {}
    return rattachements.Wish(espace=espace, profile=profile, **level)


def ask(bus, structure, *wishes, **values):
    found = bus.call(rattachements.AskHabilitation, structure_id=structure.structure_id, wishes=list(wishes), **values)
    return found.approbation


def decide(bus, asked):
    outcomes = bus.call(rattachements.DecideApprobations, approbation_ids=[asked.approbation_id], decision="APPROUVE").outcomes
    return outcomes[0]


@pytest.mark.requirement("R101")
@pytest.mark.requirement("R110")
def test_who_is_attached_to_a_service_has_every_espace_there_and_nowhere_else(attached, services, caller, commune):
    achats, _ = services
    user_id, bus = attached(achats)
    (found,) = bus.call(organisation.RightsOfActor).structures
    assert (found.whole_structure, found.structure_service_ids) == (False, [achats])
    assert {tuple(right.structure_service_ids) for right in found.espaces} == {(achats,)}
    asking = {"structure_ids": [commune.structure_id], "espace": "factures-recues"}
    (told,) = caller(Actor.service("notifications")).call(organisation.MembersOfEspace, **asking).structures
    assert user_id not in told.user_ids
    assert [(each.user_id, each.structure_service_ids) for each in told.limited] == [(user_id, [achats])]


@pytest.mark.requirement("R101")
@pytest.mark.requirement("R102")
def test_a_rattachement_asked_for_at_a_service_is_given_there(gestionnaire, commune, services, caller):
    achats, voirie = services
    bus = caller(user())
    values = {"structure_id": commune.structure_id, "comment": "Service des achats"}
    asked = bus.call(rattachements.AskRattachement, structure_service_ids=[achats], **values).approbation
    assert [each.code for each in asked.services] == ["ACHATS"]
    assert decide(gestionnaire, asked).done
    assert rights(bus)["factures-recues"].structure_service_ids == [achats]
    with pytest.raises(errors.RequestPointless):
        bus.call(rattachements.AskRattachement, structure_service_ids=[achats], **values)
    more = bus.call(rattachements.AskRattachement, structure_service_ids=[achats, voirie], **values).approbation
    assert decide(gestionnaire, more).done
    assert rights(bus)["factures-recues"].structure_service_ids == sorted(services)
    whole = bus.call(rattachements.AskRattachement, **values).approbation
    assert decide(gestionnaire, whole).done
    assert rights(bus)["factures-recues"].structure_service_ids is None


def test_a_service_of_another_structure_is_not_found(operator, create, commune, attached, gestionnaire, caller):
    elsewhere = create()
    values = {"structure_id": elsewhere.structure_id, "code": "X", "label": "X", "starts_on": TODAY}
    foreign = operator.call(organisation.CreateStructureService, **values).structure_service.structure_service_id
    with pytest.raises(errors.NotFound):
        attached(foreign)
    asking = {"structure_id": commune.structure_id, "comment": "x", "structure_service_ids": [foreign]}
    with pytest.raises(errors.NotFound):
        caller(user()).call(rattachements.AskRattachement, **asking)


@pytest.mark.requirement("R108")
def test_only_the_level_that_is_left_goes(gestionnaire, commune, services, attached, operator):
    achats, voirie = services
    user_id, bus = attached(achats, voirie)
    leaving = {"structure_id": commune.structure_id, "user_id": user_id}
    bus.call(rattachements.Detach, structure_service_ids=[achats], **leaving)
    assert rights(bus)["factures-recues"].structure_service_ids == [voirie]
    with pytest.raises(errors.NotFound):
        bus.call(rattachements.Detach, structure_service_ids=[achats], **leaving)
    operator.call(organisation.AttachUser, **leaving)
    assert rights(bus)["factures-recues"].structure_service_ids is None
    bus.call(rattachements.Detach, structure_level_only=True, **leaving)
    assert rights(bus)["factures-recues"].structure_service_ids == [voirie]
    bus.call(rattachements.Detach, structure_service_ids=[voirie], **leaving)
    assert rights(bus) is None


@pytest.mark.requirement("R137")
@pytest.mark.requirement("R138")
@pytest.mark.requirement("R140")
def test_habilitations_for_two_services_are_two_lines_and_one_approbation(gestionnaire, commune, services, attached):
    user_id, bus = attached(*services)
    asked = ask(bus, commune, *[wish(service) for service in services])
    assert gestionnaire.call(rattachements.ListApprobations, side="to_decide").waiting == 1

    def lines(**criteria):
        values = {"structure_id": commune.structure_id, "user_id": user_id, "espace": "factures-recues", **criteria}
        found = gestionnaire.call(habilitations.ListHabilitations, **values).habilitations
        return sorted((each.standing, each.code_service, each.profile) for each in found)

    waiting = [("EN_COURS", code, "MODIFICATION") for code in ("ACHATS", "VOIRIE")]
    assert lines() == waiting + [("VALIDE", code, "CONSULTATION") for code in ("ACHATS", "VOIRIE")]
    assert decide(gestionnaire, asked).done
    assert lines() == [("VALIDE", code, "MODIFICATION") for code in ("ACHATS", "VOIRIE")]
    assert lines(profile="CONSULTATION") == []
    assert lines(structure_service_id=services[0]) == [("VALIDE", "ACHATS", "MODIFICATION")]


@pytest.mark.requirement("R139")
def test_habilitations_are_asked_for_and_given_where_one_is_attached_only(gestionnaire, commune, services, attached):
    achats, voirie = services
    user_id, bus = attached(achats)
    for service in (voirie, None):
        with pytest.raises(errors.Forbidden):
            ask(bus, commune, wish(service))
        values = {"user_id": user_id, "espace": "factures-recues", "profile": "MODIFICATION"}
        level = {"structure_service_id": service} if service else {}
        with pytest.raises(errors.Forbidden):
            gestionnaire.call(organisation.SetHabilitation, structure_id=commune.structure_id, **values, **level)
    with pytest.raises(errors.NotFound):
        ask(bus, commune, wish(uuid.uuid4()))
    asked = ask(bus, commune, wish(achats))
    gestionnaire.call(rattachements.Detach, structure_id=commune.structure_id, user_id=user_id)
    assert not decide(gestionnaire, asked).done


@pytest.mark.requirement("R138")
def test_a_habilitation_takes_effect_on_its_day(gestionnaire, commune, member, service_clock, operator):
    user_id, bus = member(commune)
    day = service_clock.now().date() + datetime.timedelta(days=10)
    decide(gestionnaire, ask(bus, commune, wish(None, espace="guichet"), starts_on=day))

    def profile():
        found = operator.call(organisation.RightsOfActor, kind="user", actor_id=user_id).structures[0].espaces
        return next((each.profile for each in found if each.espace == "guichet"), None)

    assert profile() is None
    service_clock.advance(days=11)
    assert profile() == "MODIFICATION"


def test_a_user_with_more_at_one_service_has_it_there_only(gestionnaire, commune, services, member):
    user_id, bus = member(commune)
    values = {"structure_id": commune.structure_id, "user_id": user_id, "espace": "factures-recues"}
    gestionnaire.call(organisation.SetHabilitation, structure_service_id=services[0], profile="MODIFICATION", **values)
    right = rights(bus)["factures-recues"]
    assert (right.profile, right.structure_service_ids, right.modification_service_ids) == ("MODIFICATION", None, [services[0]])


def test_who_manages_at_a_service_only_manages_nothing(gestionnaire, commune, services, attached):
    user_id, bus = attached(services[0])
    values = {"structure_id": commune.structure_id, "user_id": user_id, "structure_service_id": services[0]}
    gestionnaire.call(organisation.SetHabilitation, espace="organisation", profile="MODIFICATION", **values)
    (found,) = bus.call(organisation.RightsOfActor).structures
    assert (found.manages_structure, found.manages_users) == (False, False)
    with pytest.raises(errors.Forbidden):
        bus.call(rattachements.ListMembers, structure_id=commune.structure_id)


@pytest.mark.requirement("R110")
def test_a_user_is_attached_by_the_address_he_signs_in_with(gestionnaire, commune, addresses, caller, bench):
    actor = user()
    addresses["camille@exemple.invalid"] = uuid.UUID(actor.id)
    values = {"structure_id": commune.structure_id, "email": " camille@exemple.invalid "}
    assert gestionnaire.call(habilitations.AttachByAddress, **values).rights.role == "US"
    assert rights(caller(actor))["factures-recues"].profile == "CONSULTATION"
    told = [data for kind, data in bench.told("organisation") if kind == "rattachement.validated.v1"]
    assert told[-1]["attached_by"].startswith("user:")
    with pytest.raises(errors.NotFound):
        gestionnaire.call(habilitations.AttachByAddress, structure_id=commune.structure_id, email="inconnu@exemple.invalid")
