"""Rights limited to services of a structure, and deposits by mandat (R101, R135, R139, R280)."""

import uuid

import pytest
from pupitre_contracts import errors, organisation
from pupitre_contracts import invoicing as contract

EMITTED, RECEIVED = "factures-emises", "factures-recues"


@pytest.fixture
def received(stage):
    """Two invoices: for the service VOIRIE, and for no service."""
    return stage.sent("F-1", code_service="VOIRIE"), stage.sent("F-2")


@pytest.fixture
def voirie(stage):
    return next(each.structure_service_id for each in stage.body.services if each.code == "VOIRIE")


def numbers(stage, actor, side="received", **values):
    return [each.number for each in stage.call(actor, contract.SearchInvoices, side=side, **values).invoices]


@pytest.mark.requirement("R101")
def test_a_user_of_a_service_lists_reads_and_moves_the_invoices_of_that_service_only(stage, received, voirie):
    his, other = received
    agent = stage.world.user((stage.body, RECEIVED, "MODIFICATION"), limited=[voirie])
    elsewhere = stage.world.user((stage.body, RECEIVED, "MODIFICATION"), limited=[uuid.uuid4()])
    assert numbers(stage, agent) == ["F-1"]
    assert numbers(stage, agent, structure_id=stage.body.structure_id) == ["F-1"]
    assert numbers(stage, elsewhere) == []
    counts = stage.call(agent, contract.CountWork).counts
    assert [(each.side, each.total) for each in counts if each.total] == [("received", 1)]
    for actor, foreign in ((agent, other), (elsewhere, his), (elsewhere, other)):
        for call in (
            lambda actor=actor, foreign=foreign: stage.get(foreign, actor),
            lambda actor=actor, foreign=foreign: stage.move(foreign, "MANDATEE", actor),
            lambda actor=actor, foreign=foreign: stage.call(
                actor, contract.DocumentFile, invoice_id=foreign.invoice_id, kind="original"
            ),
        ):
            with pytest.raises(errors.NotFound):
                call()
    assert stage.get(his, agent).number == "F-1"
    assert stage.move(his, "MANDATEE", agent).status == "MANDATEE"


@pytest.mark.requirement("R135")
def test_who_may_modify_at_one_service_only_sees_the_others_and_does_not_move_them(stage, received, voirie):
    his, other = received
    agent = stage.world.user((stage.body, RECEIVED, "MODIFICATION"))
    stage.world.rights[agent.id][0].espaces[0] = organisation.EspaceRight(
        espace=RECEIVED, profile="MODIFICATION", modification_service_ids=[voirie]
    )
    assert sorted(numbers(stage, agent)) == ["F-1", "F-2"]
    assert stage.get(other, agent).moves == []
    with pytest.raises(errors.Forbidden):
        stage.move(other, "MANDATEE", agent)
    assert stage.move(his, "MANDATEE", agent).status == "MANDATEE"


@pytest.mark.requirement("R101")
def test_what_a_structure_issues_belongs_to_none_of_its_services(stage, received):
    limited = stage.world.user((stage.supplier, EMITTED, "MODIFICATION"), limited=[uuid.uuid4()])
    assert numbers(stage, limited, side="issued") == []
    with pytest.raises(errors.NotFound):
        stage.get(received[0], limited)
    with pytest.raises(errors.Forbidden):
        stage.prepare(stage.file("F-9"), limited)
    with pytest.raises(errors.Forbidden):
        stage.deposit_flux(b"x", limited)


@pytest.fixture
def mandataire(stage):
    """A firm that the supplier lets deposit for it: (the firm, a user of it who may deposit)."""
    firm = stage.world.structure("90000004000013", "Cabinet comptable")
    actor = stage.world.user((firm, EMITTED, "MODIFICATION"))
    stage.world.give_mandat(stage.supplier, firm, actor)
    return firm, actor


@pytest.mark.requirement("R280")
def test_a_mandataire_deposits_sends_and_follows_what_he_sent_and_nothing_else(stage, received, mandataire):
    _, actor = mandataire
    draft = stage.prepare(stage.file("F-9"), actor).invoice
    sent = stage.send(draft, actor)
    assert (sent.status, sent.supplier_structure_id) == ("MISE_A_DISPOSITION", stage.supplier.structure_id)
    assert stage.get(sent, actor).number == "F-9"
    assert "F-9" in numbers(stage, stage.writer, side="issued")
    with pytest.raises(errors.NotFound):
        stage.get(received[0], actor)
    assert numbers(stage, actor, side="issued") == []
    with pytest.raises(errors.NotFound):
        numbers(stage, actor, side="issued", structure_id=stage.supplier.structure_id)


@pytest.mark.requirement("R280")
def test_a_mandataire_follows_his_own_flux_and_no_other_of_the_structure(stage, mandataire):
    _, actor = mandataire
    his = stage.deposit_flux(b"x", actor)
    other = stage.deposit_flux(b"y")
    assert stage.flux(his, actor).numero_flux == his.numero_flux
    with pytest.raises(errors.NotFound):
        stage.flux(other, actor)


@pytest.mark.requirement("R280")
def test_without_mandat_or_without_the_right_to_deposit_at_home_nothing_is_deposited_for_another(stage, mandataire):
    firm, actor = mandataire
    reader = stage.world.user((firm, EMITTED, "CONSULTATION"))
    stage.world.give_mandat(stage.supplier, firm, reader)
    draft = stage.prepare(stage.file("F-9"), actor).invoice
    stage.world.mandants.pop(actor.id)
    for refused in (reader, actor):
        with pytest.raises(errors.Forbidden):
            stage.prepare(stage.file("F-8"), refused)
        with pytest.raises(errors.Forbidden):
            stage.deposit_flux(b"x", refused)
        with pytest.raises(errors.NotFound):
            stage.send(draft, refused)
