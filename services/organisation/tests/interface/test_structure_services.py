"""The services of a structure (R080 to R085)."""

import datetime

import pytest
from organisation_world import logged, together, told
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, organisation, structures

START = datetime.date(2020, 1, 1)
VALUES = {"label": "Voirie", "starts_on": START, "requires_engagement": False, "enabled": True}


def add(bus, structure, code="VOIRIE", **values):
    said = {"structure_id": structure.structure_id, "code": code, "label": "Voirie", "starts_on": START}
    return bus.call(organisation.CreateStructureService, **(said | values)).structure_service


def change(bus, structure, service, **values):
    named = {"structure_id": structure.structure_id, "structure_service_id": service.structure_service_id}
    said = {"version": service.version, **named, **VALUES, **values}
    return bus.call(structures.ChangeStructureService, **said).structure_service


@pytest.mark.requirement("R081")
@pytest.mark.requirement("R085")
def test_a_service_is_created_changed_and_switched_off_and_on(bench, operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    made = add(gestionnaire, commune, description="Routes et trottoirs", requires_engagement=True)
    assert (made.active, made.enabled, made.requires_engagement) == (True, True, True)
    ends_on = datetime.date(2040, 12, 31)
    changed = change(gestionnaire, commune, made, label="Voirie et réseaux", ends_on=ends_on)
    assert (changed.code, changed.label, changed.ends_on, changed.description) == ("VOIRIE", "Voirie et réseaux", ends_on, None)
    off = change(gestionnaire, commune, changed, enabled=False)
    assert (off.active, off.enabled) == (False, False)
    assert change(gestionnaire, commune, off).active
    lines = logged(bench, "structure_service.changed")
    assert (lines[0]["before"]["label"], lines[0]["after"]["label"]) == ("Voirie", "Voirie et réseaux")
    assert len(told(operator, "structure_service.created.v1")) == 1
    assert len(told(operator, "structure_service.changed.v1", 3)) == 3


@pytest.mark.requirement("R081")
def test_a_service_whose_days_are_over_is_not_active_though_it_is_enabled(commune, operator):
    past = change(operator, commune, add(operator, commune), ends_on=datetime.date(2021, 1, 1))
    assert (past.active, past.enabled) == (False, True)
    with pytest.raises(errors.Invalid) as caught:
        change(operator, commune, past, ends_on=datetime.date(2019, 1, 1))
    assert "ends_on" in caught.value.details["fields"]


@pytest.mark.requirement("R082")
def test_two_codes_that_differ_in_letter_case_alone_are_one(operator, create):
    first, second = create(), create()
    add(operator, first, "ÉCOLES")
    with pytest.raises(errors.StructureServiceExists):
        add(operator, first, "écoles")
    assert add(operator, second, "écoles").code == "écoles"


@pytest.mark.requirement("R082")
def test_of_two_services_of_one_code_made_at_once_one_is_refused(operator, commune):
    outcomes = together(*[lambda: add(operator, commune)] * 4)
    assert sum(isinstance(each, errors.StructureServiceExists) for each in outcomes) == 3


@pytest.mark.requirement("R085")
def test_modification_of_organisation_keeps_services_and_a_simple_user_does_not(commune, member, keeper, somebody, caller):
    member(commune, "GP")
    made = add(keeper(commune), commune)
    made = change(keeper(commune), commune, made, label="Routes")
    for bus in (member(commune)[1], keeper(commune, "CONSULTATION"), somebody, caller(Actor.service("invoicing"))):
        with pytest.raises(errors.Forbidden):
            change(bus, commune, made, label="Autre")
        with pytest.raises(errors.Forbidden):
            add(bus, commune, "AUTRE")


def test_a_service_of_another_structure_is_not_found_and_a_stale_change_is_a_conflict(operator, create):
    first, second = create(), create()
    made = add(operator, first)
    with pytest.raises(errors.NotFound):
        change(operator, second, made)
    change(operator, first, made, label="Une")
    with pytest.raises(errors.Conflict):
        change(operator, first, made, label="Deux")


@pytest.mark.requirement("R080")
def test_a_structure_without_services_is_a_recipient_by_itself(operator, commune):
    (resolved,) = operator.call(
        organisation.ResolveRecipients, recipients=[organisation.Recipient(siret=commune.siret)]
    ).recipients
    assert (resolved.structure.services, resolved.structure.active) == ([], True)
