import collections
import datetime
import decimal
import uuid

import pytest
from pupitre_contracts import invoicing
from pupitre_notifications import messages, model

NOW = datetime.datetime(2026, 9, 1, 8, tzinfo=datetime.UTC)


def a_move(status_to, by="recipient"):
    return invoicing.InvoiceMoved(
        invoice_id=uuid.uuid4(),
        portal_number=1,
        number="F-1",
        status_from="MISE_A_DISPOSITION",
        status_to=status_to,
        by=by,
        actor="user:x",
        supplier_structure_id=uuid.uuid4(),
        supplier_name="Papeterie",
        recipient_structure_id=uuid.uuid4(),
        recipient_name="Commune",
        currency="EUR",
        gross=decimal.Decimal("12.00"),
    )


@pytest.mark.requirement("R041")
@pytest.mark.parametrize("status", ["A_RECYCLER", "SUSPENDUE", "REJETEE"])
def test_a_returned_invoice_tells_the_supplier_what_to_do(status):
    move = a_move(status)
    (audience,) = model.audiences_of_move(move)
    assert audience == model.Audience(move.supplier_structure_id, "factures-emises", "invoice-returned")
    assert all(messages.WHAT_TO_DO[status])


def test_an_available_invoice_is_told_to_both_sides():
    move = a_move("MISE_A_DISPOSITION", by="system")
    assert [(each.structure_id, each.espace) for each in model.audiences_of_move(move)] == [
        (move.recipient_structure_id, "factures-recues"),
        (move.supplier_structure_id, "factures-emises"),
    ]


def test_the_instant_of_deposit_sends_no_mail_of_its_own():
    assert model.audiences_of_move(a_move("DEPOSEE", by="system")) == []


def test_the_supplier_is_not_told_of_his_own_act():
    assert model.audiences_of_move(a_move("ABANDONNEE", by="supplier")) == []


def test_a_completed_invoice_comes_back_to_the_recipient():
    move = a_move("COMPLETEE", by="supplier")
    assert [each.structure_id for each in model.audiences_of_move(move)] == [move.recipient_structure_id]


def test_the_same_event_template_and_reader_make_the_same_mail():
    event, user = uuid.uuid4(), uuid.uuid4()
    assert model.mail_id(event, "invoice-status", user) == model.mail_id(str(event), "invoice-status", str(user))
    assert model.mail_id(event, "invoice-status", user) != model.mail_id(event, "invoice-received", user)


def test_a_mail_that_keeps_failing_waits_longer_and_is_given_up():
    waits = [model.next_attempt(attempts, NOW) for attempts in range(1, len(model.RETRY_DELAYS) + 2)]
    assert waits[:-1] == sorted(waits[:-1]) and waits[0] > NOW
    assert waits[-1] is None


@pytest.mark.parametrize("name", messages.TEMPLATES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_line_break_in_a_name_never_reaches_the_subject(name, language):
    values = collections.defaultdict(lambda: "x\r\nBcc: y")
    subject, body = messages.TEMPLATES[name].render(language, values)
    assert "\n" not in subject and "\r" not in subject
    assert body.strip()
