"""Activating and inactivating a structure, and asking for one: at once, or by the operator's decision (R068, R069)."""

import pytest
from organisation_world import ADDRESS, logged, register_with, together, told
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, organisation, structures

DECIDE = structures.DecideStructureRequest


def ask(bus, structure, wanted="INACTIVE", **values):
    return bus.call(structures.AskStructureState, structure_id=structure.structure_id, wanted=wanted, **values)


@pytest.mark.requirement("R069")
@pytest.mark.requirement("R066")
def test_a_siret_that_is_closed_in_sirene_is_inactivated_at_once(bench, operator, commune, member, register, tmp_path):
    user_id, gestionnaire = member(commune, "GP")
    register_with(register, tmp_path / "s.csv", siret=commune.siret, etatAdministratifEtablissement="F")
    done = ask(gestionnaire, commune)
    assert (done.structure.active, done.request.state, done.request.sirene_state) == (False, "APPROUVE", "FERME")
    (line,) = logged(bench, "structure.inactivated")
    assert line["actor"] == f"user:{user_id}"
    assert str(commune.structure_id) in told(operator, "structure.inactivated.v1")[0]
    with pytest.raises(errors.StructureStateSame):
        ask(gestionnaire, commune)


@pytest.mark.requirement("R069")
@pytest.mark.requirement("R068")
def test_a_siret_still_active_needs_a_motive_and_the_operators_decision(operator, commune, member, register, tmp_path):
    user_id, gestionnaire = member(commune, "GP")
    register_with(register, tmp_path / "s.csv", siret=commune.siret)
    with pytest.raises(errors.MotiveNeeded) as caught:
        ask(gestionnaire, commune)
    assert "toujours actif" in caught.value.message("fr")
    asked = ask(gestionnaire, commune, motive="Fusion avec la ville voisine")
    assert (asked.structure.active, asked.request.state, asked.request.mine) == (True, "DEMANDE", True)
    with pytest.raises(errors.RequestPointless):
        ask(gestionnaire, commune, motive="Encore")
    (waiting,) = operator.call(structures.ListStructureRequests, state="DEMANDE").requests
    assert (waiting.asked_by, waiting.motive, waiting.sirene_state) == (f"user:{user_id}", asked.request.motive, "ACTIF")
    assert (waiting.requester.email, waiting.mine) == ("x@exemple.invalid", False)
    decided = operator.call(DECIDE, number=waiting.number, decision="APPROUVE").request
    assert (decided.state, decided.decided_by) == ("APPROUVE", "service:operator")
    sheet = gestionnaire.call(structures.GetStructureSheet, structure_id=commune.structure_id)
    assert not sheet.structure.active
    assert [each.number for each in sheet.requests] == [waiting.number]
    with pytest.raises(errors.RequestDecided):
        operator.call(DECIDE, number=waiting.number, decision="REFUSE", motive="Trop tard")


@pytest.mark.requirement("R069")
def test_a_refusal_has_a_motive_and_leaves_the_structure_as_it_is(operator, commune, keeper, member):
    member(commune, "GP")
    secondary = keeper(commune)
    number = ask(secondary, commune, motive="Plus de factures").request.number
    with pytest.raises(errors.Invalid):
        operator.call(DECIDE, number=number, decision="REFUSE")
    refused = operator.call(DECIDE, number=number, decision="REFUSE", motive="Elle doit encore recevoir").request
    assert (refused.state, refused.decision_motive) == ("REFUSE", "Elle doit encore recevoir")
    assert operator.call(organisation.GetStructure, structure_id=commune.structure_id).structure.active
    again = ask(secondary, commune, motive="Vraiment")
    assert (again.request.state, again.request.number) == ("DEMANDE", number + 1)


@pytest.mark.requirement("R069")
def test_activating_is_direct_unless_the_siret_is_closed(operator, create, member, register, tmp_path):
    first, second = create(), create()
    for each in (first, second):
        ask(operator, each)
    _, gestionnaire = member(first, "GP")
    done = ask(gestionnaire, first, "ACTIVE")
    assert (done.structure.active, done.request.kind, done.request.sirene_state) == (True, "ACTIVATION", "SANS_SOURCE")
    register_with(register, tmp_path / "s.csv", siret=second.siret, etatAdministratifEtablissement="F")
    _, other = member(second, "GP")
    with pytest.raises(errors.MotiveNeeded):
        ask(other, second, "ACTIVE")
    assert ask(other, second, "ACTIVE", motive="Rouverte").request.state == "DEMANDE"
    assert str(first.structure_id) in told(operator, "structure.activated.v1")[0]


