"""What comes too late for the lifecycle, what needs a statement, and coded motives; through the bus, on both backends."""

import uuid

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract


def moved(stage, invoice, to, actor=None, **values):
    """The whole reply, with its outcome."""
    return stage.call(
        actor or stage.agent,
        contract.MoveInvoice,
        **{"invoice_id": invoice.invoice_id, "version": invoice.version, "to": to, **values},
    )


@pytest.mark.parametrize("late", ["MANDATEE", "SERVICE_FAIT", "COMPTABILISEE", "SUSPENDUE"])
def test_a_repeated_or_backward_status_is_kept_in_the_history_and_changes_nothing(stage, late):
    invoice = stage.move(stage.sent(), "COMPTABILISEE", stage.agent)
    told = len(stage.bench.told("invoicing"))

    reply = moved(stage, invoice, late, comment="écrit par le logiciel comptable")
    assert reply.outcome == "late"
    assert "trop tard" in reply.explanation_fr
    assert "too late" in reply.explanation_en
    seen = stage.get(invoice, stage.writer)
    assert (seen.status, seen.version) == ("COMPTABILISEE", invoice.version)
    line = seen.history[-1]
    assert (line.action, line.status_from, line.status_to) == ("late", "COMPTABILISEE", late)
    assert line.comment == "écrit par le logiciel comptable"
    assert len(stage.bench.told("invoicing")) == told


def test_after_the_end_every_status_is_late(stage):
    for to, values in (("REJETEE", {"motive": "faux"}), ("MISE_EN_PAIEMENT", {})):
        invoice = stage.move(stage.sent(f"F-{to}"), to, stage.agent, **values)
        assert invoice.moves == []
        assert moved(stage, invoice, "SUSPENDUE").outcome == "late"
        assert stage.get(invoice, stage.agent).status == to


def test_the_same_key_gets_the_same_answer_and_no_second_line(stage):
    invoice = stage.move(stage.sent(), "COMPTABILISEE", stage.agent)
    key = str(uuid.uuid4())
    replies = [moved(stage, invoice, "MANDATEE", idempotency_key=key).dump() for _ in range(3)]

    assert replies == [replies[0]] * 3
    assert [line.action for line in stage.get(invoice, stage.agent).history].count("late") == 1


def test_who_may_not_move_the_invoice_leaves_no_late_message(stage):
    invoice = stage.move(stage.sent(), "COMPTABILISEE", stage.agent)
    watcher = stage.world.user((stage.body, "factures-recues", "CONSULTATION"))
    with pytest.raises(errors.Forbidden):
        moved(stage, invoice, "MANDATEE", watcher)
    with pytest.raises(errors.Forbidden):
        moved(stage, invoice, "MANDATEE", stage.writer)
    with pytest.raises(errors.NotFound):
        moved(stage, invoice, "MANDATEE", stage.stranger)
    assert "late" not in [line.action for line in stage.get(invoice, stage.agent).history]


def test_a_status_that_was_never_possible_from_here_is_refused_not_late(stage):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="pièce absente")
    with pytest.raises(errors.TransitionForbidden):
        moved(stage, suspended, "MISE_EN_PAIEMENT")


@pytest.mark.parametrize("ordered", ["MANDATEE", "MISE_A_DISPOSITION_COMPTABLE"])
@pytest.mark.parametrize("back", ["REJETEE", "SUSPENDUE", "A_RECYCLER"])
def test_after_the_payment_order_an_invoice_goes_back_only_with_the_statement(stage, ordered, back):
    invoice = stage.move(stage.sent(), ordered, stage.agent)
    offered = {move.to: move.mandat_refused for move in invoice.moves}
    assert offered[back] is True
    assert offered["MISE_EN_PAIEMENT"] is False
    with pytest.raises(errors.MandatNotRefused):
        moved(stage, invoice, back, motive="rejet du comptable")
    with pytest.raises(errors.MotiveMissing):
        moved(stage, invoice, back, mandat_refused=True)
    assert moved(stage, invoice, back, motive="rejet du comptable", mandat_refused=True).invoice.status == back


def test_a_coded_motive_stands_for_a_text_or_goes_before_it(stage):
    invoice = stage.sent()
    seen = stage.get(invoice, stage.agent)
    codes = {move.to: [motive.code for motive in move.motives or []] for move in seen.moves}
    assert "PIECE_MANQUANTE" in codes["SUSPENDUE"]
    assert codes.get("MANDATEE", []) == []
    with pytest.raises(errors.Invalid):
        moved(stage, invoice, "SUSPENDUE", motive_code="SERVICE_ERRONE")
    with pytest.raises(errors.MotiveMissing):
        moved(stage, invoice, "SUSPENDUE", motive_code="AUTRE")

    suspended = moved(stage, invoice, "SUSPENDUE", motive_code="PIECE_MANQUANTE", motive="bon signé").invoice
    assert suspended.last_motive == "[PIECE_MANQUANTE] Pièce justificative manquante : bon signé"
    completed = stage.move(suspended, "COMPLETEE", stage.writer, comment="voici")
    rejected = moved(stage, completed, "REJETEE", motive_code="MONTANT_ERRONE").invoice
    assert stage.get(rejected, stage.writer).history[-1].motive == "[MONTANT_ERRONE] Montant erroné"
