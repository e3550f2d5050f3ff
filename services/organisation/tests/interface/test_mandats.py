"""Mandats de facturation: dated, revocable, seen by both structures (R280)."""

import datetime

import pytest
from pupitre_contracts import errors, mandats, organisation


@pytest.fixture
def firms(create, member):
    """The structure that lets deposit and the one that may, each with its gestionnaire: (structure, bus) twice."""
    made = [create(type="PRIVATE", name=name) for name in ("Mandant", "Mandataire")]
    return [(structure, member(structure, "GP")[1]) for structure in made]


@pytest.fixture
def today(service_clock):
    return service_clock.now().date()


def give(bus, structure, mandataire, starts_on, **values):
    ids = {"structure_id": structure.structure_id, "mandataire_id": mandataire.structure_id}
    return bus.call(mandats.GiveMandat, starts_on=starts_on, **ids, **values).mandat


def mandants(bus):
    return [each.name for each in bus.call(organisation.RightsOfActor).mandants]


@pytest.mark.requirement("R280")
def test_a_structure_lets_another_deposit_for_it_from_a_day_to_another(firms, today, service_clock, operator, member):
    (mandant, giver), (mandataire, holder) = firms
    user_id, _ = member(mandataire)
    first, last = today + datetime.timedelta(days=2), today + datetime.timedelta(days=4)
    made = give(giver, mandant, mandataire, first, ends_on=last)
    assert (made.structure_name, made.mandataire_name, made.in_force) == ("Mandant", "Mandataire", False)
    assert [each.mandat_id for each in holder.call(mandats.ListMandats, structure_id=mandataire.structure_id).mandats] == [made.mandat_id]

    def in_force():
        found = operator.call(organisation.RightsOfActor, kind="user", actor_id=user_id).mandants
        return [(each.name, each.mandataire_id) for each in found]

    assert in_force() == []
    service_clock.advance(days=3)
    assert in_force() == [("Mandant", mandataire.structure_id)]
    service_clock.advance(days=2)
    assert in_force() == []


@pytest.mark.requirement("R280")
@pytest.mark.parametrize("by", [0, 1])
def test_either_structure_ends_it_at_once_and_both_are_told(firms, today, bench, by):
    (mandant, giver), (mandataire, holder) = firms
    made = give(giver, mandant, mandataire, today)
    assert mandants(holder) == ["Mandant"]
    ended = firms[by][1].call(mandats.EndMandat, mandat_id=made.mandat_id).mandat
    assert ended.ended_at is not None and not ended.in_force
    assert mandants(holder) == []
    with pytest.raises(errors.MandatOver):
        giver.call(mandats.EndMandat, mandat_id=made.mandat_id)
    told = [(kind, data) for kind, data in bench.told("organisation") if kind.startswith("mandat.")]
    assert [kind for kind, _ in told] == ["mandat.given.v1", "mandat.ended.v1"]
    assert all(len(data["gestionnaire_ids"]) == 2 for _, data in told)
    give(giver, mandant, mandataire, today)


@pytest.mark.requirement("R280")
def test_nobody_else_gives_ends_or_sees_it(firms, today, member, create, somebody):
    (mandant, giver), (mandataire, holder) = firms
    made = give(giver, mandant, mandataire, today)
    _, simple = member(mandant)
    _, elsewhere = member(create(), "GP")
    for bus in (simple, elsewhere, somebody):
        with pytest.raises(errors.NotFound):
            bus.call(mandats.EndMandat, mandat_id=made.mandat_id)
        with pytest.raises(errors.Forbidden):
            bus.call(mandats.ListMandats, structure_id=mandant.structure_id)
    for bus in (simple, elsewhere, somebody, holder):
        with pytest.raises(errors.Forbidden):
            give(bus, mandant, create(), today)


def test_what_makes_no_sense_is_refused(firms, today):
    (mandant, giver), (mandataire, _) = firms
    with pytest.raises(errors.Invalid) as caught:
        give(giver, mandant, mandant, today)
    assert list(caught.value.details["fields"]) == ["mandataire_id"]
    with pytest.raises(errors.Invalid) as caught:
        give(giver, mandant, mandataire, today, ends_on=today - datetime.timedelta(days=1))
    assert list(caught.value.details["fields"]) == ["ends_on"]
    give(giver, mandant, mandataire, today)
    with pytest.raises(errors.MandatExists):
        give(giver, mandant, mandataire, today)