def test_a_private_structure_is_its_own_peoples_affair(create, somebody):
    made = create(somebody, type="PRIVATE")
    assert not ask(somebody, made).structure.active
    assert ask(somebody, made, "ACTIVE").structure.active


@pytest.mark.requirement("R069")
def test_others_neither_ask_nor_decide(commune, member, keeper, somebody, caller):
    _, gestionnaire = member(commune, "GP")
    outsiders = (member(commune)[1], keeper(commune, "CONSULTATION"), somebody, caller(Actor.service("invoicing")))
    for bus in outsiders:
        with pytest.raises(errors.Forbidden):
            ask(bus, commune, motive="Pourquoi pas")
    number = ask(gestionnaire, commune, motive="Fusion").request.number
    for bus in (*outsiders, gestionnaire):
        with pytest.raises(errors.Forbidden):
            bus.call(DECIDE, number=number, decision="APPROUVE")


@pytest.mark.requirement("R069")
def test_the_requester_rates_what_he_was_served_and_nobody_else_does(operator, commune, member, somebody):
    _, gestionnaire = member(commune, "GP")
    asked = ask(gestionnaire, commune, motive="Fusion").request
    rate = {"request_id": asked.request_id, "rating": "UP"}
    assert gestionnaire.call(structures.RateStructureRequest, **rate).request.rating == "UP"
    assert operator.call(structures.ListStructureRequests).requests[0].rating == "UP"
    for bus in (somebody, member(commune)[1]):
        with pytest.raises(errors.NotFound):
            bus.call(structures.RateStructureRequest, **(rate | {"rating": "DOWN"}))


@pytest.mark.requirement("R068")
def test_a_public_structure_is_asked_for_and_made_by_the_operator(operator, somebody, caller, commune):
    values = {"identifier": "200 071 041 00046", "name": "CC du Val", "address": ADDRESS, "motive": "Nouvelle communauté"}
    asked = somebody.call(structures.AskPublicStructure, **values).request
    assert (asked.kind, asked.state, asked.identifier) == ("CREATION", "DEMANDE", "20007104100046")
    assert operator.call(organisation.FindStructures, identifiers=["20007104100046"]).total == 0
    with pytest.raises(errors.RequestPointless):
        somebody.call(structures.AskPublicStructure, **values)
    decided = operator.call(DECIDE, number=asked.number, decision="APPROUVE", requester_manages=True).request
    made = operator.call(organisation.GetStructure, structure_id=decided.structure_id).structure
    assert (made.siret, made.type, made.name) == ("20007104100046", "PUBLIC", "CC du Val")
    (right,) = somebody.call(organisation.RightsOfActor).structures
    assert (right.structure_id, right.role) == (made.structure_id, "GP")
    (mine,) = somebody.call(structures.ListStructureRequests).requests
    assert (mine.state, mine.decided_by) == ("APPROUVE", "service:operator")
    with pytest.raises(errors.StructureExists):
        somebody.call(structures.AskPublicStructure, **(values | {"identifier": commune.siret}))
    for identifier in ("20007104100047", "1"):
        with pytest.raises(errors.IdentifierWrong):
            somebody.call(structures.AskPublicStructure, **(values | {"identifier": identifier}))
    with pytest.raises(errors.Forbidden):
        caller(Actor.service("invoicing")).call(structures.AskPublicStructure, **values)


@pytest.mark.requirement("R069")
def test_of_two_requests_and_two_decisions_at_once_one_counts(operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    asked = together(*[lambda: ask(gestionnaire, commune, motive="Fusion")] * 4)
    assert sum(isinstance(each, errors.RequestPointless) for each in asked) == 3
    (waiting,) = operator.call(structures.ListStructureRequests).requests
    decided = together(*[lambda: operator.call(DECIDE, number=waiting.number, decision="APPROUVE")] * 4)
    assert sum(isinstance(each, errors.RequestDecided) for each in decided) == 3
