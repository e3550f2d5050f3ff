"""Mails about invoices that others validate: whom they reach, and whom they do not."""

import datetime
import decimal
import uuid

import pytest
from notification_world import NAMES, OTHER_SUPPLIER, SUPPLIER, TOWN
from pupitre_bus.actors import Actor
from pupitre_contracts import communication, invoice_parties
from pupitre_contracts.requests import PartyOfEvent
from pupitre_notifications import digests, tables, timetable

KEY = "a-viser"
DUE = datetime.datetime(2026, 12, 16, 23, tzinfo=datetime.UTC)


@pytest.fixture
def omar(stage):
    """He validates for the other supplier, in the espace for that."""
    stage.world.habilitations[OTHER_SUPPLIER, KEY] = {stage.world.omar.user_id: "MODIFICATION"}
    return stage.world.omar


def a_party(**values):
    given = {"role": "titulaire", "structure_id": OTHER_SUPPLIER, "name": NAMES[OTHER_SUPPLIER], "espace": KEY, "acts": True}
    return PartyOfEvent(**{**given, **values})


def common(**values):
    return {
        "invoice_id": uuid.uuid4(),
        "portal_number": 1,
        "number": "F-2026-1",
        "espace": KEY,
        "cadre": "X9",
        "status_label_fr": "À valider (1)",
        "status_label_en": "To be validated (1)",
        "supplier_structure_id": SUPPLIER,
        "supplier_name": NAMES[SUPPLIER],
        "supplier_acts": False,
        "currency": "EUR",
        "gross": decimal.Decimal("120.00"),
        "due_at": DUE,
        "parties": [a_party()],
        **values,
    }


def passed(status_to, by="supplier", **values):
    labels = {"cadre_label_fr": "Sous-traitant", "cadre_label_en": "Sub-contractor"}
    return invoice_parties.InvoicePassed(**{**common(), **labels, "status_to": status_to, "by": by, "actor": "user:x", **values})


def told(stage, count):
    return {(mail.template, mail.user_id) for mail in stage.wait_for(tables.mail, count)}


def test_who_is_asked_is_told_at_once_with_the_day_until_which_he_may_answer(stage, omar):
    event = passed("A_VALIDER_1", status_from="BROUILLON")
    stage.publish(event)
    (mail,) = stage.wait_for(tables.mail, 1)
    assert (mail.template, mail.user_id) == ("invoice-to-validate", omar.user_id)
    assert f"/espaces/{KEY}/factures/{event.invoice_id}" in mail.body
    assert "jusqu'au 16/12/2026 inclus" in mail.body
    assert "X9 (Sous-traitant)" in mail.body


def test_a_reminder_reaches_those_who_are_asked_alone(stage, omar):
    values = common(status="A_VALIDER_1", days_left=2, parties=[a_party(), a_party(role="autre", structure_id=TOWN, acts=False)])
    stage.publish(invoice_parties.InvoiceAwaited(**values))
    (mail,) = stage.wait_for(tables.mail, 1)
    assert (mail.template, mail.user_id) == ("validation-awaited", omar.user_id)
    assert "2 jour(s)" in mail.subject


def test_a_refusal_reaches_the_supplier_with_its_motive_and_the_buyer_as_a_notice(stage, omar):
    values = {"motive": "[TRAVAUX] lot 3", "recipient_structure_id": TOWN, "recipient_name": NAMES[TOWN], "due_at": None}
    event = passed("REFUSEE_1", by="titulaire", parties=[a_party(acts=False)], **values)
    stage.publish(event)
    world = stage.world
    assert told(stage, 2) == {("validation-returned", world.fanny.user_id), ("validation-notice", world.alan.user_id)}
    for mail in stage.mails():
        assert "[TRAVAUX] lot 3" in mail.body
        assert (str(event.invoice_id) in mail.body) is (mail.template == "validation-returned")


def test_silence_is_told_to_both_and_the_handing_over_by_the_move_alone(stage, omar):
    stage.publish(passed("ABSENCE_VALIDATION_1_HORS_DELAI", by="system", parties=[a_party(acts=False)]))
    stage.publish(passed("DEPOSEE", by="system", parties=[a_party(acts=False)]))
    stage.publish(passed("A_VALIDER_1", status_from="BROUILLON", number="F-2"))
    assert told(stage, 3) == {
        ("validation-status", stage.world.fanny.user_id),
        ("validation-status", omar.user_id),
        ("invoice-to-validate", omar.user_id),
    }


def test_the_digest_and_the_switch_hold_back_what_expects_nothing(stage, omar, caller):
    fanny = stage.world.fanny
    caller(Actor("user", str(fanny.user_id), fanny.given_name)).call(communication.SetPreferences, mode="daily", weekly_recap=True)
    stage.world.change(omar, notify_invoicing=False)
    stage.publish(passed("VALIDEE_1", by="titulaire", parties=[a_party(acts=False)]))
    stage.publish(passed("A_VALIDER_2", by="system"))
    (mail,) = stage.wait_for(tables.mail, 1)
    assert (mail.template, mail.user_id) == ("invoice-to-validate", omar.user_id)
    stage.wait_for(tables.digest_line, 2)
    stage.move_to(timetable.next_digest(stage.clock.now(), 7) + datetime.timedelta(seconds=2))
    (digest,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert "Validée (1)" in digest.body
