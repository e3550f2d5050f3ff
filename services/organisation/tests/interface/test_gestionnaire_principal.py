"""Whom services write to about what only the gestionnaire principal may do."""

import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, rattachements, technical_accounts


def principal(bus, structure_id):
    return bus.call(technical_accounts.GetGestionnairePrincipal, structure_id=structure_id)


@pytest.mark.requirement("R238")
def test_a_service_learns_who_is_principal_now(commune, create, member, operator, caller, service):
    notifications = caller(Actor.service("notifications"))
    assert principal(notifications, commune.structure_id).user_id is None
    member(commune)
    first, _ = member(commune, "GP")
    found = principal(notifications, commune.structure_id)
    assert (found.user_id, found.structure_name) == (first, commune.name)
    firm = create(type="PRIVATE", name="Papeterie")
    member(firm, "GP")
    other, _ = member(firm)
    operator.call(rattachements.TransferGestionnairePrincipal, structure_id=firm.structure_id, user_id=other)
    assert principal(notifications, firm.structure_id).user_id == other


def test_nobody_else_asks_and_an_unknown_structure_is_not_found(commune, member, caller):
    _, gestionnaire = member(commune, "GP")
    machine = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    for bus in (gestionnaire, machine):
        with pytest.raises(errors.Forbidden):
            principal(bus, commune.structure_id)
    with pytest.raises(errors.NotFound):
        principal(caller(Actor.service("notifications")), uuid.uuid4())
